"""What training minimises, per slice and class."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from ..network.model import Output, S2VNet

ASSIGNMENT_WEIGHT, CENTRE_WEIGHT, VERDICT_WEIGHT = 0.2, 0.5, 0.2
LEAST_SHARE = 0.15
"""Share of the cross-entropy that the structures have at least (raised 8 times at most)."""


def soft_targets(labels: Tensor, structures: int) -> Tensor:
    """Labels [N, H, W] -> class fractions [N, K+1, H/2, W/2] at the resolution of the masks."""
    n, height, width = labels.shape
    quarters = (
        labels.long().view(n, height // 2, 2, width // 2, 2).permute(0, 2, 4, 1, 3).flatten(1, 2)
    )
    shares = torch.zeros(n, structures + 1, height // 2, width // 2, device=labels.device)
    # A one-hot map in full resolution would take sixteen times the memory.
    return shares.scatter_add_(1, quarters, shares.new_tensor(0.25).expand(quarters.shape))


def soft_dice(probability: Tensor, target: Tensor) -> Tensor:
    """Dice of [..., H, W] maps in 0..1, [...]."""
    overlap = (probability * target).sum((-2, -1))
    total = probability.sum((-2, -1)) + target.sum((-2, -1))
    return (2 * overlap + 1) / (total + 1)


def mask_loss(logits: Tensor, target: Tensor) -> Tensor:
    """Cross-entropy plus Dice per item, [N]; ``logits`` and ``target`` [N, K+1, h, w].

    Dice counts the structures that are there; absent ones are left to the cross-entropy.
    Source: kMaX-DeepLab's mask and Dice losses.
    """
    logarithm = logits.log_softmax(1)
    structure = target[:, 1:].sum(1)
    # A small structure would vanish in the mean over the slice.
    raised = (LEAST_SHARE / structure.mean((1, 2), keepdim=True).clamp(min=1e-6)).clamp(1, 8)
    weight = 1 + structure * (raised - 1)
    entropy = -((target * logarithm).sum(1) * weight).mean((1, 2)) / weight.mean((1, 2))
    present = (target[:, 1:].amax((2, 3)) > 0.5).float()
    loss = (1 - soft_dice(logarithm.exp()[:, 1:], target[:, 1:])) * present
    return entropy + loss.sum(1) / present.sum(1).clamp(min=1)


def recognition_loss(model: S2VNet, slices: Tensor, known: Tensor) -> tuple[Tensor, float]:
    """Mean loss of all predefined classes at once, from their learned centres alone, and the mean
    Dice of those that are there.

    ``slices`` [N, H, W] in 0..255, ``known`` uint8 of that shape with class n as n + 1. This is
    the method's own mask (finest features x centres): cheap enough to teach every class every
    slice.
    """
    count = len(model.configuration.classes)
    logits, assignments = model.recognise(slices)
    target = soft_targets(known, count)
    loss = mask_loss(logits, target) + ASSIGNMENT_WEIGHT * _assignment_loss(assignments, target)
    with torch.no_grad():
        dice = soft_dice(F.one_hot(logits.argmax(1), count + 1).permute(0, 3, 1, 2), target)
        there = target.amax((2, 3)) > 0.5
    return loss.mean(), float(dice[:, 1:][there[:, 1:]].mean())


def _assignment_loss(assignments: list[Tensor], target: Tensor) -> Tensor:
    """Cross-entropy of the assignments of pixels to classes, summed over the scales, [N]."""
    loss = target.new_zeros(len(target))
    for assigned in assignments:
        coarse = F.adaptive_avg_pool2d(target, (assigned.shape[2], assigned.shape[3]))
        loss = loss - (coarse * assigned.log_softmax(1)).sum(1).mean((1, 2))
    return loss


def slice_loss(output: Output, target: Tensor) -> tuple[Tensor, Tensor]:
    """Loss [N] of one step's items and the Dice of their masks [N, K] (NaN where absent).

    ``target`` [N, K+1, H/2, W/2] from :func:`soft_targets`. The final mask, the product of centres
    and features, the assignments of the k-means layers, presence and quality are all trained.
    """
    logits = torch.cat([torch.zeros_like(output.logits[:, :1]), output.logits], 1)
    loss = mask_loss(logits, target)
    loss = loss + CENTRE_WEIGHT * mask_loss(output.centre_logits, F.avg_pool2d(target, 2))
    loss = loss + ASSIGNMENT_WEIGHT * _assignment_loss(output.assignments, target)
    with torch.no_grad():
        present = target[:, 1:].amax((2, 3)) > 0.5
        numbers = torch.arange(logits.shape[1], device=logits.device).view(1, -1, 1, 1)
        mask = logits.argmax(1, keepdim=True) == numbers
        dice = soft_dice(mask[:, 1:].float(), (target[:, 1:] > 0.5).float())
    verdict = F.binary_cross_entropy_with_logits(
        output.presence, present.float(), reduction="none"
    ) + F.binary_cross_entropy_with_logits(output.quality, dice, reduction="none")
    loss = loss + VERDICT_WEIGHT * verdict.mean(1)
    return loss, dice.masked_fill(~present, torch.nan)
