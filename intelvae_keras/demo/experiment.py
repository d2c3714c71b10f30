"""Trains and measures the two models of the demo under one schedule."""

import dataclasses
import shutil
import time
from pathlib import Path

import keras
import numpy as np
from tqdm import tqdm

from intelvae_keras import callbacks, datasets, metrics, presets
from intelvae_keras._engine import whole_files
from intelvae_keras.demo import results
from intelvae_keras.demo.results import Result, Settings

ORDINARY, INTEL = "ordinary VAE", "InteL-VAE"
PRESETS = {ORDINARY: "mnist01-vae", INTEL: "mnist01-clusters"}


def run(settings: Settings, folder: Path) -> dict[str, Result]:
    """Measures of both models, trained; what a killed run left in the folder is used.

    Returns:
        A dict from name to `Result`, which also lies in the folder.
    """
    _discard_other_settings(settings, folder)
    (x_train, y_train), (x_test, _) = datasets.load("mnist01")
    print(f"MNIST-01: {len(x_train):,} training and {len(x_test):,} test images of 0s and 1s")
    classifier = _classifier(x_train, y_train, settings, folder)
    measured = {}
    for name in (ORDINARY, INTEL):
        vae, history, seconds = _train(name, x_train, x_test, settings, folder)
        measured[name] = _measure(vae, classifier, x_test, history, seconds, settings)
    results.write(measured, settings, folder)
    return measured


def _discard_other_settings(settings, folder):
    """Removes the models of a run with other settings, which is said in settings.json."""
    folder.mkdir(parents=True, exist_ok=True)
    state, wanted = folder / "settings.json", dataclasses.asdict(settings)
    if results.saved(state) == wanted:
        return
    if state.exists():
        print(f"{folder} holds a run with other settings, which this one replaces")
    for stale in [*folder.glob("*.keras"), *folder.glob("backup-*")]:
        shutil.rmtree(stale) if stale.is_dir() else stale.unlink()
    results.save(wanted, state)


def load(name: str, folder: Path) -> keras.Model:
    """The trained model of this name."""
    return keras.saving.load_model(_path(name, folder))


def _path(name, folder):
    return folder / f"{name.replace(' ', '-').lower()}.keras"


def _classifier(x_train, y_train, settings, folder):
    path = folder / "classifier.keras"
    if path.exists():
        return keras.saving.load_model(path)
    print("Training the judge, a classifier of 0s and 1s")
    classifier = metrics.train_classifier(x_train, y_train, seed=settings.seed)
    with whole_files.replacing(path) as new:
        classifier.save(new)
    return classifier


def _train(name, x_train, x_test, settings, folder):
    """Trains one model, or goes on where a killed run was; (model, history, seconds)."""
    path, record = _path(name, folder), folder / f"history-{_path(name, folder).stem}.json"
    if path.exists() and (kept := results.saved(record)):
        return keras.saving.load_model(path), *kept
    recipe = presets.recipe(PRESETS[name], seed=settings.seed, epochs=settings.epochs)
    recipe.fit["callbacks"] += [
        _Record(record),
        callbacks.BackupAndRestore(folder / f"backup-{path.stem}"),
        _ProgressBar(name),
    ]
    # Validation is for the learning curves; nothing is chosen by it.
    recipe.model.fit(x_train, validation_data=(x_test, None), verbose=0, **recipe.fit)
    recipe.model.save(path)
    return recipe.model, *results.saved(record)


def _measure(vae, classifier, x_test, history, seconds, settings):
    bound = vae.log_likelihood(x_test, num_samples=settings.likelihood_samples)
    samples = vae.sample(settings.prior_samples, seed=settings.seed)
    return Result(
        log_likelihood=float(np.mean(bound)),
        standard_error=float(np.std(bound) / np.sqrt(len(bound))),
        uncertain=metrics.uncertain_fraction(samples, classifier),
        seconds=seconds,
        history=history,
    )


class _Record(keras.callbacks.Callback):
    """Keeps history and training time in a file, so that a resumed run has all of it."""

    def __init__(self, path):
        super().__init__()
        self.path = path

    def on_epoch_begin(self, epoch, logs=None):
        self._start = time.perf_counter()
        self._seconds = 0.0

    def on_test_begin(self, logs=None):
        self._seconds = time.perf_counter() - self._start  # validation is not training

    def on_epoch_end(self, epoch, logs=None):
        history, seconds = ({}, 0.0)
        if epoch > 0:
            history, seconds = results.saved(self.path) or (history, seconds)
        for key, value in logs.items():
            history[key] = [*history.get(key, [])[:epoch], float(value)]
        results.save([history, seconds + self._seconds], self.path)


class _ProgressBar(keras.callbacks.Callback):
    """One line per model, where Keras has two per epoch."""

    def __init__(self, name):
        super().__init__()
        self.name = name

    def on_epoch_begin(self, epoch, logs=None):
        if not hasattr(self, "bar"):
            self.bar = tqdm(
                total=self.params["epochs"], initial=epoch, desc=f"{self.name:>12}", unit="epoch"
            )

    def on_epoch_end(self, epoch, logs=None):
        self.bar.set_postfix_str(f"test ELBO {logs['val_elbo']:.1f} nats")
        self.bar.update()

    def on_train_end(self, logs=None):
        self.bar.close()
