"""Measures of a trained model."""

from intelvae_keras.metrics.activity import active_units
from intelvae_keras.metrics.classifier import train_classifier, uncertain_fraction
from intelvae_keras.metrics.log_likelihood import log_likelihood
from intelvae_keras.metrics.sparsity import hoyer_sparsity

__all__ = [
    "active_units",
    "hoyer_sparsity",
    "log_likelihood",
    "train_classifier",
    "uncertain_fraction",
]
