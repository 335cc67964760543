"""What the mouse draws on the page: which tools there are and what becomes of a drag."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..scene.interaction import BOX, OUTLINE, STROKE, MarkTool
from ..workflow.presenter import Presenter
from .language import _

TOOLS = (
    ("stroke", STROKE, "mdi-draw", "s", _("Stroke or click: marks the class")),
    ("lasso", OUTLINE, "mdi-lasso", "l", _("Lasso: draw around the structure")),
    ("box", BOX, "mdi-select", "q", _("Box: drag over the structure")),
    ("brush", STROKE, "mdi-brush", "d", _("Brush: draws voxels, nothing else follows")),
    ("eraser", STROKE, "mdi-eraser", "g", _("Eraser: takes voxels of the class away")),
    ("fill", OUTLINE, "mdi-shape-polygon-plus", "f", _("Fill: all inside an outline")),
)
"""Name, shape of its drag, icon, key, what it does."""
BY_HAND = "brush", "eraser", "fill"
"""Tools whose voxels are final."""
KEYS = {key: f"tool:{name}" for name, _shape, _icon, key, _text in TOOLS}
SHAPES = {name: shape for name, shape, *_rest in TOOLS}


class Tools:
    """Keeps the mark tool as the page's variables say, and hands what it draws to the presenter."""

    def __init__(self, presenter: Presenter, tool: MarkTool, page: Any) -> None:
        self._presenter, self._tool, self._page = presenter, tool, page

    def choose(self, name: str) -> None:
        """Take a tool up."""
        with self._page as page:
            page.update({"tool": name, "marking": bool(page.can_mark)})

    def follow(self) -> None:
        """Do as the page's variables say."""
        page, tool = self._page, self._tool
        by_hand = page.tool in BY_HAND
        tool.shape = SHAPES.get(page.tool, STROKE)
        tool.enabled = bool(page.marking)
        tool.negative = page.kind == "background" and not by_hand
        tool.erase = page.tool == "eraser" or (page.kind == "erase" and not by_hand)
        tool.radius = float(page.radius)

    def draw(self, points: np.ndarray, normal: np.ndarray, negative: bool, erase: bool) -> None:
        """Something was drawn, see :class:`MarkTool`."""
        presenter, radius, name = self._presenter, self._tool.radius, self._page.tool
        kind = {"negative": negative, "erase": erase}
        if name in BY_HAND:
            fill = name == "fill"
            presenter.paint(points, radius, normal, erase=name == "eraser", fill=fill)
        elif SHAPES.get(name, STROKE) == STROKE:
            presenter.stroke(points, radius, normal, **kind, click=len(points) == 1)
        else:
            presenter.outline(points, normal, **kind)
