"""What runs left of every slice: masks from both directions, and what vouches for them."""

from __future__ import annotations

import torch
from torch import Tensor

from ..network.model import Carried, Output
from .fusion import FAR, fuse_directions
from .settings import FusionSettings

UP, DOWN = 0, 1
Kept = tuple[Tensor, ...]


class SliceStore:
    """Masks of B volumes of ``slices`` slices, as ``begin`` shows their size, at stride 2 of the
    work grid; the first axis is the direction in which a run came.

    ``masks`` [2, B, D, K, h, w] in 0..1; ``distance`` [2, B, D, K] in slices from the anchor
    (``FAR``: no run was there); ``quality`` [2, B, D, K] the expected Dice; ``centres`` and
    ``history`` of the last run, where ``seen`` [B, D]: slices of a loaded result have only masks.
    """

    def __init__(
        self, begin: Carried, volumes: int, slices: int, dtype: torch.dtype, fusion: FusionSettings
    ) -> None:
        k, size, device = begin.previous.shape[1], begin.previous.shape[2:], begin.previous.device
        self.fusion = fusion
        self.masks = torch.zeros(2, volumes, slices, k, *size, dtype=dtype, device=device)
        self.distance = torch.full((2, volumes, slices, k), FAR, device=device)
        self.quality = torch.zeros(2, volumes, slices, k, device=device)
        self.centres = begin.centres.new_zeros(volumes, slices, *begin.centres.shape[1:])
        self.history = begin.history.new_zeros(volumes, slices, *begin.history.shape[1:])
        self.seen = torch.zeros(volumes, slices, dtype=torch.bool, device=device)
        self._undo: dict[tuple[int, int], Kept] | None = None
        """What slices (volume, number) were before the run that is under way, None outside one."""

    def begin_run(self) -> None:
        """Until :meth:`commit` all changes are those of one run."""
        self._undo = {}

    def take_back(self) -> None:
        """What a run that was stopped or broke left half done is as it was before."""
        for (row, z), kept in (self._undo or {}).items():
            for tensor, before in zip(self._of(row, z), kept, strict=True):
                tensor.copy_(before)
        self._undo = None

    def commit(self) -> None:
        """The run is at its end."""
        self._undo = None

    def _of(self, row: int, z: int) -> Kept:
        """Views of all that is held of a slice."""
        both = (self.masks[:, row, z], self.distance[:, row, z], self.quality[:, row, z])
        return (*both, self.centres[row, z], self.history[row, z], self.seen[row, z])

    def _keep(self, rows: Tensor, z: Tensor) -> None:
        if self._undo is None:
            return
        for place in zip(rows.tolist(), z.tolist(), strict=True):
            if place not in self._undo:
                self._undo[place] = tuple(tensor.clone() for tensor in self._of(*place))

    def fused(self, rows: Tensor, z: Tensor) -> Tensor:
        """The masks of slices, both directions as one, [N, K, h, w] in 0..1."""
        masks, distance = self.masks[:, rows, z].float(), self.distance[:, rows, z]
        return fuse_directions(masks, distance, self.quality[:, rows, z], self.fusion)

    def fused_quality(self, z: int, row: int = 0) -> Tensor:
        """What the network expects of the masks of slice ``z`` of a volume as Dice, [K]."""
        weight = 1 / (self.distance[:, row, z] + 0.1)
        return (self.quality[:, row, z] * weight).sum(0) / weight.sum(0)

    def put(
        self,
        output: Output,
        items: Tensor,
        mask: Tensor,
        direction: int,
        rows: Tensor,
        z: Tensor,
        away: Tensor,
    ) -> None:
        """The ``items`` of a step are the slices ``z`` [N] of volumes ``rows``, ``away`` [N, K]
        slices from their anchors, with their ``mask`` [N, K, h, w]; what came from nearer anchors
        stays."""
        self._keep(rows, z)
        here, distance = (direction, rows, z), away.clamp(max=FAR)
        # Where this run passes an anchor that knows some of its classes, those stay that anchor's.
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
        self.centres[rows, z] = output.centres[items].detach()
        self.history[rows, z] = output.history[items].detach()
        self.seen[rows, z] = True

    def put_nothing(
        self, direction: int, row: Tensor, z: Tensor, away: Tensor, last: Tensor
    ) -> None:
        """Slices ``z`` [N] of volume ``row`` that a run, ``away`` [N, K] from its anchor, did not
        reach because nothing was left in slice ``last``: they are empty."""
        self._keep(row.expand(len(z)), z)
        distance, here = away.clamp(max=FAR), (direction, row, z)
        nearer = distance <= self.distance[here]
        quality = self.quality[direction, row, last].expand(len(z), -1)
        self.masks[here] = self.masks[here] * ~nearer[..., None, None]
        self.quality[here] = torch.where(nearer, quality, self.quality[here])
        self.distance[here] = distance.minimum(self.distance[here])
