"""The same lattice of voxels in another order: 3D Slicer turns left-handed volumes, others flip."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..errors import UserError
from ..texts import Text, texts
from .geometry import Geometry

_ = texts(__name__)


def onto(
    array: np.ndarray,
    own: Sequence[Geometry],
    wanted: Sequence[Geometry],
    name: str,
    wanted_name: str,
    *,
    part: bool = False,
) -> np.ndarray:
    """``array`` [k, j, i] on the grid ``wanted[0]``: turned and flipped as needed.

    Several geometries are several statements of one place (a NIfTI file has two transforms); any
    of ``own`` may agree with any of ``wanted``. With ``part`` the array may cover a part of the
    grid or reach beyond it, as the segmentations that Slicer crops do; voxels without value are 0.
    Raises UserError, which says both grids and the distance, for another lattice.
    """
    for one in own:
        for other in wanted:
            found = _placed(array, one, other, part)
            if found is not None:
                return found
    _steps, turned = _turn(own[0], wanted[0])
    far = Text("")
    if turned.shape == wanted[0].shape:
        far = _(", {distance:.3g} mm away at the farthest corner")
        far = far.format(distance=turned.apart(wanted[0]))
    raise UserError(
        "{name} does not lie on the grid of {wanted_name}: it has {own}, not "
        "{wanted}{far}. Export it with that volume as the reference, or "
        "resample it to that volume.",
        name=name,
        wanted_name=wanted_name,
        own=own[0].described(),
        wanted=wanted[0].described(),
        far=far,
    )


def _turn(own: Geometry, wanted: Geometry) -> tuple[tuple[list[int], list[bool]], Geometry]:
    """Order of the axes and which of them to flip, in (k, j, i), for the best agreement."""
    ours, theirs = (
        (g.ijk_to_ras[:3, 2::-1] / np.linalg.norm(g.ijk_to_ras[:3, 2::-1], axis=0))
        for g in (own, wanted)
    )
    cosines = theirs.T @ ours  # [wanted, own]
    order: list[int] = [0, 0, 0]
    left = np.abs(cosines)
    for _ in range(3):
        row, column = np.unravel_index(left.argmax(), left.shape)
        order[row] = int(column)
        left[row, :] = left[:, column] = -1
    flips = [bool(cosines[axis, order[axis]] < 0) for axis in range(3)]
    return (order, flips), own.turned(order, flips)


def _placed(array: np.ndarray, own: Geometry, wanted: Geometry, part: bool) -> np.ndarray | None:
    (order, flips), turned = _turn(own, wanted)
    straight = np.flip(array.transpose(order), tuple(axis for axis in range(3) if flips[axis]))
    if turned.is_close(wanted):
        return np.ascontiguousarray(straight)
    if not part:
        return None
    start = np.rint(wanted.ras_to_ijk(turned.ijk_to_ras[None, :3, 3])[0]).astype(int)
    moved = wanted.ijk_to_ras.copy()
    moved[:3, 3] = wanted.ijk_to_ras_points(start[None])[0]
    if not turned.is_close(Geometry(turned.shape, moved)):
        return None
    result = np.zeros(wanted.shape, array.dtype)
    first = start[::-1]
    ours = [slice(max(0, -f), max(0, min(n, w - f))) for f, n, w in
            zip(first, straight.shape, wanted.shape, strict=True)]  # fmt: skip
    theirs = [slice(max(0, f), max(0, min(w, f + n))) for f, n, w in
              zip(first, straight.shape, wanted.shape, strict=True)]  # fmt: skip
    result[tuple(theirs)] = straight[tuple(ours)]
    return result
