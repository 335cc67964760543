"""Marks in axial, sagittal, coronal and oblique views, and what is shown first."""

from __future__ import annotations

import numpy as np
import pytest
from S2VNetSlicerLib.propagation.records import SliceResult
from scipy.spatial.transform import Rotation


def axes_of(presenter):
    """Unit vectors (RAS) along k, j, i."""
    edges = presenter.workspace.grid().ijk_to_ras[:3, :3]
    return (edges / np.linalg.norm(edges, axis=0)).T[::-1]


def world(presenter, *voxels):
    return presenter.workspace.grid().ijk_to_ras_points(np.array(voxels, float))


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_the_first_marked_view_is_the_direction(presenter, check, axis):
    presenter.add_class("femur")
    normal = axes_of(presenter)[axis]
    assert presenter.stroke(world(presenter, (28, 18, 5), (30, 20, 5)), 2.0, normal)
    presenter.wait()
    state = presenter.state
    assert (state.message, state.axis) == ("", axis)
    assert state.slices == presenter.annotation.labels.shape[axis]
    assert (state.slice_status > 0).all()
    check(presenter)


@pytest.mark.parametrize("view", ["coronal", "sagittal", "oblique"])
def test_marks_in_other_views_are_marks_on_every_slice_they_cross(presenter, begin, check, view):
    """The slices are axial: a stroke across them marks and corrects each of them."""
    first, _ = begin(presenter, live=True)
    presenter.select_class(first)
    axes = axes_of(presenter)
    turned = Rotation.from_rotvec(np.deg2rad(35) * axes[2]).apply(axes[1])
    normal = {"coronal": axes[1], "sagittal": axes[2], "oblique": turned}[view]
    before = presenter.annotation.marks_volume()
    ends = world(presenter, (30, 20, 2), (30, 20, 9))
    if view == "oblique":  # in the plane of the view
        ends[1] -= ((ends[1] - ends[0]) @ normal) * normal
    assert presenter.stroke(ends, 1.0, normal), presenter.state.message
    presenter.wait()
    assert presenter.state.message == ""
    assert presenter.state.axis == 0, "the direction stays"
    marked = np.argwhere((presenter.annotation.marks_volume() == 2) & (before != 2))
    assert len(set(marked[:, 0])) >= 4
    assert (presenter.annotation.labels[tuple(marked.T)] == 1).all(), "they are obeyed"
    to_plane = (world(presenter, *marked[:, ::-1]) - ends[0]) @ normal
    # One voxel layer: half of the widest step between neighbours, seen along the normal.
    thick = np.abs(normal @ presenter.workspace.grid().ijk_to_ras[:3, :3]).max()
    assert np.abs(to_plane).max() <= thick / 2 + 1e-6
    for z in set(marked[:, 0]):
        assert presenter.state.slice_status[z] == 2
    check(presenter)


def test_the_marked_slice_comes_first_then_its_neighbours(presenter, begin, draw):
    """Live: from the marked slice outward, each slice in the scene as soon as it is finished."""
    begin(presenter, live=True)
    order = []
    take = presenter.runs.take

    def note(item):
        if isinstance(item, SliceResult):
            order.append(item.z)
        take(item)

    presenter.runs.take = note
    draw(presenter, 5, (20, 28), (24, 32))
    seen = []
    while presenter.tick() or not presenter.idle:
        seen.append(np.flatnonzero(presenter.state.slice_status).tolist())
    order = list(dict.fromkeys(order))  # planes across them change most slices once more
    assert order[0] == 5
    assert set(order) == set(range(12))
    up, down = ([z for z in order if z > 5], [z for z in order if z < 5])
    assert up == sorted(up)
    assert down == sorted(down, reverse=True)
    assert sorted({len(reached) for reached in seen}) == list(range(1, 13)), "one after the other"
