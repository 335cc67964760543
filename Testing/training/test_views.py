"""Geometry and grey values of an episode: one resampling, fields that are smooth, filters that
keep what they should."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from S2VNetSlicerLib.training.fields import blur, low_resolution, smooth_field
from S2VNetSlicerLib.training.spatial import (
    Warp,
    needed,
    random_grid,
    resample_image,
    resample_labels,
    resample_nearest,
)
from S2VNetSlicerLib.training.synthesis import augment, contrast, synthesise
from S2VNetSlicerLib.training.tissues import head_tissues
from scipy import ndimage as ndi

STILL = Warp(rotation=0, stretch=0, elastic=0, drift=0, flips=False)


def block(seed: int, shape=(4, 40, 50), structures=3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    field = ndi.gaussian_filter(rng.standard_normal(shape), (1, 4, 4))
    edges = np.quantile(field, np.linspace(0.4, 1, structures + 1)[:-1])
    labels = np.searchsorted(edges, field).astype(np.uint8)
    return (labels * 60 + 10).astype(np.uint8), labels


def grid(seed: int, slices=4, size=48, zoom=1.0, warp: Warp | None = None):
    rng = np.random.default_rng(seed)
    return random_grid(rng, slices, size, (19.5, 24.5), (zoom, zoom), warp or Warp())


def test_without_motion_pixels_stay_where_they_are() -> None:
    image, labels = block(0)
    rows, columns = grid(0, size=40, warp=STILL)
    window = slice(5, 45)
    np.testing.assert_allclose(resample_image(image, rows, columns), image[:, :, window], atol=1e-3)
    np.testing.assert_array_equal(resample_labels(labels, rows, columns, 3), labels[:, :, window])
    np.testing.assert_array_equal(resample_nearest(labels, rows, columns), labels[:, :, window])


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), zoom=st.floats(0.5, 2.5))
@example(seed=9208, zoom=1.0442586832822713)
def test_image_and_labels_move_together(seed: int, zoom: float) -> None:
    image, labels = block(seed)
    rows, columns = grid(seed, zoom=zoom)
    seen = resample_labels(labels, rows, columns, 3)
    grey = resample_image(image, rows, columns)
    assert seen.shape == grey.shape == (4, 48, 48)
    assert seen.dtype == np.uint8
    assert set(np.unique(seen)) <= set(np.unique(labels))
    # Of one label alone: a mixture of two may be as bright as a third.
    pure = np.abs(resample_image(image.astype(np.float32) ** 2, rows, columns) - grey**2) < 1
    assert pure.any()
    assert (np.rint((grey[pure] - 10) / 60) == seen[pure]).all()
    inside = grey > 5
    assert np.abs(seen[inside] - (grey[inside] - 10) / 60).max() <= 2.01


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), zoom=st.floats(0.5, 2.5))
def test_the_box_read_is_enough(seed: int, zoom: float) -> None:
    image, labels = block(seed)
    rows, columns = grid(seed, zoom=zoom)
    box = needed(rows, columns, image.shape[1:])
    inner = rows - box[0].start, columns - box[1].start
    cut = image[:, box[0], box[1]], labels[:, box[0], box[1]]
    whole = resample_image(image, rows, columns)
    np.testing.assert_allclose(resample_image(cut[0], *inner), whole, atol=0.05)
    same = resample_labels(cut[1], *inner, 3) == resample_labels(labels, rows, columns, 3)
    assert same.mean() > 0.999


def test_enlarged_labels_have_smooth_borders() -> None:
    y, x = np.mgrid[:24, :24] - 11.5
    disc = (np.hypot(y, x) < 7).astype(np.uint8)[None]
    rows, columns = random_grid(np.random.default_rng(0), 1, 72, (11.5, 11.5), (3.0, 3.0), STILL)
    smooth = resample_labels(disc, rows, columns, 1)[0]
    blocky = resample_nearest(disc, rows, columns)[0]
    y, x = np.mgrid[:72, :72] - 35.5
    ideal = np.hypot(y, x) < 7 * 3
    assert (smooth != ideal).sum() < 0.9 * (blocky != ideal).sum()


def test_far_outside_is_background() -> None:
    image, labels = block(1)
    rows, columns = (np.full((1, 8, 8), 1000.0, np.float32) for _ in "yx")
    assert not resample_image(image, rows, columns).any()
    assert not resample_labels(labels, rows, columns, 3).any()
    assert not resample_nearest(labels, rows, columns).any()


def test_no_flip_unless_allowed() -> None:
    """The map from pixels to source keeps its handedness."""
    signs = set()
    for seed in range(60):
        for flips in (False, True):
            warp = Warp(rotation=0.3, elastic=0, drift=0, flips=flips)
            rows, columns = grid(seed, slices=1, warp=warp)
            down = rows[0, 1, 0] - rows[0, 0, 0], columns[0, 1, 0] - columns[0, 0, 0]
            right = rows[0, 0, 1] - rows[0, 0, 0], columns[0, 0, 1] - columns[0, 0, 0]
            signs.add((flips, bool(down[0] * right[1] - down[1] * right[0] > 0)))
    assert signs == {(False, True), (True, True), (True, False)}


@pytest.mark.parametrize("shape", [(8, 96, 96), (1, 30, 50), (6, 1, 2)])
@pytest.mark.parametrize("cells", [(1, 1), (3, 5)])
def test_fields_are_smooth_and_of_unit_variance(shape, cells) -> None:
    rng = np.random.default_rng(0)
    fields = np.stack([smooth_field(rng, shape, cells) for _ in range(200)])
    assert fields.shape[1:] == shape
    assert fields.dtype == np.float32
    assert fields.std() == pytest.approx(1, abs=0.2)
    if shape[1] > 10:
        steps = np.abs(np.diff(fields, axis=2))
        assert steps.max() < 6 * cells[1] / shape[1] * 2.5


def test_low_resolution_keeps_the_mean_and_drops_detail() -> None:
    rng = np.random.default_rng(0)
    image = rng.uniform(0, 255, (3, 60, 48)).astype(np.float32)
    for factor in (1.2, 2.0, 2.7):
        seen = low_resolution(image, factor)
        assert seen.shape == image.shape
        assert seen.mean() == pytest.approx(image.mean(), abs=4)
        assert seen.std() < 0.8 * image.std()
    flat = np.full((2, 50, 50), 80, np.float32)
    np.testing.assert_allclose(low_resolution(flat, 2.3), flat, rtol=1e-4)


def test_blur_stays_in_its_plane() -> None:
    image = np.zeros((3, 31, 31), np.float32)
    image[1, 15, 15] = 100
    seen = blur(image, 1.0)
    assert not seen[[0, 2]].any()
    assert seen.sum() == pytest.approx(100, rel=1e-3)
    assert seen[1, 15, 15] == pytest.approx(100 / (2 * np.pi), rel=0.1)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_augmented_images_stay_in_range(seed: int) -> None:
    rng = np.random.default_rng(seed)
    image = rng.uniform(0, 255, (4, 40, 40)).astype(np.float32)
    before = image.copy()
    seen = augment(image, rng)
    assert seen.shape == image.shape
    assert seen.dtype == np.float32
    assert np.isfinite(seen).all()
    assert seen.min() >= 0
    assert seen.max() <= 255
    np.testing.assert_array_equal(image, before)


def test_augmentation_keeps_structures_apart() -> None:
    """What is clearly visible mostly stays so."""
    _, labels = block(3, (4, 64, 64), 2)
    image = np.array([30, 120, 220], np.float32)[labels]
    kept = 0
    for seed in range(50):
        seen = augment(image, np.random.default_rng(seed))
        kept += abs(seen[labels == 1].mean() - seen[labels == 2].mean()) > 20
    assert kept >= 45


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), thick=st.sampled_from([1, 3]))
def test_synthesised_images(seed: int, thick: int) -> None:
    _, labels = block(seed, (4 * thick, 32, 32))
    seen = synthesise(labels, np.random.default_rng(seed), head_tissues([0, 2, 41, 3]), thick)
    assert seen.shape == (4, 32, 32)
    assert seen.dtype == np.float32
    assert 0 <= seen.min() <= seen.max() <= 255


def test_left_and_right_look_alike() -> None:
    ids = [0, 2, 3, 4, 41, 42, 43]
    for seed in range(30):
        mean, deviation = contrast(np.random.default_rng(seed), len(ids), head_tissues(ids))
        assert np.abs(mean[[1, 2, 3]] - mean[[4, 5, 6]]).max() < 8
        assert (deviation > 0).all()


def test_contrasts_vary() -> None:
    """White matter is now brighter, now darker than cortex."""
    means = np.array(
        [contrast(np.random.default_rng(s), 3, head_tissues([0, 2, 3]))[0] for s in range(80)]
    )
    brighter = (means[:, 1] > means[:, 2]).mean()
    assert 0.25 < brighter < 0.75
