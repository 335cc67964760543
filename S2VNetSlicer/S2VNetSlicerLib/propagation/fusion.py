"""What several say of a slice becomes one."""

from __future__ import annotations

from torch import Tensor


def fuse_directions(masks: Tensor, distance: Tensor, quality: Tensor) -> Tensor:
    """Weighted mean of the two directions, [..., K, h, w].

    ``masks`` [2, ..., K, h, w] in 0..1; ``distance`` [2, ..., K] in slices to the anchor each run
    came from (very large where there is none); ``quality`` [2, ..., K] the expected Dice in 0..1.
    The nearer and the more confident run weighs more. Source: own choice, after the linear blend of
    forward and backward passes in interactive video segmentation (MiVOS).
    """
    weight = (quality.clamp(0.05, 1) ** 2) / (distance + 0.1)
    weight = weight / weight.sum(0, keepdim=True)
    return (masks * weight[..., None, None]).sum(0)


def as_shares(maps: Tensor) -> Tensor:
    """``maps`` [..., K, h, w], less where together they claim more than 1."""
    return maps / maps.sum(-3, keepdim=True).clamp(min=1)
