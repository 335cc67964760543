"""The strip along the slice axis: how sure the model is, who made each slice, where we are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import qt
from slicer.i18n import tr as _

from ..annotation.slice_status import SliceStatus
from ..annotation.state import Origin
from ..workflow.display_text import confidence_rgb, slice_text

UNKNOWN = (205, 205, 205)
BAR, TICKS, MARGIN = 18, 12, 5
"""Pixels: height of the colours, height of the ticks below, free space left and right."""


def colour_of(confidence: float) -> tuple[int, int, int]:
    """RGB 0..255 of an expected Dice (0..1); grey for NaN."""
    rgb = confidence_rgb(confidence)
    if rgb is None:
        return UNKNOWN
    red, green, blue = (round(part) for part in rgb)
    return red, green, blue


class ConfidenceStrip(qt.QWidget):
    """Calls ``on_jump(slice)`` for clicks and drags; draws what :meth:`show_slices` was told."""

    def __init__(self, on_jump: Callable[[int], object], parent: Any = None) -> None:
        qt.QWidget.__init__(self, parent)
        self._on_jump = on_jump
        self._confidence = np.zeros(0, np.float32)
        self._slice_status = np.zeros(0, np.uint8)
        self._current = -1
        self._worst: int | None = None
        self.provenance: tuple[tuple[Origin, ...], ...] = ()
        """[slices]: the methods that had a part in each."""
        self.setMinimumHeight(BAR + TICKS + 2)
        self.setMaximumHeight(BAR + TICKS + 2)
        self.setMouseTracking(True)

    def show_slices(
        self,
        confidence: np.ndarray | None,
        slice_status: np.ndarray | None,
        current: int,
        slices: int,
        worst: int | None,
    ) -> None:
        """``confidence`` float [slices] 0..1 or NaN, ``slice_status`` uint8; None: not yet."""
        unknown = np.full(slices, np.nan, np.float32)
        self._confidence = unknown if confidence is None else confidence
        self._slice_status = np.zeros(slices, np.uint8) if slice_status is None else slice_status
        self._current, self._worst = current, worst
        self.update()

    @property
    def slices(self) -> int:
        return len(self._confidence)

    def _inner(self) -> int:
        return max(1, int(self.width) - 2 * MARGIN)

    def slice_at(self, x: int) -> int:
        """The slice drawn at ``x`` pixels from the left, clamped to those there are."""
        z = (2 * (x - MARGIN) + 1) * self.slices // (2 * self._inner())
        return max(0, min(self.slices - 1, z))

    def x_of(self, z: int) -> int:
        """The middle of slice ``z`` in pixels from the left."""
        return MARGIN + int((z + 0.5) * self._inner() / max(1, self.slices))

    def colour_at(self, x: int) -> tuple[int, int, int]:
        """RGB of the pixel column ``x``: the least sure of the slices that share it."""
        inner = self._inner()
        if self.slices <= inner:
            return colour_of(float(self._confidence[self.slice_at(x)]))
        first = (x - MARGIN) * self.slices // inner
        last = (x + 1 - MARGIN) * self.slices // inner
        part = self._confidence[first:last]
        return colour_of(float("nan") if np.isnan(part).all() else float(np.nanmin(part)))

    def paintEvent(self, event: Any) -> None:  # noqa: N802
        painter = qt.QPainter(self)
        if self.slices:
            for x in range(MARGIN, MARGIN + self._inner()):
                painter.fillRect(x, 0, 1, BAR, qt.QColor(*self.colour_at(x)))
            for z in np.flatnonzero(self._slice_status >= SliceStatus.MARKED).tolist():
                self._tick(painter, z, accepted=self._slice_status[z] == SliceStatus.ACCEPTED)
            if self._worst is not None:
                x = self.x_of(self._worst)
                painter.fillRect(x - 1, 0, 3, BAR, qt.QColor(176, 0, 90))
            if 0 <= self._current < self.slices:
                x = self.x_of(self._current)
                painter.fillRect(x - 2, 0, 5, BAR + 2, qt.QColor(255, 255, 255))
                painter.fillRect(x - 1, 0, 3, BAR + 2, qt.QColor(20, 20, 20))
        painter.end()

    def _tick(self, painter: Any, z: int, *, accepted: bool) -> None:
        """A thin line for marks, a block for acceptance; seen on dark themes, too."""
        x, half = self.x_of(z), 3 if accepted else 1
        text = self.palette.color(qt.QPalette.WindowText)
        colour = qt.QColor(64, 110, 190) if accepted else text
        painter.fillRect(x - half, BAR + 3, 2 * half, TICKS - 4, colour)

    def mousePressEvent(self, event: Any) -> None:  # noqa: N802
        self._jump(event)

    def mouseMoveEvent(self, event: Any) -> None:  # noqa: N802
        if event.buttons() & qt.Qt.LeftButton:
            self._jump(event)
        elif self.slices:
            self.toolTip = self.describe(self.slice_at(_x(event)))

    def _jump(self, event: Any) -> None:
        if self.slices:
            self._on_jump(self.slice_at(_x(event)))

    def describe(self, z: int) -> str:
        """What is known of slice ``z``, for the tool tip and the line below the strip."""
        known = self._slice_status, self._confidence, self._worst
        return slice_text(z, *known, _, provenance=self.provenance)


def _x(event: Any) -> int:
    """Where a mouse event is; Qt 5 (Slicer until 5.10) has no ``position``."""
    return int(event.position().x()) if hasattr(event, "position") else int(event.pos().x())
