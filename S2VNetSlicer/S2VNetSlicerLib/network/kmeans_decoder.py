"""Cluster centres: sampled from marks or learned, updated by k-means cross-attention, remembered.

Shapes: B items (a slice in one direction of travel), K structures and the background as class 0,
M centres a class, C = ``dim``. Centres are [B, K+1, M, C].
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .configuration import NetworkConfiguration
from .encoder import Features, position_encoding


def class_maps(marks: Tensor, classes: int, size: tuple[int, int]) -> Tensor:
    """Marks as one map a class on a coarser grid, [B, K+1, *size] in 0..1.

    ``marks`` is uint8 [B, H, W]: 0 unmarked, 1 background, 2 the first structure, ... A cell holds
    1 when any pixel in it is marked, so that a thin stroke survives.
    """
    planes = torch.stack([marks == k + 1 for k in range(classes + 1)], 1).float()
    return F.adaptive_max_pool2d(planes, size)


def has_marks(marks: Tensor, structures: int) -> Tensor:
    """Which structures have ``marks`` uint8 [N, H, W], [N, K]."""
    numbers = torch.arange(2, structures + 2, device=marks.device)
    return (marks.flatten(1)[:, None] == numbers[:, None]).any(-1)


class CentroidSampler(nn.Module):
    """Click feature sampling: multi-scale features under the marks become initial centres.

    Source: S2VNet, interactive mode ("interaction-aware initialised queries, concatenated with
    uninitialised ones"): half of a class's centres come from its marks, half stay as they were.
    """

    def __init__(self, configuration: NetworkConfiguration) -> None:
        super().__init__()
        c = configuration
        self.positions, self.samples = c.positions, max(1, c.centres_per_class // 2)
        self.project = nn.Linear(c.mask_dim + 2 * c.dim, c.dim)
        self.place = nn.Linear(c.dim, c.dim)

    def forward(self, features: Features, maps: Tensor, centroids: Tensor) -> Tensor:
        """Centres with those of every marked class replaced; ``maps`` [B, K+1, H/4, W/4]."""
        _, _, height, width = maps.shape
        flat = maps.flatten(2) > 0
        count = flat.sum(-1)
        if not count.any():
            return centroids
        order = flat.cumsum(-1)
        steps = torch.arange(self.samples, device=maps.device).add(0.5) / self.samples
        wanted = (count[..., None] * steps).floor().add(1).clamp(max=flat.shape[-1])
        # The marked cells in raster order, evenly spaced: the first cell whose rank is reached.
        where = torch.searchsorted(order, wanted.to(order.dtype)).clamp(max=flat.shape[-1] - 1)
        rows, columns = where // width, where % width
        sampled = [_gather(features.mask, rows, columns)]
        sampled += [
            _gather(v, rows // s, columns // s)
            for v, s in zip(features.values[1:], (4, 2), strict=True)
        ]
        found = self.project(torch.cat(sampled, -1))
        if self.positions:
            code = position_encoding(height, width, found.shape[-1], maps.device).to(found.dtype)
            found = found + self.place(code.permute(1, 2, 0)[rows, columns])
        marked = (count > 0)[..., None, None]
        fresh = torch.where(marked, found, centroids[:, :, : self.samples])
        return torch.cat([fresh, centroids[:, :, self.samples :]], 2)


def _gather(feature: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Feature vectors [B, K+1, S, C] at integer places of a map [B, C, h, w]."""
    item = torch.arange(len(feature), device=feature.device)[:, None, None]
    return feature.permute(0, 2, 3, 1)[item, rows, columns]


class KMeansLayer(nn.Module):
    """Assignment, update, self-attention, FFN at one scale.

    Source: kMaX-DeepLab's k-means cross-attention as S2VNet uses it: pixels go to their best centre
    (argmax over centres), centres move by the mean value of their pixels. Own choices: the mean
    instead of the sum; marks and the previous mask bias the assignment; tokens of one class find
    each other by a learned bias.
    """

    def __init__(self, configuration: NetworkConfiguration) -> None:
        super().__init__()
        dim, self.heads = configuration.dim, configuration.heads
        self.mark_bias = configuration.mark_bias
        self.query = nn.Linear(dim, dim)
        self.update = nn.Linear(dim, dim)
        self.norms = nn.ModuleList(nn.LayerNorm(dim) for _ in range(3))
        self.qkv = nn.Linear(dim, 3 * dim)
        self.out = nn.Linear(dim, dim)
        self.ffn = nn.Sequential(nn.Linear(dim, 2 * dim), nn.GELU(), nn.Linear(2 * dim, dim))
        self.previous_mask_bias = nn.Parameter(torch.tensor(1.0))
        self.same_class_bias = nn.Parameter(torch.zeros(self.heads))

    def forward(
        self,
        centroids: Tensor,
        key: Tensor,
        value: Tensor,
        previous: Tensor,
        marks: Tensor,
        past: Tensor,
        valid: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """New centres and the class logits of the assignment [B, K+1, h, w].

        ``previous`` [B, K+1, h, w] is the previous mask (0..1), ``marks`` the marks at this scale;
        ``past`` [B, K+1, T, C] are tokens that are read but not changed, where ``valid``
        [B, K+1, T] is true.
        """
        b, k, m, c = centroids.shape
        scale = c**-0.5
        logits = torch.bmm(self.query(centroids).flatten(1, 2) * scale, key.flatten(2))
        by_class = (self.previous_mask_bias * previous + self.mark_bias * marks).flatten(2)
        logits = logits.view(b, k, m, -1) + by_class[:, :, None]
        with torch.no_grad():
            best = logits.view(b, k * m, -1).argmax(1, keepdim=True)
            chosen = value.new_zeros(b, k * m, best.shape[-1]).scatter_(1, best, 1.0)
            weight = chosen / chosen.sum(-1, keepdim=True).clamp(min=1)
        mean = torch.bmm(weight, value.flatten(2).transpose(1, 2)).view(b, k, m, c)
        centroids = self.norms[0](centroids + self.update(mean))
        centroids = self.norms[1](centroids + self._attend(centroids, past, valid))
        centroids = self.norms[2](centroids + self.ffn(centroids))
        return centroids, logits.logsumexp(2).view(b, k, *key.shape[2:])

    def _attend(self, centroids: Tensor, past: Tensor, valid: Tensor) -> Tensor:
        b, k, m, c = centroids.shape
        tokens = torch.cat([centroids, past], 2)
        n = tokens.shape[2]
        qkv = self.qkv(tokens).view(b, k, n, 3, self.heads, c // self.heads)
        q = qkv[:, :, :m, 0].permute(0, 3, 1, 2, 4).flatten(2, 3)
        keys = qkv[..., 1, :, :].permute(0, 3, 1, 2, 4).flatten(2, 3)
        values = qkv[..., 2, :, :].permute(0, 3, 1, 2, 4).flatten(2, 3)
        kin = torch.eye(k, device=centroids.device).repeat_interleave(m, 0).repeat_interleave(n, 1)
        known = torch.cat([valid.new_ones(b, k, m), valid], 2).view(b, 1, 1, k * n)
        bias = kin * self.same_class_bias[:, None, None] + torch.where(known, 0.0, -1e4)
        mixed = F.scaled_dot_product_attention(q, keys, values, bias.to(q.dtype))
        return self.out(mixed.view(b, self.heads, k, m, -1).permute(0, 2, 3, 1, 4).flatten(3))


class CentroidAggregation(nn.Module):
    """Recurrent centroid aggregation: the history of a class as one vector [B, K+1, C].

    Source: S2VNet, "recurrent centroid aggregation"; the gate is our choice (after GRU, GenVIS).
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.gate = nn.Linear(2 * dim, dim)

    def forward(self, history: Tensor, centroids: Tensor) -> Tensor:
        now = centroids.mean(2)
        gate = torch.sigmoid(self.gate(torch.cat([history, now], -1)))
        return gate * history + (1 - gate) * now
