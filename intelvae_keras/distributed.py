"""Training on several machines: what Keras' `fit` does, over a `MultiWorkerMirroredStrategy`.

The same program runs on every machine (a worker). TensorFlow makes every worker do the same steps and
adds up their gradients: a worker that leaves out a collective operation leaves the others waiting.
Collective are: creating variables, each step, `_gather`, and in Keras reading or resetting a metric.
Reading, setting and saving weights is not, so that one worker, the chief, writes all files.
"""

import contextlib
import itertools
import json
import os
import zlib

import keras
import numpy as np
import tensorflow as tf

from intelvae_keras import callbacks as own_callbacks
from intelvae_keras import inputs
from intelvae_keras.callbacks.pictures import _Pictures

_EXAMPLE = '{"cluster": {"worker": ["host0:12345", "host1:12345"]}, "task": {"type": "worker", "index": 0}}'
_WRITERS = (
    keras.callbacks.BackupAndRestore,
    keras.callbacks.CSVLogger,
    keras.callbacks.ModelCheckpoint,
    keras.callbacks.ProgbarLogger,
    keras.callbacks.RemoteMonitor,
    keras.callbacks.TensorBoard,
    _Pictures,
)
_LOST = (  # what TensorFlow raises in the workers that are left
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
    tf.errors.UnavailableError,
)


def strategy(cluster_resolver=None, timeout=1800.0):
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
        ValueError: If TF_CONFIG is missing or not as expected, or the timeout is not > 0.
        RuntimeError: If TensorFlow has been used before, so that it is too late for a strategy.
    """
    if not timeout > 0:
        raise ValueError(f"timeout must be > 0 seconds; got {timeout}.")
    if cluster_resolver is None:
        _check_tf_config(os.environ.get("TF_CONFIG"))
    options = tf.distribute.experimental.CommunicationOptions(timeout_seconds=float(timeout))
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


def is_chief(strategy):
    """Whether this worker is the one that writes files: the "chief" of the cluster, else worker 0."""
    resolver = strategy.cluster_resolver
    if resolver is None or not resolver.cluster_spec().as_dict():
        return True
    if "chief" in resolver.cluster_spec().as_dict():
        return resolver.task_type == "chief"
    return resolver.task_id == 0


def fit(
    model,
    data,
    epochs=1,
    validation_data=None,
    callbacks=None,
    backup_dir=None,
    initial_epoch=0,
    steps_per_epoch=None,
    batch_size=None,
    verbose="auto",
):
    """Trains a model on all workers at once, to the weights that one process would find.

    Every worker calls it with the same arguments. It starts from the chief's weights. Callbacks run
    on every worker, with the same logs, hence with the same effect; those that write files (Keras'
    own, `SampleGrid`, `LatentSnapshots`, and any with an attribute `chief_only = True`) run on the
    chief alone, where they must not train or evaluate, which takes all workers. The logs are, after
    each batch, the exact means so far over all workers. A callback that sets `stop_training`, on any
    worker, ends training for all after the epoch.

    Args:
        model: A compiled `InteLVAE`, made and compiled under the strategy's scope.
        data: The training data, as one of:
            an array x, shape (N, *shape), or a tuple (x, y) or (x, y, sample_weight): every worker
            holds them all, and takes its rows of each batch, shuffled as by `model.fit`;
            a `tf.data.Dataset` of global batches: every worker goes through all of it, and takes its
            rows of each batch, so its order must be the same on all (give `shuffle` a seed);
            a function from a `tf.distribute.InputContext` to the worker's own `tf.data.Dataset`, of
            batches for one replica (`context.get_per_replica_batch_size(global_batch)` examples): it
            reads only this worker's share. Shares may be of different lengths.
        epochs: The epoch to end with, as in `model.fit`.
        validation_data: The same, for the validation after each epoch; not shuffled.
        callbacks: A list of Keras callbacks.
        backup_dir: Folder for a `callbacks.BackupAndRestore`, on a disk that the chief finds again.
            It is read and written by the chief alone, which passes the state on. When the program
            is started again, training goes on after the last epoch that was completed.
        initial_epoch: The epoch to start with, if there is no backup.
        steps_per_epoch: Steps an epoch; the data go round. None for all of the data.
        batch_size: Of arrays, the GLOBAL batch, shared among the replicas; None for 32.
        verbose: As in `model.fit`; only the chief has a progress bar.

    Returns:
        Keras' History, the same on every worker: `loss`, `reconstruction`, `kl`, `elbo`, `mapping`,
        with `val_` in front for the validation, per epoch, in nats.

    Raises:
        TypeError: If the data are none of the above.
        ValueError: If the model does not belong to a `MultiWorkerMirroredStrategy`, the global batch
            is smaller than the number of replicas, or the data are bad or differ between the workers.
        RuntimeError: If another worker was lost. Start all of them again.
    """
    strategy = _checked_strategy(model)
    model._assert_compile_called("fit")
    if steps_per_epoch is not None and steps_per_epoch < 1:
        raise ValueError(f"steps_per_epoch must be at least 1; got {steps_per_epoch}.")
    with _clear_error_if_a_worker_is_lost():
        training = _Data(model, "data", data, batch_size, steps_per_epoch, shuffle=True)
        validation = None
        if validation_data is not None:
            validation = _Data(model, "validation_data", validation_data, batch_size)
        _check_created_in_scope(model)
        with strategy.scope():
            model.optimizer.build(model.trainable_variables)
        chief = is_chief(strategy)
        callbacks = keras.callbacks.CallbackList(
            _of_this_worker(callbacks, training.reshuffle, backup_dir, chief),
            add_history=True,
            add_progbar=chief and verbose != 0,
            verbose=verbose,
            epochs=epochs,
            steps=training.steps,
            model=model,
        )
        model.stop_training = False
        callbacks.on_train_begin()  # restores the chief's backup
        _share_state(model)
        initial_epoch = int(_gather(strategy, model._initial_epoch or initial_epoch)[0])
        train_step, test_step = (
            _compiled(model, model.train_step),
            _compiled(model, model.test_step),
        )
        logs = None
        for epoch in range(initial_epoch, epochs):
            callbacks.on_epoch_begin(epoch)
            logs = _run(
                model,
                train_step,
                training,
                callbacks.on_train_batch_begin,
                callbacks.on_train_batch_end,
            )
            if validation is not None:
                terms = _validate(model, test_step, validation, callbacks)
                logs |= {f"val_{name}": value for name, value in terms.items()}
            callbacks.on_epoch_end(epoch, logs)
            if _gather(strategy, model.stop_training).any():
                break
        model.optimizer.finalize_variable_values(model.trainable_weights)
        callbacks.on_train_end(logs)
        _gather(strategy, 0)  # nobody leaves before the chief has written its files
    return model.history


def evaluate(model, data, batch_size=None):
    """The means of the loss and its terms over data, on all workers at once.

    Args:
        model: As for `fit`.
        data: As for `fit`.
        batch_size: Of arrays, the GLOBAL batch; None for 32.

    Returns:
        A dict, the same on every worker: `loss`, `reconstruction`, `kl`, `elbo`, `mapping`, in nats.

    Raises:
        TypeError: As `fit`.
        ValueError: As `fit`.
        RuntimeError: If another worker was lost.
    """
    _checked_strategy(model)
    model._assert_compile_called("evaluate")
    with _clear_error_if_a_worker_is_lost():
        data = _Data(model, "data", data, batch_size)
        _check_created_in_scope(model)
        no_callbacks = keras.callbacks.CallbackList(model=model)
        return _validate(model, _compiled(model, model.test_step), data, no_callbacks)


# ---------------------------------------------------------------------- steps


def _run(model, step, data, on_batch_begin, on_batch_end):
    """Goes through an epoch of the data; returns its means."""
    _reset_metrics(model)
    data.begin_epoch()
    logs = {}
    for number in itertools.count() if data.steps is None else range(data.steps):
        on_batch_begin(number)
        results = data.feed(step)
        if results is None:
            break
        logs = results
        on_batch_end(number, logs)
    return {name: float(value) for name, value in logs.items()}


def _validate(model, test_step, data, callbacks):
    callbacks.on_test_begin()
    logs = _run(model, test_step, data, callbacks.on_test_batch_begin, callbacks.on_test_batch_end)
    callbacks.on_test_end(logs)
    return logs


def _compiled(model, step):
    """A function that takes a step on every replica; returns the metrics over all of them."""
    strategy = model.distribute_strategy

    def on_replica(batch):
        step(batch)
        # Each replica has its own part of a metric's variables, of which the whole is the sum.
        own = tf.stack([variable.value for variable in model.metrics_variables])
        sums = iter(tf.unstack(_all_sum(own)))
        return {
            metric.name: metric.stateless_result([next(sums) for _ in metric.variables])
            for metric in model.metrics
        }

    def on_all(iterator):
        # The batch is taken in here, since a worker that traces anew for another size of batch,
        # which the others do not have, would no longer match their collective operations.
        results = strategy.run(on_replica, args=(iterator.get_next(),))
        return {
            name: strategy.experimental_local_results(value)[0] for name, value in results.items()
        }

    return tf.function(on_all, autograph=False)


@tf.function(autograph=False)
def _reset_metrics(model):
    # On each replica its own part: outside of them each variable would be added up over the workers.
    model.distribute_strategy.run(model.reset_metrics)


def _all_sum(values):
    return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, values)


def _gather(strategy, value):
    """The integers of all workers, in the order of the workers: shape (replicas,)."""
    gathered = _gather_tensor(strategy, tf.constant([int(value)], tf.int64))
    return strategy.experimental_local_results(gathered)[0].numpy()


@tf.function(autograph=False)
def _gather_tensor(strategy, value):
    def gather():
        # Made anew in here: of a function's argument, TensorFlow does not know the device.
        return tf.distribute.get_replica_context().all_gather(tf.identity(value), axis=0)

    return strategy.run(gather)


def _share_state(model):
    """Gives every worker the chief's weights, optimizer's state and seeds."""
    strategy = model.distribute_strategy
    variables = [*model.weights, *model.optimizer.variables, *model._seed_states()]
    values = [tf.convert_to_tensor(variable.value) for variable in variables]
    for variable, value in zip(variables, _of_the_chief(strategy, values), strict=True):
        variable.assign(strategy.experimental_local_results(value)[0])


@tf.function(autograph=False)
def _of_the_chief(strategy, values):
    def all_sum_of_first(value):
        value = value if value.dtype.is_floating else tf.cast(value, tf.int64)
        is_first = tf.equal(tf.distribute.get_replica_context().replica_id_in_sync_group, 0)
        return _all_sum(tf.where(is_first, value, tf.zeros_like(value)))

    return strategy.run(lambda: [all_sum_of_first(value) for value in values])


# ---------------------------------------------------------------------- data


class _Data:
    """A distributed data set, with the number of its steps.

    Attributes:
        steps: Steps an epoch, the same on every worker; None if that is not known.
        reshuffle: The callback that shuffles arrays, or None.
    """

    def __init__(self, model, name, data, batch_size, steps_per_epoch=None, shuffle=False):
        strategy = model.distribute_strategy
        self.goes_round = steps_per_epoch is not None
        self.reshuffle = None
        self.iterator = None
        if callable(data) and not inputs.is_array(data):

            def share(context):
                return _of_any_size(_checked(model, name, data(context))[0])
        else:
            dataset, sample = self._global_batches(model, name, data, batch_size, shuffle)
            _check_same_everywhere(strategy, name, sample)

            def share(context):
                return _rows_of_worker(dataset, context)

        lengths = []

        def measured_share(context):
            own = share(context)
            lengths.append(int(own.cardinality()))
            return own

        self.batches = strategy.distribute_datasets_from_function(measured_share)
        lengths = _gather(strategy, lengths[0])
        self.steps = steps_per_epoch
        if not self.goes_round:
            self.steps = _count_steps(name, lengths, len(strategy.extended.worker_devices))

    def _global_batches(self, model, name, data, batch_size, shuffle):
        """From arrays or a data set to (a data set, what must be the same on all workers)."""
        replicas = model.distribute_strategy.num_replicas_in_sync
        if isinstance(data, tf.data.Dataset):
            dataset, batch = _checked(model, name, data)
            rows = len(tf.nest.flatten(batch)[0])
            if rows < replicas:
                raise ValueError(
                    f"{name} must yield global batches of at least one example for each of the "
                    f"{replicas} replicas; got a first batch of {rows}."
                )
            return dataset, batch
        if not isinstance(data, tuple | list) and not inputs.is_array(data):
            raise TypeError(
                f"{name} must be an array, a tuple (x, y, sample_weight), a tf.data.Dataset of "
                "global batches, or a function from a tf.distribute.InputContext to a "
                f"tf.data.Dataset; got {type(data).__name__}."
            )
        if batch_size is not None and batch_size < replicas:
            raise ValueError(
                f"batch_size, of the global batch, must be at least the {replicas} replicas that "
                f"share it; got {batch_size}."
            )
        arrays = keras.utils.unpack_x_y_sample_weight(data)
        batches = model._array_batches(name, *arrays, batch_size, shuffle)
        if shuffle:
            self.reshuffle = inputs.Reshuffle(batches)
        return batches.dataset, arrays

    def begin_epoch(self):
        """Starts the data anew, unless they go round."""
        if self.iterator is None or not self.goes_round:
            self.iterator = iter(self.batches)

    def feed(self, step):
        """What the step returns for the next batch, or None at the end."""
        try:
            return step(self.iterator)
        except tf.errors.OutOfRangeError:
            if not self.goes_round:
                return None
            self.iterator = iter(self.batches)
            return step(self.iterator)


def _checked(model, name, dataset):
    """The data set with autotuning off, and its first batch, at which it has looked but once.

    (Each look makes a data set that shuffles go on to its next order.)
    """
    if not isinstance(dataset, tf.data.Dataset):
        raise TypeError(
            f"{name}, if a function, must return a tf.data.Dataset; got {type(dataset).__name__}."
        )
    batch, dataset = inputs.first_batch(dataset)
    if batch is None:
        raise ValueError(f"{name} is empty: the stream yields no batch.")
    model.check_batch(name, batch)
    return inputs.without_autotuning(dataset), batch


def _count_steps(name, lengths, replicas_per_worker):
    """Steps an epoch from the numbers of batches on each worker; None if one is not known."""
    if (lengths == tf.data.INFINITE_CARDINALITY).any():
        raise ValueError(
            f"{name} must be finite, or steps_per_epoch be given (on training data); got an endless "
            "data set."
        )
    if (lengths == tf.data.UNKNOWN_CARDINALITY).any():
        return None
    return int(-(-lengths.max() // replicas_per_worker))


def _rows_of_worker(dataset, context):
    """From global batches to the batches of this worker's replicas, one after the other."""
    count = context.num_replicas_in_sync
    per_worker = count // context.num_input_pipelines
    first = context.input_pipeline_id * per_worker

    def split(*batch):
        size = tf.shape(tf.nest.flatten(batch)[0], tf.int64)[0]

        def rows(replica):
            start, stop = replica * size // count, (replica + 1) * size // count
            return tf.nest.map_structure(lambda values: values[start:stop], batch)

        return tf.data.Dataset.range(first, first + per_worker).map(rows)

    batches = dataset.cardinality()  # which flat_map loses
    dataset = dataset.flat_map(split).prefetch(2)
    if batches >= 0:
        batches *= per_worker
    dataset = dataset.apply(tf.data.experimental.assert_cardinality(batches))
    return inputs.without_autotuning(dataset)


def _of_any_size(dataset):
    """The dataset with batches of no fixed size, as a replica without data has an empty one."""

    def forget_size(*batch):
        return tf.nest.map_structure(lambda values: values[: tf.shape(values)[0]], batch)

    return inputs.without_autotuning(dataset.map(forget_size))


# ---------------------------------------------------------------------- callbacks


def _of_this_worker(callbacks, reshuffle, backup_dir, chief):
    """First those of all workers, so that the backup holds what they did; then those that write."""
    if isinstance(callbacks, keras.callbacks.CallbackList):
        callbacks = callbacks.callbacks
    everywhere, writers = [], []
    for callback in tf.nest.flatten(callbacks or []):
        writes = getattr(callback, "chief_only", isinstance(callback, _WRITERS))
        (writers if writes else everywhere).append(callback)
    if reshuffle is not None:
        everywhere.append(reshuffle)
    if backup_dir is not None:
        writers.insert(0, own_callbacks.BackupAndRestore(backup_dir))
    return everywhere + writers if chief else everywhere


# ---------------------------------------------------------------------- checks


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


def _checked_strategy(model):
    """The model's strategy.

    Raises:
        ValueError: If it is not a `MultiWorkerMirroredStrategy`.
    """
    strategy = model.distribute_strategy
    if not isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy):
        raise ValueError(
            "model must be made and compiled under the scope of the strategy for several machines: "
            "strategy = distributed.strategy(); with strategy.scope(): ...; "
            f"got a model of {type(strategy).__name__}."
        )
    return strategy


def _check_created_in_scope(model):
    """Raises a ValueError if a variable is not mirrored."""
    strategy = model.distribute_strategy
    for owner in (model, model.optimizer):
        for variable in owner.variables:
            if not strategy.extended.variable_created_in_scope(variable.value):
                part = "an optimizer" if owner is model.optimizer else "a part"
                raise ValueError(
                    "model must be made and compiled under the strategy's scope, with all its parts; "
                    f"got {part} made outside of it, with the variable {variable.path!r}."
                )


def _check_same_everywhere(strategy, name, sample):
    """Raises a ValueError if the workers were given different data."""
    checksum = 0
    for values in tf.nest.flatten(sample):
        if values is not None:
            checksum = zlib.crc32(np.ascontiguousarray(values), checksum)
    if len(set(_gather(strategy, checksum))) > 1:
        raise ValueError(
            f"{name} must be the same on every worker; it differs. Give the shuffling of a "
            "tf.data.Dataset a seed, or let each worker read its own share: pass a function from a "
            "tf.distribute.InputContext to a tf.data.Dataset."
        )


@contextlib.contextmanager
def _clear_error_if_a_worker_is_lost():
    try:
        yield
    except _LOST as error:
        raise RuntimeError(
            "Another worker was lost, or did not come in time. Start all workers again; with a "
            f"backup_dir, training goes on after the last completed epoch. TensorFlow says: {error.message}"
        ) from error
