"""How a State is told: sentences and colours that every front end shows.

``_`` translates a text; the desktop passes Slicer's ``tr``.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from .state import State

Translate = Callable[[str], str]
COLOURS = ((0.3, (176, 58, 46)), (0.65, (236, 178, 72)), (0.9, (64, 140, 118)))
"""(confidence, RGB): below the first and above the last the colour stays."""


def confidence_rgb(confidence: float) -> tuple[float, float, float] | None:
    """RGB 0..255 of an expected Dice (0..1); None for NaN."""
    if np.isnan(confidence):
        return None
    at = [stop for stop, _colour in COLOURS]
    red, green, blue = (
        float(np.interp(confidence, at, [rgb[n] for _stop, rgb in COLOURS])) for n in range(3)
    )
    return red, green, blue


def duration(seconds: float) -> str:
    """1.2 -> "2 s", 75 -> "1 min 15 s"."""
    whole = math.ceil(max(0.0, seconds))
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60} s"


def progress_text(state: State, _: Translate = str) -> str:
    """What is running, how far it is and how long it will take."""
    if not state.busy:
        return ""
    phases = {
        "Loading": _("Loading"),
        "Encoding": _("Encoding"),
        "Propagating": _("Propagating"),
        "Crossing": _("Checking across slices"),
        "Finding": _("Finding"),
        "Learning": _("Learning"),
        "Tuning": _("Tuning"),
    }
    text = f"{phases.get(state.busy, state.busy)}..."
    if state.total:
        text += " " + _("{done} of {total} slices").format(done=state.done, total=state.total)
    if state.seconds_left is not None:
        text += ", " + _("{time} left").format(time=duration(state.seconds_left))
    return text


def slice_text(
    z: int,
    made: np.ndarray,
    confidence: np.ndarray | None,
    worst: int | None,
    _: Translate = str,
) -> str:
    """What is known of slice ``z``; ``made`` and ``confidence`` [slices] as in a State."""
    who = (_("not reached yet"), _("by the model"), _("marked"), _("accepted"))[int(made[z])]
    text = _("Slice {z} of {slices}: {who}").format(z=z + 1, slices=len(made), who=who)
    if confidence is not None and not np.isnan(confidence[z]):
        text += _(", expected Dice {confidence:.2f}").format(confidence=float(confidence[z]))
    return text + (_(", the worst") if z == worst else "")
