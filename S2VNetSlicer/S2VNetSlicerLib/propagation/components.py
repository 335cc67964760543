"""Connected components of masks (``scipy.ndimage``)."""

from __future__ import annotations

import numpy as np
import torch
from scipy import ndimage
from torch import Tensor

from .settings import ComponentSettings

MOST_COMPONENTS = 8
DEFAULT = ComponentSettings()
IN_PLANE = np.zeros((3, 3, 3, 3), bool)
"""Of [N, K, h, w]: each plane by itself; diagonal neighbours touch."""
IN_PLANE[1, 1] = True
FACES = ndimage.generate_binary_structure(3, 1)
"""Of [D, h, w]."""


def with_seeds(mask: Tensor, seeds: Tensor, touching: np.ndarray) -> Tensor:
    """The components of ``mask`` (bool) that hold one of the ``seeds`` (same shape); ``touching``:
    which neighbours of a cell belong to it."""
    found, count = ndimage.label(mask.cpu().numpy(), touching)
    kept = np.zeros(count + 1, bool)
    kept[found[seeds.cpu().numpy()]] = True
    kept[0] = False
    return torch.from_numpy(kept[found]).to(mask.device)


def remove_unprompted_components(
    mask: Tensor, said: Tensor, previous: Tensor, settings: ComponentSettings = DEFAULT
) -> Tensor:
    """``mask`` [N, K, h, w] of prompted slices without the components that look alike but are
    elsewhere.

    ``said`` [N, K+1, h, w]: marks as one map a class; ``previous``, like ``mask``: the last one.
    A component stays for a mark of its structure or a part of the last mask. With neither, all
    stay.
    """
    if not settings.remove:
        return mask
    marked, here = said[:, 1:] > 0, mask > settings.min_mask
    # What was another structure may have been this one all the time.
    before = (previous.amax(1, keepdim=True) > 0.5).expand_as(here)
    right = with_seeds(here, marked | before, IN_PLANE)
    unknown = ~(marked | before).flatten(2).any(2)[..., None, None]
    return mask * (right | unknown | ~here)


def largest_components(mask: Tensor, most: int = MOST_COMPONENTS) -> list[Tensor]:
    """The ``most`` largest components of ``mask`` [h, w], largest first; diagonal neighbours
    touch."""
    found, count = ndimage.label(mask.cpu().numpy(), IN_PLANE[1, 1])
    order = np.argsort(-np.bincount(found.ravel(), minlength=count + 1)[1:], kind="stable") + 1
    labels = torch.from_numpy(found).to(mask.device)
    return [labels == number for number in order[:most].tolist()]


def remove_crumbs(labels: np.ndarray, share: float) -> set[int]:
    """Take from ``labels`` uint8 [D, h, w], in place, the components of each class that are smaller
    than a ``share`` of its largest one; the slices that this changed."""
    changed: set[int] = set()
    for number, box in enumerate(ndimage.find_objects(labels), 1):
        if box is None:
            continue
        here = labels[box]
        found, count = ndimage.label(here == number, FACES)
        sizes = np.bincount(found.ravel(), minlength=count + 1)
        small = sizes < share * sizes[1:].max()
        small[0] = False
        if small.any():
            crumbs = small[found]
            here[crumbs] = 0
            changed.update((np.flatnonzero(crumbs.any((1, 2))) + box[0].start).tolist())
    return changed
