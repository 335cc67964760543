"""What a class is in Slicer's terminology: shown, chosen, and written into its segment."""

from __future__ import annotations

from typing import Any

import qt
import slicer
from slicer.i18n import tr as _

from ..scene.terminology import looked_up

TISSUE = "Tissue"
"""The type of a segment of which no more is known than where it is."""


def described(serialized: str) -> tuple[str, str]:
    """A segment's terminology for a cell of a table, and in full; empty without any.

    Slicer's default, "Tissue", which nobody chose, says nothing.
    """
    entry = _entry(serialized)
    if entry is None or entry.IsEmpty() or serialized == slicer.vtkSegment().GetTerminology():
        return "", ""
    kind = (entry.GetTypeObject(), entry.GetTypeModifierObject())
    region = (entry.GetRegionObject(), entry.GetRegionModifierObject())
    parts = region if kind[0].GetCodeMeaning() == TISSUE and region[0].GetCodeMeaning() else kind
    names = [part.GetCodeMeaning() for part in parts]
    full = slicer.vtkSlicerTerminologiesModuleLogic.GetInfoStringFromTerminologyEntry(entry)
    return ", ".join(name for name in names if name), full.strip()


def known(name: str) -> str:
    """What Slicer knows by a name such as "Liver" or "kidney_left", in its own writing, or ""."""
    return looked_up(name, slicer.app.applicationLogic().GetModuleLogic("Terminologies"))


def write(segment: Any, serialized: str) -> None:
    """Give a segment its terminology, where Slicer's editor, tables and exporters look for it."""
    segment.SetTerminology(serialized)


def follow_name(segment: Any) -> None:
    """Write what Slicer knows by the segment's name, unless somebody chose something already."""
    found = known(segment.GetName())
    if found and segment.GetTerminology() in ("", slicer.vtkSegment().GetTerminology()):
        write(segment, found)


def choose(serialized: str, parent: Any) -> str | None:
    """Let the user look up another terminology, beginning at this one; None when cancelled.

    Slicer's own selector dialog cannot be asked from Python, the navigator inside it can.
    """
    dialog = qt.QDialog(parent)
    dialog.windowTitle = _("Terminology")
    navigator = slicer.qSlicerTerminologyNavigatorWidget(dialog)
    navigator.overrideSectionVisible = False  # name and colour have columns of their own
    select, cancel = qt.QPushButton(_("Select")), qt.QPushButton(_("Cancel"))
    select.enabled = False
    row = qt.QHBoxLayout()
    row.addWidget(select)
    row.addWidget(cancel)
    layout = qt.QVBoxLayout(dialog)
    layout.addWidget(navigator)
    layout.addLayout(row)
    select.connect("clicked()", dialog.accept)
    cancel.connect("clicked()", dialog.reject)
    navigator.connect("selectionValidityChanged(bool)", select.setEnabled)
    navigator.connect("typeDoubleClicked()", dialog.accept)
    before = _entry(serialized)
    if before is not None:
        navigator.setTerminologyEntry(before)
    found = slicer.vtkSlicerTerminologyEntry()
    chosen = dialog.exec_() == qt.QDialog.Accepted and navigator.terminologyEntry(found)
    dialog.deleteLater()
    if not chosen:
        return None
    return slicer.vtkSlicerTerminologiesModuleLogic.SerializeTerminologyEntry(found)


def _entry(serialized: str) -> Any:
    """The entry that is written in a segment, or None when it is not readable."""
    entry = slicer.vtkSlicerTerminologyEntry()
    logic = slicer.vtkSlicerTerminologiesModuleLogic
    return entry if serialized and logic.DeserializeTerminologyEntry(serialized, entry) else None
