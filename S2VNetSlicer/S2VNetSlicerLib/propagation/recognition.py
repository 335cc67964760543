"""What marks are on: a structure that the weights know by name starts whole.

Beyond the paper. Where a volume shows the predefined classes, the automatic mode sees them before
anything is marked. A mark in one of them says which: from then on every slice begins with what was
seen there, and runs from the marks have their say near these.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import permutations
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ..network.model import S2VNet
from .automatic import Anatomy, AutomaticRun, certainty
from .fusion import as_shares
from .transporting import logit_of
from .workgrid import WorkGrid

INSIDE, EACH, DENIED, AGREES, GAINS = 0.6, 0.05, 0.2, 0.4, 0.04
"""A structure is the classes that hold this share of its first marks, each of them that share, and
at most the third of all other marks, if their slices agree so well (Dice) with what the network
makes of the marks, each class adding so much to that."""
LATER = 0.2
"""Of a structure that is known already, another class must hold this share of all marks:
corrections stray into neighbours."""
WEIGHT, DOUBTFUL, TRUSTED = 3.0, 0.6, 0.75
"""What the logit of a class counts whose pixels are, on average, ``TRUSTED`` (0..1); nothing where
they are ``DOUBTFUL``, as small structures often are."""
FADES = 20.0
"""In so many mm from its anchor a run's say falls to a third."""
SURE, SURE_SEEN = 3.0, 4.0
"""Largest logits of a run and of what was seen."""
UNSEEN = 0.02
"""Probability of a class in pixels of no class."""
FEW = 5
"""Slices that tell how a volume lies."""


class Recognition:
    """The predefined classes in a volume: ``labels`` uint8 [slices, rows, columns] (class + 1, 0:
    none) and how ``sure`` they are, 0..255 of that type and shape. ``weights``: what each class
    counts beside a run, by its number (from 1)."""

    def __init__(self, labels: np.ndarray, sure: np.ndarray) -> None:
        self.labels, self.sure = labels, sure
        counts = np.stack([np.bincount(slice_.ravel(), None, 256) for slice_ in labels])
        total = np.bincount(labels.ravel(), sure.ravel(), 256) / 255
        mean = total / np.maximum(counts.sum(0), 1)
        self.weights = WEIGHT * ((mean - DOUBTFUL) / (TRUSTED - DOUBTFUL)).clip(0, 1)
        self._there = counts > 0

    def shows(self, z: int, numbers: Collection[int]) -> np.ndarray:
        """Where slice ``z`` shows the classes ``numbers``, bool [rows, columns]."""
        chosen = np.zeros(256, bool)
        chosen[list(numbers)] = True
        return chosen[self.labels[z]]

    def apart(self, numbers: Collection[int], others: Collection[int]) -> set[int]:
        """The slices in which the classes ``numbers`` say anything else than ``others``."""
        if not numbers or not others or self.weight(numbers) != self.weight(others):
            return set(range(len(self.labels)))
        some = list(set(numbers) ^ set(others))
        return set(np.flatnonzero(self._there[:, some].any(1)).tolist())

    def likely(self, z: int, numbers: Collection[int]) -> np.ndarray:
        """Probability of the classes ``numbers`` in slice ``z``, float32 [rows, columns]."""
        labels, sure = self.labels[z], self.sure[z] / np.float32(255)
        other = np.where(labels > 0, (1 - sure) / 2, np.float32(UNSEEN))
        return np.where(self.shows(z, numbers), sure, other)

    def under(
        self, marks: Mapping[int, np.ndarray], structure: int, found: Mapping[int, np.ndarray]
    ) -> tuple[int, ...]:
        """The classes that ``structure`` (from 1) is made of, none where it is something else:
        both thalami, or one. ``marks`` of all marked slices, ``found``: what the network makes of
        them there, bool [rows, columns]."""
        count, against = self._counts(marks, structure)
        numbers = self._joined((), count, against, found, EACH)
        held, denied = count[list(numbers)].sum(), against[list(numbers)].sum()
        if held < max(1, INSIDE * count.sum()) or denied > DENIED * against.sum():
            return ()
        return numbers if self.weight(numbers) > 0 and self.agrees(numbers, found) else ()

    def further(
        self,
        numbers: tuple[int, ...],
        marks: Mapping[int, np.ndarray],
        structure: int,
        found: Mapping[int, np.ndarray],
    ) -> tuple[int, ...]:
        """The classes ``numbers`` of ``structure`` and others that are marked as well by now:
        whoever marked one thalamus may mark the other later. ``marks``, ``found``: see
        :meth:`under`."""
        more = self._joined(numbers, *self._counts(marks, structure), found, LATER)
        return more if self.weight(more) > 0 else numbers

    def _joined(
        self,
        numbers: tuple[int, ...],
        count: np.ndarray,
        against: np.ndarray,
        found: Mapping[int, np.ndarray],
        least: float,
    ) -> tuple[int, ...]:
        """``numbers`` and other classes that more than a share of ``least`` of the marks is on."""
        for number in (1 + np.argsort(-count[1:], kind="stable")).tolist():
            if number in numbers or count[number] <= max(least * count.sum(), against[number]):
                continue
            # Strokes stray into neighbours: these make the whole hardly more like what was found.
            if self.agreement((*numbers, number), found) > self.agreement(numbers, found) + GAINS:
                numbers = (*numbers, number)
        return numbers

    def _counts(
        self, marks: Mapping[int, np.ndarray], structure: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Marked voxels of ``structure`` in each class (0: in none), and other marked ones."""
        mine = [self.labels[z][m == structure + 1] for z, m in marks.items()]
        others = [self.labels[z][(m > 0) & (m != structure + 1)] for z, m in marks.items()]
        count, against = (np.bincount(np.concatenate(m), minlength=256) for m in (mine, others))
        return count, against

    def weight(self, numbers: Collection[int]) -> float:
        """What the classes ``numbers`` count beside a run."""
        return float(self.weights[list(numbers)].min())

    def agrees(self, numbers: Collection[int], found: Mapping[int, np.ndarray]) -> bool:
        """Whether the classes ``numbers`` are what was ``found`` in slices, on the whole."""
        return self.agreement(numbers, found) >= AGREES

    def agreement(self, numbers: Collection[int], found: Mapping[int, np.ndarray]) -> float:
        """Mean Dice of the classes ``numbers`` and what was ``found`` in slices."""
        dice = []
        for z, mask in found.items():
            seen = self.shows(z, numbers)
            if size := int(mask.sum()) + int(seen.sum()):
                dice.append(2 * int((mask & seen).sum()) / size)
        return float(np.mean(dice)) if dice else 0.0


class Known:
    """What is known of the K structures of a session: ``numbers`` of classes of each."""

    def __init__(
        self,
        seen: Recognition,
        numbers: Sequence[tuple[int, ...]],
        grid: WorkGrid,
        thickness: float,
    ) -> None:
        self.seen, self.numbers, self.grid, self.thickness = seen, numbers, grid, thickness
        self._weighed: dict[tuple[int, tuple[int, ...]], Tensor] = {}

    def of(self, numbers: Sequence[tuple[int, ...]]) -> Known:
        """The same where structures are the classes ``numbers``."""
        other = Known(self.seen, numbers, self.grid, self.thickness)
        other._weighed = self._weighed
        return other

    def add(self, masks: Tensor, z: Tensor, distance: Tensor) -> Tensor:
        """``masks`` [N, K, h, w] of runs, whose anchors are ``distance`` [N, K] slices away, with
        what was seen in slices ``z``."""
        near = (-distance * self.thickness / FADES).exp()[..., None, None]
        seen = torch.stack([self.weighed(slice_) for slice_ in z.tolist()]).to(masks)
        both = as_shares((near * logit_of(masks, SURE) + seen).sigmoid())
        known = torch.tensor([bool(numbers) for numbers in self.numbers], device=masks.device)
        return torch.where(known[:, None, None], both, masks)

    def weighed(self, z: int) -> Tensor:
        """What was seen in slice ``z``, as logits [K, h, w] that count as much as they should."""
        for numbers in self.numbers:
            if (z, numbers) not in self._weighed:
                self._weighed[z, numbers] = self._weigh(z, numbers)
        return torch.stack([self._weighed[z, numbers] for numbers in self.numbers])

    def _weigh(self, z: int, numbers: tuple[int, ...]) -> Tensor:
        if not numbers:
            return torch.zeros(self.grid.height // 2, self.grid.width // 2, dtype=torch.float16)
        likely = torch.from_numpy(self.seen.likely(z, numbers))[None]
        work = F.avg_pool2d(self.grid.to_work(likely), 2)[0]
        return (self.seen.weight(numbers) * logit_of(work, SURE_SEEN)).to(torch.float16)

    def confidence(self, z: int) -> np.ndarray:
        """Expected Dice of what was seen in slice ``z``, [K]; NaN where nothing is known."""
        found = np.full(len(self.numbers), np.nan, np.float32)
        for k, numbers in enumerate(self.numbers):
            if numbers:
                there = self.seen.shows(z, numbers)
                found[k] = self.seen.sure[z][there].mean() / 255 if there.any() else 0
        return found


def recognise(
    model: S2VNet,
    image: np.ndarray,
    window: tuple[float, float],
    facts: Mapping[str, Any],
    anatomy: Anatomy | None,
    spacing: Sequence[float],
    device: torch.device,
) -> Iterator[Recognition | None]:
    """Look for the predefined classes in ``image`` [slices, rows, columns]; yields None as signs of
    life and last, where the volume shows them, what was seen.

    ``facts``: what the weights' card says of them. ``anatomy`` None: how the volume lies is found
    by trying, which takes the time of a hundred slices.
    """
    least = float(facts.get("least_confidence", 0))
    classes = range(len(model.configuration.classes))
    if not classes or not least:
        return
    if anatomy is None:
        tried: dict[str, float] = {}
        for way in (way for lie in lies(spacing) for way in lie.ways):
            if (key := _key(way)) not in tried:
                tried[key] = certainty(model, image, window, way, device, FEW)
                yield None
        anatomy = max(lies(spacing), key=lambda lie: sum(tried[_key(way)] for way in lie.ways))
    if certainty(model, image, window, anatomy, device) < least:
        return
    run = AutomaticRun(classes, model, image, window, anatomy, (0, len(image) - 1))
    for _ in run.run(device):
        yield None
    labels, sure = run.everywhere
    yield Recognition(labels, np.rint(sure * np.float32(255)).astype(np.uint8))


def lies(spacing: Sequence[float]) -> list[Anatomy]:
    """All ways in which a volume may lie, but for what a mirror changes."""
    return [
        Anatomy(axes, [(True, front, up)[axis] for axis in axes], spacing)
        for axes in permutations(range(3))
        for front in (True, False)
        for up in (True, False)
    ]


def _key(way: Anatomy) -> str:
    """In which order slices are read makes no difference."""
    return f"{way.order} {way.flip[1]}"
