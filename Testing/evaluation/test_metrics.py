"""Scores of cubes whose distances and areas are known."""

from __future__ import annotations

from math import isnan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from S2VNetSlicerLib.evaluation.metrics import boundary_contrast, score

SPACING = (3.0, 1.0, 0.5)


def cube(shape=(20, 40, 40), low=(4, 8, 8), size=(10, 20, 20)) -> np.ndarray:
    mask = np.zeros(shape, bool)
    mask[tuple(slice(a, a + n) for a, n in zip(low, size, strict=True))] = True
    return mask


@pytest.mark.parametrize(
    ("move", "mm"), [((1, 0, 0), 3.0), ((0, 2, 0), 2.0), ((0, 0, 4), 2.0), ((0, 0, 1), 0.5)]
)
def test_a_moved_cube_is_as_far_as_it_moved_in_mm(move, mm):
    reference = cube()
    moved = cube(low=tuple(a + m for a, m in zip((4, 8, 8), move, strict=True)))
    found = score(moved, reference, SPACING, tolerance=mm)
    share = np.prod([1 - m / n for m, n in zip(move, (10, 20, 20), strict=True)])
    assert found.dice == pytest.approx(share)
    assert found.hd95 == pytest.approx(mm)
    assert found.hd95_pooled == pytest.approx(mm)
    assert found.surface_dice == pytest.approx(1)
    assert score(moved, reference, SPACING, tolerance=0.9 * mm).surface_dice < 0.95


def test_equal_masks():
    found = score(cube(), cube(), SPACING, tolerance=0)
    assert (found.dice, found.hd95, found.surface_dice) == (1, 0, 1)
    assert found.reference == found.result == 4000


def test_surface_dice_weighs_area_and_not_voxels():
    """A plate of 60 x 60 mm, 2 slices of 1 mm: without one slice a face moves by 1 mm.

    Each face is 3600 mm2 and the rim 60 x 4 x height. One face of either plate is off.
    """
    reference = cube((8, 80, 80), (2, 10, 10), (2, 60, 60))
    result = cube((8, 80, 80), (2, 10, 10), (1, 60, 60))
    found = score(result, reference, (1, 1, 1), tolerance=0.5)
    near = 2 * 3600 + 240 + 240 + 120
    assert found.surface_dice == pytest.approx(near / (4 * 3600 + 480 + 240), abs=0.04)
    assert found.hd95 == pytest.approx(1)
    anisotropic = score(result, reference, (4, 1, 1), tolerance=0.5)
    near = 2 * 3600 + 4 * 240 + 4 * 240
    assert anisotropic.surface_dice == pytest.approx(near / (4 * 3600 + 12 * 240), abs=0.06)
    assert anisotropic.hd95 == pytest.approx(4)


def test_a_far_speck_counts_in_its_direction_only():
    """Half of the result's surface lies 16 to 22 mm off; all of the reference's is met."""
    reference = cube(size=(6, 6, 6))
    result = reference | cube(low=(4, 8, 30), size=(6, 6, 6))
    found = score(result, reference, (1, 1, 1))
    assert found.hd95 == pytest.approx(22, abs=0.5)
    assert found.hd95_pooled <= found.hd95
    assert found.dice == pytest.approx(2 * 216 / (3 * 216))


def test_a_mask_at_the_border_has_a_surface_there():
    full = np.ones((6, 6, 6), bool)
    half = full.copy()
    half[3:] = False
    assert score(half, full, (2, 1, 1)).hd95 == pytest.approx(6)


def test_empty_masks():
    none, some = np.zeros((4, 5, 6), bool), np.ones((4, 5, 6), bool)
    both = score(none, none, SPACING)
    assert all(isnan(x) for x in (both.dice, both.hd95, both.hd95_pooled, both.surface_dice))
    assert not both.missed
    for result, reference in ((none, some), (some, none)):
        found = score(result, reference, SPACING)
        assert (found.dice, found.surface_dice) == (0, 0)
        assert isnan(found.hd95)
        assert isnan(found.hd95_pooled)
        assert found.missed


def test_masks_of_two_shapes_are_a_mistake():
    with pytest.raises(ValueError, match="shapes"):
        score(np.ones((2, 2, 2), bool), np.ones((2, 2, 3), bool), SPACING)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), axes=st.permutations([0, 1, 2]))
def test_scores_follow_no_axis_and_no_order(seed, axes):
    rng = np.random.default_rng(seed)
    a, b = (cube((12, 12, 12), rng.integers(0, 5, 3), rng.integers(2, 7, 3)) for _ in range(2))
    spacing = tuple(rng.uniform(0.5, 4, 3).tolist())
    found, back = score(a, b, spacing), score(b, a, spacing)
    turned = score(a.transpose(axes), b.transpose(axes), tuple(spacing[n] for n in axes))
    for name in ("dice", "hd95", "hd95_pooled", "surface_dice"):
        assert getattr(back, name) == pytest.approx(getattr(found, name), abs=1e-4)
        assert getattr(turned, name) == pytest.approx(getattr(found, name), abs=1e-4)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), scale=st.floats(0.5, 3))
def test_distances_scale_with_the_voxels(seed, scale):
    rng = np.random.default_rng(seed)
    a, b = (cube((12, 12, 12), rng.integers(0, 5, 3), rng.integers(2, 7, 3)) for _ in range(2))
    found = score(a, b, (2.0, 1.0, 1.0), 2.0)
    larger = score(a, b, (2 * scale, scale, scale), 2.0 * scale + 1e-4)
    assert larger.hd95 == pytest.approx(scale * found.hd95, rel=1e-4)
    assert larger.surface_dice == pytest.approx(found.surface_dice, abs=1e-3)


def test_contrast_is_difference_over_noise():
    mask = cube()
    rng = np.random.default_rng(1)
    image = np.where(mask, 140.0, 100.0) + rng.normal(0, 10, mask.shape)
    assert boundary_contrast(image, mask) == pytest.approx(4, rel=0.05)
    far = image.copy()
    far[:, :2] = 1000  # what lies elsewhere does not matter
    assert boundary_contrast(far, mask) == boundary_contrast(image, mask)
    assert boundary_contrast(100 + 0 * image, mask) == 0
    assert isnan(boundary_contrast(image, np.zeros_like(mask)))
    assert isnan(boundary_contrast(image, np.ones_like(mask)))
