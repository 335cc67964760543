"""The work grid: there and back, nothing lost and nothing moved."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from S2VNetSlicerLib.propagation.inference_grid import (
    MULTIPLE,
    InferenceGrid,
    foreground_box,
    resampling,
)
from S2VNetSlicerLib.propagation.settings import GridSettings
from torch import Tensor
from torch.nn import functional as F

GRID = GridSettings()
lengths = st.integers(2, 700)
spacings = st.floats(0.2, 6)
grids = st.builds(lambda r, c, a, b: (r, c, (a, b)), lengths, lengths, spacings, spacings)


@settings(max_examples=150, deadline=None)
@given(grids)
def test_work_pixels_are_square_and_bounded(grid):
    rows, columns, spacing = grid
    fit = InferenceGrid.fit((rows, columns), spacing)
    assert fit.height % MULTIPLE == fit.width % MULTIPLE == 0
    assert max(fit.height, fit.width) <= GRID.side * GRID.keep_scale[1] + MULTIPLE
    for n, size, scale in zip((rows, columns), (fit.height, fit.width), fit.scale, strict=True):
        assert size - MULTIPLE - 1 < n * scale < size + 0.5 or size == MULTIPLE
    if fit.scale != (1.0, 1.0):
        pixel = np.divide(spacing, fit.scale)
        assert pixel[0] == pytest.approx(pixel[1])
        assert pixel[0] >= max(rows * spacing[0], columns * spacing[1]) / GRID.side * 0.999
        assert max(fit.scale) <= GRID.max_enlarged * max(spacing) / min(spacing) * 1.001


@settings(max_examples=40, deadline=None)
@given(st.integers(206, 318), st.integers(150, 206))
def test_slices_near_the_model_s_resolution_are_taken_as_they_are(rows, columns):
    fit = InferenceGrid.fit((rows, columns), (0.7, 0.7))
    assert fit.scale == (1.0, 1.0)
    image = torch.rand(2, rows, columns)
    work = fit.to_grid(image)
    assert torch.equal(work[:, :rows, :columns], image)
    assert not work[:, rows:].any()
    assert not work[:, :, columns:].any()
    masks = torch.rand(1, fit.height // 2, fit.width // 2)
    twice = F.interpolate(masks[None], scale_factor=2.0, mode="bilinear")[0]
    assert torch.allclose(fit.to_slices(masks), twice[:, :rows, :columns], atol=1e-5)


@pytest.mark.parametrize(("rows", "kept"), [(205, True), (204, False), (320, True), (325, False)])
def test_limits_of_taking_slices_as_they_are(rows, kept):
    assert (InferenceGrid.fit((rows, rows), (1, 1)).scale == (1.0, 1.0)) is kept


def blob(rows: int, columns: int, centre: tuple[float, float], width: float) -> Tensor:
    y, x = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
    squares = ((y - centre[0]) / width) ** 2 + ((x - centre[1]) / width) ** 2
    return torch.exp(-squares / 2)[None]


def centroid(image: Tensor) -> np.ndarray:
    """(row, column) of the centre of mass of an image [1, rows, columns]."""
    array = image[0].double().numpy()
    rows, columns = np.indices(array.shape)
    return np.array([(rows * array).sum(), (columns * array).sum()]) / array.sum()


places = st.tuples(st.floats(0.35, 0.65), st.floats(0.35, 0.65))
medium = st.integers(40, 500)


@settings(max_examples=60, deadline=None)
@given(medium, medium, st.floats(0.4, 2.5), places)
def test_no_shift_in_either_direction(rows, columns, ratio, place):
    """A blob stays where it is, in mm, on the way there, on the way back, and on both."""
    fit = InferenceGrid.fit((rows, columns), (1.0, ratio))
    scale = np.array(fit.scale)
    centre = (place[0] * (rows - 1), place[1] * (columns - 1))
    image = blob(rows, columns, centre, min(rows, columns) / 16)
    assume(min(rows, columns) / 16 * min(scale) > 1.5)
    start = centroid(image)
    work = fit.to_grid(image)
    there = centroid(work)
    assert np.abs((there + 0.5) / scale - 0.5 - start).max() < 0.05 * max(1, 1 / min(scale))
    masks = F.avg_pool2d(work, 2)
    back = fit.to_slices(masks)
    assert np.abs(centroid(back) - start).max() < 0.05 * max(1, 1 / min(scale))


@settings(max_examples=40, deadline=None)
@given(medium, medium, st.floats(0.5, 2), places)
def test_a_smooth_mask_survives_the_way_there_and_back(rows, columns, ratio, place):
    fit = InferenceGrid.fit((rows, columns), (1.0, ratio))
    width = min(rows, columns) / 12
    assume(width * min(fit.scale) > 4)
    mask = blob(rows, columns, (place[0] * rows, place[1] * columns), width)
    back = fit.to_slices(F.avg_pool2d(fit.to_grid(mask), 2))
    assert (back - mask).abs().max() < 0.12
    assert abs(float((back > 0.5).sum() / (mask > 0.5).sum()) - 1) < 0.2


def test_a_constant_slice_stays_constant_up_to_its_border():
    for rows, columns in ((100, 37), (512, 400)):
        fit = InferenceGrid.fit((rows, columns), (1, 1))
        work = fit.to_grid(torch.full((1, rows, columns), 7.0))
        inside = work[0, : int(rows * fit.scale[0]), : int(columns * fit.scale[1])]
        assert torch.allclose(inside, torch.tensor(7.0), atol=1e-4)
        masks = torch.full((1, fit.height // 2, fit.width // 2), 0.7)
        assert torch.allclose(fit.to_slices(masks), torch.tensor(0.7), atol=1e-5)


@settings(max_examples=100, deadline=None)
@given(grids, st.randoms(use_true_random=False))
def test_every_mark_survives_and_stays_in_place(grid, random):
    rows, columns, spacing = grid
    fit = InferenceGrid.fit((rows, columns), spacing)
    assume(fit.scale[0] * rows > 0.5 and fit.scale[1] * columns > 0.5)
    y, x, value = random.randrange(rows), random.randrange(columns), random.randrange(1, 7)
    marks = np.zeros((rows, columns), np.uint8)
    marks[y, x] = value
    work = fit.marks_to_grid(marks)
    assert work.shape == (fit.height, fit.width)
    assert work.dtype == np.uint8
    assert set(np.unique(work)) == {0, value}
    for found, place, scale, size in zip(
        np.nonzero(work), (y, x), fit.scale, work.shape, strict=True
    ):
        # Where the pixel begins and ends on the work grid; at least one work pixel.
        assert found.min() >= min(np.floor(place * scale), size - 1)
        assert found.max() <= max(place + 1, 0) * scale
        assert len(np.unique(found)) >= np.floor(scale)


def test_enlarged_marks_have_no_gaps_also_when_the_other_axis_shrinks():
    """A coronal slice of thick axial slices."""
    fit = InferenceGrid.fit((60, 512), (5.0, 0.7))
    assert fit.scale[0] > 2
    assert fit.scale[1] < 1
    marks = np.full((60, 512), 2, np.uint8)
    work = fit.marks_to_grid(marks)
    rows, columns = round(60 * fit.scale[0]), round(512 * fit.scale[1])
    assert (work[:rows, :columns] == 2).all()


def test_where_marks_meet_in_a_work_pixel_the_structure_wins():
    fit = InferenceGrid.fit((1024, 1024), (1, 1))
    marks = np.ones((1024, 1024), np.uint8)
    marks[::4, ::4] = 3
    assert (fit.marks_to_grid(marks)[:256, :256] == 3).all()


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 300), st.floats(0.1, 4))
def testresampling_weights_are_means_of_near_pixels(source, scale):
    assume(source * scale >= 1)
    inside = int(np.ceil(source * scale))
    target = inside + 40
    weights = resampling(source, target, scale)
    assert weights.shape == (target, source)
    assert (weights >= 0).all()
    place = (np.arange(target) + 0.5) / scale - 0.5
    beyond = place > source - 0.5 + 1e-6
    total = weights.sum(1).numpy()
    assert not total[beyond].any()
    assert np.allclose(total[place < source - 0.5 - 1e-6], 1, atol=1e-5)
    reach = max(1.0, 1 / scale)
    far = np.abs(np.clip(place, 0, source - 1)[:, None] - np.arange(source)) > reach + 1e-6
    assert not weights.numpy()[far].any()
    # No source pixel is skipped.
    assert (weights[:inside].sum(0) > 0).all()


def testresampling_by_one_is_the_identity_and_by_two_is_bilinear():
    assert torch.equal(resampling(5, 5, 1.0), torch.eye(5))
    plane_prompts = torch.tensor([[[0.0, 3, 1, 4]]])
    expected = F.interpolate(plane_prompts, scale_factor=2.0, mode="linear")
    assert torch.allclose(resampling(4, 8, 2.0) @ plane_prompts[0, 0], expected[0, 0], atol=1e-6)


# ---- the box around the body ---------------------------------------------------------------------

boxes = st.tuples(st.integers(0, 40), st.integers(1, 80), st.integers(0, 40), st.integers(1, 80))


@settings(max_examples=60, deadline=None)
@given(boxes, st.floats(0.4, 4), st.floats(0.4, 4))
def test_a_box_is_what_the_grid_of_the_cut_slice_shows(at, down, across):
    top, rows, left, columns = at
    box = slice(top, top + rows), slice(left, left + columns)
    shape = (top + rows + 7, left + columns + 3)
    fit = InferenceGrid.fit(shape, (down, across), box)
    alone = InferenceGrid.fit((rows, columns), (down, across))
    slices = torch.rand(2, *shape)
    assert torch.equal(fit.to_grid(slices), alone.to_grid(slices[:, *box]))
    marks = np.random.default_rng(1).integers(0, 3, shape).astype(np.uint8)
    assert (fit.marks_to_grid(marks) == alone.marks_to_grid(marks[box])).all()
    masks = torch.rand(2, fit.height // 2, fit.width // 2)
    back = fit.to_slices(masks)
    assert back.shape[1:] == shape
    assert torch.equal(back[:, *box], alone.to_slices(masks))
    back[:, *box] = 0
    assert not back.any()


def head(rows: int = 200, columns: int = 160) -> np.ndarray:
    """Noisy air with a bright head in rows 60 to 120 and columns 30 to 100."""
    slices = np.random.default_rng(2).uniform(0, 8, (5, rows, columns))
    slices[:, 60:120, 30:100] += 150
    slices[2, 3, 5] = 255  # a speck
    return slices


def test_air_is_left_out_and_specks_are_no_body():
    box = foreground_box(head(), (0, 255))
    assert box == (
        slice(60 - GRID.margin, 120 + GRID.margin),
        slice(30 - GRID.margin, 100 + GRID.margin),
    )


def test_a_body_that_fills_the_slice_is_taken_whole():
    assert foreground_box(head()[:, 60:120, 30:100], (0, 255)) is None
    assert foreground_box(head()[:, 55:130, 25:105], (0, 255)) is None
    assert foreground_box(np.zeros((3, 50, 50)), (0, 255)) is None
