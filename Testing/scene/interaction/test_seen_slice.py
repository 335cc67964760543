"""A stroke belongs to the slice that was seen, whatever waits behind a busy server."""

from __future__ import annotations

import pytest
from S2VNetSlicerLib.scene.belonging import shown_volumes
from S2VNetSlicerLib.scene.interaction import MarkTool


def test_a_view_that_moved_unseen_goes_back_to_the_picture(view, mouse, tool, strokes, request):
    from trame_slicer.views.render_scheduler import DirectRendering, NoScheduleRendering

    node = view.get_view_node()
    view.render()
    seen = node.GetSliceOffset()
    view.set_scheduled_render(NoScheduleRendering())
    request.addfinalizer(lambda: view.set_scheduled_render(DirectRendering()))
    node.SetSliceOffset(seen + 10)  # the wheel was handled, but nothing was drawn yet
    mouse("LeftButtonPressEvent", (150, 100))
    mouse("MouseMoveEvent", (160, 100))
    mouse("LeftButtonReleaseEvent", (160, 100))
    points, normal, *_ = strokes[-1]
    assert points @ normal == pytest.approx([seen] * len(points), abs=1e-3)
    assert node.GetSliceOffset() == pytest.approx(seen)


def test_a_view_that_was_drawn_is_marked_where_it_is(view, mouse, tool, strokes):
    node = view.get_view_node()
    there = node.GetSliceOffset() + 10
    node.SetSliceOffset(there)
    view.render()
    mouse.drag([(150, 100), (160, 100)])
    points, normal, *_ = strokes[-1]
    assert points @ normal == pytest.approx([there] * len(points), abs=1e-3)


def test_what_is_drawn_is_settled_at_the_press(view, mouse, tool, strokes):
    mouse("LeftButtonPressEvent", (150, 100))
    tool.negative = tool.erase = True
    mouse("LeftButtonReleaseEvent", (150, 100))
    assert strokes[-1][2:] == (False, False)


def test_the_view_of_the_press_is_told(views, room, strokes):
    pressed = []
    tool = MarkTool(lambda *stroke: strokes.append(stroke), on_press=pressed.append)
    view = views[1]
    tool.attach(view.interactor(), view.get_view_node())
    tool.enabled = True
    view.interactor().SetEventInformation(150, 100, 0, 0)
    view.interactor().InvokeEvent("LeftButtonPressEvent")
    tool.detach_all()
    assert pressed == [view.get_view_node()]
    assert shown_volumes(pressed[0]) == (room.volume.GetID(),)
