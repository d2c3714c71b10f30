"""Measures of a trained model."""

from intelvae_keras.metrics.log_likelihood import log_likelihood

__all__ = ["log_likelihood"]
