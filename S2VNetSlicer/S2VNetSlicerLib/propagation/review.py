"""How sure a session is: expected errors of its slices."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from .propagator import FAR


def expected_errors(
    masks: Tensor, distance: Tensor, confidence: np.ndarray, inside: tuple[int, int]
) -> np.ndarray:
    """Share of each slice that is probably wrong, [slices].

    ``masks`` [2, slices, K, h, w] in 0..1 and ``distance`` [2, slices, K] of the two directions,
    ``confidence`` [slices, K] or NaN, ``inside`` the rows and columns of the masks that lie in the
    slice. The doubt about each class times its size, plus what two runs disagree about.
    """
    masks = masks[..., : inside[0], : inside[1]]
    area = torch.stack([m.flatten(2).float().mean(-1) for m in masks]).amax(0)
    doubt = 1 - np.nan_to_num(confidence, nan=1.0)
    errors = (area.cpu().numpy() * doubt).sum(1)
    both = torch.nonzero(((distance < FAR) & (distance > 0)).all(0).any(1))[:, 0]
    for z in both.tolist():
        gap = (masks[0, z].float() - masks[1, z].float()).abs().mean((1, 2)).sum()
        errors[z] += 0.5 * float(gap)
    return errors
