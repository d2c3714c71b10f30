"""Pictures of a mapping, compared with the mapping."""

import keras
import numpy as np
import pytest
from helpers.figures import (
    scattered,
)
from matplotlib.colors import to_hex

from intelvae_keras import mappings, plots


def test_mapping_curve_is_g_and_both_densities_have_their_mass():
    mapping = mappings.Clusters(2)
    curve, beside, below = plots.mapping_curve(mapping).axes
    y, z = curve.lines[0].get_data()
    expected = keras.ops.convert_to_numpy(mapping(y[:, None].astype("float32")))[:, 0]
    np.testing.assert_allclose(z, expected, rtol=1e-6)
    values, edges, _ = beside.patches[0].get_data()
    assert np.sum(values * np.diff(edges)) == pytest.approx(0.9973, abs=1e-3)  # within 3 sd
    path = below.collections[0].get_paths()[0].vertices
    assert path[:, 1].max() == pytest.approx(1 / np.sqrt(2 * np.pi), rel=1e-3)
    assert curve.get_ylabel() == "latent $z = g(y)$"


def test_mapping_plane_keeps_the_colours_of_the_parts():
    mapping = mappings.Clusters(4)
    before, after = plots.mapping_plane(mapping, num_samples=50, seed=2).axes
    y = np.random.default_rng(2).standard_normal((50, 2))
    np.testing.assert_array_equal(scattered(before), y)
    z = keras.ops.convert_to_numpy(mapping(y.astype("float32")))
    np.testing.assert_allclose(scattered(after), z, rtol=1e-5)
    parts = keras.ops.convert_to_numpy(mapping.part(keras.ops.array(y, "float32")))
    for ax in (before, after):
        colours = [to_hex(colour) for colour in ax.collections[0].get_facecolors()]
        assert colours == [plots.PALETTE[part] for part in parts]


def test_mapping_plane_bends_the_polar_mesh():
    _, after = plots.mapping_plane(mappings.Circle(), num_samples=20).axes
    radii = [np.linalg.norm(line.get_xydata(), axis=1) for line in after.lines]
    np.testing.assert_allclose(np.concatenate(radii), 1, rtol=1e-5)
    assert len(after.lines) == 15
