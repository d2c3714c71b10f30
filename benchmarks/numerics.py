"""Every mapping x likelihood x posterior x precision, trained on extreme data: are ELBO and gradients finite?

    python -m benchmarks.numerics                 # all 1,080 models, some hours on one core
    python -m benchmarks.numerics --sample 60     # so many of them, drawn by --seed

Each model, a tiny network, is trained on five kinds of data at two learning rates, 2,000 steps each. Then the
script looks at the weights, and at the loss and the gradients of one more batch. Results of single models lie
in runs/numerics: a killed run goes on where it was.
"""

import argparse
import itertools
import pathlib

import keras
import numpy as np
import tensorflow as tf

from benchmarks.claims.runner import read, run_jobs
from intelvae_keras import InteLVAE, likelihoods, mappings, networks
from intelvae_keras._engine import finite, fused_adam

FOLDER = pathlib.Path("runs")
NUM_ROWS, WIDTH = 32, 4
MAPPINGS = {
    "none": (2, lambda: None),
    "Clusters line": (1, lambda: mappings.Clusters(3, learn_proportions=True)),
    "Clusters plane": (2, lambda: mappings.Clusters(5, learn_proportions=True)),
    "Clusters power": (1, lambda: mappings.Clusters(2, power=0.5)),
    "Circle": (2, mappings.Circle),
    "FigureEight": (2, mappings.FigureEight),
    "Star": (2, mappings.Star),
    "TwoRings": (2, mappings.TwoRings),
    "Sphere": (3, mappings.Sphere),
    "Torus": (4, mappings.Torus),
    "Sparse": (3, lambda: mappings.Sparse(hidden=[4])),
    "Threshold": (2, mappings.Threshold),
    "Hierarchical": (2, lambda: mappings.Hierarchical([1, 1], hidden=[4])),
    "Linear": (2, lambda: mappings.Linear(np.eye(2), trainable=True)),
    "Function": (2, lambda: mappings.Function(keras.ops.tanh)),
}
LIKELIHOODS = {
    "bernoulli": (1, likelihoods.Bernoulli),
    "continuous bernoulli": (1, likelihoods.ContinuousBernoulli),
    "gaussian": (1, likelihoods.Gaussian),
    "gaussian predicted": (2, lambda **kw: likelihoods.Gaussian("predicted", **kw)),
    "laplace": (1, likelihoods.Laplace),
    "lognormal": (1, likelihoods.LogNormal),
    "poisson": (1, likelihoods.Poisson),
    "negative binomial": (1, likelihoods.NegativeBinomial),
    "categorical": (2, lambda **kw: likelihoods.Categorical(2, **kw)),
}
POSTERIORS = ("diagonal", "full")
PRECISIONS = ("float32", "mixed_float16", "mixed_bfloat16", "float64")


def data_of(kind):
    """Extreme data, shape (NUM_ROWS, WIDTH), in {0, 1} or holes."""
    x = np.zeros((NUM_ROWS, WIDTH), "float32")
    if kind == "ones":
        x += 1
    elif kind == "one pixel":
        x[0, 0] = 1
    elif kind == "constant columns":
        x[:, ::2] = 1
    elif kind == "holes alone":
        x += np.nan
    return x


DATA = ("zeros", "ones", "one pixel", "constant columns", "holes alone")
RATES = (1e-3, 1e-2)
MODELS = list(itertools.product(MAPPINGS, LIKELIHOODS, POSTERIORS, PRECISIONS))


def model_of(mapping, likelihood, posterior):
    """A tiny compiled model, whose data may have holes."""
    latent_dim, make = MAPPINGS[mapping]
    num_parameters, make_likelihood = LIKELIHOODS[likelihood]
    vae = InteLVAE(
        latent_dim,
        encoder=networks.mlp_encoder([8]),
        mapping=make(),
        decoder=networks.mlp_decoder((WIDTH,), [8], num_parameters=num_parameters),
        likelihood=make_likelihood(missing=True),
        posterior=posterior,
        seed=0,
    )
    vae.compile("adam")
    vae.build((None, WIDTH))
    vae.optimizer.build(vae.trainable_variables)
    return vae


def jobs(sample=None, seed=0, steps=2000):
    """One job for each model, or for so many of them, drawn by the seed."""
    order = np.random.default_rng(seed).permutation(len(MODELS))[:sample]
    chosen = [MODELS[index] for index in order]
    return [
        {
            "section": "numerics",
            "name": " ".join(model).replace(" ", "-"),
            "model": list(model),
            "seed": 0,
            "steps": steps,
        }
        for model in chosen
    ]


def run(job):
    """What is not finite, of one model."""
    keras.backend.clear_session()
    return not_finite(*job["model"], job["steps"])


def not_finite(mapping, likelihood, posterior, precision, steps, kinds=DATA, rates=RATES):
    """What is not finite after so many steps on each kind of data, at each rate: a dict, empty if all is.

    The functions are compiled once; each training starts from the same first state.
    """
    keras.config.set_dtype_policy(precision)
    keras.utils.set_random_seed(0)
    vae = model_of(mapping, likelihood, posterior)
    variables = [*vae.variables, *vae.optimizer.variables]
    first = [np.array(variable) for variable in variables]

    @tf.function
    def train(batch):
        for _ in tf.range(steps):
            vae.train_step((batch,))

    @tf.function
    def terms_and_gradients(batch):
        with tf.GradientTape() as tape:
            terms = vae.elbo(batch, training=True)
            loss = tf.reduce_mean(vae.negative_elbo(terms)) + terms.added_losses
        return loss, tape.gradient(loss, vae.trainable_weights)

    found = {}
    for kind, rate in itertools.product(kinds, rates):
        for variable, value in zip(variables, first, strict=True):
            variable.assign(value)
        fused_adam.innermost(vae.optimizer).learning_rate = rate
        x = data_of(kind) + (likelihood == "lognormal") * 1e-3
        batch = tf.constant(vae.check_data("x", x), vae.data_dtype)
        try:
            with finite.named(vae):
                train(batch)
        except FloatingPointError as error:
            found[f"{kind}, {rate}"] = str(error)
            continue
        loss, gradients = terms_and_gradients(batch)
        named = {"loss": loss}
        for weight, gradient in zip(vae.trainable_weights, gradients, strict=True):
            named |= {f"weight {weight.path}": weight, f"gradient {weight.path}": gradient}
        wrong = [
            name
            for name, value in named.items()
            if value is not None and not np.isfinite(tf.cast(value, "float64").numpy()).all()
        ]
        if wrong:
            found[f"{kind}, {rate}"] = ", ".join(wrong)
    return found


def main(arguments=None):
    """Runs what is asked for; prints how many were run and which were not finite."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sample", type=int, help="how many models; all by default")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args(arguments)
    wanted = jobs(given.sample, given.seed, given.steps)
    failures = run_jobs(wanted, FOLDER, given.workers, "benchmarks")
    found = [record for job in wanted if (record := read(job, FOLDER))]
    bad = [record for record in found if record["result"]]
    for record in bad:
        print(f"{record['job']['name']}: {record['result']}")
    for name, error in failures.items():
        print(f"{name} failed:\n{error}")
    trainings = len(DATA) * len(RATES)
    print(
        f"{len(found)} of {len(MODELS)} models, {trainings} trainings of {given.steps} steps each: "
        f"{len(bad)} models had one that is not finite"
    )


if __name__ == "__main__":
    main()
