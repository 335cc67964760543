"""Finding learned classes in another volume, without marks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ..errors import UserError
from ..network.appearance import Evidence, fit_appearance
from ..network.encoder import Features
from ..network.model import Carried
from ..propagation.automatic import Anatomy, certainty
from ..propagation.pieces import pieces_of
from ..propagation.propagator import Propagator
from ..propagation.records import SliceResult
from ..propagation.review import expected_dice
from ..propagation.session import Session
from .frame import Frame
from .learned import AXES, LearnedClass, Orientation

PROBES = 32
"""Slices in which a class is looked for."""
DRIFT = 0.12
"""Standard deviation of places between volumes, as a share of the body's extent."""
SHADE = 25.0
"""Brightness (0..255) differs so much between volumes."""
LEAST = 0.05
"""A class whose best slice scores less is not in the volume."""
CLEARLY = 2.0
"""Elsewhere in the body a class must score so many times better than near its place."""
REACH = 0.75
"""Runs end so many expected extents beyond the best slice."""
WHOLE = 0.85
"""A structure whose largest piece has this share of a slice is one piece in a slice."""
SURE, SURELY_NOT = 0.7, 0.15
"""Cells above and below become marks of the first slice."""


def find(
    session: Session,
    wanted: Mapping[int, LearnedClass],
    *,
    weights: str,
    orientation: Orientation | None = None,
) -> Iterator[SliceResult]:
    """Segment the learned classes ``wanted`` as the structures (1..K) of ``session``.

    Each starts in its best slice and runs outward; voxels of other structures are left alone. The
    result is then there to be corrected, as after :meth:`Session.load`. Stop iterating to cancel.
    Raises UserError for a class of another modality, slice direction or other weights.
    """
    frame = Frame(session, orientation or Orientation())
    for learned in wanted.values():
        learned.check(session.modality, weights)
        if learned.axis != frame.axes[0]:
            raise UserError(
                f"{learned.name} was learned on slices along {AXES[learned.axis]}: choose that "
                "direction."
            )
    yield from session.take_over(LearnedRun(session, wanted, frame))


def find_all(
    session: Session,
    wanted: Mapping[int, LearnedClass | int],
    *,
    card: Mapping[str, Any],
    orientation: Orientation | None = None,
    tell: Callable[[str], object] = lambda reason: None,
) -> Iterator[SliceResult]:
    """:func:`find` for learned classes and, by their index, predefined ones of the weights.

    ``card`` is that of the weights. Where a volume does not show the body part of the predefined
    classes (see :func:`shown`), none of them is found, and ``tell`` gets a sentence about it.
    Raises UserError as :func:`find` does, and for predefined classes of another modality.
    """
    known = {number: kind for number, kind in wanted.items() if isinstance(kind, int)}
    learned = {number: kind for number, kind in wanted.items() if not isinstance(kind, int)}
    place = orientation or Orientation()
    if known:
        facts = card.get("recogniser", {})
        if facts.get("modality", session.modality) != session.modality:
            raise UserError(
                f"The weights know their classes in {facts['modality']}, this volume is "
                f"{session.modality}: mark the structures instead."
            )
        least = float(facts.get("least_confidence", 0))
        if least and (sure := shown(session, place)) < least:
            known = {}
            tell(
                "The volume does not show the body part whose classes the weights know (confidence "
                f"{sure:.2f}, {least:.2f} is needed): mark the structures instead."
            )
    if known:
        classes = [known.get(n, -1) for n in range(1, session.structures + 1)]
        yield from session.automatic(classes=classes, axes=place.axes, grows=place.grows)
    if learned:
        weights = str(card.get("name", "unknown"))
        yield from find(session, learned, weights=weights, orientation=orientation)


def shown(session: Session, orientation: Orientation) -> float:
    """How surely a few slices show the predefined classes, see ``automatic.certainty``."""
    spacing = [session.thickness, *session.in_plane]
    anatomy = Anatomy.of_slices(session.axis, orientation.axes, orientation.grows, spacing)
    how = session.settings.automatic, session.settings.grid
    about = session.model, session.image, session.window, anatomy, session.device
    return certainty(*about, None, *how)


def recalled(propagator: Propagator, features: Features, lent: list[Tensor]) -> Carried:
    """Nothing handed on but the centres ``lent`` [2, M, C], the first of them to begin with."""
    begin = propagator.model.begin(propagator.classes[:1], features)
    lent = [c.to(begin.centres) for c in lent[: propagator.settings.propagation.max_remembered]]
    memory = torch.cat(lent, 1)[None]
    return replace(
        begin,
        centres=lent[0][None],
        history=torch.stack(lent).mean((0, 2))[None],
        memory=memory,
        remembered=torch.ones(memory.shape[:3], dtype=torch.bool, device=memory.device),
        match=features.match,
        appearance=propagator.appearance[:1],
    )


@dataclass
class _Probe:
    """A slice without marks: how well it ``score``s and its mask [h, w]."""

    z: int
    score: float
    mask: Tensor


class LearnedRun:
    """Classes of the library, each from its best slice outward; see ``automatic.Found``."""

    def __init__(self, session: Session, wanted: Mapping[int, LearnedClass], frame: Frame) -> None:
        self.session, self.learned, self.frame = session, wanted, frame
        self.wanted: Collection[int] = {number - 1 for number in wanted}
        self.confidence = np.full((session.slices, session.structures), np.nan, np.float32)
        self._masks: dict[int, Tensor] = {}

    def labels(self, z: int) -> np.ndarray:
        """The structures found so far in slice ``z``, uint8 [rows, columns]."""
        return self.session.grid.to_labels(self._masks[z].float())[0]

    def run(self, device: torch.device) -> Iterator[int]:
        """Yields slices in which classes were segmented, nearest to their best slice first."""
        for number, learned in self.learned.items():
            with torch.inference_mode():
                search = Search(self.session, learned, self.frame, number)
                best = search.best()
                if best is None:
                    continue
                propagator, carried, rows, z = search.start(best)
                runs = propagator.outward(rows, z, carried, *search.within(best.z))
            yield from self._keep([best.z], number, propagator)
            while True:
                with torch.inference_mode():
                    step = next(runs, None)
                if step is None:
                    break
                yield from self._keep([*step.between, *step.z.tolist()], number, propagator)
            yield from self._keep(propagator.take_ended(), number, propagator)

    def _keep(self, slices: list[int], number: int, propagator: Propagator) -> Iterator[int]:
        for z in dict.fromkeys(slices):
            here = torch.tensor([z], device=propagator.store.masks.device)
            with torch.inference_mode():
                masks = propagator.store.fused(torch.zeros_like(here), here)[0]
                # The slice where the class was found stands for an anchor.
                away = propagator.store.distance[:, 0, z].amin(0) * self.session.thickness
                sure = float(expected_dice(masks, propagator.store.fused_quality(z), away)[0])
            if z not in self._masks:
                self._masks[z] = masks.new_zeros(
                    self.session.structures, *masks.shape[1:], dtype=torch.float16
                )
            self._masks[z][number - 1] = masks[0]
            self.confidence[z, number - 1] = sure
            yield z


class Search:
    """Looks for one class in the slices of a session."""

    def __init__(self, session: Session, learned: LearnedClass, frame: Frame, number: int) -> None:
        self.session, self.frame, self.number = session, frame, number
        self.examples = learned.examples
        device = session.device
        self.propagator = session.new_propagator([-1], session.slices // 2)
        floats = self.propagator.appearance.dtype
        self.centres: list[tuple[float, Tensor]] = []
        for n, example in enumerate(self.examples):
            x, y, offset, weight = (
                torch.from_numpy(np.asarray(part)).to(device, floats)
                for part in (example.x, example.y, example.offset, example.weight)
            )
            self.propagator.evidence[0][-1 - n] = Evidence(x, y, offset, weight, len(x))
            self.centres += [
                (along, torch.from_numpy(np.asarray(centre)).to(device))
                for along, centre in zip(example.along, example.centres, strict=True)
            ]
        evidence = list(self.propagator.evidence[0].values())
        if self.propagator.model.configuration.appearance:
            self.propagator.appearance[0] = fit_appearance(evidence)
        self.near = [self._near(axis) for axis in range(3)]
        self.whole = all(e.statistics.piece > WHOLE for e in self.examples)

    def best(self) -> _Probe | None:
        """The slice that shows the class best: near its place, else anywhere; None: nowhere."""
        best = max(self.probes(), key=lambda p: p.score)
        self.near = [np.ones_like(near) for near in self.near]
        anywhere = max(self.probes(), key=lambda p: p.score)
        best = anywhere if anywhere.score > CLEARLY * best.score else best
        return best if best.score >= LEAST else None

    def within(self, z: int) -> tuple[int, int]:
        """Slices that the class may take up when it is best seen in ``z``."""
        longest = max(e.statistics.extent[self.frame.axes[0]] for e in self.examples)
        reach = int(REACH * longest / self.frame.spacing[0]) + 1
        return max(0, z - reach), min(self.session.slices - 1, z + reach)

    def _near(self, axis: int) -> np.ndarray:
        """How likely each index along a session's axis is by its place in the body, [n].

        Across the slices the middle is likelier than the ends: it is to begin with.
        """
        n = self.session.image.shape[axis]
        share = self.frame.relative(axis, np.arange(n))
        best = np.zeros(n)
        for example in self.examples:
            low, high = example.statistics.place[self.frame.axes[axis]]
            if axis:
                away = np.maximum(low - share, share - high).clip(min=0) / DRIFT
            else:
                away = np.abs(share - (low + high) / 2) / max(DRIFT, (high - low) / 2)
            best = np.maximum(best, np.exp(-0.5 * away**2))
        return best

    def lent(self, z: int) -> list[Tensor]:
        """The stored centres, those of the most similar place along the structure first."""
        share = float(self.frame.relative(0, np.array([z]))[0])
        found = []
        for example in self.examples:
            low, high = example.statistics.place[self.frame.axes[0]]
            found.append((share - low) / max(high - low, 1e-3))
        at = float(np.clip(np.mean(found), 0, 1))
        return [c for _, c in sorted(self.centres, key=lambda item: abs(item[0] - at))]

    def probes(self) -> list[_Probe]:
        """Candidate slices, evenly spaced where the class is likely."""
        likely = np.flatnonzero(self.near[0] > 0.05)
        if not len(likely):
            likely = np.arange(self.session.slices)
        count = min(PROBES, len(likely))
        slices = likely[np.linspace(0, len(likely) - 1, count).round().astype(int)]
        return [self._probe(int(z)) for z in np.unique(slices)]

    def _probe(self, z: int) -> _Probe:
        here = torch.tensor([z], device=self.session.device)
        features = self.propagator.take(torch.zeros_like(here), here)
        carried = recalled(self.propagator, features, self.lent(z))
        output = self.propagator.model.step(features, carried)
        mask = output.probabilities()[0, 0].float() * self._allowed(z)
        sure = float((output.presence.sigmoid() * output.quality.sigmoid())[0, 0])
        parts = pieces_of(mask > 0.5) if self.whole else [mask > 0.5]
        found = [(self._agreement(part, mask, features), part) for part in parts]
        agreement, part = max(found, key=lambda item: item[0], default=(0.0, mask > 1))
        if self.whole:
            mask = mask * F.max_pool2d(part[None].float(), 5, 1, 2)[0]
        return _Probe(z, sure * agreement * float(self.near[0][z]), mask)

    def _allowed(self, z: int) -> Tensor:
        """Where in slice ``z`` the class may be: near its place, in no other structure, [h, w]."""
        planes = [self.near[1][:, None] * self.near[2][None]]
        labels = np.moveaxis(self.session.labels, self.session.axis, 0)[z]
        planes.append(np.isin(labels, [0, self.number]))
        plane = torch.from_numpy((planes[0] * planes[1]).astype(np.float32))
        work = F.avg_pool2d(self.session.grid.to_work(plane[None]), 2)[0]
        return work.to(self.session.device)

    def _agreement(self, inside: Tensor, mask: Tensor, features: Features) -> float:
        """How well area and brightness of the cells ``inside`` agree with an example, 0..1."""
        if not inside.any():
            return 0.0
        scale, spacing = self.session.grid.scale, self.session.in_plane
        area = float(inside.sum()) * 4 * spacing[0] / scale[0] * spacing[1] / scale[1]
        light = F.interpolate(features.tissue[:, :1].float(), size=mask.shape, mode="bilinear")
        brightness = float(light[0, 0][inside].mean()) * 255
        best = 0.0
        for expected in (e.statistics for e in self.examples):
            away = (brightness - expected.mean) / (expected.sd + SHADE)
            by_area = min(area / expected.area, expected.area / area)
            best = max(best, by_area * float(np.exp(-0.5 * away**2)))
        return best * float(mask[inside].mean())

    def start(self, best: _Probe) -> tuple[Propagator, Carried, Tensor, Tensor]:
        """The first slice: the core of its mask as marks, so that it becomes an anchor."""
        propagator = self.propagator
        z = torch.tensor([best.z], device=self.session.device)
        rows = torch.zeros_like(z)
        propagator.lent = [c.to(propagator.store.centres) for c in self.lent(best.z)]
        mask = best.mask[None, None]
        sure = _eroded((mask > SURE).float())
        if not sure.any():
            sure = (mask >= mask.max()).float()
        marks = sure * 2
        marks[F.max_pool2d(mask, 5, 1, 2) < SURELY_NOT] = 1
        marks = F.interpolate(marks, scale_factor=2.0, mode="nearest")[:, 0].to(torch.uint8)
        _, carried = propagator.anchor(rows, z, marks)
        return propagator, carried, rows, z


def _eroded(mask: Tensor) -> Tensor:
    return -F.max_pool2d(-mask, 3, 1, 1)
