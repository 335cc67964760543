"""What is drawn by hand as masks of voxels: what an outline encloses, what a click means, and a
class made tidy."""

from __future__ import annotations

import numpy as np
import SimpleITK as sitk

from ..errors import UserError
from ..propagation.settings import MarkingSettings
from ..volumes.geometry import Geometry
from .strokes import nearest_axis

LARGEST, HOLES, SMOOTH = "largest", "holes", "smooth"
"""Ways to tidy a class: keep its largest piece, fill holes slice by slice, smooth its border."""


def enclosed(grid: Geometry, points: np.ndarray, normal: np.ndarray) -> tuple[int, int, np.ndarray]:
    """The axis of [k, j, i] across the plane of a closed outline, the index along it, and what the
    outline encloses there: bool over the two other axes.

    ``points`` [N, 3] RAS mm; ``normal`` [3] of the view. UserError for an oblique view.
    """
    axis = nearest_axis(grid, normal)
    kji = grid.ras_to_ijk(points)[:, ::-1]
    if np.ptp(kji[:, axis]) > 1:
        raise UserError("Outlines need a view along the voxels: turn the view back.")
    rows, columns = (a for a in range(3) if a != axis)
    shape = grid.shape[rows], grid.shape[columns]
    index = int(np.floor(kji[:, axis].mean() + 0.5))
    inside = np.zeros(shape, bool)
    y, x = kji[:, rows], kji[:, columns]
    low = np.clip(np.floor((y.min(), x.min())).astype(int), 0, shape)
    high = np.clip(np.ceil((y.max(), x.max())).astype(int) + 1, 0, shape)
    if 0 <= index < grid.shape[axis] and (low < high).all():
        box = tuple(map(slice, low, high))
        inside[box] = _even_odd(y, x, *np.mgrid[box])
    return axis, index, inside


def _even_odd(y: np.ndarray, x: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Whether a ray from each place crosses the closed line an odd number of times."""
    odd = np.zeros(rows.shape, bool)
    for y0, x0, y1, x1 in zip(y, x, np.roll(y, -1), np.roll(x, -1), strict=True):
        if y0 != y1:
            crosses = (y0 > rows) != (y1 > rows)
            odd ^= crosses & (columns < x0 + (rows - y0) * (x1 - x0) / (y1 - y0))
    return odd


def core_and_ring(
    inside: np.ndarray, spacing: tuple[float, float], settings: MarkingSettings
) -> tuple[np.ndarray, np.ndarray]:
    """What an outline drawn around a structure says for sure: its core is of the class, and a line
    around it is not. Both bool like ``inside``; ``spacing`` mm of its axes."""
    image = _image(np.pad(inside, 1))
    image.SetSpacing(spacing[::-1])
    away = sitk.SignedMaurerDistanceMap(image, True, False, True)
    depth = sitk.GetArrayFromImage(away)[1:-1, 1:-1]
    core = depth >= settings.core * depth.max(initial=1e-6)
    near, beyond = (_dilated(inside, settings.ring + more) for more in (0, 1))
    return core & inside, beyond & ~near


def meant_by_click(
    image: np.ndarray,
    at: tuple[int, int],
    spacing: tuple[float, float],
    modality: str,
    settings: MarkingSettings,
) -> np.ndarray:
    """What a click on a structure means in its slice ``image`` [rows, columns]: the voxels around
    that look the same and are joined with it, a voxel away from their border. bool.

    ``at`` (row, column) lies inside; ``spacing`` mm of its axes.
    """
    reach = [max(2, round(settings.reach / step)) for step in spacing]
    low = [max(0, place - far) for place, far in zip(at, reach, strict=True)]
    box = tuple(slice(a, p + far + 1) for a, p, far in zip(low, at, reach, strict=True))
    plain = sitk.GetImageFromArray(image[box].astype(np.float32))
    part = sitk.GetArrayFromImage(sitk.Median(plain, [1, 1]))
    row, column = at[0] - low[0], at[1] - low[1]
    rows, columns = np.ogrid[: part.shape[0], : part.shape[1]]
    away = np.hypot((rows - row) * spacing[0], (columns - column) * spacing[1])
    tolerance = settings.tolerance_ct
    if modality != "CT":
        darkest, brightest = np.percentile(image, (1, 99))
        tolerance = settings.tolerance_mr * float(brightest - darkest)
    middle = np.median(part[away <= max(2.0, 1.5 * max(spacing))])
    alike = (np.abs(part - middle) <= tolerance) & (away <= settings.reach)
    whole = sitk.BinaryFillhole(_image(_piece(alike, row, column)))
    inner = sitk.BinaryErode(whole, [1, 1], sitk.sitkCross, 0, 1, False)
    found = np.zeros(image.shape, bool)
    found[box] = _piece(_mask(inner), row, column)
    return found


def _image(mask: np.ndarray) -> sitk.Image:
    return sitk.GetImageFromArray(mask.astype(np.uint8))


def _mask(image: sitk.Image) -> np.ndarray:
    return sitk.GetArrayFromImage(image) > 0


def _dilated(mask: np.ndarray, by: int) -> np.ndarray:
    return _mask(sitk.BinaryDilate(_image(mask), [by] * mask.ndim, sitk.sitkCross)) if by else mask


def _piece(mask: np.ndarray, row: int, column: int) -> np.ndarray:
    """The piece of ``mask`` that holds a place; nothing where it is not set."""
    pieces = sitk.GetArrayFromImage(sitk.ConnectedComponent(_image(mask)))
    number = pieces[row, column]
    return pieces == number if number else np.zeros_like(mask)


def tidied(
    labels: np.ndarray, n: int, how: str, axis: int, spacing: tuple[float, ...], size: float
) -> np.ndarray:
    """``labels`` [k, j, i] with class ``n`` made tidy; other classes keep all their voxels.

    ``how`` is one of LARGEST, HOLES (in slices along ``axis``) and SMOOTH: the majority within
    ``size`` mm (a median, as Slicer's Smoothing effect has it).
    """
    mask = labels == n
    places = np.argwhere(mask)
    if not len(places):
        return labels
    ends = zip(places.min(0).tolist(), places.max(0).tolist(), strict=True)
    box = tuple(slice(max(0, first - 2), last + 3) for first, last in ends)
    part, free = mask[box], (labels[box] == 0) | mask[box]
    if how == LARGEST:
        pieces = sitk.RelabelComponent(sitk.ConnectedComponent(_image(part)))  # by size
        new = sitk.GetArrayFromImage(pieces) == 1
    elif how == HOLES:
        planes = [_mask(sitk.BinaryFillhole(_image(each))) for each in np.moveaxis(part, axis, 0)]
        new = np.moveaxis(np.array(planes), 0, axis)
    else:
        radii = [round(size / step / 2) for step in spacing[::-1]]
        new = _mask(sitk.Median(_image(part), radii))
    found = labels.copy()
    found[box] = np.where(free, np.where(new, n, 0).astype(labels.dtype), labels[box])
    return found
