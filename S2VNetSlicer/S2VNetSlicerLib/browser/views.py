"""Three slice views and one in 3D."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..scene.interaction import MarkTool

CLOSED_SURFACE = "Closed surface"


class Views:
    """The views of a ``trame_slicer.core.SlicerApp``, drawn by ``register(view_manager)``.

    ``register`` adds the view factories: those that stream into a page, or DirectViewFactory.
    The scene is cleared: nodes of the views that were made before a clear are not found.
    """

    def __init__(self, application: Any, register: Callable[[Any], object]) -> None:
        from trame_slicer.views import ViewLayoutDefinition as Layout

        self._application = application
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
        self._application.display_manager.show_volume_in_slice_background(node)
        for view in self.all:
            view.reset_view()

    def show_surfaces(self, segmentation: Any, shown: bool) -> None:
        """Make the surfaces of a segmentation for the 3D view and show all of them, or drop them.

        Once there, they follow every run by themselves.
        """
        if segmentation is None:
            return
        has = segmentation.GetSegmentation().ContainsRepresentation(CLOSED_SURFACE)
        if shown:
            if not has:
                segmentation.CreateClosedSurfaceRepresentation()
            self.threed.render_window().Render()  # only drawn surfaces count for the camera
            self.threed.reset_view()
        elif has:
            segmentation.RemoveClosedSurfaceRepresentation()
        self.threed.schedule_render()
