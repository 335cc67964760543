"""Predefined classes in a slice, by name: the automatic mode's own pyramid and centres."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .configuration import NetworkConfiguration
from .dense_decoder import upsample_2x
from .encoder import STRIDES, FPNBackbone, convolution, keys_of
from .kmeans_decoder import KMeansLayer

FINE = 24
"""Channels at stride 2."""


class SemanticHead(nn.Module):
    """Every predefined class from its learned centres, each slice by itself.

    What serves marks best (any structure) and what serves names best (only these) would pull one
    encoder apart. Source: S2VNet, automatic mode: learned centres go through the k-means layers
    and multiply with the finest features. Own choice: their mean does so again at stride 2, since
    the nuclei of a brain are a few pixels wide at stride 4.
    """

    def __init__(self, configuration: NetworkConfiguration) -> None:
        super().__init__()
        c = self.configuration = configuration
        self.centres = nn.Parameter(torch.randn(len(c.classes) + 1, c.centres_per_class, c.dim) / 2)
        self.pyramid = FPNBackbone(c)
        self.keys = nn.ModuleList(nn.Conv2d(c.dim, c.dim, 1) for _ in STRIDES)
        self.values = nn.ModuleList(nn.Conv2d(c.dim, c.dim, 1) for _ in STRIDES)
        self.layers = nn.ModuleList(KMeansLayer(c) for _ in STRIDES)
        self.to_mask = nn.Linear(c.dim, c.mask_dim)
        self.down = nn.Conv2d(c.dim, FINE, 1)
        self.across = nn.Conv2d(c.stem, FINE, 1)
        self.refine = nn.Sequential(*convolution(FINE, FINE), *convolution(FINE, FINE))
        self.finest = nn.Conv2d(FINE, c.mask_dim, 1)

    @property
    def classes(self) -> tuple[str, ...]:
        """Their names."""
        return self.configuration.classes

    def forward(self, slices: Tensor) -> tuple[Tensor, list[Tensor]]:
        """``slices`` [N, H, W], 0..255, H and W multiples of 32: logits [N, K+1, H/2, W/2] and the
        assignments of the k-means layers; class 0 is the background."""
        slices = slices[:, None].contiguous(memory_format=torch.channels_last)
        half, merged = self.pyramid.levels(slices)
        centres = self.centres.expand(len(slices), -1, -1, -1)
        past, valid = centres[:, :, :0], centres.new_zeros((*centres.shape[:2], 0)).bool()
        keys = keys_of(merged, self.keys, self.pyramid.positions)
        assignments = []
        for n, layer in enumerate(self.layers):
            nothing = torch.zeros_like(keys[n][:1, :1])
            centres, assigned = layer(
                centres, keys[n], self.values[n](merged[n]), nothing, nothing, past, valid
            )
            assignments.append(assigned)
        queries = self.to_mask(centres) * self.to_mask.out_features**-0.5
        coarse = torch.bmm(queries.flatten(1, 2), self.pyramid.mask(merged[-1]).flatten(2))
        coarse = coarse.view(*centres.shape[:3], *merged[-1].shape[2:]).logsumexp(2)
        fine = self.refine(F.relu(upsample_2x(self.down(merged[-1])) + self.across(half)))
        fine = torch.einsum("nkc,nchw->nkhw", queries.mean(2), self.finest(fine))
        return upsample_2x(coarse) + fine, assignments


@dataclass(frozen=True)
class BodyPart:
    """A part of the body by its ``name`` ("": that of the weights themselves) with the ``head``
    that knows its classes; ``numbers`` of these among all predefined classes, from 1."""

    name: str
    head: SemanticHead
    numbers: tuple[int, ...]


def body_parts(heads: Iterable[tuple[str, SemanticHead]]) -> list[BodyPart]:
    """Those of ``heads`` by name; classes of one name are one class, whoever knows them."""
    known: dict[str, int] = {}
    return [
        BodyPart(part, head, tuple(known.setdefault(n, len(known) + 1) for n in head.classes))
        for part, head in heads
    ]
