"""Surfaces follow what is annotated, also where they were begun for nothing."""

from __future__ import annotations

import pytest
from S2VNetSlicerLib.scene.surfaces import CLOSED_SURFACE
from S2VNetSlicerLib.workflow.surfaces import Surfaces


@pytest.fixture
def surfaces(presenter, begin):
    """Those of two classes, where the segmentation has some as by Slicer's button."""
    begin(presenter, live=True)
    found = Surfaces(presenter, lambda there: None)
    found.wanted = None
    presenter.workspace.mirror.node.CreateClosedSurfaceRepresentation()
    found.poll()
    assert not found.busy, "they have just been made"
    yield found
    found.close()


def surface(presenter, id):
    segment = presenter.workspace.scene.GetNodeByID(presenter.state.segmentation).GetSegmentation()
    return segment.GetSegment(id).GetRepresentation(CLOSED_SURFACE)


def follow(surfaces):
    surfaces.poll()
    while surfaces.busy:
        surfaces.poll()


def test_they_follow_a_run(presenter, surfaces, draw):
    id = presenter.state.selected
    before = surface(presenter, id)
    draw(presenter, 5, (30, 40), (34, 44))
    presenter.wait()
    follow(surfaces)
    assert surface(presenter, id) is not before


def test_what_was_begun_for_nothing_is_made_when_the_segmentation_is_back(
    presenter, surfaces, draw
):
    id, segmentation = presenter.state.selected, presenter.state.segmentation
    before = surface(presenter, id)
    draw(presenter, 5, (30, 40), (34, 44))
    presenter.wait()
    surfaces.poll()
    assert surfaces.busy
    assert presenter.choose_segmentation(None)
    follow(surfaces)
    assert presenter.choose_segmentation(segmentation)
    presenter.wait()
    follow(surfaces)
    assert surface(presenter, id) is not before
