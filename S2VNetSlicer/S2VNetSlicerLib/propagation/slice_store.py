"""All that is known of the slices of a volume between marks: the inference state of a session."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from ..network.logistic_regression import TrainingSamples
from ..network.model import Output, RecurrentState
from ..network.pixel_classifier import PixelClassifier
from .fusion import FAR, fuse_directions
from .settings import FusionSettings

UP, DOWN = 0, 1
SliceTensors = tuple[Tensor, ...]


@dataclass
class PromptedSlices:
    """N slices ``z`` of volumes ``batch_index`` that were just segmented from ``marks`` uint8 [N,
    H, W].

    ``output`` of the network, the ``masks`` [N, K, h, w] that are made of it, those ``before``;
    ``known`` [N]: whether these say anything; ``traced`` [N, K]: which classes are there; ``said``
    [N, K+1, h, w]: the marks as shares; ``recurrent``: what passes from here receive.
    """

    batch_index: Tensor
    z: Tensor
    marks: Tensor
    output: Output
    masks: Tensor
    before: Tensor
    known: Tensor
    traced: Tensor
    said: Tensor
    recurrent: RecurrentState

    def start(self) -> RecurrentState:
        """``recurrent`` with the ``masks`` as they are by now, marks obeyed."""
        silent = (self.said.sum(1, keepdim=True) == 0).to(self.said)
        previous = self.said[:, 1:] + silent * self.masks
        return replace(self.recurrent, previous=previous * self.traced[..., None, None])


class SliceStore:
    """Masks of B volumes of ``slices`` slices, as ``begin`` shows their size, at stride 2 of the
    work grid, and what else prompts and passes left.

    The first axis of ``masks`` [2, B, D, K, h, w] in 0..1 is the direction in which a pass came;
    ``distance`` [2, B, D, K] in slices from the prompted one (``FAR``: no pass was there);
    ``quality`` [2, B, D, K] the expected Dice; ``centroids`` and ``history`` of the last pass,
    where ``seen`` [B, D]: slices of an initial segmentation have only masks. ``external_centroids``
    [K+1, M, C] each and ``external_samples`` are those of prompted slices of other volumes.
    """

    def __init__(
        self,
        begin: RecurrentState,
        volumes: int,
        slices: int,
        dtype: torch.dtype,
        fusion: FusionSettings,
        external_centroids: Sequence[Tensor] = (),
        external_samples: Sequence[TrainingSamples] = (),
    ) -> None:
        k, size, device = begin.previous.shape[1], begin.previous.shape[2:], begin.previous.device
        self.fusion, self.slices = fusion, slices
        self.masks = torch.zeros(2, volumes, slices, k, *size, dtype=dtype, device=device)
        self.distance = torch.full((2, volumes, slices, k), FAR, device=device)
        self.quality = torch.zeros(2, volumes, slices, k, device=device)
        self.centroids = begin.centroids.new_zeros(volumes, slices, *begin.centroids.shape[1:])
        self.history = begin.history.new_zeros(volumes, slices, *begin.history.shape[1:])
        self.seen = torch.zeros(volumes, slices, dtype=torch.bool, device=device)
        self._first: Callable[[list[int]], Tensor] | None = None
        """Gives the masks of slices before any pass: see :meth:`begin_with`..."""
        self._untouched: set[int] = set()
        """... and these have not been asked for yet."""
        self._undo: dict[tuple[int, int], SliceTensors] | None = None
        """What slices (volume, number) were before the pass that is under way, if any."""

        # The memory bank: what prompts said.
        self.prompt_centroids: list[dict[int, Tensor]] = [{} for _ in range(volumes)]
        """Of the prompted slices of each volume, [K+1, M, C] by slice."""
        self.external_centroids = list(external_centroids)
        self.samples: list[dict[int, TrainingSamples]] = [{} for _ in range(volumes)]
        """What their marks say about the look of the classes, by slice."""
        self.external_samples = list(external_samples)
        self.classifier = begin.appearance.repeat(volumes, 1, 1)
        """Weights that are fitted to all samples of a volume, [B, K, size]."""

        # What is under way.
        self.prompted: PromptedSlices | None = None
        """The slices that were just segmented from prompts."""
        self.starts: dict[int, RecurrentState] = {}
        """What passes from prompted slices begin with, until they are at their end."""
        self.changed_cells: dict[int, Tensor] = {}
        """What marks changed there (bool [1, K, h, w]), where passes change nothing else."""
        self.covered: dict[int, tuple[int, int]] = {}
        """The range that passes from a prompted slice covered where a range had cut them."""
        self.stale: dict[int, PixelClassifier | None] = {}
        """Slices whose masks are newer than their labels; and the pixel classifier that these
        masks go with, where later marks taught another."""
        self._ended: set[int] = set()

        # What planes across the slices say.
        self.reached: set[int] = set()
        """Slices that passes came to."""
        self.unrefined: set[int] = set()
        """Those of which planes said nothing since."""
        self.refined: dict[int, Tensor] = {}
        """Masks [K, h, w] of slices as planes have them."""

        # Slices that are being read, as far as the stages are.
        self.shown: dict[int, Tensor] = {}
        """Masks [K, h, w]: both directions, names and planes."""
        self.classified: dict[int, Tensor] = {}
        """Masks [K, h, w] with uncertain pixels classified."""
        self.labels: dict[int, np.ndarray] = {}
        """Uint8 [rows, columns]."""

    # ---- what was known before -----------------------------------------------------------------

    def begin_with(
        self, masks: Callable[[list[int]], Tensor], distance: Tensor, quality: Tensor
    ) -> None:
        """The slices of the only volume begin with ``masks`` [N, K, h, w], as if passes had left
        them in both directions, ``distance`` [K] slices from a prompted one and of ``quality``
        [slices, K]. Those of a slice are made when it is first touched: a large volume takes
        seconds."""
        self.distance[:] = distance.to(self.distance)
        self.quality[:] = quality.to(self.quality)
        self._first, self._untouched = masks, set(range(self.slices))

    def initial(self, z: Tensor) -> Tensor:
        """The masks [N, K, h, w] that slices of the only volume began with."""
        if self._first is None:
            return torch.zeros_like(self.masks[UP, 0, z])
        return self._first(z.tolist()).to(self.masks)

    def _touch(self, z: Tensor) -> None:
        if self._first is None or not self._untouched:
            return
        if new := sorted(self._untouched.intersection(z.tolist())):
            self.masks[:, 0, new] = self._first(new).to(self.masks)
            self._untouched.difference_update(new)

    # ---- prompts -------------------------------------------------------------------------------

    def all_samples(self, volume: int) -> list[TrainingSamples]:
        """Those of a volume and of others."""
        return [*self.external_samples, *self.samples[volume].values()]

    def hold(self, prompted: PromptedSlices | None) -> None:
        """What was just segmented from prompts, for the stages that follow."""
        self.prompted = prompted

    def remember(self, prompted: PromptedSlices) -> RecurrentState:
        """Put prompted slices in; returns what passes from there begin with."""
        start, batch_index, z = prompted.start(), prompted.batch_index, prompted.z
        distance = torch.where(prompted.traced, 0.0, FAR)
        items = torch.arange(len(batch_index), device=z.device)
        for direction in (UP, DOWN):
            self.put(prompted.output, items, start.previous, direction, batch_index, z, distance)
        for item, (volume, slice_) in enumerate(zip(batch_index.tolist(), z.tolist(), strict=True)):
            self.prompt_centroids[volume][slice_] = prompted.output.centroids[item]
        return start

    def prompt_changed(self, z: int) -> None:
        """Slice ``z`` is marked anew."""
        self.starts.pop(z, None)
        self.changed_cells.pop(z, None)
        self.covered.pop(z, None)

    def forget_gradients(self) -> None:
        """Cut the graph of this round from the centres that the next one reads."""
        self.prompt_centroids = [
            {z: c.detach() for z, c in kept.items()} for kept in self.prompt_centroids
        ]

    # ---- passes --------------------------------------------------------------------------------

    @contextmanager
    def one_pass(self) -> Iterator[None]:
        """Slices change for good only if what is done in here comes to its end."""
        self._undo = {}
        planes = set(self.reached), set(self.unrefined), dict(self.refined), dict(self.stale)
        try:
            yield
        except BaseException:
            with torch.inference_mode():
                for place, kept in self._undo.items():
                    for tensor, before in zip(self._of(*place), kept, strict=True):
                        tensor.copy_(before)
            self.reached, self.unrefined, self.refined, self.stale = planes
            raise
        finally:
            self._undo = None

    def _of(self, volume: int, z: int) -> SliceTensors:
        """Views of all that passes leave of a slice."""
        both = (self.masks[:, volume, z], self.distance[:, volume, z], self.quality[:, volume, z])
        return (*both, self.centroids[volume, z], self.history[volume, z], self.seen[volume, z])

    def _keep(self, batch_index: Tensor, z: Tensor) -> None:
        """Slices are about to change."""
        self._touch(z)
        if self._undo is None:
            return
        for place in zip(batch_index.tolist(), z.tolist(), strict=True):
            if place not in self._undo:
                self._undo[place] = tuple(tensor.clone() for tensor in self._of(*place))

    def take_ended(self) -> list[int]:
        """Slices that passes did not reach because nothing was left, since the last call."""
        ended, self._ended = sorted(self._ended), set()
        return ended

    def changed(self, slices: Iterable[int]) -> None:
        """Passes segmented ``slices``: planes may say something else of all."""
        slices = list(slices)
        self.reached.update(slices)
        self.unrefined = set(self.reached)
        for z in slices:
            self.refined.pop(z, None)
            if z in self.stale:
                self.stale[z] = None

    # ---- reading -------------------------------------------------------------------------------

    def read(self, slices: Sequence[int], masks: Tensor) -> None:
        """Read ``slices``, and no others, from now on: passes left ``masks`` [N, K, h, w]."""
        self.shown = dict(zip(slices, masks, strict=True))
        self.classified, self.labels = {}, {}

    @contextmanager
    def aside(self) -> Iterator[None]:
        """What is read in here leaves those alone that are being read outside."""
        reading = self.shown, self.classified, self.labels
        try:
            yield
        finally:
            self.shown, self.classified, self.labels = reading

    def fused(self, batch_index: Tensor, z: Tensor) -> Tensor:
        """The masks of slices, both directions as one, [N, K, h, w] in 0..1."""
        self._touch(z)
        masks, distance = self.masks[:, batch_index, z].float(), self.distance[:, batch_index, z]
        return fuse_directions(masks, distance, self.fusion)

    def fused_quality(self, z: int, volume: int = 0) -> Tensor:
        """What the network expects of the masks of slice ``z`` of a volume as Dice, [K]."""
        weight = 1 / (self.distance[:, volume, z] + 0.1)
        return (self.quality[:, volume, z] * weight).sum(0) / weight.sum(0)

    def put(
        self,
        output: Output,
        items: Tensor,
        mask: Tensor,
        direction: int,
        batch_index: Tensor,
        z: Tensor,
        away: Tensor,
    ) -> None:
        """The ``items`` of a step are the slices ``z`` [N] of volumes ``batch_index``, ``away``
        [N, K] slices from their prompted slices, with their ``mask`` [N, K, h, w]; what came from
        nearer prompted slices stays."""
        self._keep(batch_index, z)
        here, distance = (direction, batch_index, z), away.clamp(max=FAR)
        # Where this pass goes over a prompted slice that knows some of its classes, those stay that
        # prompted slice's.
        before, old = self.distance[here], self.masks[here]
        nearer = distance <= before
        # A correction says less about slices far away: what was found there before counts as well.
        how = self.fusion
        share = how.earlier_share * (before < FAR) * distance / (distance + how.earlier_slices)
        mask = mask.lerp(old.to(mask), share[..., None, None].to(mask)).to(self.masks.dtype)
        quality = output.quality[items].detach().sigmoid().float()
        self.masks[here] = torch.where(nearer[..., None, None], mask, old)
        self.quality[here] = torch.where(nearer, quality, self.quality[here])
        self.distance[here] = distance.minimum(before)
        self.centroids[batch_index, z] = output.centroids[items].detach()
        self.history[batch_index, z] = output.history[items].detach()
        self.seen[batch_index, z] = True

    def put_nothing(
        self, direction: int, volume: Tensor, z: Tensor, away: Tensor, last: Tensor
    ) -> None:
        """Slices ``z`` [N] of volume ``volume`` that a pass, ``away`` [N, K] from its prompted
        slice, did not reach because nothing was left in slice ``last``: they are empty."""
        self._ended.update(z.tolist())
        self._keep(volume.expand(len(z)), z)
        distance, here = away.clamp(max=FAR), (direction, volume, z)
        nearer = distance <= self.distance[here]
        quality = self.quality[direction, volume, last].expand(len(z), -1)
        self.masks[here] = self.masks[here] * ~nearer[..., None, None]
        self.quality[here] = torch.where(nearer, quality, self.quality[here])
        self.distance[here] = distance.minimum(self.distance[here])
