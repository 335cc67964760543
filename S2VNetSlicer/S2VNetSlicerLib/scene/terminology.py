"""What a class is in the terminologies of Slicer, looked up by its name."""

from __future__ import annotations

from typing import Any

SIDES = ("left", "right")


def looked_up(name: str, logic: Any) -> str:
    """What Slicer knows by a name such as "Liver" or "kidney_left", in its own writing, or "".

    ``logic`` is the vtkSlicerTerminologiesModuleLogic, None where there is none.
    """
    from vtkmodules.vtkCommonCore import vtkStringArray

    words = name.lower().replace("_", " ").split()
    if words[-1:] and words[-1] in SIDES:
        words = [words[-1], *words[:-1]]
    loaded = vtkStringArray()
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
    from slicer import vtkSegment, vtkSlicerTerminologyEntry
    from vtkmodules.vtkCommonCore import vtkStringArray

    loaded, entry = vtkStringArray(), vtkSlicerTerminologyEntry()
    logic.DeserializeTerminologyEntry(vtkSegment().GetTerminology(), entry)
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
    from slicer import vtkSlicerTerminologyEntry

    entry = vtkSlicerTerminologyEntry()
    return entry if logic.FindTypeInTerminologyBy3dSlicerLabel(context, label, entry) else None


def _by_meaning(logic: Any, context: str, meaning: str) -> Any:
    """The first entry whose type means this, or None."""
    from slicer import vtkSlicerTerminologyEntry

    entry = vtkSlicerTerminologyEntry()
    entry.SetTerminologyContextName(context)
    category, kind = entry.GetCategoryObject(), entry.GetTypeObject()
    for n in range(logic.GetNumberOfCategoriesInTerminology(context)):
        logic.GetNthCategoryInTerminology(context, n, category)
        for m in range(logic.GetNumberOfTypesInTerminologyCategory(context, category)):
            logic.GetNthTypeInTerminologyCategory(context, category, m, kind)
            if kind.GetCodeMeaning().lower() == meaning:
                return entry
    return None


def follow_name(segment: Any, logic: Any) -> None:
    """Write what Slicer knows by the segment's name, unless somebody chose something already."""
    from slicer import vtkSegment

    found = looked_up(segment.GetName(), logic)
    if found and segment.GetTerminology() in ("", vtkSegment().GetTerminology()):
        segment.SetTerminology(found)
