"""What the page shows for a State: plain values by name, nothing of trame."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

import numpy as np

from ..propagation.records import SliceStatus
from ..volumes.geometry import Geometry
from ..workflow.display_text import (
    Translate,
    confidence_rgb,
    direction_text,
    progress_text,
    provenance_text,
    slice_text,
)
from ..workflow.state import State
from .automatic import automatic_values
from .language import decimal_point, translator
from .language import tell as told_in

UNKNOWN = "#6b5a68"
"""Where no agreement is known: of no colour that the ramp has."""


def _(text: str) -> str:
    """Marks a text that the page translates."""
    return text


def page_values(state: State, language: str = "en") -> dict[str, Any]:
    """The page's variables for ``state`` in a language; all of them, JSON only."""
    tell = translator(language, "workflow.display_text")
    say = partial(told_in, language=language)
    idle, chosen = state.idle, state.volume is not None
    slice_status = (
        np.zeros(state.slices, np.uint8) if state.slice_status is None else state.slice_status
    )
    return {
        "message": say(state.message),
        "failed": state.failed,
        "environment": say(state.environment),
        "volumes": [{"title": row.name, "value": row.id} for row in state.volumes],
        "volume": state.volume,
        "segmentations": [
            {"title": _("A new one"), "value": None},
            *({"title": row.name, "value": row.id} for row in state.segmentations),
        ],
        "segmentation": state.segmentation,
        "modality": state.modality,
        "modality_reason": f"{state.modality}: {say(state.modality_reason)}"
        if state.modality
        else "",
        "file_name": file_name(state),
        "axis": state.axis,
        "classes": [
            {
                "id": row.id,
                "name": row.name,
                "colour": hexadecimal(row.colour),
                "locked": row.locked,
                "visible": row.visible,
                "ml": decimal_point(f"{row.ml:.2f}", language),
                "changed": decimal_point(f"{row.changed_ml:.2f}", language)
                if row.changed_voxels
                else "",
            }
            for row in state.classes
        ],
        "selected": state.selected,
        "idle": idle,
        "can_choose": idle and chosen,
        "can_mark": chosen,
        "can_correct": idle and chosen and state.segmentation is not None,
        **automatic_values(state, say),
        "can_undo": state.can_undo,
        "can_redo": state.can_redo,
        "can_propagate": idle and state.anchored,
        "can_accept": state.can_accept,
        "can_export": state.can_export,
        "progress": 100 * state.done / max(1, state.total) if state.busy else 0,
        "progress_text": progress_text(state, tell),
        "up_text": direction_text(state.directions[0], tell),
        "down_text": direction_text(state.directions[1], tell),
        "slice": state.slice,
        "slices": state.slices,
        "worst": state.worst,
        "slice_text": current_text(state, tell),
        "audit_text": provenance_text(
            slice_status, state.provenance or [()] * len(slice_status), tell
        ),
        "strip": strip(state),
        "ticks": [
            {"z": int(z), "accepted": bool(slice_status[z] == SliceStatus.ACCEPTED)}
            for z in np.flatnonzero(slice_status >= SliceStatus.MARKED)
        ],
    }


def file_name(state: State) -> str:
    """What downloads are called, without their endings: after the volume."""
    name = next((row.name for row in state.volumes if row.id == state.volume), "")
    stem = re.sub(r"(\.seg)?\.(nrrd|nii|nii\.gz|mha|mhd|nhdr)$", "", name, flags=re.IGNORECASE)
    return re.sub(r"[^\w.() +-]+", "_", f"{stem} segmentation".strip())


def axes(grid: Geometry | None) -> list[dict[str, Any]]:
    """The directions of slices to choose from, by the names of the views nearest to them."""
    found: list[dict[str, Any]] = [{"title": _("As marked"), "value": None}]
    if grid is not None:
        for axis in range(3):
            along = int(np.abs(grid.ijk_to_ras[:3, 2 - axis]).argmax())
            names = _("Sagittal"), _("Coronal"), _("Axial")
            found.append({"title": names[along], "value": axis})
    return found


INITIAL: dict[str, Any] = {
    **{"notice": "", "refused": "", "working": ""},
    **{"hover": None, "marking": False, "kind": "structure"},
    **{"typing": "", "draft": "", "axes": axes(None), "wanted": [], "question": ""},
    **{"series": [], "choosing": False, "sending": None, "dropping": False, "from_dicom": False},
    **{"tool": "stroke", "helping": False},
    **{"live": True, "across": True, "surfaces": True},
}
"""The page's variables that no State tells, at the beginning."""


def hexadecimal(colour: tuple[float, float, float]) -> str:
    """(r, g, b) in 0..1 as #rrggbb."""
    return "#" + "".join(f"{round(255 * min(1.0, max(0.0, part))):02x}" for part in colour)


def from_hexadecimal(text: str) -> tuple[float, float, float]:
    """#rrggbb as (r, g, b) in 0..1; ValueError for anything else."""
    if len(text) != 7 or text[0] != "#":
        raise ValueError(f"{text} is no colour")
    red, green, blue = (int(text[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def colour_of(confidence: float) -> str:
    """The colour of an expected Dice (0..1); grey for NaN."""
    rgb = confidence_rgb(confidence)
    if rgb is None:
        return UNKNOWN
    red, green, blue = (part / 255 for part in rgb)
    return hexadecimal((red, green, blue))


def strip(state: State) -> list[dict[str, Any]]:
    """Runs of slices with one colour: {z: the first, n: how many, colour}."""
    if state.confidence is None:
        return [{"z": 0, "n": state.slices, "colour": UNKNOWN}] if state.slices else []
    found: list[dict[str, Any]] = []
    for z, confidence in enumerate(np.round(state.confidence, 2).tolist()):
        colour = colour_of(confidence)
        if found and found[-1]["colour"] == colour:
            found[-1]["n"] += 1
        else:
            found.append({"z": z, "n": 1, "colour": colour})
    return found


def current_text(state: State, tell: Translate = str) -> str:
    """What is known of the current slice."""
    if state.slice_status is None or not 0 <= state.slice < state.slices:
        return ""
    known = state.slice_status, state.confidence, state.worst
    return slice_text(state.slice, *known, tell, provenance=state.provenance)
