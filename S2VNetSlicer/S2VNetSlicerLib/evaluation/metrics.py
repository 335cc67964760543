"""How well a mask agrees with its reference: Dice, Hausdorff distance and surface Dice in mm."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from math import nan

import numpy as np
from scipy import ndimage as ndi

from ..errors import UserError

TOLERANCE = 2.0
"""Default tolerance of the surface Dice, mm."""
_REACH = 2


@dataclass(frozen=True)
class Score:
    """Agreement of one structure in one volume.

    ``dice`` 0..1; ``hd95`` mm, the larger of the two directed 95th percentiles; ``hd95_pooled`` mm,
    the 95th percentile of both directions together (medpy's, smaller or equal mostly);
    ``surface_dice`` 0..1. ``reference`` and ``result``: voxels.

    Empty masks: both empty, nothing is scored (NaN everywhere). One empty: Dice and surface Dice
    are 0, the distances are not defined (NaN); a table says how many they are.
    """

    dice: float
    hd95: float
    hd95_pooled: float
    surface_dice: float
    reference: int
    result: int

    @property
    def missed(self) -> bool:
        """Whether exactly one of the masks is empty."""
        return (self.reference == 0) != (self.result == 0)


def score(
    result: np.ndarray,
    reference: np.ndarray,
    spacing: tuple[float, float, float],
    tolerance: float = TOLERANCE,
) -> Score:
    """Compare two masks, bool [k, j, i]; ``spacing`` (k, j, i) and ``tolerance`` in mm.

    Distances and areas are MONAI's: surfaces lie half-way between voxels, each piece weighted with
    its area (Nikolov et al., arXiv 1809.04430), so that neither anisotropic voxels nor their number
    count. A structure cut by the volume's border has a surface there.
    """
    if result.shape != reference.shape:
        raise ValueError(f"masks of shapes {result.shape} and {reference.shape}")
    counts = int(reference.sum()), int(result.sum())
    if not all(counts):
        worst = nan if counts == (0, 0) else 0.0
        return Score(worst, nan, nan, worst, *counts)
    box = _around(result | reference)
    result, reference = result[box], reference[box]
    dice = 2 * int((result & reference).sum()) / sum(counts)
    (there, back), (area, area_back) = _surfaces(result, reference, spacing)
    directed = [float(np.percentile(distance, 95)) for distance in (there, back)]
    pooled = float(np.percentile(np.concatenate([there, back]), 95))
    near = area[there <= tolerance].sum() + area_back[back <= tolerance].sum()
    share = float(near / (area.sum() + area_back.sum()))
    return Score(dice, max(directed), pooled, share, *counts)


def _around(mask: np.ndarray) -> tuple[slice, ...]:
    """The box of a mask."""
    return ndi.find_objects(mask.astype(np.uint8))[0]


def _surfaces(
    result: np.ndarray, reference: np.ndarray, spacing: tuple[float, float, float]
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Distances (mm) from each piece of the result's surface to the reference's and back, and the
    areas (mm2) of these pieces."""
    try:
        import torch
        from monai.metrics.utils import get_edge_surface_distance
    except ImportError as error:
        raise UserError(
            "Distances cannot be measured", error, "Run pip install 's2vnet-slicer[evaluation]'."
        ) from error
    with warnings.catch_warnings():
        # MONAI 1.6 passes itself an argument that it calls deprecated.
        warnings.simplefilter("ignore", FutureWarning)
        edges, distances, areas = get_edge_surface_distance(
            torch.from_numpy(result),
            torch.from_numpy(reference),
            spacing=spacing,
            use_subvoxels=True,
            symmetric=True,
        )
    there, back = (np.asarray(distance, np.float64) for distance in distances)
    area, area_back = (
        np.asarray(a, np.float64)[np.asarray(edge, bool)]
        for a, edge in zip(areas, edges, strict=True)
    )
    return (there, back), (area, area_back)


def boundary_contrast(image: np.ndarray, mask: np.ndarray) -> float:
    """How distinct the boundary of ``mask`` is in ``image`` (both [k, j, i]): the difference of the
    mean intensities just inside and just outside of it over their common standard deviation.

    NaN where the mask is empty or has no outside. Our own measure: a contrast-to-noise ratio.
    """
    if not mask.any():
        return nan
    grown = tuple(slice(max(0, s.start - _REACH), s.stop + _REACH) for s in _around(mask))
    image, mask = image[grown].astype(np.float64), mask[grown]
    inside = image[mask & ~ndi.binary_erosion(mask, iterations=_REACH, border_value=1)]
    outside = image[ndi.binary_dilation(mask, iterations=_REACH) & ~mask]
    if not inside.size or not outside.size:
        return nan
    noise = float(np.sqrt((inside.var() + outside.var()) / 2))
    return float(abs(inside.mean() - outside.mean()) / max(noise, 1e-6))
