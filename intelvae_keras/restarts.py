"""Several trainings from different initial weights, of which the best is kept."""

from typing import NamedTuple

import keras

from intelvae_keras._engine import checks
from intelvae_keras.model import InteLVAE


class Best(NamedTuple):
    """What `best_of` returns."""

    model: InteLVAE  # of the run with the highest ELBO
    run: int  # which run that was, from 0
    elbos: list  # of each run on the training data, in nats per example


def best_of(make_model, x, num_runs=3, seed=0, callbacks=None, after_run=None, **fit_arguments):
    """Trains a model several times and keeps the run with the highest ELBO on the training data.

    What a VAE makes of its latents depends on the initial weights: which cluster of the data settles in
    which part, or whether one part is left empty. The ELBO tells runs apart without labels and without
    held-out data; it need not prefer the run that you would.

    ```python
    def make_model(seed):
        encoder, decoder = networks.mlp_encoder([256]), networks.mlp_decoder((28, 28, 1), [256])
        vae = InteLVAE(1, encoder=encoder, mapping=mappings.Clusters(2), decoder=decoder)
        vae.compile("adam")
        return vae

    best = restarts.best_of(make_model, x_train, num_runs=3, epochs=5)
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
        **fit_arguments: Further arguments of `InteLVAE.fit`, such as `epochs` and `batch_size`.

    Returns:
        A `Best`. The ELBO is at beta = 1, estimated with one sample of y per example.

    Raises:
        TypeError: If `make_model` returns something else, or `callbacks` is not a function.
        ValueError: If `num_runs` < 1, `seed` < 0, or no run ends with a finite ELBO.
    """
    checks.integer("num_runs", num_runs, minimum=1)
    checks.integer("seed", seed, minimum=0)
    if callbacks is not None and not callable(callbacks):
        raise TypeError(
            "callbacks must be a function of the seed that returns a list, since callbacks keep a "
            f"state over a run; got {type(callbacks).__name__}."
        )
    batch_size = fit_arguments.get("batch_size")
    best, elbos = None, []
    for run in range(num_runs):
        run_seed = seed + 1000 * run
        keras.utils.set_random_seed(run_seed)
        model = make_model(run_seed)
        if not isinstance(model, InteLVAE):
            raise TypeError(f"make_model must return an InteLVAE; got {type(model).__name__}.")
        model.fit(x, callbacks=callbacks(run_seed) if callbacks else None, **fit_arguments)
        terms = model.evaluate(x, batch_size=batch_size, verbose=0, return_dict=True)
        elbos.append(float(terms["elbo"]))
        if after_run is not None:
            after_run(model, elbos[-1])
        # NaN, of a run that diverged, is never larger.
        if elbos[-1] > (float("-inf") if best is None else best.elbos[best.run]):
            best = Best(model, run, elbos)
    if best is None:
        raise ValueError(f"no run of make_model ended with a finite ELBO: {elbos}.")
    return best
