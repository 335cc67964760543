"""What a class is in Slicer's terminology: shown, chosen, and written into its segment."""

from __future__ import annotations

from typing import Any

import qt
import slicer
import vtk
from slicer.i18n import tr as _

SIDES = ("left", "right")
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
    logic = slicer.app.applicationLogic().GetModuleLogic("Terminologies")
    words = name.lower().replace("_", " ").split()
    if words[-1:] and words[-1] in SIDES:
        words = [words[-1], *words[:-1]]
    loaded = vtk.vtkStringArray()
    if logic is not None and words:
        logic.GetLoadedTerminologyNames(loaded)
    contexts = [loaded.GetValue(n) for n in range(loaded.GetNumberOfValues())]
    for find in (_by_label, _by_meaning):
        for context in contexts:
            entry = find(logic, context, " ".join(words))
            if entry is not None:
                return logic.SerializeTerminologyEntry(entry)
    return _region(logic, " ".join(words)) if contexts else ""


def _region(logic: Any, meaning: str) -> str:
    """Slicer's default with the anatomic region that means this, or ""."""
    loaded, entry = vtk.vtkStringArray(), _entry(slicer.vtkSegment().GetTerminology())
    logic.GetLoadedRegionContextNames(loaded)
    for context in (loaded.GetValue(n) for n in range(loaded.GetNumberOfValues())):
        entry.SetRegionContextName(context)
        for n in range(logic.GetNumberOfRegionsInRegionContext(context)):
            logic.GetNthRegionInRegionContext(context, n, entry.GetRegionObject())
            if entry.GetRegionObject().GetCodeMeaning().lower() == meaning:
                return logic.SerializeTerminologyEntry(entry)
    return ""


def _by_label(logic: Any, context: str, label: str) -> Any:
    """The entry with this label in Slicer's old colour table, or None."""
    entry = slicer.vtkSlicerTerminologyEntry()
    return entry if logic.FindTypeInTerminologyBy3dSlicerLabel(context, label, entry) else None


def _by_meaning(logic: Any, context: str, meaning: str) -> Any:
    """The first entry whose type means this, or None."""
    entry = slicer.vtkSlicerTerminologyEntry()
    entry.SetTerminologyContextName(context)
    category, kind = entry.GetCategoryObject(), entry.GetTypeObject()
    for n in range(logic.GetNumberOfCategoriesInTerminology(context)):
        logic.GetNthCategoryInTerminology(context, n, category)
        for m in range(logic.GetNumberOfTypesInTerminologyCategory(context, category)):
            logic.GetNthTypeInTerminologyCategory(context, category, m, kind)
            if kind.GetCodeMeaning().lower() == meaning:
                return entry
    return None


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
