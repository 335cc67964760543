"""Planes that cross the slices: what prompted slices show where they meet a plane are its marks.

Beyond the paper. A pass sees one slice at a time, and drifts; a plane across all slices sees how a
structure goes on from each to the next, and holds a line of every prompted slice; a network of its
own (``model.planes``) completes the structure from these. The errors of both differ: they agree by
the mean of their logarithms, but a pass that lost a structure hardly counts. Pieces that hang
together with nothing that a prompted slice shows are leaks.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from functools import partial
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ..network.kmeans_decoder import has_marks
from .components import FACES, with_seeds
from .fusion import normalise_overlap
from .inference_grid import MULTIPLE, InferenceGrid, resampling
from .prompt_refinement import AuxiliaryNetwork, log_probabilities
from .semantic_prior import SemanticPrior
from .settings import OrthogonalSettings
from .slice_store import SliceStore
from .stages import Annotation, DueSlices, Read, SliceUpdate, Updates, in_batches
from .volume import InferenceVolume

DEFAULT = OrthogonalSettings()
TOGETHER = 2
"""Planes segmented at once."""

Masks = Callable[[list[int]], Tensor]
"""Masks [N, K, h, w] of slices on the work grid, as passes left them."""
Lines = Mapping[int, np.ndarray]
"""What prompted slices show, by slice: marks uint8 [2h, 2w] of the whole slice."""
T = TypeVar("T")
Alive = Generator[SliceUpdate, None, T]
"""Yields signs of life: what takes seconds in a large volume can be stopped at each."""


class RefineAcrossPlanes:
    """What planes across the slices that passes came to make of their masks.

    ``fused`` masks are those without planes, ``classified`` ones what is shown. Marked slices stay,
    and what is known by name.
    """

    def __init__(
        self,
        network: AuxiliaryNetwork,
        volume: InferenceVolume,
        prior: SemanticPrior,
        fused: Read,
        classified: Read,
    ) -> None:
        self.network, self.grid = network, volume.grid
        self.pixel = volume.in_plane[0] / volume.grid.scale[0] * volume.magnified
        """Of the work grid, in mm, as the thickness."""
        self.thickness = volume.thickness * volume.magnified
        self.prior, self.fused, self.classified = prior, fused, classified
        self.settings, self.faint = volume.settings.orthogonal, network.components.min_mask

    def run(self, store: SliceStore, state: Annotation, due: DueSlices) -> Updates:
        """All slices of the range of which planes said nothing since they changed."""
        if self.prior.knows_all:
            return
        lines = {z: self._line(state, z) for z in state.anchors}
        within = range(due.first, due.last + 1)
        wanted = sorted(store.unrefined.intersection(within) - lines.keys())
        anything = any((shown > 1).any() for shown in lines.values())
        block = None
        if wanted and anything:
            fused = partial(self.fused, state)
            block = yield from SubVolume.around(self, wanted, max(store.reached), fused, lines)
        found = {}
        if block is not None:
            for axis in (0, 1):
                yield from block.add_planes(axis)
            found = yield from block.fused(wanted)
        store.refined.update(found)
        store.stale.update(dict.fromkeys(found))
        store.unrefined.difference_update(within)
        yield SliceUpdate()
        yield from in_batches(list(found))

    def _line(self, state: Annotation, z: int) -> np.ndarray:
        masks, marks = self.classified(state, [z])[0], state.prompts(z)
        how = self.prior.named, self.settings.sure
        return plane_prompts(masks, self.grid.marks_to_grid(marks), *how)


class OverlayRefinedSlices:
    """What planes made of a slice stands for what passes left there."""

    def run(self, store: SliceStore, state: Annotation, due: DueSlices) -> Updates:
        for z in due.slices:
            if z in store.refined:
                store.shown[z] = store.refined[z].to(store.shown[z])
        yield SliceUpdate(due.slices)


class SubVolume:
    """Slices ``z``, one after the other, with their ``masks`` [D, K, h, w] and ``marks`` uint8
    [D, 2h, 2w], and what planes across them say. :meth:`look` first."""

    def __init__(
        self, crossing: RefineAcrossPlanes, z: range, masks: Tensor, marks: np.ndarray, lines: Lines
    ) -> None:
        self.crossing, self.z, self.whole = crossing, z, masks
        away = np.abs(np.array(z)[:, None] - np.array(list(lines))).min(1) * crossing.thickness
        settings = self.settings = crossing.settings
        near, far = settings.near_weight, settings.far_weight
        weight = far - (far - near) * np.exp(-away / settings.decay_mm)
        self.weight = torch.from_numpy(weight).to(masks.device, torch.float32)
        """What planes count in each slice beside its pass."""
        self.complete = all(a in z for a, shown in lines.items() if (shown > 1).any())
        """Whether all prompted slices that show a structure are here."""
        shown = (masks > crossing.faint).flatten(0, 1).any(0).cpu().numpy() | _halved(
            marks > 1
        ).any(0)
        margin = int(settings.margin_mm / (2 * crossing.pixel))
        there = [np.flatnonzero(shown.any(1 - axis)) for axis in (0, 1)]
        rows, columns = (
            slice(max(0, n[0] - margin), min(side, n[-1] + 1 + margin))
            for n, side in zip(there, shown.shape, strict=True)
        )
        self.spans = [
            (n[0] - s.start, n[-1] - s.start) for n, s in zip(there, (rows, columns), strict=True)
        ]
        """First and last row and column that show a structure."""
        self.box = (..., rows, columns)
        self.fine = (
            ...,
            slice(2 * rows.start, 2 * rows.stop),
            slice(2 * columns.start, 2 * columns.stop),
        )
        self.masks, self.marks = masks[self.box], marks[self.fine]  # parts of the whole, no copies
        self.light = masks.new_zeros(0)
        depth, structures, *size = self.masks.shape
        self.sum = masks.new_zeros(depth, structures + 1, *size)
        """Of what planes say, [D, K+1, rows, columns], and how many do."""
        self.count = torch.zeros(size, device=masks.device)

    def look(self) -> Alive[None]:
        """Take in the intensities of the slices."""
        read = self.crossing.network.read
        self.light = yield from _halves(lambda some: read(some)[self.fine], self.z)

    @classmethod
    def around(
        cls,
        crossing: RefineAcrossPlanes,
        due: Sequence[int],
        last: int,
        masks: Masks,
        lines: Lines,
    ) -> Alive[SubVolume | None]:
        """The slices that are ``due`` and those nearby up to the ``last``, as far as structures are
        there."""
        margin = max(1, int(crossing.settings.margin_mm / crossing.thickness))
        z = range(max(0, due[0] - margin), min(last, due[-1] + margin) + 1)
        found = yield from _halves(masks, z)
        marks = np.zeros((len(z), 2 * found.shape[2], 2 * found.shape[3]), np.uint8)
        for at, slice_ in enumerate(z):
            marks[at] = lines.get(slice_, 0)
        there = (found > crossing.faint).flatten(1).any(1).cpu().numpy() | (marks > 1).any((1, 2))
        if not there.any():
            return None
        where = np.flatnonzero(there)
        part = slice(max(0, where[0] - margin), where[-1] + margin + 1)
        yield SliceUpdate()
        block = cls(crossing, z[part], found[part], marks[part], lines)
        yield from block.look()
        return block

    def fused(self, due: Sequence[int]) -> Alive[dict[int, Tensor]]:
        """Masks [K, h, w] of those of the slices ``due`` that are here."""
        here = [z for z in due if z in self.z]
        at = torch.tensor(here, dtype=torch.long) - self.z[0]
        self.light = self.light[:0]  # room for what follows
        for some in at.split(TOGETHER):
            passes = self._logarithms(self.masks[some])
            lost = (self.masks[some] <= 0.5).flatten(2).all(2)[..., None, None]
            silent = self._both(passes, some, self.settings.lost_weight)
            found = torch.where(lost, silent, self._both(passes, some, 1.0))
            self.masks[some] = normalise_overlap(found).to(self.masks)
            yield SliceUpdate()
        self.sum = self.sum[:0]
        if self.settings.remove_unattached:
            self.masks *= yield from self._attached(self.masks)
        return dict(zip(here, self.whole[at], strict=True))

    def _both(self, passes: Tensor, some: Tensor, counts: float) -> Tensor:
        """What ``passes`` (logarithms) and planes, which count so many times more, say of ``some``
        slices."""
        weight = counts * self.weight[some][:, None, None, None]
        both = passes + weight * self.sum[some]
        return (both / (1 + weight * self.count)).softmax(1)[:, 1:]

    def _attached(self, masks: Tensor) -> Alive[Tensor]:
        """Where ``masks`` [D, K, rows, columns] may be: not in pieces that no prompted slice knows
        of."""
        allowed = masks <= self.crossing.faint
        for k in range(masks.shape[1]):
            seeds = torch.from_numpy(_halved(self.marks == k + 2)).to(masks.device)
            known = self.complete and bool(seeds.any())
            allowed[:, k] |= with_seeds(~allowed[:, k], seeds, FACES) if known else True
            yield SliceUpdate()
        return allowed

    def add_planes(self, axis: int) -> Updates:
        """Add what planes across rows (``axis`` 0) or columns say; yields after some of them."""
        light, masks, total, count = (
            t.mT if axis else t for t in (self.light, self.masks, self.sum, self.count)
        )
        marks = self.marks.swapaxes(1, 2) if axis else self.marks
        low, high = self.spans[axis]
        step = max(
            1,
            round(self.settings.spacing_mm / (2 * self.crossing.pixel)),
            -(-(high - low) // self.settings.max_planes),
        )
        at = sorted({*range(low, high, step), high})
        rows = np.arange(len(count))
        marked = {n for n in at if (marks[:, 2 * n : 2 * n + 2] > 1).any()}
        for first in range(0, len(at), TOGETHER):
            here = [n for n in range(first, min(first + TOGETHER, len(at))) if at[n] in marked]
            if not here:
                continue
            shares = np.stack([np.interp(rows, at, np.eye(len(at))[n], 0, 0) for n in here])
            reached = np.flatnonzero(shares.any(0))
            part = slice(reached[0], reached[-1] + 1)
            share = torch.from_numpy(shares[:, part]).to(count)
            said = self._planes(light, marks, masks, [at[n] for n in here])
            total[:, :, part] += torch.einsum("nr,nkdc->dkrc", share, said)
            count[part] += share.sum(0)[:, None]
            yield SliceUpdate()

    def _planes(self, light: Tensor, marks: np.ndarray, masks: Tensor, at: list[int]) -> Tensor:
        """Logarithms of probabilities in the planes across rows ``at`` [N, K+1, D, n]."""
        crossing, (depth, structures), across = self.crossing, masks.shape[:2], light.shape[2]
        tall = min(crossing.thickness / crossing.pixel, self.settings.max_enlarged)
        size = [MULTIPLE * max(1, -(-round(n) // MULTIPLE)) for n in (depth * tall, across)]
        grid = InferenceGrid((depth, across), 0, 0, depth, across, size[0], size[1], (tall, 1.0))
        pairs = torch.stack([light[:, 2 * row : 2 * row + 2] for row in at])
        seen = grid.to_grid(pairs.float().mean(2))
        drawn = [grid.marks_to_grid(marks[:, 2 * row : 2 * row + 2].max(1)) for row in at]
        shown = torch.from_numpy(np.stack(drawn)).to(crossing.network.device)
        before = torch.stack([masks[:, :, row] for row in at]).transpose(1, 2).float()
        up = resampling(depth, size[0] // 2, tall / 2).to(before)
        there = F.pad(up @ before, (0, size[1] // 2 - before.shape[3]))
        found = crossing.network.complete(seen, shown, there)
        down = resampling(size[0] // 2, depth, 2 / tall).to(found)
        found = down @ found[..., : across // 2]
        # Of a class without marks a plane knows nothing: it stays as passes left it.
        stays = before * ~has_marks(shown, structures)[..., None, None]
        return self._logarithms(stays + found * (1 - stays.sum(1, keepdim=True)))

    def _logarithms(self, masks: Tensor) -> Tensor:
        return log_probabilities(masks, self.crossing.network.settings.min_probability)


def _halves(maps: Callable[[list[int]], Tensor], z: range) -> Alive[Tensor]:
    """``maps`` of all slices ``z``, in half precision as they come."""
    found = []
    for n in range(0, len(z), TOGETHER):
        found.append(maps(list(z[n : n + TOGETHER])).to(torch.float16))
        yield SliceUpdate()
    return torch.cat(found)


def _halved(mask: np.ndarray) -> np.ndarray:
    """A mask [..., 2h, 2w] in cells of four pixels."""
    *outer, height, width = mask.shape
    return np.asarray(mask.reshape(*outer, height // 2, 2, width // 2, 2).any((-3, -1)))


def plane_prompts(
    masks: Tensor, marks: np.ndarray, without: Sequence[int] = (), sure: float = DEFAULT.sure
) -> np.ndarray:
    """What a prompted slice with these ``masks`` [K, h, w] shows, as marks uint8 [2h, 2w] that go
    on from the user's ``marks``; of the structures ``without`` (from 1) nothing."""
    best, label = masks.float().max(0)
    nothing = 1 - masks.float().sum(0) > sure
    shown = torch.where(best > sure, label + 2, nothing.to(label)).to("cpu", torch.uint8)
    seen = np.where(marks > 0, marks, np.kron(shown.numpy(), np.ones((2, 2), np.uint8)))
    return np.where(np.isin(seen, [k + 1 for k in without]), 0, seen)
