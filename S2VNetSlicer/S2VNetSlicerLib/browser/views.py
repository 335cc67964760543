"""Three slice views and one in 3D."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from ..scene.application import vtk_errors
from ..scene.interaction import PRIORITY, MarkTool
from .overlay import Overlay

GROWN = 1.05
TOGETHER = 0.01
"""Seconds for which events of a view are collected."""
BLUR_FPS = 10.0
"""Frames a second of a view without the mouse."""


def register_streaming(manager: Any, server: Any, overlay: Overlay) -> None:
    """Let ``manager`` make views that stream into the page of ``server``, under ``overlay``.

    As trame-slicer's own function, but nothing is rendered while a view is made: its dozens of
    steps each drew the window anew, in all a second and a half.
    """
    from trame_slicer.views import SliceView, ThreeDView, ViewType
    from trame_slicer.views.render_scheduler import NoScheduleRendering

    for kind, view_type, draw in (
        (SliceView, ViewType.SLICE_VIEW, overlay.slice_view),
        (ThreeDView, ViewType.THREE_D_VIEW, overlay.threed_view),
    ):
        make = partial(kind, scheduled_render_strategy=NoScheduleRendering())
        options = {"populate_view_ui_f": draw, "blur_fps": BLUR_FPS}
        manager.register_factory(_factory()(server, make, view_type, **options))


def _factory() -> Any:
    """trame-slicer's factory of views, whose events are :class:`Merged`."""
    from trame_slicer.rca_view import RemoteViewFactory
    from trame_slicer.views import SliceView

    class Factory(RemoteViewFactory):
        def _create_view(self, *definition: Any) -> Any:
            view = super()._create_view(*definition)
            turned = None
            if isinstance(view.slicer_view, SliceView):
                turned = partial(scroll, view.slicer_view)
            view.view_adapter.on_interaction = Merged(view.view_adapter.on_interaction, turned)
            return view

    return Factory


class Merged:
    """Events of the page's mouse on their way to ``handle(origin, event)``.

    While the server is busy they queue up. Where several wait, of moves without a pressed button
    only the last one counts; those of a stroke are its path. Turns of the wheel become one call of
    ``scroll(steps)``, where there is one; forward is positive.
    """

    def __init__(
        self,
        handle: Callable[[Any, Any], object],
        scroll: Callable[[int], object] | None = None,
    ) -> None:
        self._handle, self._scroll = handle, scroll
        self._waiting: list[tuple[Any, dict[str, Any]]] = []
        self._down = 0
        self._due = False

    def __call__(self, origin: Any, event: dict[str, Any]) -> None:
        kind = event["type"]
        self._down = max(0, self._down + ("Press" in kind) - kind.endswith("Release"))
        moves = "MouseMove" in kind and not self._down
        if moves and self._waiting and "MouseMove" in self._waiting[-1][1]["type"]:
            self._waiting.pop()
        self._waiting.append((origin, event))
        if not self._due:
            self._due = True
            asyncio.get_running_loop().call_later(TOGETHER, self.flush)

    def flush(self) -> None:
        """Handle what waits."""
        self._due = False
        waiting, self._waiting = self._waiting, []
        steps = 0
        for origin, event in waiting:
            if self._scroll is not None and self._scrolls(event):
                steps += -1 if event.get("spinY", 0) > 0 else 1
                continue
            if steps and self._scroll is not None:
                self._scroll(steps)
                steps = 0
            self._handle(origin, event)
        if steps and self._scroll is not None:
            self._scroll(steps)

    @staticmethod
    def _scrolls(event: dict[str, Any]) -> bool:
        """Whether it is the wheel alone: with a modifier it changes the radius or zooms."""
        held = any(event.get(key) for key in ("shiftKey", "ctrlKey", "altKey", "metaKey"))
        return event["type"] == "MouseWheel" and not held


def _without_alt(interactor: Any, _event: str) -> None:
    """With Alt the left button is not the mark tool's: the view takes it as without."""
    interactor.SetAltKey(0)


def fit(view: Any) -> None:
    """Show the whole content of a view, of a slice view in the slice that it shows."""
    if not hasattr(view, "get_slice_value"):
        view.reset_view()
        return
    shown = view.get_slice_value()
    view.reset_view()
    view.set_slice_value(shown)


def scroll(view: Any, steps: int) -> None:
    """Move a slice view so many slices, within the volume."""
    first, last = view.get_slice_range()
    wanted = view.get_slice_value() + steps * view.get_slice_step()
    view.set_slice_value(float(np.clip(wanted, first, last)))


class Views:
    """The views of a ``trame_slicer.core.SlicerApp``, drawn by ``register(view_manager)``.

    ``register`` adds the view factories: :func:`register_streaming`, or DirectViewFactory.
    The scene is cleared: nodes of the views that were made before a clear are not found.
    """

    def __init__(self, application: Any, register: Callable[[Any], object]) -> None:
        from trame_slicer.views import ViewLayoutDefinition as Layout

        self._application = application
        self._size = 0.0
        self.manager = application.view_manager
        register(self.manager)
        makers = (Layout.axial_view, Layout.coronal_view, Layout.sagittal_view, Layout.threed_view)
        self.definitions = [make() for make in makers]
        """Axial, coronal, sagittal, 3D."""
        with vtk_errors():  # that there is no screen, and what VTK thinks of trame-slicer's events
            *self.slices, self.threed = map(self.manager.create_view, self.definitions)
            for view in self.all:
                view.render_window().SetMultiSamples(0)
        application.scene.Clear()
        self.manager.set_current_view_ids([view.get_singleton_tag() for view in self.all])

    @property
    def all(self) -> list[Any]:
        return [*self.slices, self.threed]

    def attach(self, tool: MarkTool, pressed: Callable[[], object]) -> None:
        """Let ``tool`` draw in every slice view; ``pressed`` is called before it begins."""
        for view in self.slices:
            view.interactor().AddObserver(
                "LeftButtonPressEvent", lambda *_: pressed(), PRIORITY + 1
            )
            tool.attach(view.interactor(), view.get_view_node(), view.schedule_render)
            for event in ("LeftButtonPressEvent", "MouseMoveEvent", "LeftButtonReleaseEvent"):
                view.interactor().AddObserver(event, _without_alt, PRIORITY - 1)

    def show_volume(self, node: Any) -> None:
        """Show a volume in the slices (never rendered as a volume), whole and in the middle."""
        self._size = 0.0
        self._application.display_manager.show_volume_in_slice_background(node)
        for view in self.all:
            view.reset_view()

    def surfaces_changed(self, there: bool) -> None:
        """Draw the surfaces; all come into sight when they are new or much larger than before."""
        if there:
            self.threed.render_window().Render()  # only drawn surfaces count for the camera
            bounds = np.array(self.threed.renderer().ComputeVisiblePropBounds()).reshape(3, 2)
            size = float(np.linalg.norm(bounds[:, 1] - bounds[:, 0]))
            if size > GROWN * self._size:
                self._size = size
                self.threed.reset_view()
        else:
            self._size = 0.0
        self.threed.schedule_render()
