"""What the marks say about the look of each class: a logistic regression fitted at once.

Beyond the paper. A small network does not know every organ; the marks in this volume are labels of
this organ in this image. As ilastik does, a linear classifier learns from them on the network's own
and on classical features; the network's logits are its offset, so that it learns only what the
network gets wrong, and nothing where all marks agree with it.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from .configuration import NetworkConfiguration
from .encoder import Features
from .kmeans_decoder import class_maps
from .settings import OnlineClassifierSettings

DEFAULT = OnlineClassifierSettings()


def n_online_weights(configuration: NetworkConfiguration) -> int:
    """Length of the weights of a class: one for each feature, and what their means take off."""
    bins = configuration.online_classifier.bins
    return configuration.mask_dim + configuration.dense_widths[0] + 2 * bins + 3 + 1


def online_features(features: Features, many: int = DEFAULT.bins) -> Tensor:
    """[B, size - 1, h, w] at stride 4: learned, brightness in ``many`` bins, its mean and
    scatter around."""
    light = features.tissue[:, :1].float()
    near, far = _mean(light, 5), _mean(light, 11)
    scatter = (_mean(light**2, 5) - near**2).clamp(min=0).sqrt()
    centres = torch.linspace(0, 1, many, device=light.device)[:, None, None]

    def bins(x: Tensor) -> Tensor:
        return (1 - (x - centres).abs() * (many - 1) / 1.5).clamp(min=0)

    learned = [features.mask.float(), features.dense[0].float()]
    return torch.cat([*learned, bins(light), bins(near), 8 * near, 8 * far, 16 * scatter], 1)


def _mean(x: Tensor, side: int) -> Tensor:
    return F.avg_pool2d(x, side, 1, side // 2, count_include_pad=False)


def online_logits(
    features: Features, weights: Tensor, settings: OnlineClassifierSettings = DEFAULT
) -> Tensor:
    """The classifier's part of the logits, [B, K, h, w] at stride 4; ``weights`` [B, K, size]."""
    seen = online_features(features, settings.bins)
    product = torch.bmm(weights[..., :-1].to(seen), seen.flatten(2)) + weights[..., -1:]
    product = product.clamp(-settings.max_logit, settings.max_logit)
    return product.view(*weights.shape[:2], *seen.shape[2:]).to(features.mask.dtype)


@dataclass
class TrainingSamples:
    """Cells of one slice: features ``x`` [n, size - 1], target ``y`` and the network's logit
    ``offset`` [n, K] of each class against all others, ``weight`` [n]. The first ``marked`` are the
    user's."""

    x: Tensor
    y: Tensor
    offset: Tensor
    weight: Tensor
    marked: int


@torch.no_grad()
def gather_training_samples(
    features: Features,
    logits: Tensor,
    marks: Tensor,
    settings: OnlineClassifierSettings = DEFAULT,
) -> list[TrainingSamples]:
    """The evidence of each of B slices: ``logits`` [B, K, 2h, 2w] as the network alone says,
    ``marks`` uint8 [B, H, W]. Cells where two classes meet say nothing."""
    seen = online_features(features, settings.bins).flatten(2).transpose(1, 2)
    coarse = F.avg_pool2d(logits.float(), 2).flatten(2)
    everything = torch.cat([torch.zeros_like(coarse[:, :1]), coarse], 1)
    classes = everything.shape[1]
    rivals = [torch.cat([everything[:, :k], everything[:, k + 1 :]], 1) for k in range(1, classes)]
    offset = coarse - torch.stack([r.logsumexp(1) for r in rivals], 1)
    height, width = features.mask.shape[2:]
    marked = class_maps(marks, classes - 1, (height, width)).flatten(2) > 0
    alone = marked.sum(1) == 1
    found = []
    for item in range(len(marks)):
        cells = [some(m & alone[item], settings.max_marked) for m in marked[item]]
        cells.append(some(~marked[item].any(0), settings.max_unmarked))
        where = torch.cat(cells)
        y = offset[item].sigmoid()[:, where].T.clone()
        said = len(where) - len(cells[-1])
        y[:said] = marked[item, 1:][:, where[:said]].T.to(y)
        weight = torch.full((len(where),), settings.unmarked_weight, device=y.device)
        weight[:said] = 1
        found.append(TrainingSamples(seen[item, where], y, offset[item][:, where].T, weight, said))
    return found


def some(cells: Tensor, most: int) -> Tensor:
    """At most ``most`` of the ``cells`` [n] that are true, evenly spaced."""
    index = torch.nonzero(cells)[:, 0]
    if len(index) <= most:
        return index
    return index[torch.linspace(0, len(index) - 1, most, device=index.device).long()]


@torch.no_grad()
def fit_online_classifier(
    evidence: list[TrainingSamples], settings: OnlineClassifierSettings = DEFAULT
) -> Tensor:
    """Weights [K, size] of the ridge logistic regression through the ``evidence`` (Newton)."""
    x, y, offset, weight = (
        torch.cat([getattr(e, name) for e in evidence]).float()
        for name in ("x", "y", "offset", "weight")
    )
    mean, scale = x.mean(0), x.std(0, correction=0) + 1e-3
    # No constant: it would let a few negative strokes put out a small structure altogether.
    z = (x - mean) / scale
    ridge = settings.ridge * torch.eye(z.shape[1], device=z.device)
    found = z.new_zeros(y.shape[1], z.shape[1])
    for _ in range(settings.newton_steps):
        p = (offset + z @ found.T).sigmoid()
        slope = (weight[:, None] * (p - y)).T @ z + settings.ridge * found
        curvature = (weight[:, None] * p * (1 - p)).clamp(min=1e-3)
        hessian = torch.stack([(z * c[:, None]).T @ z for c in curvature.T]) + ridge
        found = found - torch.linalg.solve(hessian, slope[..., None])[..., 0]
    weights = found / scale
    return torch.cat([weights, -(weights * mean).sum(1, keepdim=True)], 1)
