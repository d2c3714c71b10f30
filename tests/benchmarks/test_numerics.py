"""A sample of the matrix of `benchmarks/numerics.py`: each part of it at least once."""

import pytest

from benchmarks import numerics

SAMPLE = [
    ("none", "gaussian predicted", "full", "float32"),
    ("Clusters line", "bernoulli", "diagonal", "mixed_float16"),
    ("Clusters plane", "categorical", "full", "float32"),
    ("Clusters power", "poisson", "diagonal", "float64"),
    ("Circle", "laplace", "full", "mixed_bfloat16"),
    ("FigureEight", "continuous bernoulli", "full", "float32"),
    ("Star", "negative binomial", "diagonal", "float32"),
    ("TwoRings", "lognormal", "full", "mixed_float16"),
    ("Sphere", "gaussian", "full", "float64"),
    ("Torus", "bernoulli", "diagonal", "mixed_bfloat16"),
    ("Sparse", "continuous bernoulli", "diagonal", "float32"),
    ("Threshold", "lognormal", "diagonal", "float32"),
    ("Hierarchical", "poisson", "full", "mixed_float16"),
    ("Linear", "laplace", "diagonal", "float32"),
    ("Function", "negative binomial", "full", "float64"),
]
PARTS = (numerics.MAPPINGS, numerics.LIKELIHOODS, numerics.POSTERIORS, numerics.PRECISIONS)


@pytest.mark.slow
@pytest.mark.parametrize("model", SAMPLE, ids=" ".join)
def test_extreme_data_train_to_finite_numbers(model):
    assert numerics.not_finite(*model, steps=2000, rates=[1e-2]) == {}


def test_the_sample_has_each_part():
    for index, parts in enumerate(PARTS):
        assert {model[index] for model in SAMPLE} == set(parts)
