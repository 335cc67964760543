"""What the page shows for a State: plain values by name, nothing of trame."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..workflow.state import State

COLOURS = ((0.3, (176, 58, 46)), (0.65, (236, 178, 72)), (0.9, (64, 140, 118)))
"""(confidence, RGB): below the first and above the last the colour stays."""
UNKNOWN = "#4a4a4a"
WHO = ("not reached yet", "by the model", "marked", "accepted")
AXES = ("k", "j", "i")


def page_values(state: State) -> dict[str, Any]:
    """The page's variables for ``state``; all of them, JSON only."""
    idle, chosen = not state.busy, state.volume is not None
    made = np.zeros(state.slices, np.uint8) if state.made is None else state.made
    here = int(made[state.slice]) if 0 <= state.slice < len(made) else 0
    result = state.segmentation is not None and bool(state.classes)
    return {
        "message": state.message,
        "environment": state.environment,
        "volumes": [{"title": row.name, "value": row.id} for row in state.volumes],
        "volume": state.volume,
        "modality": state.modality,
        "modality_reason": f"{state.modality}: {state.modality_reason}" if state.modality else "",
        "axis": state.axis,
        "classes": [
            {
                "id": row.id,
                "name": row.name,
                "colour": hexadecimal(row.colour),
                "locked": row.locked,
                "visible": row.visible,
                "ml": f"{row.ml:.2f}",
            }
            for row in state.classes
        ],
        "selected": state.selected,
        "idle": idle,
        "can_choose": idle and chosen,
        "can_mark": chosen,
        "can_undo": state.can_undo,
        "can_redo": state.can_redo,
        "can_propagate": idle and bool((made >= 2).any()),
        "can_accept": idle and here in (1, 2),
        "can_export": idle and result,
        "progress": 100 * state.done / max(1, state.total) if state.busy else 0,
        "progress_text": progress_text(state),
        "slice": state.slice,
        "slices": state.slices,
        "worst": state.worst,
        "slice_text": slice_text(state),
        "audit_text": audit_text(made),
        "strip": strip(state),
        "ticks": [{"z": int(z), "accepted": bool(made[z] == 3)} for z in np.flatnonzero(made >= 2)],
    }


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
    if np.isnan(confidence):
        return UNKNOWN
    at = [stop for stop, _ in COLOURS]
    parts = [np.interp(confidence, at, [rgb[n] for _, rgb in COLOURS]) / 255 for n in range(3)]
    return hexadecimal((float(parts[0]), float(parts[1]), float(parts[2])))


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


def slice_text(state: State) -> str:
    """What is known of the current slice."""
    if not 0 <= state.slice < state.slices or state.made is None:
        return ""
    text = f"Slice {state.slice + 1} of {state.slices}: {WHO[int(state.made[state.slice])]}"
    if state.confidence is not None and not np.isnan(state.confidence[state.slice]):
        text += f", expected Dice {state.confidence[state.slice]:.2f}"
    return text + (", the worst" if state.slice == state.worst else "")


def audit_text(made: np.ndarray) -> str:
    """Who made the slices, counted."""
    if not made.any():
        return ""
    untouched, model, marked, accepted = np.bincount(made, minlength=4)[:4].tolist()
    return (
        f"{model} slices by the model, {marked} marked, {accepted} accepted, {untouched} untouched"
    )


def progress_text(state: State) -> str:
    """What is running, how far it is and how long it will take."""
    if not state.busy:
        return ""
    text = f"{state.busy}..."
    if state.total:
        text += f" {state.done} of {state.total} slices"
    if state.seconds_left is not None:
        text += f", {duration(state.seconds_left)} left"
    return text


def duration(seconds: float) -> str:
    """1.2 -> "2 s", 75 -> "1 min 15 s"."""
    whole = math.ceil(max(0.0, seconds))
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60} s"
