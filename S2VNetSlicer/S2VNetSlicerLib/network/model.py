"""S2VNet: slices are encoded once; ``step`` segments one slice from what the last one handed on.

Source: Ding et al., "Clustering Propagation for Universal Medical Image Segmentation", CVPR 2024,
Figure 2 and supplement. The authors published no code; what they do not tell is our own choice and
is called so where it stands.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, fields, replace

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval

from .configuration import NetworkConfiguration
from .dense_decoder import DenseDecoder, upsample_2x
from .encoder import STRIDES, Encoder, Features
from .geodesic_maps import geodesic_maps
from .kmeans_decoder import CentroidAggregation, CentroidSampler, KMeansLayer, class_maps
from .online_classifier import n_online_weights, online_logits
from .semantic_head import BodyPart, SemanticHead, body_parts


@dataclass
class RecurrentState:
    """What one slice hands to the next; B items, K structures, class 0 is the background."""

    centroids: Tensor
    """[B, K+1, M, C]."""
    history: Tensor
    """Recurrent centroid aggregation, [B, K+1, C]."""
    previous: Tensor
    """The mask of the slice before in 0..1, [B, K, H/2, W/2]."""
    has_previous: Tensor
    """Where that means anything, [B], 0 or 1."""
    match: Tensor
    """That slice's features, [B, mask_dim, H/8, W/8]."""
    prompt_memory: Tensor
    """Centroids of the user's own slices, [B, K+1, T, C]."""
    prompt_memory_mask: Tensor
    """Which of them are there, [B, K+1, T]."""
    appearance: Tensor
    """What the marks taught: weights of the online classifier, float32 [B, K, size], 0: nothing."""

    def select(self, index: Tensor) -> RecurrentState:
        """The items ``index``."""
        return RecurrentState(**{f.name: getattr(self, f.name)[index] for f in fields(self)})

    @staticmethod
    def join(parts: list[RecurrentState]) -> RecurrentState:
        """The items of several, in order; their memories must be of one length."""
        names = [f.name for f in fields(RecurrentState)]
        return RecurrentState(**{n: torch.cat([getattr(p, n) for p in parts]) for n in names})


@dataclass
class Output:
    """One slice segmented. ``logits`` [B, K, H/2, W/2] against a background of 0; ``presence`` and
    ``quality`` [B, K] logits; ``centroid_logits`` [B, K+1, H/4, W/4] and ``assignments`` (one a
    scale) are trained, too."""

    logits: Tensor
    presence: Tensor
    quality: Tensor
    centroids: Tensor
    history: Tensor
    centroid_logits: Tensor
    assignments: list[Tensor]

    def probabilities(self, absent_below: float | Tensor = 0.0) -> Tensor:
        """Softmax over background and structures, structures only, [B, K, H/2, W/2].

        A class whose presence score is below ``absent_below`` (0..1, or [B, K]) has no mask.
        """
        absent = self.presence.sigmoid() < absent_below
        logits = self.logits.masked_fill(absent[..., None, None], -torch.inf)
        return torch.cat([torch.zeros_like(logits[:, :1]), logits], 1).softmax(1)[:, 1:]

    def next_state(
        self, features: Features, recurrent: RecurrentState, absent_below: float | Tensor
    ) -> RecurrentState:
        """What the next slice receives; gradients flow through the centres, not the mask."""
        return replace(
            recurrent,
            centroids=self.centroids,
            history=self.history,
            previous=self.probabilities(absent_below).detach(),
            has_previous=torch.ones_like(recurrent.has_previous),
            match=features.match,
        )


class S2VNet(nn.Module):
    """The network. See :class:`NetworkConfiguration` for its switches."""

    def __init__(self, configuration: NetworkConfiguration) -> None:
        super().__init__()
        c = self.configuration = configuration
        self.fused = False
        m = c.centres_per_class
        self.encoder = Encoder(c)
        self.generic_queries = nn.Parameter(torch.randn(2, m, c.dim) * 0.5)
        self.sampler = CentroidSampler(c)
        self.layers = nn.ModuleList(KMeansLayer(c) for _ in STRIDES)
        self.to_mask = nn.Linear(c.dim, c.mask_dim)
        self.history_projection = nn.Linear(c.dim, c.dim)
        nn.init.zeros_(self.history_projection.weight)
        self.aggregation = CentroidAggregation(c.dim)
        self.dense = DenseDecoder(c)
        self.semantic_head = SemanticHead(c) if c.classes else None
        self.semantic_heads = nn.ModuleDict()
        """Those of other parts of the body, by their names (of files of their own)."""
        self.planes: S2VNet | None = None
        """What segments planes across the slices, where that is another network (of a file of its
        own): what follows a structure from slice to slice is not what completes it from lines."""
        self.corrections: S2VNet | None = None
        """What corrects slices beside this network, if there is one (of a file of its own)."""
        self.quality_head = nn.Sequential(
            nn.Linear(2 * c.dense_widths[3] + c.dim + 4, 64), nn.ReLU(), nn.Linear(64, 2)
        )

    def encode(self, slices: Tensor) -> Features:
        """``slices`` [N, H, W] in 0..255, H and W multiples of 32."""
        return self.encoder(slices[:, None].contiguous(memory_format=torch.channels_last))

    @property
    def body_parts(self) -> list[BodyPart]:
        """The parts of the body whose classes are known without marks, that of the weights
        themselves first."""
        own = [] if self.semantic_head is None else [("", self.semantic_head)]
        return body_parts([*own, *self.semantic_heads.items()])  # type: ignore[list-item]

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of all predefined classes, each once."""
        names = (name for part in self.body_parts for name in part.head.classes)
        return tuple(dict.fromkeys(names))

    def initial_state(self, structures: int, features: Features) -> RecurrentState:
        """Nothing handed on yet."""
        b, _, height, width = features.edge.shape
        k = structures
        centroids = torch.cat(
            [self.generic_queries[n].expand(b, many, -1, -1) for n, many in ((0, 1), (1, k))], 1
        )
        size = n_online_weights(self.configuration)
        return RecurrentState(
            centroids=centroids,
            history=centroids.mean(2),
            previous=centroids.new_zeros(b, k, height, width),
            has_previous=centroids.new_zeros(b),
            match=torch.zeros_like(features.match),
            prompt_memory=centroids.new_zeros(b, k + 1, 0, centroids.shape[-1]),
            prompt_memory_mask=torch.zeros(b, k + 1, 0, dtype=torch.bool, device=centroids.device),
            appearance=torch.zeros(b, k, size, device=centroids.device),
        )

    def step(
        self,
        features: Features,
        recurrent: RecurrentState,
        marks: Tensor | None = None,
        learn: Callable[[Tensor], Tensor] | None = None,
    ) -> Output:
        """Segment B slices. ``marks`` uint8 [B, H, W]: 0 unmarked, 1 background, 2.. structures.

        ``learn`` turns the logits as they are without what marks teach into that (see
        ``RecurrentState.appearance``).
        """
        c = self.configuration
        b, classes = recurrent.centroids.shape[:2]
        size = features.mask.shape[2:]
        if marks is None:
            marked = features.mask.new_zeros(b, classes, *size)
        else:
            marked = class_maps(marks, classes - 1, (size[0], size[1])).to(features.mask)
        previous = _with_background(recurrent.previous, recurrent.has_previous)
        previous = F.interpolate(previous, size=size, mode="area")
        centroids, history, centroid_logits, assignments = self._cluster(
            features, recurrent, previous, marked, marks is not None
        )
        logits, summary = self._dense(
            features, recurrent, centroid_logits, previous, marked, marks is not None
        )
        if c.appearance:
            appearance = recurrent.appearance if learn is None else learn(logits.detach())
            logits = logits + upsample_2x(online_logits(features, appearance, c.online_classifier))
        verdict = self._judge(logits, summary, history, recurrent, marked)
        return Output(
            logits,
            verdict[..., 0],
            verdict[..., 1],
            centroids,
            history,
            centroid_logits,
            assignments,
        )

    def _cluster(
        self,
        features: Features,
        recurrent: RecurrentState,
        previous: Tensor,
        marked: Tensor,
        with_marks: bool,
    ) -> tuple[Tensor, Tensor, Tensor, list[Tensor]]:
        """Centres after all scales, their history, their product with the finest features, and the
        assignments; ``previous`` and ``marked`` [B, K+1, H/4, W/4]."""
        c = self.configuration
        b, classes = recurrent.centroids.shape[:2]
        centroids = recurrent.centroids
        past, valid = recurrent.prompt_memory, recurrent.prompt_memory_mask
        if not c.memory:
            past, valid = past[:, :, :0], valid[:, :, :0]
        if c.aggregation:
            centroids = centroids + self.history_projection(recurrent.history)[:, :, None]
            past = torch.cat([past, recurrent.history[:, :, None]], 2)
            valid = torch.cat([valid, valid.new_ones(b, classes, 1)], 2)
        if with_marks:
            centroids = self.sampler(features, marked, centroids)
        assignments = []
        for layer, key, value in zip(self.layers, features.keys, features.values, strict=True):
            coarse = (key.shape[2], key.shape[3])
            centroids, assigned = layer(
                centroids,
                key,
                value,
                F.adaptive_avg_pool2d(previous, coarse),
                F.adaptive_max_pool2d(marked, coarse),
                past,
                valid,
            )
            assignments.append(assigned)
        centroid_logits = self._product(centroids, features.mask).logsumexp(2)
        history = (
            self.aggregation(recurrent.history, centroids) if c.aggregation else recurrent.history
        )
        return centroids, history, centroid_logits, assignments

    def _product(self, centroids: Tensor, mask: Tensor) -> Tensor:
        """Finest features x centres: [B, K+1, M, h, w]."""
        b, k, m, _ = centroids.shape
        scale = mask.shape[1] ** -0.5
        product = torch.bmm(self.to_mask(centroids).flatten(1, 2) * scale, mask.flatten(2))
        return product.view(b, k, m, *mask.shape[2:])

    def _dense(
        self,
        features: Features,
        recurrent: RecurrentState,
        centroid_logits: Tensor,
        previous: Tensor,
        marked: Tensor,
        with_marks: bool,
    ) -> tuple[Tensor, Tensor]:
        c = self.configuration
        b, classes = centroid_logits.shape[:2]
        own, rival = _own_and_rival(centroid_logits)
        margin = upsample_2x(own - rival)
        if not c.dense_maps:
            summary = margin.new_zeros(b * (classes - 1), 2 * c.dense_widths[3])
            return margin, summary
        maps = self._maps(features, recurrent, (own, rival), previous, marked, with_marks)
        local = self._local(features, recurrent, previous)
        logits, summary = self.dense(features, maps.flatten(0, 1), local.flatten(0, 1))
        return logits.view(b, classes - 1, *logits.shape[2:]) + margin, summary

    def _maps(
        self,
        features: Features,
        recurrent: RecurrentState,
        logits: tuple[Tensor, Tensor],
        previous: Tensor,
        marked: Tensor,
        with_marks: bool,
    ) -> Tensor:
        """What the dense decoder sees of each structure, [B, K, maps, h, w]."""
        most = self.configuration.max_logit
        remembered = torch.zeros_like(previous)
        if self.configuration.memory and recurrent.prompt_memory.shape[2]:
            similar = self._product(recurrent.prompt_memory, features.mask)
            valid = recurrent.prompt_memory_mask[..., None, None]
            best = similar.masked_fill(~valid, -most).amax(2)
            remembered = torch.where(valid.any(2), best, remembered)
        spread: list[Tensor] = []
        if self.configuration.spread:
            with torch.no_grad():
                mark, mask, share = geodesic_maps(
                    features.tissue, previous, marked, with_marks, self.configuration.geodesic
                )
            spread = [*_own_and_rival(mark), *_own_and_rival(mask), share[:, 1:]]
        return torch.stack(
            [
                *(x.clamp(-most, most) / 4 for x in logits),
                previous[:, 1:],
                recurrent.has_previous[:, None, None, None] - previous[:, 1:],
                *_own_and_rival(marked),
                *(x.clamp(-most, most) / 4 for x in _own_and_rival(remembered)),
                *spread,
            ],
            2,
        )

    def _local(self, features: Features, recurrent: RecurrentState, previous: Tensor) -> Tensor:
        """Similarity to the local prototypes of the slice before, [B, K, 2, h/2, w/2].

        A prototype is the mean feature of the class (or of everything else) in a window around the
        same place; 0 where the window holds none of it.
        """
        size = (features.match.shape[2], features.match.shape[3])
        own = F.adaptive_avg_pool2d(previous[:, 1:], size)
        if not self.configuration.matching:
            return torch.stack([torch.zeros_like(own)] * 2, 2)
        weights = torch.stack([own, recurrent.has_previous[:, None, None, None] - own], 2)
        b, k = weights.shape[:2]
        weighted = weights[:, :, :, None] * recurrent.match[:, None, None]
        both = torch.cat([weighted.flatten(1, 3), weights.flatten(1, 2)], 1)
        # A box filter as two products: pooling layers take ten times as long on a CPU.
        window = self.configuration.prototype_window
        pooled = _band(size[0], window, both) @ both @ _band(size[1], window, both)
        count = pooled[:, -2 * k :].view(b, k, 2, *size)
        sums = pooled[:, : -2 * k].view(b, k, 2, -1, *size)
        return (sums * features.match[:, None, None]).sum(3) / (count + 1e-2)

    def _judge(
        self,
        logits: Tensor,
        summary: Tensor,
        history: Tensor,
        recurrent: RecurrentState,
        marked: Tensor,
    ) -> Tensor:
        """Presence and quality logits, [B, K, 2]."""
        b, k = logits.shape[:2]
        probability = logits.sigmoid()
        area = probability.mean((2, 3))
        doubt = (probability * (1 - probability)).mean((2, 3)) / (area + 1e-4)
        scalars = [area.sqrt(), doubt, recurrent.previous.mean((2, 3)).sqrt()]
        scalars.append(marked[:, 1:].amax((2, 3)))
        seen = torch.cat([summary.view(b, k, -1), history[:, 1:], torch.stack(scalars, -1)], -1)
        return self.quality_head(seen.detach())

    def ready(self, device: torch.device, dtype: torch.dtype) -> S2VNet:
        """The network as sessions use it, fused and on ``device``: itself if it is so already, to
        be shared, else a copy."""
        generic_queries = self.generic_queries
        if self.fused and (generic_queries.device, generic_queries.dtype) == (device, dtype):
            return self
        return copy.deepcopy(self).fuse().to(device, dtype)

    def fuse(self) -> S2VNet:
        """Fold the batch norms into their convolutions (inference only); returns self."""
        self.eval()
        self.fused = True
        for module in self.modules():
            if isinstance(module, nn.Sequential):
                for i in range(len(module) - 1):
                    conv, norm = module[i], module[i + 1]
                    if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                        module[i] = fuse_conv_bn_eval(conv, norm)
                        module[i + 1] = nn.Identity()
        return self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def _with_background(previous: Tensor, known: Tensor) -> Tensor:
    """[B, K, h, w] structures -> [B, K+1, h, w] with the background; all 0 where not ``known``."""
    known = known[:, None, None, None]
    return torch.cat([known - known * previous.sum(1, keepdim=True), known * previous], 1)


def _band(size: int, window: int, like: Tensor) -> Tensor:
    """[size, size], 1 / ``window`` where row and column are less than half of it apart."""
    place = torch.arange(size, device=like.device)
    return ((place[:, None] - place).abs() <= window // 2).to(like.dtype) / window


def _own_and_rival(maps: Tensor) -> tuple[Tensor, Tensor]:
    """For each structure its map and the maximum over all other classes, [B, K, h, w] each."""
    best = maps.amax(1, keepdim=True)
    leads = maps == best
    second = maps.masked_fill(leads, -torch.inf).amax(1, keepdim=True)
    # Where several classes tie for the lead, each is the other's rival.
    tied = leads.sum(1, keepdim=True) > 1
    rival = torch.where(leads & ~tied, second, best)
    return maps[:, 1:], rival[:, 1:]
