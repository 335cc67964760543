"""What several say of a slice becomes one."""

from __future__ import annotations

from torch import Tensor

from .settings import FusionSettings

FAR = 1e6
"""Distance, in slices, of a prompted slice that is not there."""


DEFAULT = FusionSettings()


def fuse_directions(masks: Tensor, distance: Tensor, settings: FusionSettings = DEFAULT) -> Tensor:
    """Weighted mean of the two directions, [..., K, h, w].

    ``masks`` [2, ..., K, h, w] in 0..1; ``distance`` [2, ..., K] in slices to the prompted slice
    each pass came from (``FAR`` where there is none): the nearer pass weighs more. Source: the
    linear blend of forward and backward passes in interactive video segmentation (MiVOS).
    """
    weight = 1 / (distance + settings.distance_offset)
    weight = weight / weight.sum(0, keepdim=True)
    return (masks * weight[..., None, None]).sum(0)


def normalise_overlap(maps: Tensor) -> Tensor:
    """``maps`` [..., K, h, w], less where together they claim more than 1."""
    return maps / maps.sum(-3, keepdim=True).clamp(min=1)
