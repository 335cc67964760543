"""Beside each run of the network, one that pixels alone carry: what both say is shown."""

from __future__ import annotations

import torch
from torch import Tensor

from ..network.transport import transported
from .fusion import as_shares
from .retouching import Looks

WEIGHT, FADES = 1.5, 60.0
"""What the carried mask's logit counts beside the network's, and in how many mm from the anchor
that falls to a third: it drifts."""
SURE, SURE_CARRIED = 5.0, 4.0
"""Largest logits of the network and of a carried mask."""


class Transport:
    """Carries masks of anchors through slices ``thickness`` mm apart and adds them to a run's."""

    def __init__(self, looks: Looks, thickness: float) -> None:
        self.looks, self.thickness = looks, thickness

    def carry(self, masks: Tensor, rows: Tensor, z: Tensor, ahead: Tensor) -> Tensor:
        """``masks`` [N, K, h, w] of slices ``z`` as they lie in the slices ``ahead``."""
        return transported(masks, self.looks(rows, z), self.looks(rows, ahead))

    def add(self, masks: Tensor, carried: Tensor, gone: Tensor) -> Tensor:
        """``masks`` of the network with the ``carried`` ones, [N, K, h, w], ``gone`` [N] slices
        from their anchors. Their errors differ: the network leaks, transport misses."""
        weight = WEIGHT * (-gone * self.thickness / FADES).exp()[:, None, None, None]
        logit = logit_of(masks, SURE) + weight * logit_of(carried, SURE_CARRIED)
        return as_shares(logit.sigmoid()).to(masks)


def logit_of(masks: Tensor, largest: float) -> Tensor:
    """Logits of ``masks`` (0..1), at most ``largest`` either way."""
    return torch.logit(masks.float(), 1e-4).clamp(-largest, largest)
