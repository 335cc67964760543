"""What is measured of each class: volume, intensities, largest diameter; and as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial import ConvexHull, QhullError
from scipy.spatial.distance import pdist

from .geometry import Geometry


@dataclass(frozen=True)
class ClassStatistics:
    """``mean``, ``sd``, ``least`` and ``most`` of the values (HU in a CT), ``diameter`` in mm, the
    largest between two voxel centres. All but ``name`` are 0 for a class without voxels."""

    name: str
    voxels: int = 0
    ml: float = 0.0
    mean: float = 0.0
    sd: float = 0.0
    least: float = 0.0
    most: float = 0.0
    diameter: float = 0.0


def class_statistics(
    labels: np.ndarray, array: np.ndarray, geometry: Geometry, names: Sequence[str]
) -> list[ClassStatistics]:
    """Of the classes 1, 2, ... (``names``) in ``labels`` [k, j, i] over the values ``array``."""
    voxel = float(np.prod(geometry.spacing)) / 1000
    found = []
    for n, name in enumerate(names, 1):
        mask = labels == n
        values = array[mask].astype(np.float64)
        if not values.size:
            found.append(ClassStatistics(name))
            continue
        moments = float(values.mean()), float(values.std())
        extremes = float(values.min()), float(values.max())
        size = values.size, values.size * voxel
        found.append(ClassStatistics(name, *size, *moments, *extremes, diameter(mask, geometry)))
    return found


def diameter(mask: np.ndarray, geometry: Geometry) -> float:
    """The largest distance (mm) between the centres of two voxels of ``mask`` [k, j, i]."""
    rows = mask.any(2)
    k, j = np.nonzero(rows)
    first = mask[rows].argmax(1)
    last = mask.shape[2] - 1 - mask[rows][:, ::-1].argmax(1)
    # Of each row only the ends can lie on the hull.
    ends = [np.stack([i, j, k], 1) for i in (first, last)]
    points = geometry.ijk_to_ras_points(np.unique(np.concatenate(ends), axis=0).astype(float))
    if len(points) > 4:
        try:
            points = points[ConvexHull(points).vertices]
        except QhullError as error:  # all in one plane or line
            points = _flat_hull(points, error)
    return float(pdist(points).max()) if len(points) > 1 else 0.0


def _flat_hull(points: np.ndarray, cause: QhullError) -> np.ndarray:
    """The corners of points [N, 3] that lie in one plane."""
    centred = points - points.mean(0)
    axes = np.linalg.svd(centred, full_matrices=False)
    if axes.S[1] < 1e-6 * axes.S[0]:  # a line
        along = centred @ axes.Vh[0]
        return points[[along.argmin(), along.argmax()]]
    if axes.S[2] > 1e-6 * axes.S[0]:
        raise cause
    corners: np.ndarray = points[ConvexHull(centred @ axes.Vh[:2].T).vertices]
    return corners


def as_csv(rows: Sequence[ClassStatistics], modality: str) -> str:
    """The statistics as comma-separated values with a line of headings."""
    unit = " (HU)" if modality == "CT" else ""
    text = io.StringIO()
    writer = csv.writer(text)
    values = [f"{what}{unit}" for what in ("mean", "SD", "minimum", "maximum")]
    writer.writerow(["class", "voxels", "volume (ml)", *values, "largest diameter (mm)"])
    for row in rows:
        if not row.voxels:
            writer.writerow([row.name, 0, 0, "", "", "", "", ""])
            continue
        numbers = row.ml, row.mean, row.sd, row.least, row.most, row.diameter
        writer.writerow([row.name, row.voxels, *(f"{number:.3f}" for number in numbers)])
    return text.getvalue()
