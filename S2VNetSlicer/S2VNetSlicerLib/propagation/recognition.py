"""What marks are on: a structure that the weights know by name starts whole.

Beyond the paper. Where a volume shows the predefined classes, the automatic mode sees them before
anything is marked. A mark in one of them says which: from then on every slice begins with what was
seen there, and passes from the marks have their say near these.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from itertools import permutations
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ..network.semantic_head import BodyPart
from .automatic import AnatomicalOrientation, AutomaticRun, mirrored
from .body_parts import PartPresence, learned_here, part_facts, presence
from .fusion import normalise_overlap
from .inference_grid import InferenceGrid
from .mask_warping import logit_of
from .settings import AutomaticSettings, PriorSettings
from .volume import InferenceVolume

DEFAULT = PriorSettings()
AUTOMATIC = AutomaticSettings()


class Recognition:
    """The predefined ``classes`` (names) in a volume: ``labels`` uint8 [slices, rows, columns]
    (class + 1, 0: none) and how ``sure`` they are, 0..255 of that type and shape; ``organs``: the
    numbers of classes that are structures of their own; tissues of a brain make up larger ones.
    ``weights``: what each class counts beside a pass, by its number (from 1)."""

    def __init__(
        self,
        labels: np.ndarray,
        sure: np.ndarray,
        classes: Sequence[str],
        organs: Collection[int] = (),
        settings: PriorSettings = DEFAULT,
    ) -> None:
        self.labels, self.sure, self.settings = labels, sure, settings
        self._organs = frozenset(organs)
        self._other_side = {n: other + 1 for n, other in enumerate(mirrored(classes), 1)}
        counts = np.stack([np.bincount(slice_.ravel(), None, 256) for slice_ in labels])
        total = np.bincount(labels.ravel(), sure.ravel(), 256) / 255
        mean = total / np.maximum(counts.sum(0), 1)
        doubtful, trusted = settings.doubtful, settings.trusted
        self.weights = settings.weight * ((mean - doubtful) / (trusted - doubtful)).clip(0, 1)
        self._there = counts > 0

    def shows(self, z: int, numbers: Collection[int]) -> np.ndarray:
        """Where slice ``z`` shows the classes ``numbers``, bool [rows, columns]."""
        chosen = np.zeros(256, bool)
        chosen[list(numbers)] = True
        return chosen[self.labels[z]]

    def changed_slices(self, numbers: Collection[int], others: Collection[int]) -> set[int]:
        """The slices in which the classes ``numbers`` say anything else than ``others``."""
        if not numbers or not others or self.weight(numbers) != self.weight(others):
            return set(range(len(self.labels)))
        some = list(set(numbers) ^ set(others))
        return set(np.flatnonzero(self._there[:, some].any(1)).tolist())

    def probability(self, z: int, numbers: Collection[int]) -> np.ndarray:
        """Probability of the classes ``numbers`` in slice ``z``, float32 [rows, columns]."""
        labels, sure = self.labels[z], self.sure[z] / np.float32(255)
        other = np.where(labels > 0, (1 - sure) / 2, np.float32(self.settings.unseen))
        return np.where(self.shows(z, numbers), sure, other)

    def match_structure(
        self, marks: Mapping[int, np.ndarray], structure: int, found: Mapping[int, np.ndarray]
    ) -> tuple[int, ...]:
        """The classes that ``structure`` (from 1) is made of, none where it is something else:
        both thalami, or one. ``marks`` of all marked slices, ``found``: what the network makes of
        them there, bool [rows, columns]."""
        count, against = self._counts(marks, structure)
        numbers = self._joined((), count, against, found, self.settings.each)
        held, denied = count[list(numbers)].sum(), against[list(numbers)].sum()
        if (
            held < max(1, self.settings.inside * count.sum())
            or denied > self.settings.denied * against.sum()
        ):
            return ()
        return numbers if self.weight(numbers) > 0 and self.agrees(numbers, found) else ()

    def extend_match(
        self,
        numbers: tuple[int, ...],
        marks: Mapping[int, np.ndarray],
        structure: int,
        found: Mapping[int, np.ndarray],
    ) -> tuple[int, ...]:
        """The classes ``numbers`` of ``structure`` and others that are marked as well by now:
        whoever marked one thalamus may mark the other later. ``marks``, ``found``: see
        :meth:`match_structure`."""
        more = self._joined(numbers, *self._counts(marks, structure), found, self.settings.later)
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
            different = numbers and self._other_side.get(number) not in numbers
            plain = self.settings.different if different and number in self._organs else least
            if number in numbers or count[number] <= max(plain * count.sum(), against[number]):
                continue
            # Strokes stray into neighbours: these make the whole hardly more like what was found.
            least_agreement = self.agreement(numbers, found) + self.settings.gains
            if self.agreement((*numbers, number), found) > least_agreement:
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
        """What the classes ``numbers`` count beside a pass."""
        return float(self.weights[list(numbers)].min())

    def agrees(self, numbers: Collection[int], found: Mapping[int, np.ndarray]) -> bool:
        """Whether the classes ``numbers`` are what was ``found`` in slices, on the whole."""
        return self.agreement(numbers, found) >= self.settings.agrees

    def agreement(self, numbers: Collection[int], found: Mapping[int, np.ndarray]) -> float:
        """Dice of the classes ``numbers`` and what was ``found``, over all slices: corrected ones
        are those where both differ most, often at an end with little of either."""
        return pooled_dice({z: self.shows(z, numbers) for z in found}, found)


def pooled_dice(masks: Mapping[int, np.ndarray], found: Mapping[int, np.ndarray]) -> float:
    """Dice of ``masks`` and what was ``found``, over all slices; 0 where both are empty."""
    both = sum(int((masks[z] & mask).sum()) for z, mask in found.items())
    size = sum(int(masks[z].sum()) + int(mask.sum()) for z, mask in found.items())
    return 2 * both / size if size else 0.0


class StructurePrior:
    """What is known of the K structures of a session: ``numbers`` of classes of each."""

    def __init__(
        self,
        seen: Recognition,
        numbers: Sequence[tuple[int, ...]],
        grid: InferenceGrid,
        thickness: float,
    ) -> None:
        self.seen, self.numbers, self.grid, self.thickness = seen, numbers, grid, thickness
        self._weighed: dict[tuple[int, tuple[int, ...]], Tensor] = {}

    def of(self, numbers: Sequence[tuple[int, ...]]) -> StructurePrior:
        """The same where structures are the classes ``numbers``."""
        other = StructurePrior(self.seen, numbers, self.grid, self.thickness)
        other._weighed = self._weighed
        return other

    def add(self, masks: Tensor, z: Tensor, distance: Tensor) -> Tensor:
        """``masks`` [N, K, h, w] of passes, whose prompted slices are ``distance`` [N, K] slices
        away, with what was seen in slices ``z``."""
        near = (-distance * self.thickness / self.seen.settings.decay_mm).exp()[..., None, None]
        seen = torch.stack([self.weighed(slice_) for slice_ in z.tolist()]).to(masks)
        both = normalise_overlap(
            (near * logit_of(masks, self.seen.settings.max_logit) + seen).sigmoid()
        )
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
        likely = torch.from_numpy(self.seen.probability(z, numbers))[None]
        work = F.avg_pool2d(self.grid.to_grid(likely), 2)[0]
        logit = logit_of(work, self.seen.settings.max_seen_logit)
        return (self.seen.weight(numbers) * logit).to(torch.float16)

    def confidence(self, z: int) -> np.ndarray:
        """Expected Dice of what was seen in slice ``z``, [K]; NaN where nothing is known."""
        found = np.full(len(self.numbers), np.nan, np.float32)
        for k, numbers in enumerate(self.numbers):
            if numbers:
                there = self.seen.shows(z, numbers)
                found[k] = self.seen.sure[z][there].mean() / 255 if there.any() else 0
        return found


def recognise(
    volume: InferenceVolume, card: Mapping[str, Any], anatomy: AnatomicalOrientation | None
) -> Iterator[Recognition | None]:
    """Look for the predefined classes in ``volume``; yields None as signs of life and last, where
    it shows a part of the body whose classes are known, what was seen.

    ``card`` of the weights; a part of which it names no least confidence is not looked for.
    ``anatomy`` None: how the volume lies is found by trying, which takes the time of a hundred
    slices for each part.
    """
    shown: list[PartPresence] = []
    lies = anatomy
    for part in learned_here(volume, card):
        facts = part_facts(card, part.name)
        if least := facts.get("for_names", facts.get("least_confidence")):
            lie = anatomy or (yield from _tried(volume, card, part))
            found = presence(part, volume, card, lie)
            if found.sure >= least:
                if found.sure > max((other.sure for other in shown), default=0):
                    lies = lie
                shown.append(found)
            yield None
    if not shown or lies is None:
        return
    settings, classes = volume.settings, range(len(volume.model.classes))
    about = [found.part for found in shown], volume.image, volume.window, lies
    within = 0, volume.slices - 1
    run = AutomaticRun(classes, *about, within, settings.automatic, settings.grid)
    for _ in run.run(volume.device):
        yield None
    labels, sure = run.everywhere
    sure = np.rint(sure * np.float32(255)).astype(np.uint8)
    organs = {
        number
        for found in shown
        if part_facts(card, found.part.name).get("body_part") != "brain"
        for number in found.part.numbers
    }
    yield Recognition(labels, sure, volume.model.classes, organs, settings.prior)


def _tried(
    volume: InferenceVolume, card: Mapping[str, Any], part: BodyPart
) -> Generator[None, None, AnatomicalOrientation]:
    """The way in which ``volume`` lies if it shows ``part``."""
    settings = volume.settings
    candidates = candidate_orientations(volume.spacing, settings.automatic.thick_ratio)
    tried: dict[str, float] = {}
    for way in (way for lie in candidates for way in lie.ways):
        if (key := _key(way)) not in tried:
            few = settings.prior.orientation_slices
            tried[key] = presence(part, volume, card, way, few).sure
            yield None
    return max(candidates, key=lambda lie: sum(tried[_key(way)] for way in lie.ways))


def candidate_orientations(
    spacing: Sequence[float], thick_ratio: float = AUTOMATIC.thick_ratio
) -> list[AnatomicalOrientation]:
    """All ways in which a volume may lie, but for what a mirror changes."""
    return [
        AnatomicalOrientation(
            axes, [(True, front, up)[axis] for axis in axes], spacing, None, thick_ratio
        )
        for axes in permutations(range(3))
        for front in (True, False)
        for up in (True, False)
    ]


def _key(way: AnatomicalOrientation) -> str:
    """In which order slices are read makes no difference."""
    return f"{way.order} {way.flip[1]}"
