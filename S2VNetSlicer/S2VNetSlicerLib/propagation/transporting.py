"""Beside each run of the network, one that pixels alone carry: what both say is shown."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from ..network.settings import PatchMatchingSettings
from ..network.transport import transported
from .fusion import as_shares

DEFAULT = PatchMatchingSettings()
Looks = Callable[[Tensor, Tensor], Tensor]
"""What pixels of slices look like: (rows, z) -> [N, C, H/2, W/2]."""


class Transport:
    """Carries masks of anchors through slices ``thickness`` mm apart and adds them to a run's."""

    def __init__(
        self, looks: Looks, thickness: float, settings: PatchMatchingSettings = DEFAULT
    ) -> None:
        self.looks, self.thickness, self.settings = looks, thickness, settings

    def carry(self, masks: Tensor, rows: Tensor, z: Tensor, ahead: Tensor) -> Tensor:
        """``masks`` [N, K, h, w] of slices ``z`` as they lie in the slices ``ahead``."""
        return transported(masks, self.looks(rows, z), self.looks(rows, ahead), self.settings)

    def add(self, masks: Tensor, carried: Tensor, gone: Tensor) -> Tensor:
        """``masks`` of the network with the ``carried`` ones, [N, K, h, w], ``gone`` [N] slices
        from their anchors. Their errors differ: the network leaks, transport misses."""
        settings = self.settings
        near = (-gone * self.thickness / settings.decay_mm).exp()[:, None, None, None]
        carried = settings.weight * near * logit_of(carried, settings.max_carried_logit)
        logit = logit_of(masks, settings.max_logit) + carried
        return as_shares(logit.sigmoid()).to(masks)


def logit_of(masks: Tensor, largest: float) -> Tensor:
    """Logits of ``masks`` (0..1), at most ``largest`` either way."""
    return torch.logit(masks.float(), 1e-4).clamp(-largest, largest)
