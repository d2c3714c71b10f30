"""From arrays and streams to the batches of an epoch."""

import gc
import weakref

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.marks import fast_first
from helpers.models import binary, eager_functions, small_vae

from intelvae_keras._engine import array_batches, values

N = 10
INDEX = np.arange(N, dtype="float32")[:, np.newaxis]  # (N, 1): each example tells its row


@pytest.fixture(params=["copied", "in place"])
def place(request, monkeypatch):
    """Both ways in which batches come from arrays, whatever their size."""
    monkeypatch.setattr(array_batches, "_LARGE", 0 if request.param == "in place" else 2**40)


def epoch_of(batches, key=(0, 0)):
    """The rows that one epoch yields, in order, as one array per batch."""
    batches.key.assign(list(key))
    return [np.ravel(x) for (x,) in batches.dataset]


@pytest.mark.parametrize(
    "batch_size, sizes", [(4, [4, 4, 2]), (10, [10]), (99, [10]), (1, [1] * 10)]
)
@pytest.mark.parametrize("shuffle", [True, False])
def test_an_epoch_holds_every_example_once(batch_size, sizes, shuffle, place):
    batches = array_batches.ArrayBatches((INDEX,), batch_size, shuffle)
    rows = epoch_of(batches)
    assert [len(batch) for batch in rows] == sizes
    assert int(batches.dataset.cardinality()) == len(sizes)
    rows = np.concatenate(rows)
    np.testing.assert_array_equal(np.sort(rows), INDEX[:, 0])
    assert (rows == INDEX[:, 0]).all() != shuffle


def test_the_order_is_a_function_of_the_key(place):
    keys = [(1, 5), (1, 6), (2, 5), (1, 5)]
    first = array_batches.ArrayBatches((INDEX,), 4, shuffle=True)
    again = array_batches.ArrayBatches((INDEX,), 4, shuffle=True)
    orders = [tuple(np.concatenate(epoch_of(first, key))) for key in keys]
    assert orders[0] == orders[3]
    assert len(set(orders)) == 3
    assert orders[1] == tuple(np.concatenate(epoch_of(again, keys[1])))


def test_rows_of_several_arrays_stay_together(place):
    batches = array_batches.ArrayBatches((INDEX, 2 * INDEX, 3 * INDEX[:, 0]), 4, shuffle=True)
    for x, y, weight in batches.dataset:
        np.testing.assert_array_equal(y, 2 * x)
        np.testing.assert_array_equal(weight, 3 * x[:, 0])


def test_x_alone_needs_no_tuple(place):
    batches = array_batches.ArrayBatches(INDEX, 4, shuffle=False)
    np.testing.assert_array_equal(np.concatenate(list(batches.dataset)), INDEX)


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "uint8", "bool", ">f4", "str"])
def test_arrays_of_any_type_and_layout_keep_their_values(dtype, place):
    rows = (np.arange(60).reshape(20, 3) % 7).astype(dtype)[1::2]
    batches = array_batches.ArrayBatches((rows,), 4, shuffle=False)
    seen = np.concatenate([batch.numpy() for (batch,) in batches.dataset])
    np.testing.assert_array_equal(seen.astype(dtype), rows)


def test_large_arrays_are_not_copied_and_not_kept():
    rows = np.zeros((2**17, 17), dtype="float32")
    batches = array_batches.ArrayBatches((rows,), 4096, shuffle=True)
    rows[:] = 1.0
    for (batch,) in batches.dataset:
        np.testing.assert_array_equal(batch, 1.0)
    kept = weakref.ref(rows)
    del rows, batches
    gc.collect()
    assert kept() is None


def test_debug_mode_of_tf_data_sees_the_same_batches(place):
    from tensorflow.python.data.ops import debug_mode

    with eager_functions():
        tf.data.experimental.enable_debug_mode()
        try:
            batches = array_batches.ArrayBatches((INDEX,), 4, shuffle=False)
            assert [len(rows) for rows in epoch_of(batches)] == [4, 4, 2]
            np.testing.assert_array_equal(np.concatenate(epoch_of(batches)), INDEX[:, 0])
        finally:
            debug_mode.toggle_debug_mode(False)


def test_a_file_may_be_read_in_place(tmp_path):
    path = tmp_path / "x.npy"
    np.save(path, np.random.default_rng(0).normal(size=(2**16, 33)).astype("float32"))
    x = np.load(path, mmap_mode="r")
    losses = []
    for data in (x, np.array(x)):
        keras.utils.set_random_seed(1)
        vae = small_vae(shape=(33,), likelihood="gaussian", seed=1)
        vae.compile("sgd", run_eagerly=True)
        losses += vae.fit(data, batch_size=2**14, verbose=0).history["loss"]
    assert losses[0] == losses[1]


def test_a_fit_keeps_no_copy_of_the_data(place):
    vae = small_vae(shape=(3,), likelihood="gaussian")
    vae.compile("sgd", run_eagerly=True)
    x = np.zeros((1234, 3), dtype="float32")
    vae.fit(x, validation_data=x, batch_size=500, verbose=0)
    kept = weakref.ref(x)
    del x
    gc.collect()
    assert kept() is None
    copies = [o for o in gc.get_objects() if isinstance(o, tf.Tensor) and o.shape[:1] == (1234,)]
    assert not copies


def _orders(seed, epochs=3, initial_epoch=0, steps_before=0, optimizer="sgd", **options):
    """The order of the examples in each epoch of a `fit`."""
    seen = []
    vae = small_vae(shape=(1,), likelihood="gaussian", seed=seed)
    vae.compile(optimizer, run_eagerly=True)
    if steps_before:
        vae.optimizer.iterations.assign(steps_before)
    step = vae.train_step

    def recording(data):
        seen.extend(np.ravel(data[0]).tolist())
        if optimizer != "sgd":
            return step(data)
        vae.optimizer.iterations.assign_add(1)  # the only thing that the order depends on
        return {"loss": tf.constant(0.0)}

    vae.train_step = recording
    vae.fit(INDEX, batch_size=4, epochs=epochs, initial_epoch=initial_epoch, verbose=0, **options)
    return [tuple(seen[start : start + N]) for start in range(0, len(seen), N)]


def test_fit_shuffles_anew_in_each_epoch():
    orders = _orders(seed=1)
    assert all(sorted(order) == INDEX[:, 0].tolist() for order in orders)
    assert len(set(orders)) == 3


def test_the_order_follows_from_seed_and_step():
    orders = _orders(seed=1)
    assert orders == _orders(seed=1)
    assert orders != _orders(seed=2)
    assert orders[1:] == _orders(seed=1, initial_epoch=1, steps_before=3)  # 3 batches an epoch


def test_fit_keeps_the_order_if_told_so():
    assert _orders(seed=1, shuffle=False) == [tuple(INDEX[:, 0])] * 3


def test_fit_shuffles_with_loss_scaling():
    scaled = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(1e-6), initial_scale=1.0)
    assert len(set(_orders(seed=1, optimizer=scaled))) == 3


def test_fit_shuffles_anew_while_gradients_are_accumulated():
    slow = keras.optimizers.SGD(1e-6, gradient_accumulation_steps=100)
    assert len(set(_orders(seed=1, optimizer=slow))) == 3


def test_user_callbacks_may_come_in_any_form():
    epochs = []
    callback = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: epochs.append(epoch))
    vae = small_vae()
    vae.compile(run_eagerly=True)
    given = [callback]
    for callbacks in (callback, given, (callback,), None):
        vae.fit(binary(4), callbacks=callbacks, verbose=0)
    in_list = keras.callbacks.CallbackList([callback], model=vae, add_history=True)
    vae.fit(binary(4), callbacks=in_list, verbose=0)
    assert epochs == [0] * 4
    assert given == [callback]
    assert callback in in_list.callbacks and len(in_list.callbacks) == 2


# ---------------------------------------------------------------------------- tf.data's autotuning


def test_autotuning_is_off_unless_asked_for():
    dataset = tf.data.Dataset.range(3)
    assert array_batches.without_autotuning(dataset).options().autotune.enabled is False
    options = tf.data.Options()
    options.autotune.enabled = True
    options.deterministic = False
    kept = array_batches.without_autotuning(dataset.with_options(options)).options()
    assert kept.autotune.enabled is True
    assert kept.deterministic is False


def test_other_options_are_kept():
    options = tf.data.Options()
    options.deterministic = False
    options.threading.private_threadpool_size = 3
    kept = array_batches.without_autotuning(
        tf.data.Dataset.range(3).with_options(options)
    ).options()
    assert kept.autotune.enabled is False
    assert kept.deterministic is False
    assert kept.threading.private_threadpool_size == 3


@pytest.fixture(scope="module")
def vae():
    vae = small_vae()
    vae.compile(run_eagerly=True)
    return vae


@pytest.mark.parametrize("kind", fast_first(["array", "tensor", "dataset"], ["array"]))
@pytest.mark.parametrize("method", ["fit", "evaluate", "predict"])
def test_no_dataset_reaches_keras_with_autotuning(kind, method, vae, monkeypatch):
    seen = []
    iterator = keras.src.backend.tensorflow.trainer.TFEpochIterator
    original = iterator.__init__

    def spy(self, *args, **kwargs):
        original(self, *args, **kwargs)
        seen.append(self._distributed_dataset.options().autotune.enabled)

    monkeypatch.setattr(iterator, "__init__", spy)
    x = binary(8)
    data = {
        "array": lambda: x,
        "tensor": lambda: tf.constant(x),
        "dataset": lambda: tf.data.Dataset.from_tensor_slices(x).batch(4),
    }[kind]
    options = {"validation_data": data()} if method == "fit" else {}
    getattr(vae, method)(data(), verbose=0, **options)
    assert seen == [False] * (2 if method == "fit" else 1)


# ---------------------------------------------------------------------------- forms of arrays


def test_an_array_by_protocol_is_an_array():
    """As a pandas.DataFrame is, which has no dtype."""

    class Table:
        shape = (8, 6)

        def __array__(self, dtype=None, copy=None):
            return binary(8)

        def __len__(self):
            return 8

    vae = small_vae()
    vae.compile(run_eagerly=True)
    vae.fit(Table(), batch_size=4, verbose=0)
    assert vae.optimizer.iterations == 2


def test_nothing_that_the_user_gives_is_changed():
    x, y, weight = binary(8), np.arange(8), np.linspace(0, 1, 8)
    copies = x.copy(), y.copy(), weight.copy()
    options, callbacks = {"batch_size": 3, "verbose": 0}, []
    for array in (x, y, weight):
        array.flags.writeable = False
    vae = small_vae()
    vae.compile(run_eagerly=True)
    vae.fit(x, y, sample_weight=weight, validation_data=(x, y), callbacks=callbacks, **options)
    vae.evaluate(x, **options)
    vae.predict(x, **options)
    vae.encode(x)
    for array, copy in zip((x, y, weight), copies, strict=True):
        np.testing.assert_array_equal(array, copy)
    assert callbacks == []


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "uint8", "int64", "bool"])
def test_every_numeric_dtype_is_accepted(dtype):
    values.check("x", binary(4).astype(dtype), (0.0, 1.0))


def test_bfloat16_is_accepted_and_checked():
    x = tf.cast(binary(4), "bfloat16")
    values.check("x", x, (0.0, 1.0))
    with pytest.raises(ValueError, match="x must lie in"):
        values.check("x", 2 * x, (0.0, 1.0))
