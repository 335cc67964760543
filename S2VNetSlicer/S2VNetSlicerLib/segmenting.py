"""The main job without a window: a volume and marks in, a label map with its audit out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from .annotation import provenance
from .errors import UserError
from .library import store
from .library.finding import find_all, shown_parts
from .library.learned import Orientation
from .logs import software_version
from .network.model import S2VNet
from .propagation.records import SessionSettings, SliceResult, audit_facts
from .propagation.session import Session
from .volumes.seeds import Seeds
from .volumes.volume import Volume


@dataclass
class Segmentation:
    """``labels`` uint8 [k, j, i]; ``slice_status`` one :class:`SliceStatus` value a slice
    along ``axis``; ``confidence`` [slices, K]; ``complete`` is False after an interruption;
    ``settings``: those of the session; ``names`` of the structures; ``notes``: why classes were
    not looked for."""

    labels: np.ndarray
    axis: int
    slice_status: np.ndarray
    confidence: np.ndarray
    complete: bool = True
    accepted: list[int] = field(default_factory=list)
    settings: SessionSettings = field(default_factory=SessionSettings)
    names: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


Progress = Callable[[int, int], None]
"""Receives finished and all slices."""


def likely_axis(seeds: np.ndarray, spacing: tuple[float, float, float]) -> int:
    """The axis along which the fewest slices are marked; of equals the one with thickest slices."""
    marked = [
        int((seeds > 0).any(axis=tuple(a for a in range(3) if a != axis)).sum())
        for axis in range(3)
    ]
    return min(range(3), key=lambda axis: (marked[axis], -spacing[axis]))


def segment(
    model: S2VNet,
    volume: Volume,
    seeds: Seeds,
    *,
    axis: int | None = None,
    accept: Iterable[int] = (),
    settings: SessionSettings | None = None,
    progress: Progress = lambda done, total: None,
    card: Mapping[str, Any] | None = None,
) -> Segmentation:
    """Segment ``volume`` from ``seeds``; ``accept`` names slices whose seeds are a finished result.

    ``card`` is that of the weights: marks in a structure that they know by name find all of it.

    A KeyboardInterrupt ends the propagation; what is finished is returned with ``complete`` False.
    Raises UserError for slices that are not there.
    """
    if seeds.labels.shape != volume.array.shape:
        raise UserError(f"The marks do not lie on the grid of {volume.name}: draw them on it.")
    spacing = volume.geometry.spacing
    chosen = likely_axis(seeds.labels, spacing) if axis is None else axis
    marks = np.moveaxis(seeds.labels, chosen, 0)
    accepted = sorted(set(accept))
    for z in accepted:
        if not 0 <= z < len(marks) or not marks[z].any():
            raise UserError(
                f"Slice {z} cannot be accepted: --accept names slices along axis {chosen} "
                "in which the seeds are complete."
            )
    session = Session(
        model,
        volume.array,
        spacing,
        volume.modality,
        len(seeds.names),
        axis=chosen,
        settings=settings,
    )
    orientation = Orientation.of(volume.geometry.ijk_to_ras)
    for _ in session.recognise(card or {}, orientation.axes, orientation.grows):
        pass
    for z in accepted:
        session.accept(z, np.maximum(marks[z], 1) - 1)
    for z in np.flatnonzero(marks.any((1, 2))).tolist():
        if z not in accepted:
            session.mark(z, marks[z])
    results = chain(session.propagate(), session.refine_across_planes())
    result = _finished(session, results, progress, accepted)
    result.names = list(seeds.names)
    return result


def segment_automatically(
    model: S2VNet,
    volume: Volume,
    classes: Sequence[str] | None = None,
    *,
    axis: int | None = None,
    settings: SessionSettings | None = None,
    progress: Progress = lambda done, total: None,
    card: Mapping[str, Any] | None = None,
    library: Path | None = None,
) -> Segmentation:
    """Segment ``classes`` without marks: names; None: those predefined ones whose part of the body
    the volume shows (all of them, none of which is found, where it shows none).

    ``card`` is that of the weights: it tells what they know, see ``library.finding.find_all``. A
    class that is not predefined is a learned one of the ``library`` (a folder; None: the user's),
    if it was learned with these weights. Slices run as those it was learned on, else
    along the axis with the thickest ones. KeyboardInterrupt as in :func:`segment`. Raises
    UserError for a class that neither knows.
    """
    spacing = volume.geometry.spacing
    names = list(model.classes if classes is None else classes)
    if not names:
        raise UserError("These weights have no predefined classes: mark the structures instead.")
    kinds = store.split(names, model.classes, library)
    orientation = Orientation.of(volume.geometry.ijk_to_ras)
    if axis is None:
        learned = [orientation.axes.index(k.axis) for k in kinds if not isinstance(k, int)]
        # Spacings that differ by rounding are equal.
        thickest = max(range(3), key=lambda a: (round(spacing[a], 3), -a))
        axis = learned[0] if learned else thickest
    about = volume.array, spacing, volume.modality
    session = Session(model, *about, len(names), axis=axis, settings=settings)
    notes: list[str] = []
    parts = None
    if classes is None:
        parts = shown_parts(session, card or {}, orientation, tell=notes.append)
        there = {number - 1 for part in parts for number in part.numbers}
        if there:
            kept = [n for n, kind in enumerate(kinds) if kind in there]
            names, kinds = [names[n] for n in kept], [kinds[n] for n in kept]
            del session.state.structures[len(names) :]
    wanted = dict(enumerate(kinds, 1))
    found = find_all(
        session, wanted, card=card or {}, orientation=orientation, parts=parts, tell=notes.append
    )
    result = _finished(session, found, progress, [])
    result.names = names
    result.notes += notes
    return result


def _finished(
    session: Session, results: Iterable[SliceResult | None], progress: Progress, accepted: list[int]
) -> Segmentation:
    """What a session holds after ``results``; it is closed."""
    done: set[int] = set()
    complete = True
    try:
        for result in results:
            if result is not None:
                done.add(result.z)
            progress(len(done), session.slices)
    except KeyboardInterrupt:
        complete = False
    finally:
        confidence = session.confidence
        session.close()
    found = session.labels, session.axis, session.state.slice_status, confidence, complete, accepted
    return Segmentation(*found, session.settings)


@dataclass(frozen=True)
class Measured:
    """One structure of a result: volume in ml, how many ``slices`` show it, and its confidence
    there, the ``lowest`` in slice ``worst`` (None where nothing is known)."""

    ml: float
    slices: int
    lowest: float | None = None
    mean: float | None = None
    worst: int | None = None


def measure(result: Segmentation, spacing: tuple[float, float, float]) -> list[Measured]:
    """Every structure of ``result``; ``spacing`` of the voxels in mm."""
    ml = float(np.prod(spacing)) / 1000
    found = []
    for number, sure in enumerate(result.confidence.T, 1):
        mask = np.moveaxis(result.labels == number, result.axis, 0)
        along = mask.any((1, 2))
        volume, slices = float(mask.sum()) * ml, int(along.sum())
        there = np.flatnonzero(along & np.isfinite(sure))
        if not len(there):
            found.append(Measured(volume, slices))
            continue
        worst = int(there[sure[there].argmin()])
        mean = float(sure[there].mean())
        found.append(Measured(volume, slices, float(sure[worst]), mean, worst))
    return found


def audit(segmentation: Segmentation, card: dict[str, object]) -> dict[str, object]:
    """Who made each slice, as it is stored with the result (see ``scene.audit``)."""
    slice_status = segmentation.slice_status
    by = provenance.of_model(slice_status, str(card.get("name", "unknown")))
    return {
        **audit_facts(segmentation.axis, slice_status, card, segmentation.settings),
        **provenance.stored(slice_status, by, card, software_version()),
    }
