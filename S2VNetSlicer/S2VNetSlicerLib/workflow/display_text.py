"""How a State is told: sentences and colours that every front end shows.

``_`` translates a text; the desktop passes Slicer's ``tr``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from ..annotation.provenance import Run, runs
from ..annotation.slice_status import SliceStatus
from ..annotation.state import MODEL, Origin, Structure
from ..errors import UserError, out_of_memory
from ..inference.messages import Phase
from ..texts import Text, texts
from .state import LearnedRow, State

_ = texts(__name__)
PHASES = {
    "Loading": _("Loading"),
    "Encoding": _("Preparing"),
    "Propagating": _("Propagating"),
    "Crossing": _("Checking other planes"),
    "Converting": _("Bringing the result onto the volume's grid"),
    "Finding": _("Finding"),
    "Learning": _("Learning"),
    "Tuning": _("Tuning"),
}
"""What runs, by the name of its phase."""

Translate = Callable[[str], str]
COLOURS = (
    (0.3, (0, 32, 77)),
    (0.45, (64, 76, 107)),
    (0.6, (124, 123, 120)),
    (0.75, (188, 175, 111)),
    (0.9, (255, 234, 70)),
)
"""(confidence, RGB), the colour map cividis, whose lightness tells all (Nunez et al. 2018): below
the first and above the last the colour stays."""


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
    text = f"{_(str(PHASES.get(state.busy, state.busy)))}..."
    if state.total:
        text += " " + _("{done} of {total} slices").format(done=state.done, total=state.total)
    if state.seconds_left is not None:
        text += ", " + _("{time} left").format(time=duration(state.seconds_left))
    return text


def slice_text(
    z: int,
    slice_status: np.ndarray,
    confidence: np.ndarray | None,
    worst: int | None,
    _: Translate = str,
    *,
    provenance: Sequence[tuple[Origin, ...]] = (),
) -> str:
    """What is known of slice ``z``; ``slice_status``, ``confidence`` and ``provenance`` [slices]
    as in a State."""
    who = (_("not reached yet"), _("by the model"), _("marked"), _("accepted"))[
        int(slice_status[z])
    ]
    if provenance and slice_status[z] == SliceStatus.MODEL:
        who = _who(Run(z, z, SliceStatus.MODEL, provenance[z]), _)
    text = _("Slice {z} of {slices}: {who}").format(z=z + 1, slices=len(slice_status), who=who)
    if confidence is not None and not np.isnan(confidence[z]):
        text += _(", expected agreement {percent} %").format(percent=_percent(confidence[z]))
    return text + (_(", the worst") if z == worst else "")


def _percent(share: float) -> int:
    return round(100 * float(share))


def direction_text(towards: str, _: Translate = str) -> str:
    """Where slices go that lie ``towards`` a letter of R, L, A, P, S, I; "" for others."""
    return {
        "S": _("Towards the head"),
        "I": _("Towards the feet"),
        "A": _("Towards the front"),
        "P": _("Towards the back"),
        "R": _("Towards the right"),
        "L": _("Towards the left"),
    }.get(towards, "")


ALL = "*"
"""Before the name of a part of the body: all of its classes."""
_ALL_OF = {
    "": _("All classes of the weights"),
    "brain": _("Brain: all classes"),
    "torso": _("Torso: all classes"),
    "head-neck": _("Head and neck: all classes"),
}


def all_classes_text(part: str) -> Text:
    """All classes of a part of the body in a list."""
    return _ALL_OF.get(part) or _("{part}: all classes").format(part=part)


SPELLED = {"dc": "diencephalon", "csf": "cerebrospinal fluid", "wm": "white matter"}
"""Abbreviations in names of classes, in full."""


def class_title(name: str) -> str:
    """A class of the weights in words: "left_ventral_dc" -> "Left ventral diencephalon"."""
    words = [SPELLED.get(word.lower(), word) for word in name.replace("_", " ").split()]
    text = " ".join(words)
    return text[:1].upper() + text[1:]


def learned_text(row: LearnedRow) -> Text:
    """A learned class in a list."""
    return _("{name} (learned, {modality}, examples: {examples})").format(
        name=row.name, modality=row.modality, examples=row.examples
    )


def forget_question(name: str) -> Text:
    """What to ask before a learned class is taken out of the library."""
    return _("Forget the learned class {name} with all its examples?").format(name=name)


def taken_for(
    structures: Sequence[Structure], names: Mapping[int, str], before: Mapping[int, str]
) -> str:
    """That a structure (from 1) is taken for one that the weights know; empty: for no new one."""
    new = [n for n, name in names.items() if name and name != before.get(n)]
    if not new or not 0 < new[-1] <= len(structures):
        return ""
    name = structures[new[-1] - 1].name
    known = class_title(names[new[-1]])
    return _("{name} is taken for {known}, which the weights know: mark what is wrong.").format(
        name=name, known=known
    )


def provenance_text(
    slice_status: np.ndarray, provenance: Sequence[tuple[Origin, ...]], _: Translate = str
) -> str:
    """Who made which slices: "Slices 12-30 by the model s2vnet-7600, 31 by you"."""
    parts = []
    for run in runs(slice_status, provenance):
        who = _who(run, _)
        if who:
            first, last = run.first + 1, run.last + 1
            slices = f"{first}" if first == last else f"{first}-{last}"
            parts.append((slices, who))
    if not parts:
        return ""
    told = [f"{', '.join(s for s, _w in group)} {who}" for who, group in _by_who(parts)]
    return _("Slices {told}").format(told="; ".join(told))


def _by_who(parts: Sequence[tuple[str, str]]) -> list[tuple[str, list[tuple[str, str]]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for part in parts:
        found.setdefault(part[1], []).append(part)
    return list(found.items())


def _who(run: Run, _: Translate) -> str:
    if run.slice_status == SliceStatus.ACCEPTED:
        return _("accepted by you")
    if run.slice_status == SliceStatus.MARKED:
        return _("marked by you")
    if run.slice_status == SliceStatus.UNTOUCHED:
        return ""
    if not run.origins:
        return _("by the model")
    first, *more = run.origins
    model, result = _("by the model {name}"), _("from {name}")
    told = (model if first[0] == MODEL else result).format(name=first[1])
    if more:
        told += ", " + _("corrected by {name}").format(name=", ".join(name for _k, name in more))
    return told


def failure(phase: Phase, error: BaseException, processor: str = "") -> str:
    """The sentence that tells the user why ``phase`` ended with ``error`` on ``processor``."""
    if isinstance(error, UserError):
        return str(error)
    step = PHASES.get(phase.name, _("The work"))
    remedy = None
    if out_of_memory(error) and processor and not processor.startswith("CPU"):
        remedy = "Choose the device cpu or take a smaller volume."
    return str(UserError("{step} was not finished", error, remedy, step=step))
