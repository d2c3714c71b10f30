"""Pictures while training: right files, the model's own samples, and no trace in the training."""

import sys
import types

import keras
import numpy as np
import pytest
from PIL import Image

from intelvae_keras import InteLVAE, callbacks, mappings, networks, plots

X = np.random.default_rng(0).random((32, 8, 8, 1)).astype("float32")
LABELS = np.arange(32) % 2


def make_model(latent_dim=1):
    keras.utils.set_random_seed(1)
    model = InteLVAE(
        latent_dim,
        encoder=networks.mlp_encoder([8]),
        mapping=mappings.Clusters(2),
        decoder=networks.mlp_decoder((8, 8, 1), [8]),
        seed=3,
    )
    model.compile(run_eagerly=True)  # a few steps cost less than a graph
    return model


def fit(model, *pictures, epochs=2, **kwargs):
    model.fit(X, epochs=epochs, batch_size=32, verbose=0, callbacks=list(pictures), **kwargs)
    return model


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_files_of_every_second_epoch_are_images(tmp_path):
    folder = tmp_path / "runs" / "samples"
    fit(make_model(), callbacks.SampleGrid(folder, every=2, num_samples=4), epochs=5)
    assert names(folder) == ["epoch-0002.png", "epoch-0004.png"]
    with Image.open(folder / "epoch-0004.png") as image:
        assert image.format == "PNG" and min(image.size) > 100


def test_the_samples_are_those_of_the_model_with_the_same_seed():
    model = make_model()
    sampler = callbacks.SampleGrid("unused", num_samples=4, seed=7)
    sampler.set_model(model)
    drawn = [image.get_array() for image in sampler.figure().axes[0].images]
    np.testing.assert_array_equal(drawn, model.sample(4, seed=7)[..., 0])
    again = [image.get_array() for image in sampler.figure().axes[0].images]
    np.testing.assert_array_equal(drawn, again)


@pytest.mark.parametrize(
    ("latent_dim", "panels"), [(1, 2), pytest.param(2, 1, marks=pytest.mark.slow)]
)
def test_snapshots_show_histograms_of_one_latent_and_a_scatter_of_two(latent_dim, panels, tmp_path):
    snapshots = callbacks.LatentSnapshots(X, LABELS, tmp_path)
    fit(make_model(latent_dim), snapshots)
    assert names(tmp_path) == ["epoch-0001.png", "epoch-0002.png"]
    assert len(snapshots.figure().axes) == panels


def test_snapshots_draw_the_latents_of_their_seed_by_class():
    model = make_model(2)
    snapshots = callbacks.LatentSnapshots(X, LABELS, "unused", seed=7)
    snapshots.set_model(model)
    by_class = [points.get_offsets() for points in snapshots.figure().axes[0].collections]
    z = model.encode(X, sample=True, seed=7)
    assert len(by_class) == 2
    for label, points in enumerate(by_class):
        np.testing.assert_allclose(points, z[LABELS == label], rtol=1e-5, atol=1e-6)


def test_training_is_the_same_to_the_last_bit_with_and_without_pictures(tmp_path):
    plain = fit(make_model())
    watched = fit(
        make_model(),
        callbacks.SampleGrid(tmp_path / "a", num_samples=4),
        callbacks.LatentSnapshots(X, LABELS, tmp_path / "b"),
    )
    for one, other in zip(plain.get_weights(), watched.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    state, watched_state = plain.seed_generator.state, watched.seed_generator.state
    np.testing.assert_array_equal(np.array(state), np.array(watched_state))


def test_pictures_of_another_run_are_never_overwritten(tmp_path):
    foreign = tmp_path / "epoch-0001.png"
    foreign.write_bytes(b"mine")
    model = make_model()
    with pytest.raises(FileExistsError, match=f"{tmp_path.name}.*another folder"):
        fit(model, callbacks.SampleGrid(tmp_path, num_samples=4))
    assert foreign.read_bytes() == b"mine"
    assert int(model.optimizer.iterations) == 0  # refused before any training


def test_a_second_run_of_one_callback_is_another_run(tmp_path):
    model, grid = make_model(), callbacks.SampleGrid(tmp_path, num_samples=4)
    fit(model, grid, epochs=1)
    with pytest.raises(FileExistsError):
        fit(model, grid, epochs=1)


def test_other_files_in_the_folder_do_no_harm(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    fit(make_model(), callbacks.SampleGrid(tmp_path, num_samples=4), epochs=1)
    assert names(tmp_path) == ["epoch-0001.png", "notes.txt"]


def test_a_run_resumed_by_initial_epoch_goes_on(tmp_path):
    model = make_model()
    fit(model, callbacks.SampleGrid(tmp_path, num_samples=4), epochs=1)
    fit(model, callbacks.SampleGrid(tmp_path, num_samples=4), epochs=3, initial_epoch=1)
    assert names(tmp_path) == [f"epoch-000{number}.png" for number in (1, 2, 3)]


def test_a_run_resumed_from_a_backup_goes_on(tmp_path):
    def watchers():
        backup = callbacks.BackupAndRestore(tmp_path / "backup", delete_checkpoint=False)
        return backup, callbacks.SampleGrid(tmp_path / "pictures", num_samples=4)

    fit(make_model(), *watchers(), epochs=2)
    fit(make_model(), *watchers(), epochs=3)
    assert names(tmp_path / "pictures") == [f"epoch-000{number}.png" for number in (1, 2, 3)]


def test_a_notebook_shows_the_pictures(monkeypatch):
    shown = []
    ipython = types.ModuleType("IPython")
    ipython.get_ipython = lambda: types.SimpleNamespace(kernel=object())
    ipython.display = types.ModuleType("IPython.display")
    ipython.display.display = shown.append
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", ipython.display)
    fit(make_model(), callbacks.SampleGrid(num_samples=4), callbacks.LatentSnapshots(X), epochs=2)
    assert [type(figure) for figure in shown] == [plots.Picture] * 4
    assert shown[-1].get_suptitle() == "After epoch 2"


@pytest.mark.parametrize(
    ("make", "argument"),
    [
        (lambda: callbacks.SampleGrid(), "folder"),
        (lambda: callbacks.LatentSnapshots(X), "folder"),
        (lambda: callbacks.SampleGrid("a", every=0), "every must be an integer >= 1; got 0"),
        (lambda: callbacks.LatentSnapshots(X, folder="a", every=0), "every must be an integer"),
        (lambda: callbacks.SampleGrid("a", every=1.5), "every must be an integer >= 1; got 1.5"),
        (lambda: callbacks.SampleGrid("a", num_samples=0), "num_samples must be an integer"),
        (lambda: callbacks.SampleGrid("a", seed=0.5), "seed must be an integer >= 0; got 0.5"),
        (lambda: callbacks.LatentSnapshots(X, folder="a", seed=-1), "seed must be an integer >= 0"),
        (lambda: callbacks.LatentSnapshots(X[:0], folder="a"), "x must"),
        (lambda: callbacks.LatentSnapshots(X, LABELS[:3], "a"), "labels"),
    ],
)
def test_bad_arguments_are_refused(make, argument, monkeypatch):
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    with pytest.raises((TypeError, ValueError), match=argument):
        make()
