"""A result of another method, or of the automatic mode, that marks then correct."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ..annotation.initial import InitialSegmentation
from ..annotation.state import AnnotationState
from .fusion import FAR
from .inference_grid import InferenceGrid
from .settings import InitialSettings
from .slice_store import SliceStore
from .volume import InferenceVolume

DEFAULT = InitialSettings()


class InitialMasks:
    """``labels`` uint8 [slices, rows, columns] of ``structures`` classes, trusted as if each slice
    came from a prompted slice ``trust`` slices away: corrections nearer than that win.

    ``confidence`` [slices, K] is the expected Dice. A class without any voxel is not there yet.
    ``numbers`` are those of its classes in ``labels``, see :meth:`only`.
    """

    def __init__(
        self,
        labels: np.ndarray,
        structures: int,
        grid: InferenceGrid,
        trust: int,
        confidence: np.ndarray | None = None,
        settings: InitialSettings = DEFAULT,
    ) -> None:
        self.labels, self.grid = labels, grid
        self.numbers = np.arange(1, structures + 1, dtype=np.uint8)
        if confidence is None:
            confidence = np.full((len(labels), structures), settings.default_dice, np.float32)
        self.confidence = confidence
        counts = np.stack([np.bincount(plane.ravel(), None, 256) for plane in labels]).sum(0)
        there = torch.from_numpy(counts[1 : structures + 1] > 0)
        self.distance = torch.where(there, float(trust), FAR)

    def only(self, numbers: Sequence[int]) -> InitialMasks:
        """The same of these of its classes, in this order; all others are background."""
        other, kept = copy(self), [n - 1 for n in numbers]
        other.numbers, other.distance = self.numbers[kept], self.distance[kept]
        other.confidence = self.confidence[:, kept]
        return other

    def masks(self, z: list[int]) -> Tensor:
        """Masks [N, K, H/2, W/2] of slices ``z`` on the work grid."""
        planes = self.labels[z][:, None] == self.numbers[:, None, None]
        flat = torch.from_numpy(planes.reshape(-1, *planes.shape[2:])).float()
        work = F.avg_pool2d(self.grid.to_grid(flat), 2)
        return work.view(*planes.shape[:2], *work.shape[1:])

    def preset(self, store: SliceStore) -> None:
        """Let passes begin with these masks, in both directions."""
        if (self.distance < FAR).any():
            store.begin_with(self.masks, self.distance, torch.from_numpy(self.confidence))

    def changed(self, distance: Tensor) -> Tensor:
        """Classes [K] of a slice that a pass came near enough to change; ``distance`` [2, K]."""
        return (distance.cpu() < self.distance).any(0)

    def keep(self, z: int, labels: np.ndarray) -> np.ndarray:
        """``labels`` of slice ``z``, with the loaded voxels where nothing else was found.

        Masks are coarser than slices: without this, every border would change a little.
        """
        coarse = self.grid.to_labels(self.masks([z])[0])[0]
        mine = np.zeros(256, np.uint8)
        mine[self.numbers] = np.arange(1, len(self.numbers) + 1)
        return np.where(labels == coarse, mine[self.labels[z]], labels)


class KnownResults:
    """What ``state`` held before its marks: a result that is corrected, or what was restored."""

    def __init__(self, state: AnnotationState, volume: InferenceVolume) -> None:
        self.state, self.volume = state, volume
        self.initial: InitialMasks | None = None
        """The result that is corrected."""
        self.restored: InitialMasks | None = None
        """What was there when the masks were forgotten: a click says little without its slice."""

    def begin_with(self, confidence: np.ndarray | None) -> None:
        """What there is is to be corrected, with its expected Dice [slices, K] if known."""
        source = self.state.initial.source if self.state.initial is not None else ""
        self.state.correct(InitialSegmentation(self.state.labels.copy(), source, confidence))
        self.refresh()

    def refresh(self) -> None:
        """State or grid have changed."""
        if (initial := self.state.initial) is None:
            self.initial = None
        else:
            trust = self.volume.settings.trust
            self.initial = self._masks(initial.labels, trust, initial.confidence)

    def restore(self) -> None:
        """The state was replaced by another."""
        self.refresh()
        if self.state.labels.any():
            far = self.volume.settings.initial.restored_distance
            self.restored = self._masks(self.state.labels.copy(), far)

    def forget(self) -> None:
        """The masks of passes are forgotten, and with them what they would have replaced."""
        self.restored = None

    def _masks(
        self, labels: np.ndarray, distance: int, confidence: np.ndarray | None = None
    ) -> InitialMasks:
        by_slice = np.moveaxis(labels, self.state.axis, 0)
        how = distance, confidence, self.volume.settings.initial
        return InitialMasks(by_slice, len(self.state.structures), self.volume.grid, *how)
