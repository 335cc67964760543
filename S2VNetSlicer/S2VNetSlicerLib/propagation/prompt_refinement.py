"""What companions of the network make of one plane and its marks: across slices, or corrected.

Beyond the paper. The network of the passes must follow a structure from slice to slice; another
(``model.planes``) learns only to complete in one plane what lines show, a third
(``model.corrections``) to correct what is wrong, its own mistakes too. In a slice that is corrected
it agrees with the first by the mean of their logarithms. Whoever erases a structure marks its
middle, whoever trims it the rim: where the middle has no marks, what was there has a say as well.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor
from torch.nn import functional as F

from ..network.kmeans_decoder import class_maps, has_marks
from ..network.model import S2VNet
from .components import remove_unprompted_components
from .fusion import normalise_overlap
from .semantic_prior import SemanticPrior
from .settings import ComponentSettings, RefinementSettings
from .slice_store import SliceStore
from .stages import Annotation, DueSlices, SliceUpdate, Updates

DEFAULT = RefinementSettings()
COMPONENTS = ComponentSettings()

ReadSlices = Callable[[list[int]], Tensor]
"""Work slices [N, 2h, 2w] (0..255) of a list of slices."""


class AuxiliaryNetwork:
    """A network and what it is asked about: the slices that ``read`` returns."""

    def __init__(
        self,
        model: S2VNet,
        read: ReadSlices,
        settings: RefinementSettings = DEFAULT,
        components: ComponentSettings = COMPONENTS,
    ) -> None:
        self.model, self.read = model, read
        self.settings, self.components = settings, components
        weight = next(self.model.parameters())
        self.dtype, self.device = weight.dtype, weight.device

    def correct(self, z: Tensor, marks: Tensor, masks: Tensor, before: Tensor) -> Tensor:
        """Masks [N, K, h, w] of slices ``z``, that were ``before`` and are marked anew, so that the
        network of the passes makes ``masks`` of them."""
        others = self.complete(self.read(z.tolist()), marks, before, told=True)
        settings = self.settings
        says, says_before = settings.trimmed_weights
        with_before = self._agreed(masks, before, says_before / (1 - says))
        stays = is_trimmed(marks, before, settings)[..., None, None]
        kept = self._agreed(with_before, others, says)
        found = torch.where(stays, kept, self._agreed(masks, others, settings.weight))
        return grow_cautiously(normalise_overlap(found), marks, before, settings)

    def _agreed(self, masks: Tensor, others: Tensor, says: float) -> Tensor:
        return geometric_mean(masks, others, says, self.settings.min_probability)

    def complete(self, seen: Tensor, marks: Tensor, before: Tensor, told: bool = False) -> Tensor:
        """Masks [N, K, h, w] of planes ``seen`` [N, 2h, 2w] (0..255) with ``marks`` uint8.

        ``before`` [N, K, h, w]: the masks until now; a piece of the result stays for a mark or a
        part of them. If the network is ``told`` of them it corrects them, else structures without
        marks are not asked for.
        """
        structures = before.shape[1]
        features = self.model.encode(seen.to(self.device, self.dtype))
        recurrent = self.model.initial_state(structures, features)
        if told:
            known = torch.ones_like(recurrent.has_previous)
            recurrent = replace(
                recurrent, previous=before.to(known), has_previous=known, match=features.match
            )
        output = self.model.step(features, recurrent, marks)
        absent_below = self.settings.absent_below if told else 2.0
        n_empty = torch.where(has_marks(marks, structures), 0.0, absent_below)
        found = output.probabilities(n_empty).float()
        said = class_maps(marks, structures, (found.shape[2], found.shape[3])).to(found)
        return remove_unprompted_components(found, said, before.to(found), self.components)


class RefinePromptedSlices:
    """The second network and the first agree on prompted slices that showed something before."""

    def __init__(self, network: AuxiliaryNetwork, prior: SemanticPrior) -> None:
        self.network, self.prior = network, prior

    def run(self, store: SliceStore, state: Annotation, due: DueSlices) -> Updates:
        prompted = store.prompted
        if prompted is not None and not self.prior.knows_all:
            again = torch.nonzero(prompted.known)[:, 0]
            if len(again):
                about = prompted.z, prompted.marks, prompted.masks, prompted.before
                masks = prompted.masks.clone()
                masks[again] = self.network.correct(*(t[again] for t in about))
                store.hold(replace(prompted, masks=masks))
        yield SliceUpdate(due.slices)


def is_trimmed(marks: Tensor, before: Tensor, settings: RefinementSettings = DEFAULT) -> Tensor:
    """Which structures, that were ``before`` [N, K, h, w], have ``marks`` uint8 [N, H, W] of others
    alone, and these not in their middle, [N, K]."""
    there, structures = before > 0.5, before.shape[1]
    other = class_maps(marks, structures, (before.shape[2], before.shape[3])).any(1, keepdim=True)
    core = cores(there, settings.core)
    marked = (core & other).sum((2, 3)) >= settings.erased * core.sum((2, 3))
    return there.flatten(2).any(2) & ~marked & ~has_marks(marks, structures)


def grow_cautiously(
    masks: Tensor, marks: Tensor, before: Tensor, settings: RefinementSettings = DEFAULT
) -> Tensor:
    """``masks`` [N, K, h, w] of corrected slices, where those until now, ``before``, grew less the
    farther from ``marks`` uint8 [N, H, W] of the structure."""
    near = class_maps(marks, masks.shape[1], (masks.shape[2], masks.shape[3]))[:, 1:]
    far, (begins, whole) = torch.zeros_like(near), settings.caution_cells
    for cells in range(whole):
        far += (1 - near) / (whole - begins) * (cells >= begins)
        near = F.max_pool2d(near, 3, 1, 1)
    less = (torch.logit(masks.float(), 1e-4) - settings.caution * far * (1 - before)).sigmoid()
    return masks.minimum(less.maximum(before).to(masks))


def cores(masks: Tensor, core: float = DEFAULT.core) -> Tensor:
    """The deepest cells of each of ``masks`` bool [N, K, h, w], beyond whose edge nothing is."""
    inside, depth = masks.float(), torch.zeros(masks.shape, device=masks.device)
    while inside.any():
        depth += inside
        inside = 1 - F.max_pool2d(F.pad(1 - inside, (1, 1, 1, 1), value=1.0), 3, 1)
    return masks & (depth >= core * depth.amax((2, 3), keepdim=True))


def log_probabilities(masks: Tensor, least: float = DEFAULT.min_probability) -> Tensor:
    """Masks [N, K, h, w] -> logarithms of probabilities with the background, [N, K+1, h, w];
    below ``least`` all are alike."""
    masks = masks.float()
    nothing = 1 - masks.sum(1, keepdim=True)
    return torch.cat([nothing, masks], 1).clamp(min=least).log()


def geometric_mean(
    masks: Tensor, others: Tensor, says: float, least: float = DEFAULT.min_probability
) -> Tensor:
    """``masks`` [N, K, h, w] and ``others``, which count ``says`` (0..1), as one."""
    both = log_probabilities(masks, least).lerp(log_probabilities(others, least), says)
    return both.softmax(1)[:, 1:].to(masks)
