"""Clicks and strokes in slice views, of Slicer's application and of any other VTK window."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .volumes import matrix_to_array

PRIORITY = 10.0  # views and widgets observe at 0 to 1
EVENTS = (
    "LeftButtonPressEvent",
    "LeftButtonDoubleClickEvent",
    "LeftButtonReleaseEvent",
    "MouseMoveEvent",
    "LeaveEvent",
    "MouseWheelForwardEvent",
    "MouseWheelBackwardEvent",
    "MouseWheelLeftEvent",  # what some systems make of Shift and wheel
    "MouseWheelRightEvent",
    "KeyPressEvent",
)
RADII = 0.1, 100.0  # mm
LARGER = ("MouseWheelForwardEvent", "MouseWheelLeftEvent", "plus", "equal")
SMALLER = ("MouseWheelBackwardEvent", "MouseWheelRightEvent", "minus", "underscore")
STEPS = {**dict.fromkeys(LARGER, 1.2), **dict.fromkeys(SMALLER, 0.8)}  # as Paint's brush
OPPOSITE = 0.25, 0.55, 1.0  # colour of the brush when it draws background
ERASER = 1.0, 1.0, 1.0

STROKE, OUTLINE, BOX = "stroke", "outline", "box"
"""What a drag draws: a line as wide as the brush, a closed line, a rectangle along the view."""

OnStroke = Callable[[np.ndarray, np.ndarray, bool, bool], object]


class MarkTool:
    """Clicks and strokes in slice views become calls of ``on_stroke``.

    ``on_stroke(points, normal, negative, erase)`` gets the stroke in world RAS, mm, [N, 3] (a
    click: N = 1) and the unit normal [3] of the view. The left button draws, with Ctrl the
    opposite of ``negative``; with Shift or Alt it stays the view's own. Escape abandons a stroke.
    Shift + wheel, + and - change the radius, as in Slicer's Paint, which ``on_change()`` tells. All
    of this and the brush only while ``enabled``; whatever else happens in a view is left to it.

    A stroke belongs to the slice that the view showed, not to one that it was about to show: a view
    that has moved since it was last drawn goes back when the button goes down. ``on_press`` is told
    the vtkMRMLSliceNode of the view then.

    ``radius`` (mm) is that of the brush circle, ``colour`` (r, g, b) that of its marks. ``shape``
    is one of STROKE, OUTLINE and BOX; the points of the latter two are corners of what they
    enclose, and less than three of them are no outline.
    """

    def __init__(
        self,
        on_stroke: OnStroke,
        *,
        on_change: Callable[[], object] | None = None,
        on_press: Callable[[Any], object] | None = None,
    ) -> None:
        self.negative = False
        self.erase = False
        self.shape = STROKE
        self.colour = (1.0, 1.0, 0.2)  # as Paint of the Segment Editor
        self._on_stroke = on_stroke
        self._on_change, self._on_press = on_change, on_press
        self._enabled = False
        self._radius = 3.0
        self._views: list[_View] = []
        self._held: _View | None = None  # where our left button went down
        self._points: list[np.ndarray] = []  # the stroke, RAS; empty without one
        self._normal = np.zeros(3)
        self._opposite = self._negative = self._erases = False

    def attach(
        self, interactor: Any, slice_node: Any, render: Callable[[], object] | None = None
    ) -> None:
        """Listen in one slice view: its vtkRenderWindowInteractor and vtkMRMLSliceNode.

        ``render`` asks the view to draw itself again (the scheduled rendering of Slicer's and
        trame-slicer's views); without it the interactor does so at once. A view that is attached
        already is attached anew.
        """
        for view in [v for v in self._views if v.interactor is interactor]:
            self._detach(view)
        self._views.append(_View(interactor, slice_node, render or interactor.Render, self._handle))

    def detach_all(self) -> None:
        """Leave every view as it was; an unfinished stroke is abandoned."""
        for view in list(self._views):
            self._detach(view)

    @property
    def enabled(self) -> bool:
        return self._enabled

    @enabled.setter
    def enabled(self, enabled: bool) -> None:
        self._enabled = bool(enabled)
        if not enabled:
            self._points = []
            for view in self._views:
                view.hide()

    @property
    def radius(self) -> float:
        """mm, within ``RADII``."""
        return self._radius

    @radius.setter
    def radius(self, radius: float) -> None:
        self._radius = float(np.clip(radius, *RADII))
        for view in self._views:
            if view.cursor is not None:
                self._draw(view)

    def _detach(self, view: _View) -> None:
        if view is self._held:
            self._held, self._points = None, []
        self._views.remove(view)
        view.close()

    def _handle(self, view: _View, event: str) -> bool:
        """Whether the event was ours; the view's own style does not see it then."""
        if view is self._held and event in ("LeftButtonReleaseEvent", "LeftButtonDoubleClickEvent"):
            if event == "LeftButtonReleaseEvent":
                self._finish()
            return True  # also when disabled meanwhile: the style never saw the press
        if not self._enabled or event == "LeftButtonReleaseEvent":
            return False
        shift, alt = view.interactor.GetShiftKey(), view.interactor.GetAltKey()
        if event in ("LeftButtonPressEvent", "LeftButtonDoubleClickEvent"):
            if shift or alt:
                return False
            self._finish()  # its release was lost, outside the window
            self._start(view)
        elif event == "MouseMoveEvent":
            self._move(view)
            return view is self._held and bool(self._points)
        elif event.startswith("MouseWheel"):
            if not shift:
                return False
            self._resize(STEPS[event])
        elif event == "KeyPressEvent":
            key = view.interactor.GetKeySym()
            if key in STEPS:
                self._resize(STEPS[key])
                return True
            if not self._points or key != "Escape":
                return False
            self._points = []
            self._move(view)
        else:  # the cursor left
            view.hide()
            return False
        return True

    def _resize(self, factor: float) -> None:
        self.radius *= factor
        if self._on_change:
            self._on_change()

    def _start(self, view: _View) -> None:
        self._held = view
        view.go_back()
        self._normal = view.normal()
        self._opposite = bool(view.interactor.GetControlKey())
        self._negative, self._erases = self.negative != self._opposite, self.erase
        if self._on_press:
            self._on_press(view.node)
        self._points = [view.under_cursor()]
        self._move(view)

    def _move(self, view: _View) -> None:
        here = view.under_cursor()
        for other in self._views:
            if other is not view:  # not every window says that the cursor left it
                other.hide()
        if view is self._held and self._points:
            step = here - self._points[-1]
            # A view that moved to another slice in mid-stroke adds nothing.
            if step.any() and abs(step @ self._normal) < 1e-3:
                self._points = self._path(view, here)
        view.cursor = here
        self._draw(view)

    def _path(self, view: _View, here: np.ndarray) -> list[np.ndarray]:
        if self.shape != BOX:
            return [*self._points, here]
        first, along = self._points[0], view.horizontal()
        aside = ((here - first) @ along) * along
        return [first, first + aside, here, here - aside]

    def _finish(self) -> None:
        view, points = self._held, self._points
        self._held, self._points = None, []
        if view is None or not points:
            return
        self._draw(view)
        if self.shape != STROKE and len(points) < 3:
            return
        self._on_stroke(np.array(points), self._normal, self._negative, self._erases)

    def _draw(self, view: _View) -> None:
        stroke = self._points if view is self._held else []
        ctrl = self._opposite if stroke else bool(view.interactor.GetControlKey())
        negative = self.negative != ctrl
        colour = ERASER if self.erase else OPPOSITE if negative else self.colour
        if self.shape == STROKE:
            view.draw(stroke, self._radius, colour)
        else:
            view.draw([*stroke, *stroke[:1]], 0.0, colour)


class _View:
    """One slice view: its coordinates, what is drawn over it, and its events."""

    def __init__(
        self,
        interactor: Any,
        slice_node: Any,
        render: Callable[[], object],
        handle: Callable[[_View, str], bool],
    ) -> None:
        self.interactor = interactor
        self.cursor: np.ndarray | None = None  # RAS of the brush, None while it is hidden
        self.node = slice_node
        self._render = render
        self._drawn: np.ndarray | None = None  # SliceToRAS of the picture that is seen
        self._handle = handle
        self._renderer = interactor.GetRenderWindow().GetRenderers().GetFirstRenderer()
        self._stroke, self._brush = _Line(opacity=0.5), _Line(opacity=1.0)
        for line in (self._stroke, self._brush):
            self._renderer.AddViewProp(line.actor)
        self._tags = {
            event: interactor.AddObserver(event, self._observe, PRIORITY) for event in EVENTS
        }
        self._wanted: tuple[list[np.ndarray], float, tuple] | None = None
        """What is to be drawn with the next picture: of many moves of the mouse only the last."""
        self._window = interactor.GetRenderWindow()
        self._drawing = [
            self._window.AddObserver("StartEvent", self._draw_wanted),
            self._window.AddObserver("EndEvent", self._note_drawn),
        ]

    def _observe(self, _: Any, event: str) -> None:
        command = self.interactor.GetCommand(self._tags[event])
        if self._handle(self, event):
            command.AbortFlagOn()

    def close(self) -> None:
        self.hide()
        for tag in self._tags.values():
            self.interactor.RemoveObserver(tag)
        for tag in self._drawing:
            self._window.RemoveObserver(tag)
        for line in (self._stroke, self._brush):
            self._renderer.RemoveViewProp(line.actor)

    def _note_drawn(self, *_: Any) -> None:
        self._drawn = matrix_to_array(self.node.GetSliceToRAS())

    def go_back(self) -> None:
        """To the slice of the picture that is seen, if the view has left it meanwhile."""
        now = matrix_to_array(self.node.GetSliceToRAS())
        if self._drawn is None or not np.allclose(now[:3, :3], self._drawn[:3, :3]):
            return
        moved = float((self._drawn[:3, 3] - now[:3, 3]) @ self.normal())
        if abs(moved) > 1e-3:
            self.node.SetSliceOffset(self.node.GetSliceOffset() + moved)

    def normal(self) -> np.ndarray:
        """Unit vector [3] in RAS."""
        normal = matrix_to_array(self.node.GetSliceToRAS())[:3, 2]
        return normal / np.linalg.norm(normal)

    def horizontal(self) -> np.ndarray:
        """Unit vector [3] in RAS, to the right of the view."""
        return matrix_to_array(self.node.GetSliceToRAS())[:3, 0]

    def under_cursor(self) -> np.ndarray:
        """RAS [3], mm, where the last event happened."""
        x, y = self.interactor.GetEventPosition()
        # The slice node counts device pixels from the corner of the renderer, as events do from
        # that of the window; both are the same but for windows with several renderers.
        left, bottom = (self.interactor.FindPokedRenderer(x, y) or self._renderer).GetOrigin()
        return (matrix_to_array(self.node.GetXYToRAS()) @ [x - left, y - bottom, 0, 1])[:3]

    def hide(self) -> None:
        if self.cursor is not None:
            self.cursor = self._wanted = None
            self._stroke.set(np.empty((0, 2)))
            self._brush.set(np.empty((0, 2)))
            self._render()

    def draw(self, stroke: list[np.ndarray], radius: float, colour: tuple) -> None:
        """The stroke (RAS points) as wide as the brush, and the brush at the cursor."""
        self._wanted = stroke, radius, colour
        self._render()

    def _draw_wanted(self, *_: Any) -> None:
        if self._wanted is None:
            return
        (stroke, radius, colour), self._wanted = self._wanted, None
        to_xy = np.linalg.inv(matrix_to_array(self.node.GetXYToRAS()))
        axes = matrix_to_array(self.node.GetSliceToRAS())[:3, :2]
        axes = radius * axes / np.linalg.norm(axes, axis=0)
        angle = np.linspace(0, 2 * np.pi, 65)
        circle = np.stack([np.cos(angle), np.sin(angle)], 1) @ axes.T
        brush = np.empty((0, 3)) if self.cursor is None else self.cursor + circle
        path = np.reshape(stroke, (-1, 3))
        pixels = float(np.linalg.norm(to_xy[:2, :3] @ axes[:, 0]))
        self._brush.set(brush @ to_xy[:2, :3].T + to_xy[:2, 3], colour)
        self._stroke.set(path @ to_xy[:2, :3].T + to_xy[:2, 3], colour, max(2.0, 2 * pixels))


class _Line:
    """A polyline [N, 2] in pixels of a renderer."""

    def __init__(self, opacity: float) -> None:
        from vtkmodules.vtkCommonDataModel import vtkPolyData
        from vtkmodules.vtkRenderingCore import vtkActor2D, vtkPolyDataMapper2D

        self._data = vtkPolyData()
        mapper = vtkPolyDataMapper2D()
        mapper.SetInputData(self._data)
        self.actor = vtkActor2D()
        self.actor.SetMapper(mapper)
        self.actor.PickableOff()
        self.actor.VisibilityOff()
        self.actor.GetProperty().SetOpacity(opacity)

    def set(self, points: np.ndarray, colour: tuple | None = None, width: float = 1.0) -> None:
        from vtkmodules.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray
        from vtkmodules.vtkCommonCore import vtkPoints
        from vtkmodules.vtkCommonDataModel import vtkCellArray

        places, cells, count = vtkPoints(), vtkCellArray(), len(points)
        places.SetData(numpy_to_vtk(np.pad(points, ((0, 0), (0, 1))).astype(float), deep=True))
        line = np.array([0, count]), np.arange(count)
        cells.SetData(*(numpy_to_vtkIdTypeArray(part, deep=True) for part in line))
        self._data.Initialize()
        self._data.SetPoints(places)
        self._data.SetLines(cells)
        self.actor.SetVisibility(len(points) > 1)
        self.actor.GetProperty().SetLineWidth(width)
        if colour:
            self.actor.GetProperty().SetColor(*colour)
