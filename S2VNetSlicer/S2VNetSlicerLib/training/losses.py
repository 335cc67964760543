"""What training minimises, per slice and class."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from ..network.model import Output, S2VNet
from .cases import ANYTHING, UNKNOWN

ASSIGNMENT_WEIGHT, CENTRE_WEIGHT, VERDICT_WEIGHT = 0.2, 0.5, 0.2
LEAST_SHARE = 0.15
"""Share of the cross-entropy that the structures have at least (raised 8 times at most)."""


def soft_targets(labels: Tensor, structures: int) -> Tensor:
    """Labels [N, H, W] -> class fractions [N, K+1, H/2, W/2] at the resolution of the masks.

    They add up to less than 1 where labels are ``UNKNOWN`` or ``ANYTHING``, and teach so much less
    there.
    """
    n, height, width = labels.shape
    quarters = (
        labels.long().view(n, height // 2, 2, width // 2, 2).permute(0, 2, 4, 1, 3).flatten(1, 2)
    )
    # A channel of its own takes what is unknown, and is dropped.
    quarters = torch.where(quarters >= ANYTHING, structures + 1, quarters)
    shares = torch.zeros(n, structures + 2, height // 2, width // 2, device=labels.device)
    # A one-hot map in full resolution would take sixteen times the memory.
    shares.scatter_add_(1, quarters, shares.new_tensor(0.25).expand(quarters.shape))
    return shares[:, : structures + 1]


def soft_dice(probability: Tensor, target: Tensor) -> Tensor:
    """Dice of [..., H, W] maps in 0..1, [...]."""
    overlap = (probability * target).sum((-2, -1))
    total = probability.sum((-2, -1)) + target.sum((-2, -1))
    return (2 * overlap + 1) / (total + 1)


@dataclass(frozen=True)
class PartialLabels:
    """Where the truth is ``unknown`` (share 0..1, [N, h, w]), but none of the structures that were
    ``drawn`` (bool [N, K])."""

    unknown: Tensor
    drawn: Tensor

    def pooled(self, size: tuple[int, int]) -> PartialLabels:
        """The same at another resolution."""
        unknown = F.adaptive_avg_pool2d(self.unknown[:, None], size)[:, 0]
        return PartialLabels(unknown, self.drawn)


def cross_entropy(
    logarithm: Tensor, target: Tensor, partial: PartialLabels | None = None
) -> Tensor:
    """Of log-probabilities and ``target`` [N, K+1, h, w] at each place, [N, h, w].

    Where the truth is unknown, background and all structures that were not drawn are one class.
    Source: Shi et al. 2021, Marginal loss and exclusion loss for partially supervised multi-organ
    segmentation.
    """
    entropy = -(target * logarithm).sum(1)
    if partial is None:
        return entropy
    possible = F.pad(~partial.drawn, (1, 0), value=True)[:, :, None, None]
    other = logarithm.masked_fill(~possible, -torch.inf).logsumexp(1)
    return entropy - partial.unknown * other


def mask_loss(logits: Tensor, target: Tensor, partial: PartialLabels | None = None) -> Tensor:
    """Cross-entropy plus Dice per item, [N]; ``logits`` and ``target`` [N, K+1, h, w].

    Where ``target`` adds up to less than 1, the truth is unknown and counts so much less, but for
    what ``partial`` labels tell (see :func:`cross_entropy`). Dice counts the structures that are
    there; absent ones are left to the cross-entropy. Source: kMaX-DeepLab's mask and Dice losses.
    """
    logarithm = logits.log_softmax(1)
    structure, known = target[:, 1:].sum(1), target.sum(1)
    told = known[:, None]
    if partial is not None:
        told = told + partial.unknown[:, None] * partial.drawn[:, :, None, None]
        known = told.amax(1)
    # A small structure would vanish in the mean over the slice.
    raised = (LEAST_SHARE / structure.mean((1, 2), keepdim=True).clamp(min=1e-6)).clamp(1, 8)
    weight = 1 + structure * (raised - 1)
    total = (weight * known).mean((1, 2)).clamp(min=1e-6)
    entropy = (cross_entropy(logarithm, target, partial) * weight).mean((1, 2)) / total
    present = (target[:, 1:].amax((2, 3)) > 0.5).float()
    seen = logarithm.exp()[:, 1:] * told
    loss = (1 - soft_dice(seen, target[:, 1:])) * present
    return entropy + loss.sum(1) / present.sum(1).clamp(min=1)


def recognition_loss(
    model: S2VNet, slices: Tensor, known: Tensor, drawn: Tensor | None = None
) -> tuple[Tensor, float]:
    """Mean loss of all predefined classes at once, from their learned centres alone, and the mean
    Dice of those that are there.

    ``slices`` [N, H, W] in 0..255, ``known`` uint8 of that shape with class n as n + 1, ``drawn``
    bool [N, K]: classes that its ``UNKNOWN`` places cannot be (None: none). This is the method's
    own mask (finest features x centres): cheap enough to teach every class every slice.
    """
    assert model.semantic_head is not None
    count = len(model.semantic_head.classes)
    logits, assignments = model.semantic_head(slices)
    target = soft_targets(known, count)
    partial = None
    if drawn is not None:
        unknown = F.avg_pool2d((known == UNKNOWN)[:, None].float(), 2)[:, 0]
        partial = PartialLabels(unknown, drawn)
    loss = mask_loss(logits, target, partial)
    loss = loss + ASSIGNMENT_WEIGHT * _assignment_loss(assignments, target, partial)
    with torch.no_grad():
        mask = F.one_hot(logits.argmax(1), count + 1).permute(0, 3, 1, 2)
        dice = soft_dice(mask * target.sum(1, keepdim=True), target)
        there = target.amax((2, 3)) > 0.5
    return loss.mean(), float(dice[:, 1:][there[:, 1:]].mean())


def _assignment_loss(
    assignments: list[Tensor], target: Tensor, partial: PartialLabels | None = None
) -> Tensor:
    """Cross-entropy of the assignments of pixels to classes, summed over the scales, [N]."""
    loss = target.new_zeros(len(target))
    for assigned in assignments:
        size = assigned.shape[2], assigned.shape[3]
        coarse = F.adaptive_avg_pool2d(target, size)
        told = None if partial is None else partial.pooled(size)
        loss = loss + cross_entropy(assigned.log_softmax(1), coarse, told).mean((1, 2))
    return loss


def slice_loss(output: Output, target: Tensor) -> tuple[Tensor, Tensor]:
    """Loss [N] of one step's items and the Dice of their masks [N, K] (NaN where absent).

    ``target`` [N, K+1, H/2, W/2] from :func:`soft_targets`. The final mask, the product of centres
    and features, the assignments of the k-means layers, presence and quality are all trained.
    """
    logits = torch.cat([torch.zeros_like(output.logits[:, :1]), output.logits], 1)
    loss = mask_loss(logits, target)
    loss = loss + CENTRE_WEIGHT * mask_loss(output.centroid_logits, F.avg_pool2d(target, 2))
    loss = loss + ASSIGNMENT_WEIGHT * _assignment_loss(output.assignments, target)
    with torch.no_grad():
        present = target[:, 1:].amax((2, 3)) > 0.5
        # On a processor ``argmax`` takes many times as long.
        mask = logits[:, 1:] == logits.amax(1, keepdim=True)
        known = target.sum(1, keepdim=True)
        dice = soft_dice(mask * known, (target[:, 1:] > 0.5).float())
        # Whether a structure is absent tells only a slice that is known as a whole.
        told = present | (known.amin((2, 3)) > 0)
    verdict = F.binary_cross_entropy_with_logits(
        output.presence, present.float(), reduction="none"
    ) + F.binary_cross_entropy_with_logits(output.quality, dice, reduction="none")
    loss = loss + VERDICT_WEIGHT * (verdict * told).mean(1)
    return loss, dice.masked_fill(~present, torch.nan)
