"""Strokes become voxels: all that are near, one layer deep, on any grid."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from S2VNetSlicerLib.volumes.geometry import Geometry
from S2VNetSlicerLib.workflow.strokes import nearest_axis, stroke_voxels
from scipy.spatial.transform import Rotation

SHAPE = (9, 14, 12)
angles = st.tuples(*[st.floats(-180, 180)] * 3)
sides = st.tuples(*[st.floats(0.4, 4)] * 3)
inside = st.tuples(st.floats(0, 11), st.floats(0, 13), st.floats(0, 8))


def grid_of(angle, spacing) -> Geometry:
    affine = np.eye(4)
    rotation = Rotation.from_euler("xyz", angle, degrees=True).as_matrix()
    affine[:3, :3] = rotation @ np.diag(spacing)
    affine[:3, 3] = 5, -30, 80
    return Geometry(SHAPE, affine)


def mask_of(voxels) -> np.ndarray:
    mask = np.zeros(SHAPE, bool)
    mask[tuple(voxels.T)] = True
    return mask


def centres(grid) -> np.ndarray:
    k, j, i = np.indices(SHAPE)
    return grid.ijk_to_ras_points(np.stack([i, j, k], -1).reshape(-1, 3))


def away(points, grid, direction) -> np.ndarray:
    """Distance, mm, of every voxel centre from the polyline, seen along ``direction``."""
    flat = np.eye(3) - np.outer(direction, direction)
    ends = points[1:] if len(points) > 1 else points
    nearest = np.full(np.prod(SHAPE), np.inf)
    for a, b in zip(points @ flat, ends @ flat, strict=False):
        offset, line = centres(grid) @ flat - a, b - a
        share = np.clip(offset @ line / max(line @ line, 1e-12), 0, 1)
        nearest = np.minimum(nearest, np.linalg.norm(offset - np.outer(share, line), axis=1))
    return nearest.reshape(SHAPE)


@settings(max_examples=40, deadline=None)
@given(angles, sides, st.lists(inside, min_size=1, max_size=4), st.floats(0, 6), st.integers(0, 2))
def test_a_stroke_in_a_slice_is_every_voxel_of_that_slice_that_is_near(
    angle, spacing, ijk, radius, axis
):
    grid = grid_of(angle, spacing)
    ijk = np.array(ijk)
    ijk[:, 2 - axis] = z = min(int(ijk[0, 2 - axis]), SHAPE[axis] - 1)
    points = grid.ijk_to_ras_points(ijk)
    direction = grid.ijk_to_ras[:3, 2 - axis] / np.linalg.norm(grid.ijk_to_ras[:3, 2 - axis])
    found = mask_of(stroke_voxels(grid, points, radius, axis))
    for same in (direction, -direction):
        assert np.array_equal(found, mask_of(stroke_voxels(grid, points, radius, axis, same)))
    there = np.zeros(SHAPE, bool)
    np.moveaxis(there, axis, 0)[z] = True
    distance = away(points, grid, direction)
    assert not found[~there].any()
    assert found[there & (distance < radius - 1e-4)].all()
    under = np.floor(np.round(ijk, 6) + 0.5).astype(int)[:, ::-1]
    assert found[tuple(under.T)].all()
    rest = found & ~mask_of(under)
    assert (distance[rest] <= radius + 1e-4).all()


@settings(max_examples=30, deadline=None)
@given(angles, sides, angles, inside, st.floats(2, 6))
def test_an_oblique_view_gets_one_layer_without_holes(angle, spacing, view, ijk, radius):
    grid = grid_of(angle, spacing)
    normal = Rotation.from_euler("xyz", view, degrees=True).as_matrix()[:, 2]
    point = grid.ijk_to_ras_points(np.array([ijk]))
    found = mask_of(stroke_voxels(grid, point, radius, 0, normal))
    steps = np.abs(normal @ grid.ijk_to_ras[:3, :3])
    if np.sort(steps)[-1] - np.sort(steps)[-2] < 1e-3:
        return  # two directions are equally good
    if steps[2] / np.linalg.norm(grid.ijk_to_ras[:3, 2]) > np.cos(np.deg2rad(2.1)):
        return  # a view that is hardly tilted lies in the slices
    across = nearest_column(steps)
    extra = mask_of(np.floor(np.round(np.array([ijk]), 6) + 0.5).astype(int)[:, ::-1])
    assert (found & ~extra).sum(axis=across).max(initial=0) <= 1
    plane = np.abs((centres(grid) - point) @ normal).reshape(SHAPE)
    near = away(point, grid, normal) < radius - 1e-4
    assert found[near & (plane < steps.max() / 2 - 1e-4)].all()
    assert (plane[found & ~extra] <= steps.max() / 2 + 1e-4).all()


def nearest_column(steps) -> int:
    return 2 - int(steps.argmax())


def test_a_click_between_two_slices_takes_one_of_them():
    grid = grid_of((20, 30, 40), (0.7, 0.7, 5.0))
    for offset in (2.5 - 1e-9, 2.5, 2.5 + 1e-9):
        point = grid.ijk_to_ras_points(np.array([[5, 6, offset]]))
        found = stroke_voxels(grid, point, 2.0, 0)
        assert set(found[:, 0]) == {3}
        assert len(found) > 10


def test_a_click_far_from_the_centre_of_a_thick_slice_marks_it():
    grid = grid_of((0, 0, 0), (1, 1, 4.0))
    point = grid.ijk_to_ras_points(np.array([[5, 6, 3.4]]))
    assert set(stroke_voxels(grid, point, 0.1, 0)[:, 0]) == {3}


def test_nothing_outside_is_marked():
    grid = grid_of((0, 0, 0), (1, 1, 1))
    assert len(stroke_voxels(grid, np.array([[500.0, 0, 0]]), 3, 0)) == 0
    corner = grid.ijk_to_ras_points(np.array([[-1.0, 0, 0]]))
    found = stroke_voxels(grid, corner, 1.2, 0)
    assert found.tolist() == [[0, 0, 0]]


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_the_axis_is_the_one_that_a_view_looks_along(axis):
    grid = grid_of((25, -10, 60), (0.5, 2, 3))
    normal = grid.ijk_to_ras[:3, 2 - axis] + np.array([0.1, -0.1, 0.05])
    assert nearest_axis(grid, -normal) == axis
