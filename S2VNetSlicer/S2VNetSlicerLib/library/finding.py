"""Finding learned classes in another volume, without marks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ..errors import UserError
from ..network.encoder import Features
from ..network.logistic_regression import TrainingSamples
from ..network.model import RecurrentState, S2VNet
from ..network.semantic_head import BodyPart
from ..propagation.automatic import check_classes
from ..propagation.body_parts import learned_here, presence
from ..propagation.components import largest_components
from ..propagation.expected_dice import expected_dice
from ..propagation.records import SliceResult
from ..propagation.session import Session
from ..propagation.slice_propagator import Step
from ..propagation.slice_store import SliceStore
from ..texts import texts
from .frame import Frame
from .learned import AXES, Example, LearnedClass, Orientation

_ = texts(__name__)

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
        learned.check(session.volume.modality, weights)
        if learned.axis != frame.axes[0]:
            raise UserError(
                "{learned} was learned on slices along {axes}: choose that direction.",
                learned=learned.name,
                axes=AXES[learned.axis],
            )
    yield from session.apply_result(LearnedRun(session, wanted, frame))


def find_all(
    session: Session,
    wanted: Mapping[int, LearnedClass | int],
    *,
    card: Mapping[str, Any],
    orientation: Orientation | None = None,
    parts: Sequence[BodyPart] | None = None,
    tell: Callable[[str], object] = lambda reason: None,
) -> Generator[SliceResult, None, None]:
    """:func:`find` for learned classes and, by their index, predefined ones of the weights.

    A learned class that is a predefined one (``known_as``) is found as that where the volume shows
    it, else from what was learned. ``card`` is that of the weights; ``parts`` of the body that the
    volume shows (None: see :func:`shown_parts`). Predefined classes of other parts are not found,
    and where none is shown ``tell`` gets a sentence about it. Raises UserError as :func:`find`
    does, and for predefined classes of another modality.
    """
    classes = session.volume.model.classes
    known = {number: kind for number, kind in wanted.items() if isinstance(kind, int)}
    learned = {number: kind for number, kind in wanted.items() if not isinstance(kind, int)}
    weights, place = str(card.get("name", "unknown")), orientation or Orientation()
    for kind in learned.values():
        kind.check(session.volume.modality, weights)
    tell = tell if known else lambda reason: None
    known |= {
        number: classes.index(kind.known_as)
        for number, kind in learned.items()
        if kind.known_as in classes
    }
    if known:
        check_classes(list(known.values()), session.volume.model)
        asked = {kind + 1 for kind in known.values()}
        shown = parts
        if shown is None:
            shown = shown_parts(session, card, place, asked, tell)
        there = {number - 1 for part in shown for number in part.numbers}
        known = {number: kind for number, kind in known.items() if kind in there}
        if known:
            numbers = [known.get(n, -1) for n in range(1, session.structures + 1)]
            yield from session.automatic(numbers, axes=place.axes, grows=place.grows, parts=shown)
    learned = {
        number: kind
        for number, kind in learned.items()
        if number not in known or not (session.labels == number).any()
    }
    if learned:
        yield from find(session, learned, weights=weights, orientation=orientation)


def shown_parts(
    session: Session,
    card: Mapping[str, Any],
    orientation: Orientation,
    numbers: Collection[int] | None = None,
    tell: Callable[[str], object] = lambda reason: None,
) -> list[BodyPart]:
    """The parts of the body that the volume shows, of those that have one of the predefined classes
    ``numbers`` (from 1; None: of all); where there are none ``tell`` gets a sentence about it.

    ``card`` is that of the weights. Raises UserError where all were learned in the other modality.
    """
    volume = session.volume
    anatomy = volume.anatomy(orientation.axes, orientation.grows)
    looked = learned_here(volume, card, numbers)
    if not looked:
        raise UserError(
            "The weights know these classes in another modality, this volume is {modality}: mark "
            "the structures instead.",
            modality=volume.modality,
        )
    found = [presence(part, volume, card, anatomy) for part in looked]
    best = max(found, key=lambda f: f.sure - f.least)
    if not best.shown:
        tell(
            _(
                "The volume does not show the body part whose classes the weights know "
                "(confidence {sure:.2f}, {least:.2f} is needed): mark the structures instead."
            ).format(sure=best.sure, least=best.least)
        )
    return [f.part for f in found if f.shown]


def recalled(
    model: S2VNet, features: Features, lent: list[Tensor], classifier: Tensor, most: int = 4
) -> RecurrentState:
    """Nothing handed on but the centres ``lent`` [2, M, C], the first of them to begin with, and a
    ``classifier`` [1, 1, size]; of the centres at ``most`` so many."""
    begin = model.initial_state(1, features)
    lent = [c.to(begin.centroids) for c in lent[:most]]
    memory = torch.cat(lent, 1)[None]
    return replace(
        begin,
        centroids=lent[0][None],
        history=torch.stack(lent).mean((0, 2))[None],
        prompt_memory=memory,
        prompt_memory_mask=torch.ones(memory.shape[:3], dtype=torch.bool, device=memory.device),
        match=features.match,
        appearance=classifier,
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
        return self.session.volume.grid.to_labels(self._masks[z].float())[0]

    def run(self, device: torch.device) -> Iterator[int]:
        """Yields slices in which classes were segmented, nearest to their best slice first."""
        for number, learned in self.learned.items():
            with torch.inference_mode():
                search = Search(self.session, learned, self.frame, number)
                best = search.best()
                if best is None:
                    continue
                store, steps = search.start(best)
            yield from self._keep([best.z], number, store)
            while True:
                with torch.inference_mode():
                    step = next(steps, None)
                if step is None:
                    break
                yield from self._keep([*step.between, *step.z.tolist()], number, store)
            yield from self._keep(store.take_ended(), number, store)

    def _keep(self, slices: list[int], number: int, store: SliceStore) -> Iterator[int]:
        for z in dict.fromkeys(slices):
            here = torch.tensor([z], device=store.masks.device)
            with torch.inference_mode():
                masks = store.fused(torch.zeros_like(here), here)[0]
                # The slice where the class was found stands for a marked one.
                away = store.distance[:, 0, z].amin(0) * self.session.volume.thickness
                sure = float(expected_dice(masks, store.fused_quality(z), away)[0])
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
        self.propagator = session.volume.propagator(1, session.slices // 2)
        like = self.propagator.init_store().classifier
        self.samples = [training_samples_of(example, like) for example in self.examples]
        store = self.propagator.init_store(external_samples=self.samples)
        self.classifier = store.classifier
        self.centres = [
            (along, torch.from_numpy(np.asarray(centre)).to(store.centroids))
            for example in self.examples
            for along, centre in zip(example.along, example.centres, strict=True)
        ]
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
        n = self.session.volume.image.shape[axis]
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
        here = torch.tensor([z], device=self.session.volume.device)
        features = self.propagator.take(torch.zeros_like(here), here)
        most = self.propagator.settings.propagation.max_remembered
        model = self.propagator.model
        output = model.step(
            features, recalled(model, features, self.lent(z), self.classifier, most)
        )
        mask = output.probabilities()[0, 0].float() * self._allowed(z)
        sure = float((output.presence.sigmoid() * output.quality.sigmoid())[0, 0])
        parts = largest_components(mask > 0.5) if self.whole else [mask > 0.5]
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
        work = F.avg_pool2d(self.session.volume.grid.to_grid(plane[None]), 2)[0]
        return work.to(self.session.volume.device)

    def _agreement(self, inside: Tensor, mask: Tensor, features: Features) -> float:
        """How well area and brightness of the cells ``inside`` agree with an example, 0..1."""
        if not inside.any():
            return 0.0
        scale, spacing = self.session.volume.grid.scale, self.session.volume.in_plane
        area = float(inside.sum()) * 4 * spacing[0] / scale[0] * spacing[1] / scale[1]
        light = F.interpolate(features.tissue[:, :1].float(), size=mask.shape, mode="bilinear")
        brightness = float(light[0, 0][inside].mean()) * 255
        best = 0.0
        for expected in (e.statistics for e in self.examples):
            away = (brightness - expected.mean) / (expected.sd + SHADE)
            by_area = min(area / expected.area, expected.area / area)
            best = max(best, by_area * float(np.exp(-0.5 * away**2)))
        return best * float(mask[inside].mean())

    def start(self, best: _Probe) -> tuple[SliceStore, Iterator[Step]]:
        """Passes from the best slice, with the core of its mask as marks, and what they fill."""
        z = torch.tensor([best.z], device=self.session.volume.device)
        rows = torch.zeros_like(z)
        mask = best.mask[None, None]
        sure = _eroded((mask > SURE).float())
        if not sure.any():
            sure = (mask >= mask.max()).float()
        marks = sure * 2
        marks[F.max_pool2d(mask, 5, 1, 2) < SURELY_NOT] = 1
        marks = F.interpolate(marks, scale_factor=2.0, mode="nearest")[:, 0].to(torch.uint8)
        store = self.propagator.init_store(self.lent(best.z), self.samples)
        start = store.remember(self.propagator.segment_prompted(store, rows, z, marks))
        return store, self.propagator.propagate(store, rows, z, start, *self.within(best.z))


def training_samples_of(example: Example, like: Tensor) -> TrainingSamples:
    """What an example says about the look of its class, as tensors ``like`` another."""
    x, y, offset, weight = (
        torch.from_numpy(np.asarray(part)).to(like)
        for part in (example.x, example.y, example.offset, example.weight)
    )
    return TrainingSamples(x, y, offset, weight, len(x))


def _eroded(mask: Tensor) -> Tensor:
    return -F.max_pool2d(-mask, 3, 1, 1)
