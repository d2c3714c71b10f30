"""Measures of a trained model.

Those that need scikit-learn or SciPy (`linear_probe`, `train_probe`, `off_manifold` and
`two_sample_auc`) come with the extra `evaluation`.
"""

from intelvae_keras.log_likelihood import log_likelihood
from intelvae_keras.metrics.activity import active_units
from intelvae_keras.metrics.boundaries import boundary_sharpness, decoded_change
from intelvae_keras.metrics.classifier import train_classifier, uncertain_fraction
from intelvae_keras.metrics.features import load_features, train_features
from intelvae_keras.metrics.frechet import frechet_distance
from intelvae_keras.metrics.inception import inception_features
from intelvae_keras.metrics.manifold import off_manifold
from intelvae_keras.metrics.mmd import mmd
from intelvae_keras.metrics.needed import LatentsNeeded, latents_needed
from intelvae_keras.metrics.probes import ProbeResult, linear_probe, train_probe
from intelvae_keras.metrics.proportions import cluster_proportions, proportions_distance
from intelvae_keras.metrics.robustness import dropout_robustness, noise_robustness
from intelvae_keras.metrics.sparsity import hoyer_sparsity, sparsity_penalty
from intelvae_keras.metrics.two_sample import two_sample_auc

__all__ = [
    "LatentsNeeded",
    "ProbeResult",
    "active_units",
    "boundary_sharpness",
    "cluster_proportions",
    "decoded_change",
    "dropout_robustness",
    "frechet_distance",
    "hoyer_sparsity",
    "inception_features",
    "latents_needed",
    "linear_probe",
    "load_features",
    "log_likelihood",
    "mmd",
    "noise_robustness",
    "off_manifold",
    "proportions_distance",
    "sparsity_penalty",
    "train_classifier",
    "train_features",
    "train_probe",
    "two_sample_auc",
    "uncertain_fraction",
]
