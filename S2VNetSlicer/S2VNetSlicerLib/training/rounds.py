"""One batch of episodes played as a user would: first marks, a look, corrections.

Features are encoded once and every round runs on them, as in the interactive session; the gradient
of all rounds meets at the features and goes through the encoder once.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ..network.encoder import Features
from ..network.model import RecurrentState, S2VNet
from ..propagation.fusion import normalise_overlap
from ..propagation.slice_propagator import SlicePropagator, Step
from ..propagation.slice_store import SliceStore
from .annotator import correction, draw_grain, first_marks
from .losses import recognition_loss, slice_loss, soft_targets


@dataclass
class Batch:
    """B episodes of D slices: ``images`` [B, D, H, W] 0..255, ``labels`` uint8 of that shape
    with so many ``structures``; these are the predefined classes where it is for the ``automatic``
    mode, and ``drawn``, bool [B, structures], those that ``UNKNOWN`` places cannot be."""

    images: Tensor
    labels: Tensor
    structures: int
    automatic: bool = False
    drawn: Tensor | None = None

    def to(self, device: torch.device) -> Batch:
        """The batch on ``device``."""
        drawn = None if self.drawn is None else self.drawn.to(device)
        images, labels = self.images.to(device), self.labels.to(device)
        return replace(self, images=images, labels=labels, drawn=drawn)


@dataclass
class Played:
    """Mean ``loss`` (already differentiated), mean Dice of each round, slices encoded."""

    loss: float = 0.0
    dice: list[float] = field(default_factory=list)
    slices: int = 0


class Encoded:
    """Features of a batch whose gradients gather until the encoder is differentiated, once.

    Indexing the features directly would fill a tensor of their full size with zeros for each use.
    """

    def __init__(self, features: Features) -> None:
        self.features = features
        self.gradients = [torch.zeros_like(t) for t in features.tensors()]
        self.used: list[tuple[Tensor, list[Tensor]]] = []

    def take(self, index: Tensor) -> Features:
        """The features of slices ``index``, as leaves of the graph."""
        taken = self.features.map(lambda t: t.detach()[index].requires_grad_())
        self.used.append((index, taken.tensors()))
        return taken

    def gather(self) -> None:
        """Add up the gradients of everything taken since the last call."""
        for index, leaves in self.used:
            for total, leaf in zip(self.gradients, leaves, strict=True):
                if leaf.grad is not None:
                    total.index_add_(0, index, leaf.grad)
        self.used = []

    def backward(self) -> None:
        """Differentiate the encoder."""
        pairs = zip(self.features.tensors(), self.gradients, strict=True)
        learned = [pair for pair in pairs if pair[0].requires_grad]
        torch.autograd.backward([t for t, _ in learned], [gradient for _, gradient in learned])


def first_anchor(labels: np.ndarray, structures: int, rng: np.random.Generator) -> int:
    """A slice of ``labels`` [D, H, W] where all structures are well seen, as an annotator picks."""
    area = np.stack([(labels == k + 1).sum((1, 2)) for k in range(structures)], 1)
    score = (area / np.maximum(area.max(0), 1)).min(1) + 1e-3 * area.sum(1) / max(area.sum(), 1)
    if rng.random() < 0.3:
        return int(rng.choice(np.nonzero(score >= 0.4 * score.max())[0]))
    return int(score.argmax())


def current_labels(store: SliceStore, marks: np.ndarray) -> np.ndarray:
    """Label maps of all slices, uint8 [B, D, H, W] like ``marks``, marks obeyed."""
    b, d, height, width = marks.shape
    device = store.masks.device
    batch_index = torch.arange(b, device=device).repeat_interleave(d)
    masks = store.fused(batch_index, torch.arange(d, device=device).repeat(b))
    masks = F.interpolate(masks, size=(height, width), mode="bilinear")
    label = strongest(masks).view(marks.shape)
    return np.where(marks > 0, marks - 1, label.cpu().numpy()).astype(np.uint8)


def strongest(masks: Tensor) -> Tensor:
    """Labels uint8 [N, h, w] of ``masks`` [N, K, h, w] in 0..1: 0 where background is likelier."""
    best, label = masks.max(1)
    return torch.where(best > 1 - masks.sum(1), label + 1, 0).to(torch.uint8)


def spoiled(masks: Tensor, rng: np.random.Generator) -> Tensor:
    """Some of the ``masks`` [N, K, h, w] shifted, swollen, or with a false part added.

    A network that only ever received right masks would believe and spread any mistake.
    """
    result = masks.clone()
    for item, chance in enumerate(rng.random(len(masks))):
        mask = masks[item]
        dy, dx = (int(s) for s in rng.integers(-6, 7, 2))
        if chance < 0.15:
            result[item] = mask.roll((dy, dx), (1, 2))
        elif chance < 0.3:
            swollen = F.max_pool2d(mask[None], 5, 1, 2)[0]
            result[item] = normalise_overlap(swollen)
        elif chance < 0.45:
            false = mask.flip(int(rng.integers(1, 3))).roll((4 * dy, 4 * dx), (1, 2))
            result[item] = torch.where(mask.sum(0) > 0.5, mask, false)
    return result


def play(
    model: S2VNet, batch: Batch, rounds: int, rng: np.random.Generator, taught: float = 0.0
) -> Played:
    """All rounds of a batch, or its look for predefined classes; gradients are left in the
    parameters.

    ``taught`` is the chance that a slice receives the true mask of its neighbour instead of the
    predicted one: while anchors are still poor, nothing could be learned from what they hand on.
    """
    b, d = batch.images.shape[:2]
    if batch.automatic:
        taught_here = None if batch.drawn is None else batch.drawn.repeat_interleave(d, 0)
        loss, dice = recognition_loss(
            model, batch.images.flatten(0, 1), batch.labels.flatten(0, 1), taught_here
        )
        loss.backward()
        return Played(loss.item(), [dice], b * d)
    structures, device = batch.structures, batch.images.device
    encoded = Encoded(model.encode(batch.images.flatten(0, 1)))
    reach = int(rng.integers(1, 7))  # the session's follows from the slice distance
    propagator = SlicePropagator(
        model,
        structures,
        d,
        lambda batch_index, z: encoded.take(batch_index * d + z),
        reach=reach,
        batch_size=b,
    )
    store = propagator.init_store()
    targets = soft_targets(batch.labels.flatten(0, 1), structures)

    def teach(recurrent: RecurrentState, batch_index: Tensor, z: Tensor) -> RecurrentState:
        chosen = torch.from_numpy(rng.random(len(batch_index)) < taught).to(device)
        true = spoiled(targets[batch_index * d + z, 1:], rng)
        taken = torch.where(chosen[:, None, None, None], true, recurrent.previous)
        return replace(recurrent, previous=taken)

    truth = batch.labels.cpu().numpy()
    marks = np.zeros(truth.shape, np.uint8)
    grains = [draw_grain(rng) for _ in range(b)]
    batch_index = torch.arange(b, device=device)
    played = Played(slices=b * d)
    for number in range(rounds):
        predicted = current_labels(store, marks) if number else None
        anchors = []
        for item in range(b):
            if predicted is None:
                z = first_anchor(truth[item], structures, rng)
                drawn = first_marks(rng, truth[item, z], structures, grains[item])
            else:
                seen = truth[item], predicted[item], marks[item]
                z, drawn = correction(rng, *seen, structures, grains[item])
            marks[item, z][drawn > 0] = drawn[drawn > 0]
            anchors.append(z)
        here = torch.tensor(anchors, device=device)
        marked = torch.from_numpy(marks[np.arange(b), anchors]).to(device)
        prompted = propagator.segment_prompted(store, batch_index, here, marked)
        recurrent = teach(store.remember(prompted), batch_index, here)
        steps = [
            Step(batch_index, here, prompted.output),
            *propagator.propagate(store, batch_index, here, recurrent, teach=teach),
        ]
        loss, dice = _score(steps, targets, d)
        (loss / rounds).backward()
        encoded.gather()
        store.forget_gradients()
        played.loss += loss.item() / rounds
        played.dice.append(dice)
    encoded.backward()
    return played


def _score(steps: list[Step], targets: Tensor, slices: int) -> tuple[Tensor, float]:
    """Mean loss and Dice over all slices of a round; the marked ones (the first step) count double,
    because the user sees them first and all others follow from them."""
    parts = [slice_loss(s.output, targets[s.batch_index * slices + s.z]) for s in steps]
    dice = torch.cat([dice.flatten() for _, dice in parts]).nanmean().item()
    loss = torch.cat([parts[0][0], *(loss for loss, _ in parts)])
    return loss.mean(), dice
