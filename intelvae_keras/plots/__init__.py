"""Figures only: every function draws, and returns a figure or the axes it was given.

The figures are plain `matplotlib.figure.Figure`s that pyplot does not know of: they need no `show`
and no `close`, change no setting, and vanish with their last reference. In a notebook, end the cell
with the call (or use `display`); in a script, write `plots.samples(vae).savefig("samples.png")`.
A function with an `ax` draws on it, in place of a figure of its own, and returns it.
"""

from intelvae_keras.plots.curves import learning_curves
from intelvae_keras.plots.diagram import model_diagram
from intelvae_keras.plots.image_grids import image_grid, reconstructions, samples
from intelvae_keras.plots.latents import latent_histograms, latent_scatter
from intelvae_keras.plots.mapping_plots import mapping_curve, mapping_plane
from intelvae_keras.plots.structure_plot import structure
from intelvae_keras.plots.style import PALETTE, Picture
from intelvae_keras.plots.sweeps import latent_plane, latent_sweep, latent_sweeps

__all__ = [
    "PALETTE",
    "Picture",
    "image_grid",
    "latent_histograms",
    "latent_plane",
    "latent_scatter",
    "latent_sweep",
    "latent_sweeps",
    "learning_curves",
    "mapping_curve",
    "mapping_plane",
    "model_diagram",
    "reconstructions",
    "samples",
    "structure",
]
