"""Distances on the page (3D Slicer's line markups) and the table of statistics."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from ..errors import UserError
from ..scene.volumes import nodes_of
from .context import AppContext
from .exports import MEASURING
from .language import _, decimal_point
from .widgets import Widgets

LINE = "vtkMRMLMarkupsLineNode"
_logger = logging.getLogger(__name__)


class Measuring:
    """Places lines in the views and computes statistics of the classes.

    The page's variables: ``measuring`` (a line is being placed), ``lines``, ``statistics`` (rows)
    with ``statistics_unit``, and ``statistics_shown``.
    """

    def __init__(self, application: AppContext, markups: Any) -> None:
        self._application, self._markups = application, markups
        self._page, self._scene = application.server.state, application.presenter.workspace.scene
        self._page.update(
            {
                "measuring": False,
                "lines": 0,
                "statistics": [],
                "statistics_unit": "",
                "statistics_shown": False,
            }
        )
        self._computing: asyncio.Task[None] | None = None
        self._placing: Any = None

    # ---- distances -----------------------------------------------------------------------------

    def switch(self) -> None:
        """Begin to place a line with two clicks, or leave it."""
        if self._page.measuring:
            self._end()
            return
        self._placing = self._scene.AddNewNodeByClass(LINE, "Distance")
        self._placing.CreateDefaultDisplayNodes()
        self._markups.place_node(self._placing)
        with self._page as page:
            page.measuring, page.marking = True, False

    def poll(self) -> None:
        """Take note of a line that was finished."""
        lines = self._scene.GetNumberOfNodesByClass(LINE)
        placed = self._placing is not None and (
            self._placing.GetScene() is None
            or self._placing.GetNumberOfDefinedControlPoints() >= 2
            or self._page.marking
        )
        if placed:
            self._end()
        elif lines != self._page.lines:
            with self._page as page:
                page.lines = lines

    def _end(self) -> None:
        line, self._placing = self._placing, None
        self._markups.disable_place_mode()
        if line is not None and line.GetNumberOfDefinedControlPoints() < 2:
            self._scene.RemoveNode(line)
        self._application.viewing.use_window_tool()
        with self._page as page:
            page.measuring = False
            page.lines = self._scene.GetNumberOfNodesByClass(LINE)

    def clear(self) -> None:
        """Take all lines away."""
        self._end()
        for line in nodes_of(self._scene, LINE):
            self._scene.RemoveNode(line)
        with self._page as page:
            page.lines = 0

    # ---- statistics ----------------------------------------------------------------------------

    def show_statistics(self) -> None:
        """Compute the table of the classes as they are now, and show it."""
        self._application.notices.show("")
        try:
            compute, modality = self._application.transfers.exports.statistics()
        except UserError as error:
            self._application.notices.show(str(error))
            return
        with self._page as page:
            page.statistics, page.statistics_shown = [], True
            page.statistics_unit = "HU" if modality == "CT" else ""
        computing = self._application.errand(MEASURING, compute)
        self._computing = asyncio.get_running_loop().create_task(self._show(computing))

    async def _show(self, computing: Any) -> None:
        try:
            rows = await asyncio.wrap_future(computing)
        except Exception as error:
            _logger.exception("The statistics failed")
            self._application.notices.show(str(UserError("Nothing could be measured", error)))
            return

        def number(value: float, digits: int = 1) -> str:
            return decimal_point(f"{value:.{digits}f}", self._page.language)

        with self._page as page:
            page.statistics = [
                {
                    "name": row.name,
                    "ml": number(row.ml, 2),
                    "mean": number(row.mean) if row.voxels else "",
                    "sd": number(row.sd) if row.voxels else "",
                    "diameter": number(row.diameter) if row.voxels else "",
                }
                for row in rows
            ]


def draw_measuring(widgets: Widgets, measuring: Measuring) -> None:
    """Add the buttons for distances and statistics to the bar of the views."""
    label, switch = _("Distance: click two points in a slice"), measuring.switch
    widgets.icon("mdi-ruler", label, switch, "can_mark", "measuring", id="distance")
    widgets.icon(
        "mdi-eraser-variant", _("Remove all distances"), measuring.clear, "lines", id="clear-lines"
    )
    widgets.icon(
        "mdi-table", _("Statistics of the classes"), measuring.show_statistics, "can_export",
        id="statistics",
    )  # fmt: skip


def draw_statistics(widgets: Widgets) -> None:
    """Add the table of statistics to the page."""
    html, v = widgets.html, widgets.v
    unit = "(statistics_unit ? ' (' + statistics_unit + ')' : '')"
    heads = (
        _("Class"),
        _("Volume") + " + ' (ml)'",
        _("Mean") + " + " + unit,
        _("SD") + " + " + unit,
        _("Largest diameter") + " + ' (mm)'",
    )
    with (
        v.VDialog(v_model=("statistics_shown",), max_width=760),
        v.VCard(id="statistics-table", classes="pa-4"),
    ):
        widgets.text(_("Statistics"), "H3")
        with v.VTable(density="compact", fixed_header=True, style="max-height: 60vh"):
            with html.Thead(), html.Tr():
                for head in heads:
                    widgets.text(head, "Th")
            with html.Tbody(), html.Tr(v_for="row in statistics", key="row.name"):
                for name in ("name", "ml", "mean", "sd", "diameter"):
                    html.Td(f"{{{{ row.{name} }}}}")
        v.VProgressLinear(v_if="!statistics.length", indeterminate=True)
        with v.VCardActions():
            v.VSpacer()
            v.VBtn(
                "CSV",
                href="export/statistics.csv",
                __properties=["download"],
                download="statistics.csv",
                prepend_icon="mdi-download",
                id="statistics-csv",
            )
            widgets.button(_("Close"), "statistics_shown = false")
