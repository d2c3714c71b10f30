"""What a resumed run goes on with beside the weights: the callbacks' memory, and the place in the data."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.marks import fast_first
from helpers.models import assert_same_bits, binary, small_vae, weights_of

from intelvae_keras import callbacks, mappings

X = binary(20)
EPOCHS = 4


class Killed(BaseException):
    """Stands for a signal: nothing catches it."""


class KillAt(keras.callbacks.Callback):
    """Ends the run at the end of this epoch's first batch."""

    def __init__(self, epoch):
        super().__init__()
        self.at = epoch

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if self.epoch == self.at:
            raise Killed


class Seen(keras.callbacks.Callback):
    """Counts in a plain attribute, in an array and in a dict, as a user's callback may."""

    def __init__(self):
        super().__init__()
        self.losses, self.count, self.by_epoch = [], np.zeros(2), {}

    def on_epoch_end(self, epoch, logs=None):
        self.losses.append(logs["loss"])
        self.count += (1, epoch)
        self.by_epoch[epoch] = (len(self.losses), logs["val_elbo"])


class Shuffled(keras.utils.PyDataset):
    """Batches whose order a hook of Keras changes, by a generator of its own."""

    def __init__(self):
        super().__init__()
        self.rng = np.random.default_rng(0)
        self.rows = np.arange(len(X))

    def __len__(self):
        return 5

    def __getitem__(self, index):
        return X[self.rows[4 * index : 4 * index + 4]]

    def on_epoch_end(self):
        self.rng.shuffle(self.rows)


def generator():
    rng = np.random.default_rng(0)
    while True:
        yield X[rng.choice(len(X), 4)]


def in_order():
    return tf.data.Dataset.from_tensor_slices(X)


def shuffled():
    return in_order().shuffle(20, seed=3).batch(4)


DATA = {  # how to make the data anew, and fit's arguments
    "arrays": (lambda: X, {"batch_size": 4}),
    "arrays, 3 of 5 steps": (lambda: X, {"batch_size": 4, "steps_per_epoch": 3}),
    "shuffled": (shuffled, {}),
    "shuffled, cached after it": (lambda: shuffled().cache(), {}),
    "shuffled, twice over": (lambda: shuffled().repeat(2), {}),
    "shuffled, of unknown length": (lambda: shuffled().filter(lambda x: True), {}),
    "shuffled, 3 of 5 steps": (shuffled, {"steps_per_epoch": 3}),
    "repeated": (lambda: shuffled().repeat(), {"steps_per_epoch": 3}),
    "noise in a map": (
        lambda: in_order().batch(4).map(lambda x: x * tf.round(tf.random.uniform((), seed=1))),
        {},
    ),
    "PyDataset": (Shuffled, {}),
    "generator": (generator, {"steps_per_epoch": 3}),
}


FAST = ("shuffled", "generator")  # arrays: test_resume.py


class Runs:
    """Runs of one model, each from its first state, as a new process would make it."""

    def __init__(self):
        keras.utils.set_random_seed(0)
        self.vae = small_vae(mapping=mappings.Clusters(2), compile=False)
        self.vae.compile("adam", steps_per_execution=1)
        self.vae.build((None, 6))
        self.vae.optimizer.build(self.vae.trainable_variables)
        self.variables = [
            *self.vae.weights,
            *self.vae.optimizer.variables,
            *self.vae._seed_states(),
        ]
        self.start = [np.array(variable) for variable in self.variables]

    def train(self, data, *more, **options):
        for variable, value in zip(self.variables, self.start, strict=True):
            variable.assign(value)
        options = {"epochs": EPOCHS, "verbose": 0} | options
        history = self.vae.fit(data, callbacks=list(more), **options)
        return weights_of(self.vae), history

    def killed_and_resumed(self, folder, make, make_more, kills=(2,), **options):
        """The end of a run that was killed twice; `make` and `make_more` make data and callbacks anew."""
        for epoch in kills:  # each time a new process
            data, more = make(), make_more()
            with pytest.raises(Killed):
                backup = callbacks.BackupAndRestore(folder / "b")
                self.train(data, backup, *more, KillAt(epoch), **options)
        data, more = make(), make_more()
        backup = callbacks.BackupAndRestore(folder / "b")
        return *self.train(data, backup, *more, **options), more

    def straight(self, make, make_more, **options):
        data, more = make(), make_more()
        return *self.train(data, *more, **options), more


@pytest.fixture(scope="module")
def runs():
    return Runs()


def _none():
    return []


@pytest.mark.filterwarnings("ignore:Your input ran out of data", "ignore:You passed")
@pytest.mark.parametrize("kind", fast_first(DATA, FAST))
def test_a_resumed_run_goes_on_in_the_data_where_it_stood(kind, runs, tmp_path):
    make, options = DATA[kind]
    whole, history, _ = runs.straight(make, _none, **options)
    resumed, again, _ = runs.killed_and_resumed(tmp_path, make, _none, **options)
    assert_same_bits(resumed, whole)
    assert again.history == history.history and again.epoch == history.epoch


@pytest.mark.parametrize("validation", fast_first(["shuffled", "repeated", "arrays"], ["shuffled"]))
def test_so_does_its_validation(validation, runs, tmp_path):
    make = DATA[validation][0]
    options = {"batch_size": 4, "validation_freq": [1, 2, 4]}
    options |= {"validation_steps": 2} if validation == "repeated" else {}
    straight = runs.train(X, validation_data=make(), **options)
    with pytest.raises(Killed):
        backup = callbacks.BackupAndRestore(tmp_path / "b")
        runs.train(X, backup, KillAt(3), validation_data=make(), **options)
    backup = callbacks.BackupAndRestore(tmp_path / "b")
    resumed = runs.train(X, backup, validation_data=make(), **options)
    assert_same_bits(resumed[0], straight[0])
    assert resumed[1].history == straight[1].history


@pytest.mark.slow
def test_a_run_may_be_killed_again_and_again(runs, tmp_path):
    whole, _, _ = runs.straight(shuffled, _none)
    resumed, _, _ = runs.killed_and_resumed(tmp_path, shuffled, _none, kills=(1, 1, 3))
    assert_same_bits(resumed, whole)


def test_the_first_epoch_may_be_another(runs, tmp_path):
    options = {"initial_epoch": 1}
    whole, _, _ = runs.straight(shuffled, _none, **options)
    resumed, again, _ = runs.killed_and_resumed(tmp_path, shuffled, _none, kills=(2,), **options)
    assert_same_bits(resumed, whole)
    assert again.epoch == [1, 2, 3]


# ---------------------------------------------------------------------------- callbacks


def _stop_early():
    return [keras.callbacks.EarlyStopping("val_elbo", patience=2, restore_best_weights=True)]


def _everything():
    return [
        keras.callbacks.ReduceLROnPlateau("loss", patience=1, min_delta=100.0, cooldown=1),
        keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.9),
        callbacks.KLWarmup(epochs=3),
        callbacks.StrengthAnnealing(epochs=2),
        callbacks.WidthAnnealing(steps=9, start=0.6),
        Seen(),
        Seen(),
    ]


def _remembered(callback):
    return {
        name: value
        for name, value in vars(callback).items()
        if isinstance(value, bool | int | float | str | list | dict | np.ndarray)
        and name != "params"
    }


@pytest.mark.parametrize("make", [pytest.param(_stop_early, marks=pytest.mark.slow), _everything])
@pytest.mark.filterwarnings("ignore:ReduceLROnPlateau monitors")
def test_callbacks_remember_what_they_did_before_the_kill(make, runs, tmp_path):
    options = {"validation_data": X, "batch_size": 4, "epochs": 6}
    data = DATA["arrays"][0]
    whole, history, expected = runs.straight(data, make, **options)
    resumed, again, found = runs.killed_and_resumed(tmp_path, data, make, kills=(2, 3), **options)
    assert_same_bits(resumed, whole)
    assert again.history == history.history
    for one, other in zip(expected, found, strict=True):
        np.testing.assert_equal(_remembered(other), _remembered(one))


def _worse_and_worse(rate):
    """A learning rate at which the second epoch is the best of all."""
    return keras.callbacks.LearningRateScheduler(lambda epoch: 1e-2 if epoch < 2 else rate)


def test_a_stop_is_not_forgotten(runs, tmp_path):
    """Killed after the epoch that ended training, it ends at once, with the best weights."""

    class KilledAtTheEnd(keras.callbacks.EarlyStopping):
        def on_train_end(self, logs=None):
            raise Killed

    options = {"validation_data": X, "batch_size": 4, "epochs": 9}
    rate = _worse_and_worse(3.0)
    early = {"monitor": "val_elbo", "patience": 1, "restore_best_weights": True}
    whole, history = runs.train(X, rate, keras.callbacks.EarlyStopping(**early), **options)
    assert len(history.epoch) < 6
    backup = callbacks.BackupAndRestore(tmp_path / "b")
    with pytest.raises(Killed):
        runs.train(X, rate, KilledAtTheEnd(**early), backup, **options)
    KilledAtTheEnd.on_train_end = keras.callbacks.EarlyStopping.on_train_end
    backup = callbacks.BackupAndRestore(tmp_path / "b")
    resumed, again = runs.train(X, rate, KilledAtTheEnd(**early), backup, **options)
    assert_same_bits(resumed, whole)
    assert again.epoch == history.epoch


@pytest.mark.slow
def test_the_best_model_is_not_replaced_by_a_worse_one(runs, tmp_path):
    def best():
        path = tmp_path / "best.weights.h5"
        options = {"monitor": "val_elbo", "save_best_only": True, "save_weights_only": True}
        return [_worse_and_worse(3.0), keras.callbacks.ModelCheckpoint(path, **options)]

    options = {"validation_data": X, "batch_size": 4}
    data = DATA["arrays"][0]
    _, history, _ = runs.straight(data, best, **options)
    values = history.history["val_elbo"]
    assert np.argmax(values) < 2  # what comes after the kill is worse, and a new run would save it
    expected = (tmp_path / "best.weights.h5").read_bytes()
    runs.killed_and_resumed(tmp_path, data, best, kills=(2, 3), **options)
    assert (tmp_path / "best.weights.h5").read_bytes() == expected


def test_what_a_callback_was_made_with_is_no_memory(runs, tmp_path):
    """A longer patience in the script that is started again holds."""
    data = DATA["arrays"][0]

    def patience(value):
        return lambda: [keras.callbacks.EarlyStopping("elbo", patience=value, mode="max")]

    with pytest.raises(Killed):
        backup = callbacks.BackupAndRestore(tmp_path / "b")
        runs.train(X, backup, *patience(2)(), KillAt(2))
    _, _, (callback,) = runs.killed_and_resumed(tmp_path, data, patience(7), kills=())
    assert callback.patience == 7


def test_a_callback_list_of_keras_remembers_too(runs, tmp_path):
    seen, backup = Seen(), callbacks.BackupAndRestore(tmp_path / "b")
    listed = keras.callbacks.CallbackList([backup, seen, KillAt(2)])
    options = {"validation_data": X, "batch_size": 4, "epochs": EPOCHS, "verbose": 0}
    with pytest.raises(Killed):
        runs.vae.fit(X, callbacks=listed, **options)
    seen, backup = Seen(), callbacks.BackupAndRestore(tmp_path / "b")
    runs.vae.fit(X, callbacks=keras.callbacks.CallbackList([backup, seen]), **options)
    assert seen.count[0] == EPOCHS and sorted(seen.by_epoch) == list(range(EPOCHS))
