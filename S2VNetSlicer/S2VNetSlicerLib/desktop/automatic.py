"""Classes without marks: those of the weights and those that the user taught, in a list."""

from __future__ import annotations

from typing import Any

import qt
import slicer
from slicer.i18n import tr as _

from ..workflow.display_text import ALL, all_classes_text, forget_question
from ..workflow.state import State
from . import terminology
from .drawing import said


class Automatic:
    """The section of the panel that finds, learns, fine-tunes and forgets classes.

    Forgetting and fine-tuning ask first, keeping what was fine-tuned does, too.
    """

    def __init__(self, ui: Any, presenter: Any) -> None:
        self.ui, self.presenter = ui, presenter
        self._names: list[str] = []
        self._learned: set[str] = set()
        self._texts: list[str] = []
        self._before: set[str] | None = None
        """The classes that were there when finding began."""
        self._asking = False
        ui.findList.connect("itemSelectionChanged()", self._selected)
        ui.findList.connect("itemChanged(QListWidgetItem*)", lambda item: self._selected())
        ui.findButton.connect("clicked()", self.find)
        ui.learnButton.connect("clicked()", lambda: presenter.learn_class(presenter.state.selected))
        ui.tuneButton.connect("clicked()", self.tune)
        ui.forgetButton.connect("clicked()", self.forget)

    # ---- what the user does --------------------------------------------------------------------

    def find(self) -> None:
        """Segment the checked classes."""
        self._before = {row.id for row in self.presenter.state.classes}
        if not self.presenter.find_classes(self.checked()):
            self._before = None

    def forget(self) -> None:
        """Take the chosen class out of the library, after asking."""
        name = self._chosen()
        if name and slicer.util.confirmOkCancelDisplay(said(forget_question(name))):
            self.presenter.forget_learned(name)

    def tune(self) -> None:
        """Fine-tune the chosen class, after asking."""
        name = self._chosen()
        question = said(self.presenter.estimate_tuning(name)) if name else ""
        if question and slicer.util.confirmOkCancelDisplay(question):
            self.presenter.tune_class(name)

    def _ask(self) -> None:
        question = said(self.presenter.state.question)
        try:
            if question:
                self.presenter.answer(slicer.util.confirmYesNoDisplay(question))
        finally:
            self._asking = False

    def _ask_to_keep(self) -> None:
        question = said(self.presenter.state.tuning)
        try:
            if question:
                self.presenter.keep_tuning(slicer.util.confirmYesNoDisplay(question))
        finally:
            self._asking = False

    def checked(self) -> list[str]:
        """The names of the checked classes."""
        items = [self.ui.findList.item(n) for n in range(len(self._names))]
        return [
            name
            for name, item in zip(self._names, items, strict=True)
            if item.checkState() == qt.Qt.Checked
        ]

    def _chosen(self) -> str:
        """The learned class in the current row, or ""."""
        n = self.ui.findList.currentRow
        name = self._names[n] if 0 <= n < len(self._names) else ""
        return name if name in self._learned else ""

    # ---- drawing -------------------------------------------------------------------------------

    def draw(self, state: State) -> None:
        """List the classes and enable what can be done."""
        self._fill(state)
        self._enable(state)
        if (state.tuning or state.question) and not self._asking:
            self._asking = True
            ask = self._ask if state.question else self._ask_to_keep
            qt.QTimer.singleShot(0, ask)  # a dialog would hold up who draws
        if self._before is not None and state.idle:
            before, self._before = self._before, None
            node = slicer.mrmlScene.GetNodeByID(state.segmentation or "")
            for row in state.classes:
                if node is not None and row.id not in before:
                    terminology.follow_name(node.GetSegmentation().GetSegment(row.id))

    def _selected(self) -> None:
        self._enable(self.presenter.state)

    def _enable(self, state: State) -> None:
        ui, idle = self.ui, state.idle
        ui.findButton.enabled = idle and state.can_find and bool(self.checked())
        ui.learnButton.enabled = idle and any(row.id == state.selected for row in state.classes)
        ui.tuneButton.enabled = ui.forgetButton.enabled = idle and bool(self._chosen())

    def _fill(self, state: State) -> None:
        texts = [*(said(all_classes_text(part)) for part in state.body_parts), *state.predefined]
        for row in state.learned:
            words = _("{name} (learned, {modality}, examples: {examples})")
            texts.append(words.format(name=row.name, examples=row.examples, modality=row.modality))
        names = [*(ALL + part for part in state.body_parts), *state.predefined]
        names += [row.name for row in state.learned]
        if texts == self._texts:
            return
        checked, found = set(self.checked()), self.ui.findList
        blocked = found.blockSignals(True)
        found.clear()
        self._names, self._texts = names, texts
        self._learned = {row.name for row in state.learned}
        for name, text in zip(names, texts, strict=True):
            item = qt.QListWidgetItem(text)
            item.setFlags(qt.Qt.ItemIsEnabled | qt.Qt.ItemIsSelectable | qt.Qt.ItemIsUserCheckable)
            item.setCheckState(qt.Qt.Checked if name in checked else qt.Qt.Unchecked)
            found.addItem(item)
        found.blockSignals(blocked)
