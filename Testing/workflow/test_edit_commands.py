"""Outlines, clicks, the plain brush and a class made tidy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from S2VNetSlicerLib.propagation.settings import MarkingSettings, SessionSettings
from S2VNetSlicerLib.volumes.geometry import Geometry
from S2VNetSlicerLib.workflow.outlines import (
    HOLES,
    LARGEST,
    SMOOTH,
    core_and_ring,
    enclosed,
    meant_by_click,
    tidied,
)

MARKING = MarkingSettings()
GRID = Geometry((8, 40, 50), np.diag([-1.0, -1.0, 3.0, 1.0]))


@given(st.integers(0, 7), st.integers(2, 18), st.integers(2, 18), st.integers(2, 20))
@settings(deadline=None, max_examples=30)
def test_a_rectangle_encloses_its_voxels_in_every_plane(z, low, left, size):
    corners = [
        (z, low - 0.4, left - 0.4),
        (z, low - 0.4, left + size),
        (z, low + size, left + size),
    ]
    corners.append((z, low + size, left - 0.4))
    for axis in range(3):
        kji = np.roll(np.array(corners), axis, axis=1)
        shape = tuple(np.roll(np.array([8, 40, 50]), axis))
        grid = Geometry(shape, GRID.ijk_to_ras)
        normal = np.zeros(3)
        normal[2 - axis] = 1.0
        found, index, inside = enclosed(grid, grid.ijk_to_ras_points(kji[:, ::-1]), normal)
        assert (found, index) == (axis, z)
        expected = np.zeros((8, 40, 50), bool)
        expected[z, low : low + size, left : left + size] = True
        expected = expected.transpose(*((np.arange(3) - axis) % 3))
        assert np.array_equal(inside, np.take(expected, z, axis))


def test_the_core_is_inside_and_the_ring_outside():
    rows, columns = np.indices((40, 50))
    inside = np.hypot(rows - 20, columns - 25) < 10
    core, ring = core_and_ring(inside, (1.0, 1.0), MARKING)
    assert core[20, 25]
    assert not (core & ~(np.hypot(rows - 20, columns - 25) < 6)).any()
    assert not (ring & inside).any()
    assert 20 < ring.sum() < 120


def test_a_click_means_the_piece_that_looks_like_it():
    rng = np.random.default_rng(0)
    image = rng.normal(0, 8, (60, 60))
    rows, columns = np.indices(image.shape)
    ball, other = (np.hypot(rows - 30, columns - c) < 9 for c in (20, 45))
    image[ball | other] += 120
    found = meant_by_click(image, (30, 20), (1.0, 1.0), "CT", MARKING)
    assert (found & ball).sum() > 0.6 * ball.sum()
    assert not (found & ~ball).any()
    assert not meant_by_click(rng.normal(0, 300, (60, 60)), (5, 5), (1.0, 1.0), "CT", MARKING).all()


def test_a_class_is_made_tidy():
    labels = np.zeros((5, 20, 20), np.uint8)
    labels[:, 4:14, 4:14] = 1
    labels[:, 8, 8] = 0
    labels[2, 6, 6] = 2
    labels[2, 17, 17] = 1
    spacing = (1.0, 1.0, 1.0)
    largest = tidied(labels, 1, LARGEST, 0, spacing, 3.0)
    assert not largest[2, 17, 17]
    filled = tidied(labels, 1, HOLES, 0, spacing, 3.0)
    assert (filled[:, 8, 8] == 1).all()
    smooth = tidied(labels, 1, SMOOTH, 0, spacing, 3.0)
    assert (smooth[:, 8, 8] == 1).all()
    assert not smooth[2, 17, 17]
    for found in (largest, filled, smooth):
        assert found[2, 6, 6] == 2, "another class keeps its voxels"


@pytest.fixture
def two(presenter):
    """A presenter with two classes, the second one locked, whose strokes go nowhere."""
    presenter.runs.configure(live=False)
    ids = [presenter.add_class("first"), presenter.add_class("second")]
    presenter.select_class(ids[0])
    presenter.lock_class(ids[1], True)
    return presenter


def around(presenter, z, low, high):
    """A square outline from voxel ``low`` to ``high`` in both directions, and the normal."""
    grid = presenter.workspace.grid()
    corners = [(low, low), (high, low), (high, high), (low, high)]
    points = np.array([(x, y, z) for x, y in corners], float)
    return grid.ijk_to_ras_points(points), grid.ijk_to_ras[:3, 2] / np.linalg.norm(
        grid.ijk_to_ras[:3, 2]
    )


def test_what_is_drawn_by_hand_is_obeyed_and_one_undo_takes_it_back(two, check):
    points, normal = around(two, 4, 9.6, 20.4)
    assert two.paint(points, 1.0, normal, fill=True), two.state.message
    drawn = two.annotation.labels[4] == 1
    assert drawn[10:21, 10:21].all()
    assert drawn.sum() == 121
    assert np.array_equal(two.annotation.prompts(4) == 2, drawn)
    check(two)
    assert two.propagate()
    two.wait()
    assert (two.annotation.labels[4][drawn] == 1).all()
    assert two.undo()
    assert two.undo()
    assert not two.annotation.labels.any()
    check(two)


def test_the_eraser_takes_only_the_selected_class_and_locks_hold(two, check):
    first, second = (row.id for row in two.state.classes)
    points, normal = around(two, 4, 9.6, 20.4)
    two.paint(points, 1.0, normal, fill=True)
    two.lock_class(second, False)
    two.select_class(second)
    beside, _ = around(two, 4, 21.6, 25.4)
    two.paint(beside, 1.0, normal, fill=True)
    two.lock_class(second, True)
    two.select_class(first)
    over, _ = around(two, 4, 15.6, 25.4)
    assert two.paint(over, 1.0, normal, fill=True, erase=True), two.state.message
    labels = two.annotation.labels[4]
    assert not (labels[16:21, 16:21] == 1).any()
    assert (labels[22:26, 22:26] == 2).all()
    assert two.paint(over, 1.0, normal, fill=True)
    assert (two.annotation.labels[4][22:26, 22:26] == 2).all(), "a lock holds"
    check(two)


def test_an_outline_marks_its_core_and_the_background_around_it(two, check):
    points, normal = around(two, 4, 9.6, 30.4)
    assert two.outline(points, normal), two.state.message
    two.wait()
    marks = two.annotation.prompts(4)
    assert marks[20, 20] == 2
    assert marks[8, 20] == 1
    assert not (marks[10:31, 10:31] == 1).any()
    assert not (marks == 2)[:12].any()
    check(two)


def test_a_click_is_enough(two):
    grid = two.workspace.grid()
    point = grid.ijk_to_ras_points(np.array([[30.0, 20.0, 5.0]]))
    normal = grid.ijk_to_ras[:3, 2] / np.linalg.norm(grid.ijk_to_ras[:3, 2])
    assert two.stroke(point, 1.0, normal, click=True)
    two.wait()
    z = two.state.slice
    meant = int((two.annotation.prompts(z) == 2).sum())
    assert two.undo()
    assert two.stroke(point, 1.0, normal)
    disc = int((two.annotation.prompts(z) == 2).sum())
    assert meant > 3 * disc
    two.wait()
    before = two.annotation.prompts(z).copy()
    assert two.stroke(point + 3 * grid.ijk_to_ras[:3, 0], 1.0, normal, click=True)
    added = (two.annotation.prompts(z) != before).sum()
    assert added <= disc, "where the class is there already, a click is a small correction"


def test_tidying_leaves_accepted_slices(two, check):
    points, normal = around(two, 4, 9.6, 20.4)
    two.paint(points, 1.0, normal, fill=True)
    far, _ = around(two, 4, 30.6, 32.4)
    two.paint(far, 1.0, normal, fill=True)
    assert two.accept(4)
    assert not two.tidy(LARGEST)
    assert two.state.message == "Nothing is to be changed."
    assert two.undo()
    assert two.tidy(LARGEST), two.state.message
    assert not (two.annotation.labels[4][31:33, 31:33]).any()
    assert (two.annotation.prompts(4)[31:33, 31:33] == 1).all(), "obeyed as a mark of background"
    check(two)


def test_how_marks_are_meant_is_a_setting():
    assert "marking" in SessionSettings().to_dict()
