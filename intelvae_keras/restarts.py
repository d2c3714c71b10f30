"""Several trainings from different initial weights, of which the best is kept."""

import warnings
import weakref
from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import numpy as np

from intelvae_keras._engine import checks, owners
from intelvae_keras.model import InteLVAE


class Best(NamedTuple):
    """The best of several trainings, as `best_of` returns it."""

    model: InteLVAE  # of the run with the highest value of the criterion
    run: int  # which run that was, from 0
    elbos: list[float]  # of each run on the training data, in nats per example
    values: list[float]  # of the criterion for each run; the ELBOs if none was given


def best_of(
    make_model: Callable[[int], InteLVAE],
    x: np.ndarray,
    num_runs: int = 3,
    seed: int = 0,
    callbacks: Callable[[int], list] | None = None,
    after_run: Callable[[InteLVAE, float], Any] | None = None,
    criterion: Callable[[InteLVAE, np.ndarray], float] | None = None,
    **fit_arguments: Any,
) -> Best:
    """Best of several trainings of a model, by default that with the highest training ELBO.

    What a VAE makes of its latents depends on the initial weights: which cluster of the data settles in
    which part, or whether one part is left empty. The ELBO tells runs apart without labels and without
    held-out data. It need not prefer the run that you would: with learned proportions it may prefer two
    clusters merged in one part. `metrics.boundary_sharpness` chose right there more often, in a study of
    MNIST-01 (`docs/clusters-study.md`).

    ```python
    def make_model(seed):
        vae = InteLVAE(
            1,
            encoder=networks.mlp_encoder([256]),
            mapping=mappings.Clusters(2, learn_proportions=True),
            decoder=networks.mlp_decoder((28, 28, 1), [256]),
        )
        vae.compile("adam")
        return vae

    best = restarts.best_of(make_model, x, criterion=metrics.boundary_sharpness, epochs=5)
    best.model.sample(16)
    ```

    Args:
        make_model: A function of a seed that returns a compiled `InteLVAE`. Before each call
            `keras.utils.set_random_seed` is called with that seed, so it may leave it unused.
        x: Training data, an array of shape (N, *shape).
        num_runs: Number of runs, >= 1.
        seed: Integer >= 0; run r has the seed `seed + 1000 r`.
        callbacks: A function of the seed that returns the callbacks of that run, which have a state
            of their own (and a folder, if they write); None for none.
        after_run: Called as after_run(model, elbo) after each run, for what else is to be known of it.
        criterion: A function of the trained model and x that returns a number, larger for a better run;
            None for the ELBO on the training data.
        **fit_arguments: Further arguments of `InteLVAE.fit`, such as `epochs` and `batch_size`.

    Returns:
        A `Best`. The ELBO is at beta = 1, estimated with one sample of y per example. A run that turned
        NaN has the ELBO and the value NaN, and a warning says why.

    Raises:
        TypeError: If `make_model` returns something else, `callbacks` or `criterion` is not a function,
            or `criterion` does not return a number.
        ValueError: If `num_runs` < 1, `seed` < 0, two runs train the same layers, or no run ends with a
            finite value of the criterion.
    """
    checks.function("make_model", make_model, "of a seed that returns a compiled InteLVAE")
    if isinstance(make_model, keras.Model):
        raise TypeError(
            "make_model must be a function of a seed that returns a new model, since each run needs its own; "
            "got a model."
        )
    num_runs = checks.integer("num_runs", num_runs, minimum=1)
    seed = checks.integer("seed", seed, minimum=0)
    if callbacks is not None and not callable(callbacks):
        raise TypeError(
            "callbacks must be a function of the seed that returns a list, since callbacks keep a "
            f"state over a run; got {type(callbacks).__name__}."
        )
    if criterion is not None:
        checks.function("criterion", criterion, "of the model and x")
    if after_run is not None:
        checks.function("after_run", after_run, "of the model and its ELBO")
    batch_size = fit_arguments.get("batch_size")
    best, elbos, values = None, [], []
    seen: weakref.WeakSet = weakref.WeakSet()  # the layers of the runs
    for run in range(num_runs):
        run_seed = seed + 1000 * run
        keras.utils.set_random_seed(run_seed)
        model = make_model(run_seed)
        if not isinstance(model, InteLVAE):
            raise TypeError(f"make_model must return an InteLVAE; got {type(model).__name__}.")
        owners.require_new_layers(model, seen, "make_model")
        try:
            model.fit(x, callbacks=callbacks(run_seed) if callbacks else None, **fit_arguments)
        except FloatingPointError as error:  # the other runs may end well
            warnings.warn(f"Run {run} failed. {error}", stacklevel=2)
            elbos.append(np.nan)
            values.append(np.nan)
            continue
        terms = model.evaluate(x, batch_size=batch_size, verbose=0, return_dict=True)
        elbos.append(float(terms["elbo"]))
        if after_run is not None:
            after_run(model, elbos[-1])
        values.append(elbos[-1] if criterion is None else _number(criterion(model, x)))
        if np.isfinite(values[-1]) and (best is None or values[-1] > best.values[best.run]):
            best = Best(model, run, elbos, values)
    if best is None:
        name = "ELBO" if criterion is None else "value of the criterion"
        raise ValueError(f"no run of make_model ended with a finite {name}: {values}.")
    return best


def _number(value):
    if np.ndim(value) != 0 or isinstance(value, str | bytes) or value is None:
        raise TypeError(f"criterion must return a number; got {value!r}.")
    return float(value)
