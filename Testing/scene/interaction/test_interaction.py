"""What the events of a slice view's interactor do to strokes, and what they leave to the view."""

from __future__ import annotations

import numpy as np
import pytest
from S2VNetSlicerLib.scene.interaction import RADII, MarkTool
from S2VNetSlicerLib.scene.volumes import matrix_to_array

CENTRE = (150, 100)
PRESS, RELEASE = "LeftButtonPressEvent", "LeftButtonReleaseEvent"


def test_a_stroke_comes_once_at_its_end(mouse, tool, strokes):
    mouse("MouseMoveEvent", (90, 90))
    mouse(PRESS)
    mouse("MouseMoveEvent", (100, 90))
    mouse("MouseMoveEvent", (100, 90))
    assert not strokes
    mouse(RELEASE)
    mouse("MouseMoveEvent", (120, 90))
    mouse(RELEASE)
    assert [len(stroke[0]) for stroke in strokes] == [2]


@pytest.mark.parametrize("negative", [False, True])
@pytest.mark.parametrize("ctrl", [False, True])
def test_ctrl_draws_the_opposite(mouse, tool, strokes, negative, ctrl):
    tool.negative = negative
    mouse("MouseMoveEvent", CENTRE)
    mouse(PRESS, ctrl=ctrl)
    mouse(RELEASE)  # the key may go up first
    tool.erase = True
    mouse.drag([CENTRE], ctrl=ctrl)
    assert [stroke[2:] for stroke in strokes] == [
        (negative != ctrl, False),
        (negative != ctrl, True),
    ]


def test_the_left_button_is_swallowed_only_while_enabled(mouse, tool, strokes, seen):
    mouse.drag([CENTRE, (160, 100), (170, 100)])
    assert seen == ["MouseMoveEvent"]  # before the press: the cursor's position is the view's
    mouse("LeftButtonDoubleClickEvent")  # a quick second click, in windows that tell it so
    mouse(RELEASE)
    mouse(PRESS)
    mouse("LeftButtonDoubleClickEvent")  # and in windows that tell both
    mouse(RELEASE)
    assert seen == ["MouseMoveEvent"]
    assert len(strokes) == 3
    tool.enabled = False
    seen.clear()
    mouse.drag([CENTRE, (160, 100)])
    assert seen == ["MouseMoveEvent", PRESS, "MouseMoveEvent", RELEASE]
    assert len(strokes) == 3


def looks(room, view):
    """Everything that gestures change: where the view is and how the volume is shown."""
    display = room.volume.GetDisplayNode()
    place = matrix_to_array(view.get_view_node().GetXYToRAS()).ravel()
    return [*place, display.GetWindow(), display.GetLevel()]


DRAG = [CENTRE, (160, 110), (175, 125)]
GESTURES = {
    "window/level": lambda m: m.drag(DRAG),
    "scroll": lambda m: m("MouseWheelForwardEvent", CENTRE),
    "scroll back": lambda m: m("MouseWheelBackwardEvent", CENTRE),
    "zoom": lambda m: m("MouseWheelForwardEvent", CENTRE, ctrl=True),
    "zoom by dragging": lambda m: m.drag(DRAG, "Right"),
    "pan": lambda m: m.drag(DRAG, "Middle"),
    "pan with shift": lambda m: m.drag(DRAG, shift=True),
}


@pytest.mark.parametrize("enabled", [False, True])
@pytest.mark.parametrize("gesture", GESTURES)
def test_what_is_the_views_own_stays_so(room, views, tool, mouse, strokes, gesture, enabled):
    from slicer import vtkMRMLInteractionNode

    view, display = views[0], room.volume.GetDisplayNode()
    display.SetAutoWindowLevel(False)
    interaction = room.application.scene.GetFirstNodeByClass("vtkMRMLInteractionNode")
    interaction.SetCurrentInteractionMode(vtkMRMLInteractionNode.AdjustWindowLevel)

    def acted():
        display.SetWindowLevel(300, 150)
        view.set_orientation("Axial")
        view.fit_view_to_content()
        view.set_slice_value(25)
        before = looks(room, view)
        GESTURES[gesture](mouse)
        return before, looks(room, view)

    try:
        tool.enabled = enabled
        before, with_tool = acted()
        tool.detach_all()
        again, without = acted()
    finally:
        interaction.SetCurrentInteractionMode(vtkMRMLInteractionNode.ViewTransform)
    assert before == again
    assert without != before, "the gesture does nothing here"
    if enabled and gesture == "window/level":
        assert with_tool == before
        assert len(strokes) == 1
    else:
        assert with_tool == without
        assert not strokes


def test_alt_is_left_to_the_view(mouse, tool, strokes, seen):
    mouse.drag([CENTRE, (160, 100)], alt=True)
    assert seen == ["MouseMoveEvent", PRESS, "MouseMoveEvent", RELEASE]
    assert not strokes


def test_escape_abandons_a_stroke(mouse, tool, strokes, seen):
    mouse("MouseMoveEvent", CENTRE)
    mouse(PRESS)
    mouse("MouseMoveEvent", (160, 100))
    seen.clear()
    mouse.key("a")
    assert seen == ["KeyPressEvent"]
    mouse.key("Escape")
    mouse(RELEASE)
    assert seen == ["KeyPressEvent"], "Escape is the tool's"
    assert not strokes
    mouse.key("Escape")
    assert seen == ["KeyPressEvent"] * 2
    mouse.drag([CENTRE])
    assert len(strokes) == 1


def test_switching_off_abandons_a_stroke(mouse, tool, strokes, seen):
    mouse("MouseMoveEvent", CENTRE)
    mouse(PRESS)
    tool.enabled = False
    mouse(RELEASE)
    assert seen == ["MouseMoveEvent"], "the style never saw the press"
    tool.enabled = True
    mouse("MouseMoveEvent", CENTRE)
    mouse(RELEASE)
    assert not strokes


def test_a_lost_release_costs_nothing(views, mouse, mouse_in, tool, strokes):
    mouse("MouseMoveEvent", CENTRE)
    mouse(PRESS)
    mouse("MouseMoveEvent", (299, 100))
    mouse(PRESS, (50, 50))
    mouse(RELEASE)
    assert [len(stroke[0]) for stroke in strokes] == [2, 1]
    mouse(PRESS)
    mouse_in(views[1].interactor()).drag([CENTRE])
    assert len(strokes) == 4
    assert abs(strokes[2][1] @ strokes[3][1]) < 1e-9


def test_a_view_that_moves_on_adds_nothing_from_the_other_slice(view, mouse, tool, strokes):
    mouse("MouseMoveEvent", CENTRE)
    mouse(PRESS)
    mouse("MouseMoveEvent", (160, 100))
    start = view.get_slice_value()
    view.set_slice_value(start + 2)
    mouse("MouseMoveEvent", (170, 100))
    view.set_slice_value(start)
    mouse("MouseMoveEvent", (180, 100))
    mouse(RELEASE)
    points = strokes[0][0]
    assert len(points) == 3
    np.testing.assert_allclose(points[:, 2], start)


def test_the_radius_changes_as_that_of_paint(views, mouse):
    told = []
    tool = MarkTool(lambda *_: None, on_change=lambda: told.append(tool.radius))
    tool.attach(views[0].interactor(), views[0].get_view_node())
    where = views[0].get_slice_value()
    tool.radius = 2
    mouse("MouseWheelForwardEvent", CENTRE, shift=True)
    assert told == []
    tool.enabled = True
    mouse("MouseWheelForwardEvent", CENTRE, shift=True)
    mouse("MouseWheelBackwardEvent", CENTRE, shift=True)
    mouse("MouseWheelRightEvent", CENTRE, shift=True)
    assert views[0].get_slice_value() == where
    mouse("MouseWheelForwardEvent", CENTRE)
    for key in ("plus", "minus", "space"):
        mouse.key(key)
    np.testing.assert_allclose(told, 2 * np.cumprod([1.2, 0.8, 0.8, 1.2, 0.8]))
    tool.enabled = False
    mouse.key("plus")
    assert len(told) == 5
    tool.enabled = True
    for radius, kept in ((-1, RADII[0]), (1e9, RADII[1])):
        tool.radius = radius
        assert tool.radius == kept
    tool.detach_all()


def test_views_that_schedule_their_rendering_are_asked_to(view, mouse):
    asked = []
    tool = MarkTool(lambda *_: None)
    tool.attach(view.interactor(), view.get_view_node(), lambda: asked.append(1))
    mouse("MouseMoveEvent", CENTRE)
    assert not asked
    tool.enabled = True
    mouse("MouseMoveEvent", CENTRE)
    assert len(asked) == 1
    tool.detach_all()


def test_a_failure_in_the_callback_does_not_jam_the_tool(view, mouse, capfd):
    calls = []

    def fail(*_):
        calls.append(1)
        tool.detach_all()
        tool.attach(view.interactor(), view.get_view_node())
        raise RuntimeError("broken callback")

    tool = MarkTool(fail)
    tool.attach(view.interactor(), view.get_view_node())
    tool.enabled = True
    for _ in range(2):
        mouse.drag([CENTRE])
    tool.detach_all()
    assert len(calls) == 2
    assert "broken callback" in capfd.readouterr().err
