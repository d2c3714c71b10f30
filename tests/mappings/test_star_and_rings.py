"""`Star` and `TwoRings`: where the plane goes, and how much of the prior's mass."""

import keras
import numpy as np
import pytest
from helpers.models import binary, small_vae

from intelvae_keras import callbacks, mappings

Y = np.random.default_rng(0).normal(size=(20_000, 2)).astype("float32")


def values(tensor):
    return keras.ops.convert_to_numpy(tensor)


@pytest.mark.parametrize("num_rays", [2, 3, 5, 8])
def test_every_point_goes_to_its_ray_which_carries_an_equal_part_of_the_prior(num_rays):
    star = mappings.Star(num_rays)
    z, ray = values(star(Y)), values(star.ray(Y))
    angles = np.pi / 2 + (2 * np.arange(num_rays) + 1) * np.pi / num_rays
    np.testing.assert_allclose(star.ray_angles(), angles, rtol=1e-6)
    units = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    across = z[:, 0] * units[ray, 1] - z[:, 1] * units[ray, 0]
    np.testing.assert_allclose(across, 0, atol=1e-5)
    assert (np.sum(z * units[ray], axis=1) >= -1e-6).all()
    fractions = np.bincount(ray, minlength=num_rays) / len(Y)
    np.testing.assert_allclose(fractions, 1 / num_rays, atol=0.02)
    # The nearest ray by angle, found without the mapping:
    nearest = np.argmax(Y @ units.T, axis=1)
    assert np.mean(nearest == ray) > 0.9999


def test_deep_inside_a_sector_the_place_on_the_ray_is_the_projection():
    star = mappings.Star(4, width=1e-3)
    unit = np.array([np.cos(np.pi * 3 / 4), np.sin(np.pi * 3 / 4)])
    y = np.float32([[-1.0, 2.0], [-0.3, 0.4], [-2.0, 1.9]])
    np.testing.assert_allclose(star(y), (y @ unit)[:, None] * unit, rtol=1e-5)


def test_the_boundaries_and_the_origin_go_to_the_origin():
    star = mappings.Star(3)
    angles = np.pi / 2 + 2 * np.pi * np.arange(3) / 3
    boundaries = 1.7 * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    z = values(star(np.concatenate([boundaries, [[0, 0]]]).astype("float32")))
    np.testing.assert_allclose(z, 0, atol=1e-4)


def test_turning_y_by_one_sector_turns_z():
    star = mappings.Star(5)
    angle = 2 * np.pi / 5
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    turned = values(star((Y[:500] @ turn).astype("float32")))
    np.testing.assert_allclose(turned, values(star(Y[:500])) @ turn, atol=2e-4)


@pytest.mark.slow
def test_folding_moves_a_star_from_the_identity_to_its_form():
    vae = small_vae(mapping=mappings.Star(3), compile=False)
    vae.compile("adam", run_eagerly=True)
    seen = []

    class Look(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            seen.append(float(values(vae.mapping.current_fold)))
            if len(seen) == 1:
                np.testing.assert_allclose(vae.mapping(Y[:9]), Y[:9])

    fold = callbacks.Folding(epochs=2)
    vae.fit(binary(32), epochs=3, batch_size=8, callbacks=[fold, Look()], verbose=0)
    np.testing.assert_allclose(seen, [*np.arange(8) / 8, 1, 1, 1, 1])


def test_folding_without_a_star_is_refused():
    with pytest.raises(ValueError, match="Folding needs a mappings.Star"):
        small_vae().fit(binary(8), callbacks=[callbacks.Folding(epochs=1)], verbose=0)


def test_half_of_the_prior_lies_on_each_ring():
    rings = mappings.TwoRings()
    radius = np.linalg.norm(values(rings(Y)), axis=1)
    ring = values(rings.ring(Y))
    assert np.mean(ring) == pytest.approx(0.5, abs=0.02)
    far = np.abs(np.linalg.norm(Y, axis=1) - np.sqrt(2 * np.log(2))) > 0.1
    np.testing.assert_allclose(radius[far], 1.0 + ring[far], rtol=1e-5)
    assert np.mean(~far) < 0.15


def test_rings_keep_the_angle_and_have_the_radii_asked_for():
    rings = mappings.TwoRings(inner=0.5, outer=4.0)
    np.testing.assert_allclose(
        rings(np.float32([[0.3, 0.4], [3.0, 4.0]])), [[0.3, 0.4], [2.4, 3.2]], rtol=1e-5
    )
    rings.outer = 2.0
    np.testing.assert_allclose(rings(np.float32([[3.0, 4.0]])), [[1.2, 1.6]], rtol=1e-5)


@pytest.mark.parametrize("make", [lambda: mappings.Star(4), mappings.TwoRings])
def test_latents_beyond_the_second_pass_unchanged(make):
    y = np.random.default_rng(1).normal(size=(50, 5)).astype("float32")
    z = values(make()(y))
    np.testing.assert_array_equal(z[:, 2:], y[:, 2:])
    np.testing.assert_allclose(z[:, :2], make()(y[:, :2]), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("bad", [1, 0, -3])
def test_a_star_of_fewer_than_two_rays_is_refused(bad):
    with pytest.raises(ValueError, match=f"num_rays must be an integer >= 2; got {bad}"):
        mappings.Star(bad)


@pytest.mark.parametrize("name", ["inner", "outer", "width"])
def test_rings_refuse_sizes_that_are_not_positive(name):
    with pytest.raises(ValueError, match=f"{name} must be a finite number > 0; got 0"):
        mappings.TwoRings(**{name: 0})
