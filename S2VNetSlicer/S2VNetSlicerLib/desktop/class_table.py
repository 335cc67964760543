"""The table of classes: colour, name, terminology, lock, visibility, volume, changes."""

from __future__ import annotations

from typing import Any

import qt
import slicer

from ..workflow.state import ClassRow, State
from . import terminology

COLOUR, NAME, TERMINOLOGY, LOCK, SHOW, VOLUME, CHANGED = COLUMNS = range(7)
HEADER, ROW, ROWS = 24, 22, (2, 5)
"""Heights in pixels; how many rows are seen, at least and at most."""


class ClassTable:
    """Draws the classes of a State into a QTableWidget; hands edits to the presenter."""

    def __init__(self, table: Any, presenter: Any) -> None:
        self._table, self._presenter = table, presenter
        self._rows: tuple[ClassRow, ...] = ()
        self._drawing = False
        header = table.horizontalHeader()
        header.setMinimumSectionSize(24)
        header.setFixedHeight(HEADER)
        for column in COLUMNS:
            header.setSectionResizeMode(column, qt.QHeaderView.ResizeToContents)
        for column in (NAME, TERMINOLOGY):  # they share what is left, and are cut off with dots
            header.setSectionResizeMode(column, qt.QHeaderView.Stretch)
        table.verticalHeader().setDefaultSectionSize(ROW)
        self._fit(0)
        table.connect("cellClicked(int,int)", self._clicked)
        table.connect("cellChanged(int,int)", self._changed)
        table.connect("itemSelectionChanged()", self._selected)

    def draw(self, state: State) -> None:
        """Show ``state.classes`` and which of them is selected."""
        self._drawing = True
        try:
            if self._rows != state.classes:
                self._fill(state.classes)
            chosen = [n for n, row in enumerate(self._rows) if row.id == state.selected]
            if not chosen:
                self._table.clearSelection()
            elif not self._table.selectionModel().isRowSelected(chosen[0], _root(self._table)):
                self._table.selectRow(chosen[0])
        finally:
            self._drawing = False

    def _fill(self, rows: tuple[ClassRow, ...]) -> None:
        table = self._table
        if len(rows) != len(self._rows):
            table.setRowCount(len(rows))
        self._rows = rows
        self._fit(len(rows))
        table.setColumnHidden(CHANGED, not any(row.changed_voxels for row in rows))
        for n, row in enumerate(rows):
            meaning, whole = terminology.described(row.terminology)
            texts = {
                NAME: row.name,
                TERMINOLOGY: meaning,
                VOLUME: f"{row.ml:.1f}",
                CHANGED: f"{row.changed_voxels} ({row.changed_ml:.1f} ml)"
                if row.changed_voxels
                else "",
            }
            for column in COLUMNS:
                item = table.item(n, column)
                if item is None:
                    item = qt.QTableWidgetItem()
                    table.setItem(n, column, item)
                    self._set_flags(item, column)
                item.setText(texts.get(column, ""))
            red, green, blue = (round(255 * part) for part in row.colour)
            table.item(n, TERMINOLOGY).setToolTip(whole)
            table.item(n, COLOUR).setBackground(qt.QBrush(qt.QColor(red, green, blue)))
            _check(table.item(n, LOCK), row.locked)
            _check(table.item(n, SHOW), row.visible)

    def _fit(self, rows: int) -> None:
        """As high as its rows, within ``ROWS``; what is more scrolls."""
        table, shown = self._table, min(max(rows, ROWS[0]), ROWS[1])
        height = HEADER + shown * ROW + 2 * table.frameWidth
        table.setMinimumHeight(height)
        table.setMaximumHeight(height)

    @staticmethod
    def _set_flags(item: Any, column: int) -> None:
        flags = qt.Qt.ItemIsEnabled
        if column != COLOUR:  # the selection would hide the colour
            flags = flags | qt.Qt.ItemIsSelectable
        if column == NAME:
            flags = flags | qt.Qt.ItemIsEditable
        elif column in (LOCK, SHOW):
            flags = flags | qt.Qt.ItemIsUserCheckable
        elif column in (VOLUME, CHANGED):
            item.setTextAlignment(qt.Qt.AlignRight | qt.Qt.AlignVCenter)
        item.setFlags(flags)

    def _clicked(self, n: int, column: int) -> None:
        if n >= len(self._rows):
            return
        row = self._rows[n]
        if column == COLOUR:
            red, green, blue = (round(255 * part) for part in row.colour)
            colour = qt.QColorDialog.getColor(qt.QColor(red, green, blue), self._table)
            if colour.isValid():
                parts = (colour.redF(), colour.greenF(), colour.blueF())
                self._presenter.recolour_class(row.id, parts)
        elif column == TERMINOLOGY:
            chosen = terminology.choose(row.terminology, self._table)
            segment = self._segment(row.id)
            if chosen is not None and segment is not None:
                terminology.write(segment, chosen)

    def _segment(self, id: str) -> Any:
        """The segment of a class, or None when it is gone."""
        node = slicer.mrmlScene.GetNodeByID(self._presenter.state.segmentation or "")
        return None if node is None else node.GetSegmentation().GetSegment(id)

    def _changed(self, n: int, column: int) -> None:
        if self._drawing or n >= len(self._rows):
            return
        row, item = self._rows[n], self._table.item(n, column)
        if column == NAME:
            done = self._presenter.rename_class(row.id, item.text())
            segment = self._segment(row.id)
            if done and segment is not None:
                terminology.follow_name(segment)
        elif column == LOCK:
            done = self._presenter.lock_class(row.id, _checked(item))
        elif column == SHOW:
            done = self._presenter.show_class(row.id, _checked(item))
        else:
            return
        if not done:  # what was refused is shown as it is
            self._rows = ()
            self.draw(self._presenter.state)

    def _selected(self) -> None:
        n = self._table.currentRow()
        if self._drawing or not 0 <= n < len(self._rows):
            return
        if self._table.currentColumn() in (LOCK, SHOW):  # a click on the box selects no class
            self.draw(self._presenter.state)
        else:
            self._presenter.select_class(self._rows[n].id)


def _root(table: Any) -> Any:
    return table.rootIndex()


def _check(item: Any, checked: bool) -> None:
    item.setCheckState(qt.Qt.Checked if checked else qt.Qt.Unchecked)


def _checked(item: Any) -> bool:
    return bool(item.checkState() == qt.Qt.Checked)
