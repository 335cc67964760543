"""Three slice views and one in 3D."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from ..scene.interaction import PRIORITY, MarkTool

CLOSED_SURFACE = "Closed surface"
GROWN = 1.05
BLUR_FPS = 10.0
"""Frames a second of a view without the mouse."""


def register_streaming(manager: Any, server: Any) -> None:
    """Let ``manager`` make views that stream into the page of ``server``.

    As trame-slicer's own function, but nothing is rendered while a view is made: its dozens of
    steps each drew the window anew, in all a second and a half.
    """
    from trame_slicer.app import ui
    from trame_slicer.rca_view import RemoteViewFactory
    from trame_slicer.views import SliceView, ThreeDView, ViewType
    from trame_slicer.views.render_scheduler import NoScheduleRendering

    for kind, view_type, draw in (
        (SliceView, ViewType.SLICE_VIEW, ui.create_vertical_slice_view_gutter_ui),
        (ThreeDView, ViewType.THREE_D_VIEW, ui.create_vertical_view_gutter_ui),
    ):
        make = partial(kind, scheduled_render_strategy=NoScheduleRendering())
        options = {"populate_view_ui_f": draw, "blur_fps": BLUR_FPS}
        manager.register_factory(RemoteViewFactory(server, make, view_type, **options))


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
        layouts = (Layout.axial_view, Layout.coronal_view, Layout.sagittal_view)
        self.slices = [self.manager.create_view(layout()) for layout in layouts]
        self.threed = self.manager.create_view(Layout.threed_view())
        for view in self.all:
            view.render_window().SetMultiSamples(0)
        application.scene.Clear()
        self.manager.set_current_view_ids([view.get_singleton_tag() for view in self.all])

    @property
    def all(self) -> list[Any]:
        return [*self.slices, self.threed]

    @property
    def tags(self) -> list[str]:
        """Names of the views: axial, coronal, sagittal, 3D."""
        return [view.get_singleton_tag() for view in self.all]

    def attach(self, tool: MarkTool, pressed: Callable[[], object]) -> None:
        """Let ``tool`` draw in every slice view; ``pressed`` is called before it begins."""
        for view in self.slices:
            view.interactor().AddObserver(
                "LeftButtonPressEvent", lambda *_: pressed(), PRIORITY + 1
            )
            tool.attach(view.interactor(), view.get_view_node(), view.schedule_render)

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
