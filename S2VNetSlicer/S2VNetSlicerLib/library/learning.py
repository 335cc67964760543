"""Learning a class from the accepted slices of a session."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from torch.nn import functional as F

from ..network.logistic_regression import TrainingSamples
from ..network.online_classifier import gather_online_samples
from ..propagation.components import largest_components
from ..propagation.session import Session
from ..propagation.slice_propagator import SlicePropagator
from ..propagation.slice_store import SliceStore
from ..volumes.intensities import normalise_slice
from .finding import recalled
from .frame import Frame
from .learned import (
    Case,
    Example,
    LearnedClass,
    Orientation,
    Statistics,
    digest,
    teaching_slices,
)

MOST_SLICES = 8
"""Accepted slices that are learned from."""
MOST_CELLS = 600
"""Cells of evidence that an example keeps."""
KNOWN = 0.5
"""A predefined class that agrees so well (Dice) with the accepted slices is what is learned."""


@torch.inference_mode()
def learn(
    session: Session,
    structure: int,
    name: str,
    *,
    weights: str,
    colour: tuple[float, float, float] = (0.9, 0.45, 0.25),
    orientation: Orientation | None = None,
) -> LearnedClass:
    """The class that ``structure`` (1..K) of ``session`` shows, with one example.

    Its accepted slices give the centres, the evidence and the case for fine-tuning, its labels in
    the whole volume the statistics: propagate first. Raises UserError where no accepted slice
    holds the structure. Where the session recognised the predefined classes (see
    :meth:`~..propagation.session.Session.recognise`) the example tells which one the structure is.
    """
    mask = np.moveaxis(session.labels, session.axis, 0) == structure
    along = np.flatnonzero(mask.any((1, 2)))
    chosen = teaching_slices(mask, session.state.slice_status, True, name)
    picked = np.unique(np.linspace(0, len(chosen) - 1, MOST_SLICES).round().astype(int))
    chosen = [chosen[n] for n in picked]
    frame = Frame(session, orientation or Orientation())
    volume = session.volume
    propagator = volume.propagator(1, chosen[0])
    store = propagator.init_store()
    marks = np.stack([volume.grid.marks_to_grid(mask[z].astype(np.uint8) + 1) for z in chosen])
    marked = torch.from_numpy(marks).to(volume.device)
    z = torch.tensor(chosen, device=volume.device)
    store.remember(propagator.segment_prompted(store, torch.zeros_like(z), z, marked))
    cells = _evidence(propagator, store, chosen, marked)
    span = max(along[-1] - along[0], 1)
    learned = store.prompt_centroids[0]
    centres = np.stack([learned[n].float().cpu().numpy() for n in chosen])
    example = Example(
        _statistics(session, frame, mask, chosen),
        tuple(float((n - along[0]) / span) for n in chosen),
        centres,
        *(part.astype(np.float16) for part in cells),  # type: ignore[arg-type]
    )
    known_as = _known_as(session, {n: mask[n] for n in chosen})
    case = _case(session, chosen, marks, centres)
    example = replace(example, known_as=known_as, case=case)
    return LearnedClass(name, colour, session.volume.modality, weights, (example,))


def _known_as(session: Session, shown: dict[int, np.ndarray]) -> str:
    """The predefined class that was seen where slices have ``shown`` a structure, bool [rows,
    columns] each; "" for none."""
    seen = session.runner.recogniser.found
    if seen is None:
        return ""
    inside = np.concatenate([seen.labels[z][mask] for z, mask in shown.items()])
    best = int(np.bincount(inside[inside > 0], minlength=2).argmax())
    known = inside.any() and seen.agreement([best], shown) >= KNOWN
    return session.volume.model.classes[best - 1] if known else ""


def _case(session: Session, chosen: list[int], marks: np.ndarray, centres: np.ndarray) -> Case:
    block = np.ascontiguousarray(
        normalise_slice(session.volume.image[chosen], session.volume.window)
    )
    image = session.volume.grid.to_grid(torch.from_numpy(block)).round().clamp(0, 255)
    steps = [max(1, n // 64) for n in session.volume.image.shape]
    coarse = session.volume.image[:: steps[0], :: steps[1], :: steps[2]]
    return Case(digest(coarse), image.numpy().astype(np.uint8), marks, centres)


def _evidence(
    propagator: SlicePropagator, store: SliceStore, chosen: list[int], marked: torch.Tensor
) -> list[np.ndarray]:
    """x, y, offset, weight: what the network gets wrong without marks, from the other slices'
    centres, as it will have to in other volumes."""
    found: list[TrainingSamples] = []
    kept, most = store.prompt_centroids[0], propagator.settings.propagation.max_remembered
    for item, slice_ in enumerate(chosen):
        here = torch.tensor([slice_], device=marked.device)
        features = propagator.take(torch.zeros_like(here), here)
        lent = [kept[n] for n in chosen if n != slice_ or len(chosen) == 1]
        recurrent = recalled(propagator.model, features, lent, store.classifier, most)
        logits = propagator.model.step(features, recurrent).logits
        found += gather_online_samples(features, logits, marked[item : item + 1])
    parts = []
    for name in ("x", "y", "offset", "weight"):
        parts.append(torch.cat([getattr(e, name)[: e.marked] for e in found]).float().cpu().numpy())
    inside = parts[1][:, 0] > 0.5
    keep = np.concatenate([_some(np.flatnonzero(where)) for where in (inside, ~inside)])
    return [part[keep] for part in parts]


def _some(cells: np.ndarray) -> np.ndarray:
    """At most half of ``MOST_CELLS`` of the ``cells``, evenly spaced."""
    if len(cells) <= MOST_CELLS // 2:
        return cells
    return cells[np.linspace(0, len(cells) - 1, MOST_CELLS // 2).astype(int)]


def _statistics(
    session: Session, frame: Frame, mask: np.ndarray, accepted: list[int]
) -> Statistics:
    """Only the accepted slices are sure: what was carried far beyond them is left out."""
    along = np.flatnonzero(mask.any((1, 2)))
    gap = int(1.5 * np.diff(accepted).max(initial=0)) or session.slices
    along = along[(along >= accepted[0] - gap) & (along <= accepted[-1] + gap)]
    right = mask[accepted]
    ends = [along, *(np.flatnonzero(right.any((0, 3 - axis))) for axis in (1, 2))]
    extent, place = [0.0] * 3, [(0.0, 1.0)] * 3
    for axis, found in enumerate(ends):
        first, last = int(found[0]), int(found[-1])
        extent[frame.axes[axis]] = (last - first + 1) * frame.spacing[axis]
        place[frame.axes[axis]] = frame.place(axis, first, last)
    inside = normalise_slice(session.volume.image[accepted][right], session.volume.window)
    plane = frame.spacing[1] * frame.spacing[2]
    spacing = np.insert(np.array(session.volume.in_plane), session.axis, session.volume.thickness)
    work = session.volume.grid.to_grid(torch.from_numpy(right.astype(np.float32)))
    pieces = [
        max((float(p.sum() / m.sum()) for p in largest_components(m)), default=1.0)
        for m in F.avg_pool2d(work, 2) > 0.5
    ]
    return Statistics(
        spacing=(float(spacing[0]), float(spacing[1]), float(spacing[2])),
        axis=frame.axes[0],
        mean=float(inside.mean()),
        sd=float(inside.std()),
        ml=float(mask[along].sum() * plane * frame.spacing[0] / 1000),
        extent=(extent[0], extent[1], extent[2]),
        place=(place[0], place[1], place[2]),
        area=float(np.percentile(right.sum((1, 2)), 75) * plane),
        piece=float(np.mean(pieces)),
    )
