"""How the views are laid out on the page, by trame-slicer's layout manager."""

from __future__ import annotations

from typing import Any

FOUR, LARGE, ROW, FLAT = "four", "large", "row", "flat"
LAYOUTS = FOUR, LARGE, ROW, FLAT
"""Four views; a large one beside three; three slices; the same two by one. A view's
tag is the layout that shows it alone."""


class Layouts:
    """Which views of ``definitions`` (by their tags: axial, coronal, sagittal, 3D) are shown where.

    Views that are not shown are not drawn. :meth:`place` puts them on the page.
    """

    def __init__(self, application: Any, server: Any, definitions: list[Any]) -> None:
        from trame_slicer.core import LayoutManager
        from trame_slicer.views import Layout, LayoutDirection

        self._manager = LayoutManager(application.scene, application.view_manager, server)
        across, down = LayoutDirection.Horizontal, LayoutDirection.Vertical
        axial, coronal, sagittal, threed = definitions
        rows = [Layout(across, [axial, threed]), Layout(across, [coronal, sagittal])]
        side = Layout(down, [coronal, sagittal, threed])
        flat = Layout(down, [coronal, sagittal])
        self._manager.register_layout_dict(
            {
                FOUR: Layout(down, rows),
                LARGE: Layout(across, [axial, side], ["2", "1"]),
                ROW: Layout(across, [axial, coronal, sagittal]),
                FLAT: Layout(across, [axial, flat], ["1", "1"]),
                **{each.singleton_tag: Layout(across, [each]) for each in definitions},
            }
        )
        self.chosen = FOUR
        """The layout when no view is alone."""
        self._manager.set_layout(FOUR)

    def place(self, page: Any) -> None:
        """Put the views into ``page``, where it is built at the moment."""
        self._manager.initialize_layout_grid(page)

    @property
    def alone(self) -> str:
        """The tag of the view that fills the page; "": several are shown."""
        now = self._manager.layout_id
        return "" if now == self.chosen else now or ""

    def choose(self, name: str) -> None:
        """Show one of :data:`LAYOUTS`."""
        if name in LAYOUTS:
            self.chosen = name
            self._manager.set_layout(name)

    def switch_alone(self, tag: str) -> None:
        """Show a view alone, or all again."""
        if self._manager.has_layout(tag):
            self._manager.set_layout(self.chosen if self.alone == tag else tag)
