"""The slice views of Slicer's layout, also of the next one."""

from __future__ import annotations

from typing import Any

import slicer

from ..scene.belonging import shown_volumes


class SliceViews:
    """Attaches a :class:`MarkTool` to every slice view, again after each change of layout."""

    def __init__(self, tool: Any) -> None:
        self._tool = tool
        self._following = False

    def attach(self) -> None:
        layout = slicer.app.layoutManager()
        if layout is None:
            return
        if not self._following:
            layout.connect("layoutChanged(int)", self._again)
            self._following = True
        self._again()

    def detach(self) -> None:
        layout = slicer.app.layoutManager()
        if layout is not None and self._following:
            layout.disconnect("layoutChanged(int)", self._again)
        self._following = False
        self._tool.detach_all()

    def shown_volume(self) -> str | None:
        """The ID of the volume that the slice views show; None: they show none, or several."""
        layout = slicer.app.layoutManager()
        views = [] if layout is None else map(layout.sliceWidget, layout.sliceViewNames())
        shown = [shown_volumes(view.mrmlSliceNode()) for view in views if view is not None]
        found = {ids[0] for ids in shown if ids}
        return found.pop() if len(found) == 1 else None

    def _again(self, *_ignored: object) -> None:
        self._tool.detach_all()
        layout = slicer.app.layoutManager()
        for name in layout.sliceViewNames():
            widget = layout.sliceWidget(name)
            if widget is not None:
                view = widget.sliceView()
                self._tool.attach(view.interactor(), widget.mrmlSliceNode(), view.scheduleRender)
