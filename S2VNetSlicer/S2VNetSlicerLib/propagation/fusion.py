"""What several say of a slice becomes one."""

from __future__ import annotations

import torch
from torch import Tensor

from .settings import FusionSettings

FAR = 1e6
"""Distance, in slices, of a prompted slice that is not there."""


DEFAULT = FusionSettings()


def fuse_directions(
    masks: Tensor, distance: Tensor, quality: Tensor, settings: FusionSettings = DEFAULT
) -> Tensor:
    """Weighted mean of the two directions, [..., K, h, w].

    ``masks`` [2, ..., K, h, w] in 0..1; ``distance`` [2, ..., K] in slices to the prompted slice
    each pass came from (``FAR`` where there is none); ``quality`` [2, ..., K] the expected Dice in
    0..1. The nearer and the more confident pass weighs more. Source: own choice, after the linear
    blend of forward and backward passes in interactive video segmentation (MiVOS).
    """
    if settings.rule == "nearest":
        return torch.where((distance[0] <= distance[1])[..., None, None], masks[0], masks[1])
    if settings.rule == "mean":
        weight = (distance < FAR).to(masks)
    else:
        judged = quality.clamp(settings.min_quality, 1) ** settings.quality_power
        weight = judged / (distance + settings.distance_offset)
    weight = weight / weight.sum(0, keepdim=True).clamp(min=1e-30)
    return (masks * weight[..., None, None]).sum(0)


def normalise_overlap(maps: Tensor) -> Tensor:
    """``maps`` [..., K, h, w], less where together they claim more than 1."""
    return maps / maps.sum(-3, keepdim=True).clamp(min=1)
