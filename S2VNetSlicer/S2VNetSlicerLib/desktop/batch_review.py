"""The results of a batch in the panel: least sure first, opened, corrected, judged, saved back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import qt
import slicer
from slicer.i18n import tr as _

from ..errors import UserError
from ..workflow.segmentation_mirror import AUTOMATIC, MARKS_NODE
from ..workflow.state import State
from .drawing import said

if TYPE_CHECKING:
    from ..batch.queue import ReviewQueue
    from ..batch.report import Report

CASE, DICE, STATUS = range(3)
WORDS = {
    "notstarted": _("Not started"),
    "completed": _("Completed"),
    "flagged": _("Flagged"),
    "failed": _("Failed"),
}


class BatchReview:
    """The section of the panel with the queue; the case that is open is corrected like any other.

    Its nodes leave the scene when the next one is opened.
    """

    def __init__(self, ui: Any, presenter: Any) -> None:
        self.ui, self.presenter = ui, presenter
        self.queue: ReviewQueue | None = None
        self.opened: Report | None = None
        self._nodes: tuple[str, str] | None = None
        self._seen: Any = None
        header = ui.queueTable.horizontalHeader()
        for column in (CASE, DICE, STATUS):
            header.setSectionResizeMode(column, qt.QHeaderView.ResizeToContents)
        header.setSectionResizeMode(CASE, qt.QHeaderView.Stretch)
        ui.queueTable.verticalHeader().setDefaultSectionSize(22)
        ui.queueTable.connect("cellDoubleClicked(int,int)", lambda n, column: self.open_row(n))
        ui.queueFolderButton.connect("clicked()", self.choose_folder)
        ui.queueNextButton.connect("clicked()", self.open_next)
        ui.queueCompleteButton.connect("clicked()", lambda: self.judge("completed"))
        ui.queueFlagButton.connect("clicked()", lambda: self.judge("flagged"))

    # ---- what the user does --------------------------------------------------------------------

    def choose_folder(self) -> None:
        """Ask for a batch's output folder and list its cases."""
        title = _("Folder with the results of a batch")
        folder = qt.QFileDialog.getExistingDirectory(slicer.util.mainWindow(), title)
        if folder and self._leave():
            self._told(self._load, Path(folder))

    def open_next(self) -> None:
        """Open the least sure case that nobody judged."""
        row = None if self.queue is None else self.queue.next()
        if row is not None:
            self._open(row)

    def open_row(self, n: int) -> None:
        """Open the case in row ``n`` of the table; a failed one has nothing to open."""
        if self.queue is not None and n < len(self.queue.rows) and self.presenter.state.idle:
            self._open(self.queue.rows[n])

    def judge(self, status: Literal["completed", "flagged"]) -> None:
        """Save the open case as it is now, with this status."""
        if self.is_open():
            self._told(self._save, status)

    def is_open(self) -> bool:
        """Whether the case and its nodes are still there and being worked on."""
        state = self.presenter.state
        return self.opened is not None and self._nodes == (state.volume, state.segmentation)

    def _load(self, folder: Path) -> None:
        from ..batch.queue import ReviewQueue  # needs pydantic, which may not be installed yet

        self.queue, self.opened, self._nodes = ReviewQueue.load(folder), None, None
        if self.queue.problems:
            slicer.util.errorDisplay("\n".join(self.queue.problems))

    def _open(self, row: Report) -> None:
        if self._leave():
            self._told(self._show, row)

    def _show(self, row: Report) -> None:
        assert self.queue is not None
        presenter, scene = self.presenter, slicer.mrmlScene
        self._nodes = self.queue.open(row, scene)
        self.opened = row
        volume, segmentation = self._nodes
        done = presenter.choose_volume(volume) and presenter.choose_segmentation(segmentation)
        if done and presenter.set_axis(row.axis) and presenter.correct():
            doubtful = [s for s in row.structures if s.worst_slice is not None]
            if doubtful:
                worst = min(doubtful, key=lambda s: 1.0 if s.lowest is None else s.lowest)
                presenter.go_to(worst.worst_slice)
        self._seen = _made(presenter.state)

    def _save(self, status: Literal["completed", "flagged"]) -> None:
        assert self.queue is not None
        assert self.opened is not None
        self.opened = self.queue.mark(self.opened, status, slicer.mrmlScene)
        self._seen = _made(self.presenter.state)

    def _leave(self) -> bool:
        """Take the open case out of the scene; False when the user wants to stay with it."""
        if self.is_open() and self.opened is not None and self._seen != _made(self.presenter.state):
            question = _("{case} was changed and not saved. Leave it and lose the changes?")
            if not slicer.util.confirmOkCancelDisplay(question.format(case=self.opened.name)):
                return False
        if self.is_open():
            self.presenter.choose_segmentation(None)
            self.presenter.choose_volume(None)
        scene = slicer.mrmlScene
        nodes = [scene.GetNodeByID(id) for id in self._nodes or ()]
        for node in [n for n in nodes if n is not None]:
            for role in (MARKS_NODE, AUTOMATIC):
                own = node.GetNodeReference(role)
                if own is not None:
                    scene.RemoveNode(own)
            scene.RemoveNode(node)
        self.opened, self._nodes = None, None
        return True

    def _told(self, action: Any, *arguments: Any) -> None:
        try:
            action(*arguments)
        except UserError as error:
            slicer.util.errorDisplay(said(str(error)))
        except ModuleNotFoundError as error:
            slicer.util.errorDisplay(
                _("{package} is missing: install it above first.").format(package=error.name)
            )
        self.fill()
        self.draw(self.presenter.state)

    # ---- drawing -------------------------------------------------------------------------------

    def draw(self, state: State) -> None:
        """Enable what can be done now."""
        ui, queue, idle = self.ui, self.queue, state.idle
        ui.queueFolderButton.enabled = idle
        ui.queueNextButton.enabled = idle and queue is not None and queue.next() is not None
        ui.queueCompleteButton.enabled = ui.queueFlagButton.enabled = idle and self.is_open()

    def fill(self) -> None:
        """List the cases, the one that is open in bold."""
        queue, table = self.queue, self.ui.queueTable
        if queue is None:
            return
        rows: list[tuple[Report, str]] = [(row, row.review) for row in queue.rows]
        rows += [(row, "failed") for row in queue.failed]
        table.setRowCount(len(rows))
        for n, (row, status) in enumerate(rows):
            sure = "" if status == "failed" else _("nothing found")
            sure = sure if row.lowest is None else f"{row.lowest:.2f}"
            for column, text in ((CASE, row.name), (DICE, sure), (STATUS, WORDS[status])):
                item = qt.QTableWidgetItem(text)
                item.setFlags(qt.Qt.ItemIsEnabled | qt.Qt.ItemIsSelectable)
                item.setToolTip(row.error)
                font = item.font()
                font.setBold(self.opened is not None and row.name == self.opened.name)
                item.setFont(font)
                table.setItem(n, column, item)
        judged = sum(row.review != "notstarted" for row in queue.rows)
        self.ui.queueLabel.text = _("{judged} of {cases} cases judged, {failed} failed").format(
            judged=judged, cases=len(queue.rows), failed=len(queue.failed)
        )


def _made(state: State) -> tuple[Any, ...]:
    """What tells whether anything was changed."""
    slice_status = b"" if state.slice_status is None else state.slice_status.tobytes()
    return (slice_status, *((row.name, row.ml, row.changed_voxels) for row in state.classes))
