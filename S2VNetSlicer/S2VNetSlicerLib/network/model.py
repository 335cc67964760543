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

from .appearance import appearance_logits, appearance_size
from .centres import Aggregation, KMeansLayer, MarkSampler, class_maps
from .configuration import NetworkConfiguration
from .dense import DenseDecoder, double
from .encoder import STRIDES, Encoder, Features
from .recogniser import Recogniser
from .spread import spread_maps


@dataclass
class Carried:
    """What one slice hands to the next; B items, K structures, class 0 is the background.

    ``centres`` [B, K+1, M, C]; ``history`` [B, K+1, C]; ``previous`` [B, K, H/2, W/2], the mask of
    the slice before in 0..1, meaningful where ``known`` [B] is 1; ``match``, that slice's features
    [B, mask_dim, H/8, W/8]; ``memory`` [B, K+1, T, C], centres of the user's own slices, where
    ``remembered`` [B, K+1, T]; ``appearance`` float32 [B, K, size], what the marks taught (see
    ``appearance``; 0: nothing).
    """

    centres: Tensor
    history: Tensor
    previous: Tensor
    known: Tensor
    match: Tensor
    memory: Tensor
    remembered: Tensor
    appearance: Tensor

    def rows(self, index: Tensor) -> Carried:
        """The items ``index``."""
        return Carried(**{f.name: getattr(self, f.name)[index] for f in fields(self)})

    @staticmethod
    def join(parts: list[Carried]) -> Carried:
        """The items of several, in order; their memories must be of one length."""
        names = [f.name for f in fields(Carried)]
        return Carried(**{n: torch.cat([getattr(p, n) for p in parts]) for n in names})


@dataclass
class Output:
    """One slice segmented. ``logits`` [B, K, H/2, W/2] against a background of 0; ``presence`` and
    ``quality`` [B, K] logits; ``centre_logits`` [B, K+1, H/4, W/4] and ``assignments`` (one a
    scale) are trained, too."""

    logits: Tensor
    presence: Tensor
    quality: Tensor
    centres: Tensor
    history: Tensor
    centre_logits: Tensor
    assignments: list[Tensor]

    def probabilities(self, absent_below: float | Tensor = 0.0) -> Tensor:
        """Softmax over background and structures, structures only, [B, K, H/2, W/2].

        A class whose presence score is below ``absent_below`` (0..1, or [B, K]) has no mask.
        """
        absent = self.presence.sigmoid() < absent_below
        logits = self.logits.masked_fill(absent[..., None, None], -torch.inf)
        return torch.cat([torch.zeros_like(logits[:, :1]), logits], 1).softmax(1)[:, 1:]

    def hand_on(
        self, features: Features, carried: Carried, absent_below: float | Tensor
    ) -> Carried:
        """What the next slice receives; gradients flow through the centres, not the mask."""
        return replace(
            carried,
            centres=self.centres,
            history=self.history,
            previous=self.probabilities(absent_below).detach(),
            known=torch.ones_like(carried.known),
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
        self.blank = nn.Parameter(torch.randn(2, m, c.dim) * 0.5)
        self.learned = nn.Parameter(torch.randn(len(c.classes), m, c.dim) * 0.5)
        self.sampler = MarkSampler(c)
        self.layers = nn.ModuleList(KMeansLayer(c) for _ in STRIDES)
        self.to_mask = nn.Linear(c.dim, c.mask_dim)
        self.recall = nn.Linear(c.dim, c.dim)
        nn.init.zeros_(self.recall.weight)
        self.aggregation = Aggregation(c.dim)
        self.dense = DenseDecoder(c)
        self.recogniser = Recogniser(c) if c.recogniser else None
        self.planes: S2VNet | None = None
        """What segments planes across the slices, where that is another network (of a file of its
        own): what follows a structure from slice to slice is not what completes it from lines."""
        self.corrections: S2VNet | None = None
        """What corrects slices beside this network, if there is one (of a file of its own)."""
        self.judge = nn.Sequential(
            nn.Linear(2 * c.dense_widths[3] + c.dim + 4, 64), nn.ReLU(), nn.Linear(64, 2)
        )

    def encode(self, slices: Tensor) -> Features:
        """``slices`` [N, H, W] in 0..255, H and W multiples of 32."""
        return self.encoder(slices[:, None].contiguous(memory_format=torch.channels_last))

    def begin(self, classes: Tensor, features: Features) -> Carried:
        """Nothing handed on yet. ``classes`` [B, K]: index of a predefined class or -1."""
        b, k = classes.shape
        structure = self.blank[1].expand(b, k, -1, -1)
        if len(self.learned):
            picked = self.learned[classes.clamp(min=0)]
            structure = torch.where((classes >= 0)[..., None, None], picked, structure)
        centres = torch.cat([self.blank[0].expand(b, 1, -1, -1), structure], 1)
        height, width = features.edge.shape[2:]
        size = appearance_size(self.configuration)
        return Carried(
            centres=centres,
            history=centres.mean(2),
            previous=centres.new_zeros(b, k, height, width),
            known=centres.new_zeros(b),
            match=torch.zeros_like(features.match),
            memory=centres.new_zeros(b, k + 1, 0, centres.shape[-1]),
            remembered=torch.zeros(b, k + 1, 0, dtype=torch.bool, device=centres.device),
            appearance=torch.zeros(b, k, size, device=centres.device),
        )

    def step(
        self,
        features: Features,
        carried: Carried,
        marks: Tensor | None = None,
        learn: Callable[[Tensor], Tensor] | None = None,
    ) -> Output:
        """Segment B slices. ``marks`` uint8 [B, H, W]: 0 unmarked, 1 background, 2.. structures.

        ``learn`` turns the logits as they are without what marks teach into that (see
        ``Carried.appearance``).
        """
        c = self.configuration
        b, classes = carried.centres.shape[:2]
        size = features.mask.shape[2:]
        if marks is None:
            marked = features.mask.new_zeros(b, classes, *size)
        else:
            marked = class_maps(marks, classes - 1, (size[0], size[1])).to(features.mask)
        previous = _with_background(carried.previous, carried.known)
        previous = F.interpolate(previous, size=size, mode="area")
        centres, history, centre_logits, assignments = self._cluster(
            features, carried, previous, marked, marks is not None
        )
        logits, summary = self._dense(
            features, carried, centre_logits, previous, marked, marks is not None
        )
        if c.appearance:
            appearance = carried.appearance if learn is None else learn(logits.detach())
            logits = logits + double(appearance_logits(features, appearance, c.online_classifier))
        verdict = self._judge(logits, summary, history, carried, marked)
        return Output(
            logits, verdict[..., 0], verdict[..., 1], centres, history, centre_logits, assignments
        )

    def recognise(self, slices: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Logits [N, K+1, H/2, W/2] and assignments of all K predefined classes in ``slices`` (as
        for :meth:`encode`), from their learned centres alone: the automatic mode."""
        if self.recogniser is not None:
            return self.recogniser(slices[:, None].contiguous(memory_format=torch.channels_last))
        features = self.encode(slices)
        classes = torch.arange(len(self.learned), device=slices.device).expand(len(slices), -1)
        carried = self.begin(classes, features)
        nothing = torch.zeros_like(carried.centres[:, :, 0, :1, None]).expand(
            -1, -1, *features.mask.shape[2:]
        )
        _, _, logits, assignments = self._cluster(features, carried, nothing, nothing, False)
        return double(logits), assignments

    def _cluster(
        self,
        features: Features,
        carried: Carried,
        previous: Tensor,
        marked: Tensor,
        with_marks: bool,
    ) -> tuple[Tensor, Tensor, Tensor, list[Tensor]]:
        """Centres after all scales, their history, their product with the finest features, and the
        assignments; ``previous`` and ``marked`` [B, K+1, H/4, W/4]."""
        c = self.configuration
        b, classes = carried.centres.shape[:2]
        centres = carried.centres
        past, valid = carried.memory, carried.remembered
        if not c.memory:
            past, valid = past[:, :, :0], valid[:, :, :0]
        if c.aggregation:
            centres = centres + self.recall(carried.history)[:, :, None]
            past = torch.cat([past, carried.history[:, :, None]], 2)
            valid = torch.cat([valid, valid.new_ones(b, classes, 1)], 2)
        if with_marks:
            centres = self.sampler(features, marked, centres)
        assignments = []
        for layer, key, value in zip(self.layers, features.keys, features.values, strict=True):
            coarse = (key.shape[2], key.shape[3])
            centres, assigned = layer(
                centres,
                key,
                value,
                F.adaptive_avg_pool2d(previous, coarse),
                F.adaptive_max_pool2d(marked, coarse),
                past,
                valid,
            )
            assignments.append(assigned)
        centre_logits = self._product(centres, features.mask).logsumexp(2)
        history = self.aggregation(carried.history, centres) if c.aggregation else carried.history
        return centres, history, centre_logits, assignments

    def _product(self, centres: Tensor, mask: Tensor) -> Tensor:
        """Finest features x centres: [B, K+1, M, h, w]."""
        b, k, m, _ = centres.shape
        scale = mask.shape[1] ** -0.5
        product = torch.bmm(self.to_mask(centres).flatten(1, 2) * scale, mask.flatten(2))
        return product.view(b, k, m, *mask.shape[2:])

    def _dense(
        self,
        features: Features,
        carried: Carried,
        centre_logits: Tensor,
        previous: Tensor,
        marked: Tensor,
        with_marks: bool,
    ) -> tuple[Tensor, Tensor]:
        c = self.configuration
        b, classes = centre_logits.shape[:2]
        own, rival = _own_and_rival(centre_logits)
        margin = double(own - rival)
        if not c.dense_maps:
            summary = margin.new_zeros(b * (classes - 1), 2 * c.dense_widths[3])
            return margin, summary
        maps = self._maps(features, carried, (own, rival), previous, marked, with_marks)
        local = self._local(features, carried, previous)
        logits, summary = self.dense(features, maps.flatten(0, 1), local.flatten(0, 1))
        return logits.view(b, classes - 1, *logits.shape[2:]) + margin, summary

    def _maps(
        self,
        features: Features,
        carried: Carried,
        logits: tuple[Tensor, Tensor],
        previous: Tensor,
        marked: Tensor,
        with_marks: bool,
    ) -> Tensor:
        """What the dense decoder sees of each structure, [B, K, maps, h, w]."""
        most = self.configuration.max_logit
        remembered = torch.zeros_like(previous)
        if self.configuration.memory and carried.memory.shape[2]:
            similar = self._product(carried.memory, features.mask)
            valid = carried.remembered[..., None, None]
            best = similar.masked_fill(~valid, -most).amax(2)
            remembered = torch.where(valid.any(2), best, remembered)
        spread: list[Tensor] = []
        if self.configuration.spread:
            with torch.no_grad():
                mark, mask, share = spread_maps(
                    features.tissue, previous, marked, with_marks, self.configuration.geodesic
                )
            spread = [*_own_and_rival(mark), *_own_and_rival(mask), share[:, 1:]]
        return torch.stack(
            [
                *(x.clamp(-most, most) / 4 for x in logits),
                previous[:, 1:],
                carried.known[:, None, None, None] - previous[:, 1:],
                *_own_and_rival(marked),
                *(x.clamp(-most, most) / 4 for x in _own_and_rival(remembered)),
                *spread,
            ],
            2,
        )

    def _local(self, features: Features, carried: Carried, previous: Tensor) -> Tensor:
        """Similarity to the local prototypes of the slice before, [B, K, 2, h/2, w/2].

        A prototype is the mean feature of the class (or of everything else) in a window around the
        same place; 0 where the window holds none of it.
        """
        size = (features.match.shape[2], features.match.shape[3])
        own = F.adaptive_avg_pool2d(previous[:, 1:], size)
        if not self.configuration.matching:
            return torch.stack([torch.zeros_like(own)] * 2, 2)
        weights = torch.stack([own, carried.known[:, None, None, None] - own], 2)
        b, k = weights.shape[:2]
        weighted = weights[:, :, :, None] * carried.match[:, None, None]
        both = torch.cat([weighted.flatten(1, 3), weights.flatten(1, 2)], 1)
        # A box filter as two products: pooling layers take ten times as long on a CPU.
        window = self.configuration.prototype_window
        pooled = _band(size[0], window, both) @ both @ _band(size[1], window, both)
        count = pooled[:, -2 * k :].view(b, k, 2, *size)
        sums = pooled[:, : -2 * k].view(b, k, 2, -1, *size)
        return (sums * features.match[:, None, None]).sum(3) / (count + 1e-2)

    def _judge(
        self, logits: Tensor, summary: Tensor, history: Tensor, carried: Carried, marked: Tensor
    ) -> Tensor:
        """Presence and quality logits, [B, K, 2]."""
        b, k = logits.shape[:2]
        probability = logits.sigmoid()
        area = probability.mean((2, 3))
        doubt = (probability * (1 - probability)).mean((2, 3)) / (area + 1e-4)
        scalars = [area.sqrt(), doubt, carried.previous.mean((2, 3)).sqrt()]
        scalars.append(marked[:, 1:].amax((2, 3)))
        seen = torch.cat([summary.view(b, k, -1), history[:, 1:], torch.stack(scalars, -1)], -1)
        return self.judge(seen.detach())

    def ready(self, device: torch.device, dtype: torch.dtype) -> S2VNet:
        """The network as sessions use it, fused and on ``device``: itself if it is so already, to
        be shared, else a copy."""
        blank = self.blank
        if self.fused and (blank.device, blank.dtype) == (device, dtype):
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
