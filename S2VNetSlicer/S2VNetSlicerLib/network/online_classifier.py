"""What the marks say about the look of each class: a logistic regression fitted at once.

Beyond the paper. A small network does not know every organ; the marks in this volume are labels of
this organ in this image. As ilastik does, a linear classifier learns from them on the network's own
and on classical features; the network's logits are its offset, so that it learns only what the
network gets wrong, and nothing where all marks agree with it.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from .configuration import NetworkConfiguration
from .encoder import Features
from .kmeans_decoder import class_maps
from .logistic_regression import TrainingSamples, choose_cells, fit, joined, standardise
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


@torch.no_grad()
def gather_online_samples(
    features: Features,
    logits: Tensor,
    marks: Tensor,
    settings: OnlineClassifierSettings = DEFAULT,
) -> list[TrainingSamples]:
    """The samples of each of B slices: ``logits`` [B, K, 2h, 2w] as the network alone says,
    ``marks`` uint8 [B, H, W]."""
    seen = online_features(features, settings.bins).flatten(2).transpose(1, 2)
    coarse = F.avg_pool2d(logits.float(), 2).flatten(2)
    everything = torch.cat([torch.zeros_like(coarse[:, :1]), coarse], 1)
    classes = everything.shape[1]
    rivals = [torch.cat([everything[:, :k], everything[:, k + 1 :]], 1) for k in range(1, classes)]
    offset = coarse - torch.stack([r.logsumexp(1) for r in rivals], 1)
    height, width = features.mask.shape[2:]
    marked = class_maps(marks, classes - 1, (height, width)).flatten(2) > 0
    most, found = (settings.max_marked, settings.max_unmarked), []
    chosen = choose_cells(marked, torch.ones_like(marked[:, 0]), most)
    for item, (where, said) in enumerate(chosen):
        y = offset[item].sigmoid()[:, where].T.clone()
        y[:said] = marked[item, 1:][:, where[:said]].T.to(y)
        weight = torch.full((len(where),), settings.unmarked_weight, device=y.device)
        weight[:said] = 1
        found.append(TrainingSamples(seen[item, where], y, offset[item][:, where].T, weight, said))
    return found


@torch.no_grad()
def fit_online_classifier(
    samples: list[TrainingSamples], settings: OnlineClassifierSettings = DEFAULT
) -> Tensor:
    """Weights [K, size] of the regression through the ``samples``."""
    x, y, offset, weight = joined(samples)
    mean, scale = standardise(x)
    # No constant: it would let a few negative strokes put out a small structure altogether.
    ridge = torch.full_like(mean, settings.ridge)
    how = ridge, settings.newton_steps, torch.full_like(ridge[:1], 1e-3)
    weights = fit((x - mean) / scale, y, offset, weight[:, None], *how) / scale
    return torch.cat([weights, -(weights * mean).sum(1, keepdim=True)], 1)
