"""What companions of the network make of one plane and its marks: across slices, or corrected.

Beyond the paper. The network of the runs must follow a structure from slice to slice; another
(``model.planes``) learns only to complete in one plane what lines show, a third
(``model.corrections``) to correct what is wrong, its own mistakes too. In a slice that is corrected
it agrees with the first by the mean of their logarithms. Whoever erases a structure marks its
middle, whoever trims it the rim: where the middle has no marks, what was there has a say as well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import torch
from torch import Tensor
from torch.nn import functional as F

from ..network.centres import class_maps
from ..network.model import S2VNet
from .fusion import as_shares
from .pieces import joined

FLOOR = 1e-3
"""Probabilities below this are alike."""
SAYS = 0.7
"""What the network for corrections counts in a corrected slice; the rest is that of the runs."""
SAY_TRIMMED = 0.3, 0.3
"""What that network and the mask until now count for a structure that was trimmed."""
CORE, ERASED = 0.85, 0.1
"""Cells so deep (of the deepest) are the middle; with this share of it marked a structure may be
erased."""
CAUTION, BESIDE = 1.5, (2, 6)
"""What a stroke adds lies around it: beyond so many cells the logit of what joins a structure is
lowered, from the second number on by ``CAUTION``. What strokes take away is seldom wrong."""
ABSENT_BELOW = 0.1
"""A class without marks in a corrected slice is there if its presence score (0..1) is not lower:
what was there before others were corrected is seldom wrong altogether."""

Read = Callable[[list[int]], Tensor]
"""Work slices [N, 2h, 2w] (0..255) of a list of slices."""


class Completion:
    """A network and what it is asked about: ``classes`` as those of the session, and the slices
    that ``read`` returns."""

    def __init__(self, model: S2VNet, classes: Sequence[int], read: Read) -> None:
        self.model, self.read = model, read
        weight = next(self.model.parameters())
        self.dtype, self.device = weight.dtype, weight.device
        self.classes = torch.tensor(list(classes), device=self.device)

    def correct(self, z: Tensor, marks: Tensor, masks: Tensor, before: Tensor) -> Tensor:
        """Masks [N, K, h, w] of slices ``z``, that were ``before`` and are marked anew, so that the
        network of the runs makes ``masks`` of them."""
        others = self.complete(self.read(z.tolist()), marks, before, told=True)
        says, says_before = SAY_TRIMMED
        with_before = agreed(masks, before, says_before / (1 - says))
        stays = trimmed(marks, before)[..., None, None]
        found = torch.where(stays, agreed(with_before, others, says), agreed(masks, others, SAYS))
        return cautious(as_shares(found), marks, before)

    def complete(self, seen: Tensor, marks: Tensor, before: Tensor, told: bool = False) -> Tensor:
        """Masks [N, K, h, w] of planes ``seen`` [N, 2h, 2w] (0..255) with ``marks`` uint8.

        ``before`` [N, K, h, w]: the masks until now; a piece of the result stays for a mark or a
        part of them. If the network is ``told`` of them it corrects them, else structures without
        marks are not asked for.
        """
        structures = before.shape[1]
        features = self.model.encode(seen.to(self.device, self.dtype))
        carried = self.model.begin(self.classes.expand(len(seen), -1), features)
        if told:
            known = torch.ones_like(carried.known)
            carried = replace(carried, previous=before.to(known), known=known, match=features.match)
        output = self.model.step(features, carried, marks)
        absent_below = torch.where(has_marks(marks, structures), 0.0, ABSENT_BELOW if told else 2.0)
        found = output.probabilities(absent_below).float()
        said = class_maps(marks, structures, (found.shape[2], found.shape[3])).to(found)
        return joined(found, said, before.to(found))


def has_marks(marks: Tensor, structures: int) -> Tensor:
    """Which structures have ``marks`` uint8 [N, H, W], [N, K]."""
    numbers = torch.arange(2, structures + 2, device=marks.device)
    return (marks.flatten(1)[:, None] == numbers[:, None]).any(-1)


def trimmed(marks: Tensor, before: Tensor) -> Tensor:
    """Which structures, that were ``before`` [N, K, h, w], have ``marks`` uint8 [N, H, W] of others
    alone, and these not in their middle, [N, K]."""
    there, structures = before > 0.5, before.shape[1]
    other = class_maps(marks, structures, (before.shape[2], before.shape[3])).any(1, keepdim=True)
    core = cores(there)
    marked = (core & other).sum((2, 3)) >= ERASED * core.sum((2, 3))
    return there.flatten(2).any(2) & ~marked & ~has_marks(marks, structures)


def cautious(masks: Tensor, marks: Tensor, before: Tensor) -> Tensor:
    """``masks`` [N, K, h, w] of corrected slices, where those until now, ``before``, grew less the
    farther from ``marks`` uint8 [N, H, W] of the structure."""
    near = class_maps(marks, masks.shape[1], (masks.shape[2], masks.shape[3]))[:, 1:]
    far = torch.zeros_like(near)
    for cells in range(BESIDE[1]):
        far += (1 - near) / (BESIDE[1] - BESIDE[0]) * (cells >= BESIDE[0])
        near = F.max_pool2d(near, 3, 1, 1)
    less = (torch.logit(masks.float(), 1e-4) - CAUTION * far * (1 - before)).sigmoid()
    return masks.minimum(less.maximum(before).to(masks))


def cores(masks: Tensor) -> Tensor:
    """The deepest cells of each of ``masks`` bool [N, K, h, w], beyond whose edge nothing is."""
    inside, depth = masks.float(), torch.zeros(masks.shape, device=masks.device)
    while inside.any():
        depth += inside
        inside = 1 - F.max_pool2d(F.pad(1 - inside, (1, 1, 1, 1), value=1.0), 3, 1)
    return masks & (depth >= CORE * depth.amax((2, 3), keepdim=True))


def logarithms(masks: Tensor) -> Tensor:
    """Masks [N, K, h, w] -> logarithms of probabilities with the background, [N, K+1, h, w]."""
    masks = masks.float()
    nothing = 1 - masks.sum(1, keepdim=True)
    return torch.cat([nothing, masks], 1).clamp(min=FLOOR).log()


def agreed(masks: Tensor, others: Tensor, says: float) -> Tensor:
    """``masks`` [N, K, h, w] and ``others``, which count ``says`` (0..1), as one."""
    both = logarithms(masks).lerp(logarithms(others), says)
    return both.softmax(1)[:, 1:].to(masks)
