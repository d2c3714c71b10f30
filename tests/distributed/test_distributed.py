"""Training on several machines, here several processes on 127.0.0.1, equals training in one."""

import json
import pathlib
import signal
import socket
import subprocess
import sys
import time

import distributed_run
import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.models import assert_same_bits, small_vae, weights_of
from helpers.processes import ENVIRONMENT

from intelvae_keras import distributed

X, BATCH = distributed_run.X, distributed_run.BATCH
SCRIPT = pathlib.Path(distributed_run.__file__)


def start(num_workers, scenario, folder):
    """The processes of a cluster, one a worker; their output goes to FOLDER/output-0 and so on."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(num_workers)]
    cluster = {"worker": [f"127.0.0.1:{each.getsockname()[1]}" for each in sockets]}
    for each in sockets:
        each.close()
    processes = []
    for index in range(num_workers):
        config = {"cluster": cluster, "task": {"type": "worker", "index": index}}
        with open(folder / f"output-{index}", "w") as output:
            process = subprocess.Popen(
                [sys.executable, SCRIPT, scenario, folder],
                env=ENVIRONMENT | {"TF_CONFIG": json.dumps(config)},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        processes.append(process)
    return processes


def finish(processes, folder, seconds=300):  # far more than it takes: a net against hanging
    """Waits for all to end well; returns for each (weights by name, results by name)."""
    try:
        codes = [process.wait(timeout=seconds) for process in processes]
    finally:
        for process in processes:
            process.kill()
    outputs = [(folder / f"output-{index}").read_text() for index in range(len(processes))]
    assert not any(codes), "\n".join(output[-2000:] for output in outputs)
    return [
        (
            dict(np.load(folder / f"worker-{index}.npz")),
            json.loads((folder / f"worker-{index}.json").read_text()),
        )
        for index in range(len(processes))
    ]


def named(weights, name):
    """The weights of one run, in order."""
    keys = [key for key in weights if key.rpartition("_")[0] == name]
    return [weights[key] for key in sorted(keys, key=lambda key: int(key.rpartition("_")[2]))]


def assert_close(left, right):
    for one, other in zip(left, right, strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-6)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("two")


@pytest.fixture(scope="module")
def two_workers(folder):
    return finish(start(2, "two", folder), folder)


def assert_equal_to_one_process(workers):
    for mapping in distributed_run.MAPPINGS:
        with distributed_run.no_noise():
            weights, history = distributed_run.one_process(mapping)
        for of_worker, result in workers:
            assert_close(named(of_worker, mapping), weights)
            assert set(result[mapping]) == set(history)
            for term, values in history.items():
                np.testing.assert_allclose(result[mapping][term], values, rtol=1e-6, atol=1e-6)


@pytest.mark.slow
def test_two_workers_equal_one_process(two_workers):
    assert_equal_to_one_process(two_workers)


@pytest.mark.slow
def test_workers_agree_to_the_last_bit(two_workers):
    (weights, result), (others_weights, others_result) = two_workers
    for key, value in weights.items():
        if not key.startswith("saved"):
            np.testing.assert_array_equal(value, others_weights[key], err_msg=key)
    for key in ("clusters", "sparse", "stream", "shards", "evaluate", "stopped", "batches"):
        assert result[key] == others_result[key], key


@pytest.mark.slow
@pytest.mark.parametrize("name", ["stream", "shards"])
def test_streams_equal_one_process(two_workers, name):
    batches = distributed_run.streams()[0]
    if name == "shards":
        batches = tf.data.Dataset.from_generator(
            distributed_run.batches_of_shards, output_signature=tf.TensorSpec((None, 6))
        ).apply(tf.data.experimental.assert_cardinality(5))
    with distributed_run.no_noise():
        vae = distributed_run.make("sparse")
        history = vae.fit(batches, epochs=2, verbose=0).history
    for weights, result in two_workers:
        assert_close(named(weights, name), weights_of(vae))
        np.testing.assert_allclose(result[name]["loss"], history["loss"], rtol=1e-6)


@pytest.mark.slow
def test_evaluate_equals_one_process(two_workers):
    with distributed_run.no_noise():
        vae = distributed_run.make("sparse")
        vae.build((None, 6))
        vae.optimizer.build(vae.trainable_variables)
        for variable, value in zip(vae.weights, named(two_workers[0][0], "sparse"), strict=False):
            variable.assign(value)
        expected = vae.evaluate(X, batch_size=BATCH, verbose=0, return_dict=True)
    result = two_workers[0][1]["evaluate"]
    for term, value in expected.items():
        assert result[term] == pytest.approx(value, rel=1e-5, abs=1e-6), term


@pytest.mark.slow
def test_noise_differs_between_workers(two_workers):
    assert two_workers[0][1]["seed"] != two_workers[1][1]["seed"]


@pytest.mark.slow
def test_the_chief_alone_writes(two_workers, folder):
    assert [result["chief"] for _, result in two_workers] == [True, False]
    written = {path.name for path in folder.iterdir() if path.suffix in (".csv", ".keras")}
    assert written == {"log-0.csv", "model-0-1.keras", "model-0-2.keras", "final.keras"}
    assert [path.name for path in folder.glob("pictures-*")] == ["pictures-0"]
    assert "Epoch 2/4" in (folder / "output-0").read_text()
    assert "Epoch" not in (folder / "output-1").read_text()
    loaded = keras.saving.load_model(folder / "final.keras")  # in one process
    assert_same_bits(
        [np.array(weight) for weight in loaded.weights], named(two_workers[0][0], "saved")
    )


@pytest.mark.slow
def test_all_stop_when_one_wishes_to(two_workers):
    for _, result in two_workers:
        assert len(result["stopped"]["loss"]) == 2
        assert result["steps"] == 14  # of 7 an epoch, as the 5 batches go round


@pytest.mark.slow
def test_logs_of_batches_are_the_means_so_far(two_workers):
    for _, result in two_workers:
        last_of_epoch = [result["batches"][6], result["batches"][13]]
        np.testing.assert_allclose(last_of_epoch, result["stopped"]["loss"], rtol=1e-6)


ERRORS = {
    "different": "ValueError: data must be the same on every worker",
    "shuffled": "ValueError: data must be the same on every worker",
    "batch_size": "ValueError: batch_size, split among the 2 replicas, must be an integer >= 2; got 1",
    "steps_per_epoch": "ValueError: steps_per_epoch must be an integer >= 1; got 0",
    "small batches": "ValueError: data must yield global batches of at least one example for each",
    "endless": "ValueError: data must be finite, or steps_per_epoch be given",
    "function": "TypeError: data, if a function, must return a tf.data.Dataset; got ndarray",
    "type": "TypeError: data must be an array",
    "outside": "ValueError: model must be made and compiled under the scope of the strategy",
    "optimizer": "ValueError: model must be made and compiled under the strategy's scope, with all",
    "jit_compile": "ValueError: jit_compile must be False under a tf.distribute strategy",
}


@pytest.mark.slow
@pytest.mark.parametrize("case", ERRORS)
def test_errors_name_what_is_expected(two_workers, case):
    for _, result in two_workers:
        assert ERRORS[case] in result["errors"][case]


@pytest.mark.slow
def test_four_workers_equal_one_process(tmp_path):
    assert_equal_to_one_process(finish(start(4, "equal", tmp_path), tmp_path))


def kill(victim, epoch, folder):
    """Runs two workers, kills one in the middle of the epoch, and waits for the other to give up."""
    (folder / "kill-in").write_text(str(epoch))
    (folder / "ready").unlink(missing_ok=True)
    processes = start(2, "long", folder)
    survivor = processes[1 - victim]
    try:
        while not (folder / "ready").exists():
            assert [process.poll() for process in processes] == [None, None]
            time.sleep(0.05)
        processes[victim].send_signal(signal.SIGKILL)
        assert survivor.wait(timeout=90) != 0
    finally:
        for process in processes:
            process.kill()
    (folder / "kill-in").unlink()


@pytest.mark.slow
def test_a_killed_worker_costs_the_unfinished_epoch_alone(tmp_path):
    (tmp_path / "straight").mkdir()
    expected = finish(start(2, "long", tmp_path / "straight"), tmp_path / "straight")
    assert not (tmp_path / "straight" / "backup").exists()
    for victim, epoch in ((1, 2), (0, 4)):
        kill(victim, epoch, tmp_path)
        assert json.loads((tmp_path / "backup" / "latest.json").read_text())["epoch"] == epoch
        if victim == 1:
            assert "Another worker was lost" in (tmp_path / "output-0").read_text()
    again = finish(start(2, "long", tmp_path), tmp_path)
    for (weights, _), (expected_weights, _) in zip(again, expected, strict=True):
        assert_same_bits(named(weights, "long"), named(expected_weights, "long"))


CONFIG = '{"cluster": {"worker": ["a:1", "b:2"]}, "task": {"type": "worker", "index": 1}}'


@pytest.mark.parametrize(
    "text, words",
    [
        (None, "it is not set"),
        ("", "it is not set"),
        ("{", "JSONDecodeError"),
        ("[1]", "TypeError"),
        ('{"cluster": {"worker": ["a:1"]}}', "KeyError"),
        (
            CONFIG.replace('"index": 1', '"index": 2'),
            "must be one of the cluster's; got 'worker' 2",
        ),
        (
            CONFIG.replace('"index": 1', '"index": -1'),
            "must be one of the cluster's; got 'worker' -1",
        ),
        (
            CONFIG.replace('"type": "worker"', '"type": "chief"'),
            "one of the cluster's; got 'chief' 1",
        ),
        (
            CONFIG.replace("worker", "ps"),
            """jobs must be "worker" and at most "chief"; got ['ps']""",
        ),
        (CONFIG.replace("b:2", "a:1"), "host:port of its own; got ['a:1', 'a:1']"),
        (CONFIG.replace("b:2", "b"), "host:port of its own; got ['a:1', 'b']"),
    ],
)
def test_tf_config_is_checked(monkeypatch, text, words):
    if text is None:
        monkeypatch.delenv("TF_CONFIG", raising=False)
    else:
        monkeypatch.setenv("TF_CONFIG", text)
    with pytest.raises(ValueError, match="TF_CONFIG must be set on each worker") as error:
        distributed.strategy()
    assert words in str(error.value)


def test_too_late_a_strategy_is_an_error(monkeypatch):
    tf.constant(0) + 1
    monkeypatch.setenv("TF_CONFIG", CONFIG)
    with pytest.raises(RuntimeError, match="before TensorFlow is used"):
        distributed.strategy()


def test_a_timeout_must_be_positive():
    with pytest.raises(ValueError, match="timeout must be a finite number > 0"):
        distributed.strategy(timeout=0)


def test_a_model_of_one_process_is_refused():
    with pytest.raises(ValueError, match="under the scope of the strategy for several machines"):
        distributed.fit(small_vae(), X)
