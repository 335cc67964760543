"""Three slice views and one in 3D."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..scene.interaction import MarkTool

CLOSED_SURFACE = "Closed surface"
GROWN = 1.05


class Views:
    """The views of a ``trame_slicer.core.SlicerApp``, drawn by ``register(view_manager)``.

    ``register`` adds the view factories: those that stream into a page, or DirectViewFactory.
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

    def attach(self, tool: MarkTool) -> None:
        """Let ``tool`` draw in every slice view."""
        for view in self.slices:
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
