"""Beside each pass of the network, one that pixels alone carry: what both say is shown."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from ..network.patch_matching import match_patches
from ..network.settings import PatchMatchingSettings
from .fusion import normalise_overlap

DEFAULT = PatchMatchingSettings()
PixelFeatures = Callable[[Tensor, Tensor], Tensor]
"""What pixels of slices look like: (rows, z) -> [N, C, H/2, W/2]."""


class PatchPropagation:
    """Carries masks of prompted slices through slices ``thickness`` mm apart and adds them to a
    pass's."""

    def __init__(
        self,
        pixel_features: PixelFeatures,
        thickness: float,
        settings: PatchMatchingSettings = DEFAULT,
    ) -> None:
        self.pixel_features, self.thickness, self.settings = pixel_features, thickness, settings

    def warp(self, masks: Tensor, batch_index: Tensor, z: Tensor, ahead: Tensor) -> Tensor:
        """``masks`` [N, K, h, w] of slices ``z`` as they lie in the slices ``ahead``."""
        return match_patches(
            masks,
            self.pixel_features(batch_index, z),
            self.pixel_features(batch_index, ahead),
            self.settings,
        )

    def add(self, masks: Tensor, carried: Tensor, travelled: Tensor) -> Tensor:
        """``masks`` of the network with the ``carried`` ones, [N, K, h, w], ``travelled`` [N]
        slices from their prompted slices. Their errors differ: the network leaks, transport
        misses."""
        settings = self.settings
        near = (-travelled * self.thickness / settings.decay_mm).exp()[:, None, None, None]
        carried = settings.weight * near * logit_of(carried, settings.max_carried_logit)
        logit = logit_of(masks, settings.max_logit) + carried
        return normalise_overlap(logit.sigmoid()).to(masks)


def logit_of(masks: Tensor, largest: float) -> Tensor:
    """Logits of ``masks`` (0..1), at most ``largest`` either way."""
    return torch.logit(masks.float(), 1e-4).clamp(-largest, largest)
