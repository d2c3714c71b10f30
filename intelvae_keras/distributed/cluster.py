"""The cluster: who its workers are, which of them is the chief, and what to say when one is lost."""

import contextlib
import json
import os
from collections.abc import Iterator

import tensorflow as tf

from intelvae_keras._engine import checks

_EXAMPLE = '{"cluster": {"worker": ["host0:12345", "host1:12345"]}, "task": {"type": "worker", "index": 0}}'
_LOST = (  # what TensorFlow raises in the workers that are left
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
    tf.errors.UnavailableError,
)


def strategy(
    cluster_resolver: tf.distribute.cluster_resolver.ClusterResolver | None = None,
    timeout: float = 1800.0,
) -> tf.distribute.MultiWorkerMirroredStrategy:
    """The strategy under whose scope the model is made; call it before anything else of TensorFlow.

    It returns when all workers have called it.

    ```python
    strategy = distributed.strategy()
    with strategy.scope():
        vae = InteLVAE(...)
        vae.compile(optimizer=keras.optimizers.Adam(1e-3))
    distributed.fit(vae, x_train, epochs=30, batch_size=256, backup_dir="/shared/backup")
    ```

    Args:
        cluster_resolver: A `tf.distribute.cluster_resolver.ClusterResolver`, such as
            `SlurmClusterResolver`; None to read the environment variable TF_CONFIG.
        timeout: Seconds, > 0, after which a worker gives up waiting for the others at one operation.
            It must exceed the time that the chief's callbacks take. A worker that dies is noticed
            without it, by its missing heartbeat.

    Returns:
        A `tf.distribute.MultiWorkerMirroredStrategy`.

    Raises:
        TypeError: If the timeout is not a number.
        ValueError: If TF_CONFIG is missing or not as expected, or the timeout is not > 0.
        RuntimeError: If TensorFlow has been used before, so that it is too late for a strategy.
    """
    timeout = checks.positive("timeout", timeout)
    if cluster_resolver is None:
        _check_tf_config(os.environ.get("TF_CONFIG"))
    options = tf.distribute.experimental.CommunicationOptions(timeout_seconds=timeout)
    try:
        return tf.distribute.MultiWorkerMirroredStrategy(
            cluster_resolver=cluster_resolver, communication_options=options
        )
    except RuntimeError as error:
        if "program startup" not in str(error):
            raise
        raise RuntimeError(
            "distributed.strategy() must be called before TensorFlow is used: put it at the start of "
            "the program, after the imports."
        ) from error


def is_chief(strategy: tf.distribute.Strategy) -> bool:
    """Whether this worker is the one that writes files: the "chief" of the cluster, else worker 0.

    Args:
        strategy: As from `strategy`; any other has one worker, which is the chief.

    Returns:
        A bool.
    """
    resolver = strategy.cluster_resolver
    if resolver is None or not resolver.cluster_spec().as_dict():
        return True
    if "chief" in resolver.cluster_spec().as_dict():
        return resolver.task_type == "chief"
    return resolver.task_id == 0


@contextlib.contextmanager
def clear_error_if_a_worker_is_lost() -> Iterator[None]:
    """Turns what TensorFlow raises in the workers that are left into a RuntimeError that says so."""
    try:
        yield
    except _LOST as error:
        raise RuntimeError(
            "Another worker was lost, or did not come in time. Start all workers again; with a "
            f"backup_dir, training goes on after the last completed epoch. TensorFlow says: {error.message}"
        ) from error


def _check_tf_config(text):
    """Raises a ValueError unless the text is a TF_CONFIG that names this worker among the workers."""
    problem = _problem_of_tf_config(text)
    if problem:
        raise ValueError(
            "the environment variable TF_CONFIG must be set on each worker, with its own index, as in "
            f"{_EXAMPLE}; {problem}."
        )


def _problem_of_tf_config(text):
    if not text:
        return "it is not set"
    try:
        config = json.loads(text)
        job, index = config["task"]["type"], int(config["task"]["index"])
        cluster = {name: list(map(str, config["cluster"][name])) for name in config["cluster"]}
    except (ValueError, KeyError, TypeError) as error:
        return f"got {text}: {error!r}"
    if not set(cluster) <= {"chief", "worker"}:
        return f'jobs must be "worker" and at most "chief"; got {sorted(cluster)}'
    if not 0 <= index < len(cluster.get(job, [])):
        return f"the task must be one of the cluster's; got {job!r} {index} of {text}"
    addresses = sum(cluster.values(), [])
    ports_are_numbers = all(address.rpartition(":")[2].isdigit() for address in addresses)
    if not ports_are_numbers or len(set(addresses)) < len(addresses):
        return f"each worker must have a host:port of its own; got {addresses}"
    return None
