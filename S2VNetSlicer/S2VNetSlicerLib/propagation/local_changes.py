"""What passes change of a result that is corrected.

A stroke speaks of what it changes. Elsewhere the result stays: a class that is marked where it is
not, by mistake or because it is missing there, would lose the rest of itself to passes that now
look for something else.
"""

from __future__ import annotations

from torch import Tensor

from .components import IN_PLANE, with_seeds


def differing(masks: Tensor, before: Tensor) -> Tensor:
    """Cells of ``masks`` (0..1) that are of a class and were not, ``before``, or the reverse."""
    return (masks > 0.5) != (before > 0.5)


def changed_by_marks(masks: Tensor, before: Tensor, said: Tensor) -> Tensor:
    """Cells [N, K, h, w] (bool) of prompted slices that became ``masks``, and were ``before``: the
    components of the change that marks touch, and the marks; ``said`` [N, K+1, h, w] as shares."""
    marked = (said > 0).any(1, keepdim=True).expand_as(masks)
    return with_seeds(differing(masks, before) | marked, marked, IN_PLANE)
