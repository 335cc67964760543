"""A ridge logistic regression of each class against all else, fitted to marks in a moment.

As in ilastik: the marks in a volume are labels of its pixels. Two classifiers are fitted so, on
what the network sees (``online_classifier``) and on what pixels look like (``pixel_classifier``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass
class TrainingSamples:
    """Cells of one slice: features ``x`` [n, F], target ``y`` (0..1) of each structure and the
    network's logit ``offset`` of it against all others, [n, K], ``weight`` [n]. The first
    ``marked`` are the user's."""

    x: Tensor
    y: Tensor
    offset: Tensor
    weight: Tensor
    marked: int


def choose_cells(
    marked: Tensor, unmarked: Tensor, most: tuple[int, int]
) -> Iterator[tuple[Tensor, int]]:
    """For each of B slices the cells to learn from, evenly spaced, and how many of these are
    marked: those come first, class after class.

    ``marked`` bool [B, K+1, n] by class, ``unmarked`` [B, n] those of no mark that say something.
    ``most``: marked cells of a class and unmarked ones at most. Cells where two classes meet say
    nothing.
    """
    alone = marked.sum(1) == 1
    for item in range(len(marked)):
        cells = [_some(m & alone[item], most[0]) for m in marked[item]]
        rest = _some(unmarked[item] & ~marked[item].any(0), most[1])
        where = torch.cat([*cells, rest])
        yield where, len(where) - len(rest)


def _some(cells: Tensor, most: int) -> Tensor:
    """At most ``most`` of the ``cells`` [n] that are true, evenly spaced."""
    index = torch.nonzero(cells)[:, 0]
    if len(index) <= most:
        return index
    return index[torch.linspace(0, len(index) - 1, most, device=index.device).long()]


def joined(samples: list[TrainingSamples]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """``x``, ``y``, ``offset`` and ``weight`` of all ``samples``."""
    x, y, offset, weight = (
        torch.cat([getattr(s, name) for s in samples]).float()
        for name in ("x", "y", "offset", "weight")
    )
    return x, y, offset, weight


def standardise(x: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and scale of features ``x`` [n, F]."""
    return x.mean(0), x.std(0, correction=0) + 1e-3


def fit(
    z: Tensor,
    y: Tensor,
    offset: Tensor,
    weight: Tensor,
    ridge: Tensor,
    newton_steps: int,
    min_curvature: Tensor,
) -> Tensor:
    """Weights [K, F] of the regressions of ``y`` [n, K] on ``z`` [n, F] beside ``offset`` [n, K]
    (Newton). ``weight`` [n, K] and ``min_curvature`` [n, K] are those of the samples, ``ridge`` [F]
    that of the features."""
    found = z.new_zeros(y.shape[1], z.shape[1])
    for _ in range(newton_steps):
        p = (offset + z @ found.T).sigmoid()
        slope = (weight * (p - y)).T @ z + ridge * found
        curvature = (weight * p * (1 - p)).maximum(min_curvature)
        hessian = torch.stack([(z * c[:, None]).T @ z for c in curvature.T]) + ridge.diag()
        found = found - torch.linalg.solve(hessian, slope[..., None])[..., 0]
    return found
