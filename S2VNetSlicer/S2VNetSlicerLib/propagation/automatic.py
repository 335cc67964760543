"""Automatic mode: classes start from their learned centres where these are surest."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from ..network.encoder import Features
from ..network.model import S2VNet
from .propagator import Propagator, Step

TOGETHER = 6
"""Classes segmented at once, as in training."""
PROBES = 24
"""Slices in which each class is looked for."""
LEAST = 0.3
"""A class whose presence score stays below this everywhere is not in the volume."""


class Found(Protocol):
    """What finds structures without marks; ``wanted``: which (0 is the first), ``confidence``
    [slices, K] their expected Dice, NaN where nothing was found."""

    wanted: Collection[int]
    confidence: np.ndarray

    def masks(self, z: int) -> Tensor:
        """The masks found so far in slice ``z``, [K, H/2, W/2]; 0 for all other structures."""

    def run(self, device: torch.device) -> Iterator[int]:
        """Yields slices whose masks changed."""


class AutomaticRun:
    """Groups of predefined ``classes``, each from its best slice outward, inside ``within``.

    A class that is not predefined (-1) takes no part. ``confidence`` [slices, K] is the expected
    Dice, NaN where nothing was found yet. Source: S2VNet, automatic mode (the first slice from
    learned centres, then propagation); the choice of that slice and the groups are ours.
    """

    def __init__(
        self,
        classes: Sequence[int],
        model: S2VNet,
        take: Callable[[Tensor], Features],
        new_propagator: Callable[[Sequence[int], int], Propagator],
        slices: int,
        within: tuple[int, int],
    ) -> None:
        self.classes, self.model, self.take = classes, model, take
        self.wanted: Collection[int] = {k for k, known in enumerate(classes) if known >= 0}
        self.new_propagator, self.within = new_propagator, within
        self.confidence = np.full((slices, len(classes)), np.nan, np.float32)
        self._masks: dict[int, Tensor] = {}

    def masks(self, z: int) -> Tensor:
        """The masks found so far in slice ``z``, [K, H/2, W/2]."""
        return self._masks[z].float()

    def run(self, device: torch.device) -> Iterator[int]:
        """Yields slices in which classes were segmented, nearest to their best slice first."""
        for group, z in self._groups(device):
            propagator = self.new_propagator([self.classes[k] for k in group], z)
            here = torch.tensor([z], device=device)
            rows = torch.zeros_like(here)
            with torch.inference_mode():
                height, width = (4 * n for n in self.take(here).mask.shape[2:])
                blank = torch.zeros(1, height, width, dtype=torch.uint8, device=device)
                _, carried = propagator.anchor(rows, here, blank)
                runs = propagator.outward(rows, here, carried, *self.within)
            for done in self._slices(z, runs, propagator):
                self._keep(done, group, propagator)
                yield done

    @staticmethod
    def _slices(z: int, runs: Iterator[Step], propagator: Propagator) -> Iterator[int]:
        yield z
        while True:
            with torch.inference_mode():
                step = next(runs, None)
            if step is None:
                break
            yield from dict.fromkeys([*step.between, *step.z.tolist()])
        yield from propagator.take_ended()

    @torch.inference_mode()
    def _keep(self, z: int, group: list[int], propagator: Propagator) -> None:
        here = torch.tensor([z], device=propagator.masks.device)
        masks = propagator.fused(torch.zeros_like(here), here)[0].half()
        if z not in self._masks:
            self._masks[z] = masks.new_zeros(len(self.classes), *masks.shape[1:])
        self._masks[z][group] = masks
        self.confidence[z, group] = propagator.fused_quality([z])[0].cpu().numpy()

    def _groups(self, device: torch.device) -> list[tuple[list[int], int]]:
        """Classes that are in the volume, those of neighbouring slices together, and the slice
        that shows all of a group best."""
        first, last = self.within
        count = min(PROBES, last - first + 1)
        probes = np.unique(np.linspace(first, last, count).round().astype(int))
        found = [self._probe(z, device) for z in probes.tolist()]
        score = np.stack([s for s, _ in found])
        there = np.stack([p for _, p in found]).max(0) >= LEAST
        known = [k for k in np.flatnonzero(there).tolist() if self.classes[k] >= 0]
        known.sort(key=lambda k: int(score[:, k].argmax()))
        groups = [known[n : n + TOGETHER] for n in range(0, len(known), TOGETHER)]
        relative = score / np.maximum(score.max(0), 1e-6)
        return [(group, int(probes[relative[:, group].mean(1).argmax()])) for group in groups]

    @torch.inference_mode()
    def _probe(self, z: int, device: torch.device) -> tuple[np.ndarray, np.ndarray]:
        """How well each class is seen in slice ``z`` without marks, [K], and its presence, [K]."""
        features = self.take(torch.tensor([z], device=device))
        score, presence = np.zeros(len(self.classes)), np.zeros(len(self.classes))
        for n in range(0, len(self.classes), TOGETHER):
            part = slice(n, n + TOGETHER)
            classes = torch.tensor([self.classes[part]], device=device)
            output = self.model.step(features, self.model.begin(classes, features))
            area = output.probabilities().mean((2, 3)).sqrt()
            sure = output.presence.sigmoid()
            score[part] = (area * sure * output.quality.sigmoid())[0].float().cpu().numpy()
            presence[part] = sure[0].float().cpu().numpy()
        return score, presence
