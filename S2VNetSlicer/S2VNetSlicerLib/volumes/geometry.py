"""Where the voxels of a volume lie in the patient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import SimpleITK as sitk

from ..errors import UserError
from ..texts import texts

_ = texts(__name__)

_LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])
_LARGEST_SHEAR = 1e-3  # cosine between two axes; half a voxel of drift over 512 voxels
_LARGEST_TURN = 0.01  # cosine; 0.6 degrees
_LEAST_SPACING = 1e-6  # mm
_LARGEST_SPACING = 1e3  # mm; beyond it the float32 of NIfTI cannot hold where voxels of 0.1 mm lie


def nearest_axes(axes: np.ndarray) -> np.ndarray:
    """The directions [3, 3] at right angles that are nearest to ``axes`` [3, 2 or 3].

    By the polar decomposition, so that no column is favoured; of two columns the third is their
    cross product. Left-handed directions stay left-handed.
    """
    if axes.shape[1] == 2:
        axes = np.column_stack([axes, np.cross(axes[:, 0], axes[:, 1])])
    left, _, right = np.linalg.svd(axes / np.linalg.norm(axes, axis=0))
    return left @ right


@dataclass(frozen=True, eq=False)
class Geometry:
    """A regular grid: ``shape`` (k, j, i) and ``ijk_to_ras`` [4, 4], columns i, j, k, in RAS mm."""

    shape: tuple[int, int, int]
    ijk_to_ras: np.ndarray

    def __post_init__(self) -> None:
        k, j, i = (int(n) for n in self.shape)
        object.__setattr__(self, "shape", (k, j, i))
        object.__setattr__(self, "ijk_to_ras", np.array(self.ijk_to_ras, dtype=np.float64))

    @classmethod
    def from_sitk(cls, image: sitk.Image | sitk.ImageFileReader) -> Geometry:
        """The grid of a 3D image, or of what a reader has looked at; ITK's LPS becomes RAS."""
        affine = np.eye(4)
        direction = np.reshape(image.GetDirection(), (3, 3))
        affine[:3, :3] = direction * np.array(image.GetSpacing())
        affine[:3, 3] = image.GetOrigin()
        i, j, k = image.GetSize()
        return cls((k, j, i), _LPS_TO_RAS @ affine)

    def to_sitk(self, array: np.ndarray) -> sitk.Image:
        """``array`` [k, j, i] as an image on this grid."""
        if array.shape != self.shape:
            raise ValueError(f"array of shape {array.shape} on a grid of shape {self.shape}")
        lps = _LPS_TO_RAS @ self.ijk_to_ras
        spacing = self.spacing[::-1]
        image = sitk.GetImageFromArray(array)
        image.SetSpacing(spacing)
        image.SetOrigin(lps[:3, 3].tolist())
        image.SetDirection((lps[:3, :3] / spacing).ravel().tolist())
        return image

    @property
    def spacing(self) -> tuple[float, float, float]:
        """Distance between neighbouring voxels along (k, j, i), mm."""
        i, j, k = np.linalg.norm(self.ijk_to_ras[:3, :3], axis=0).tolist()
        return k, j, i

    def ijk_to_ras_points(self, ijk: np.ndarray) -> np.ndarray:
        """Voxel indices [N, 3] (i, j, k) to RAS mm [N, 3]."""
        return np.asarray(ijk, float) @ self.ijk_to_ras[:3, :3].T + self.ijk_to_ras[:3, 3]

    def ras_to_ijk(self, points: np.ndarray) -> np.ndarray:
        """RAS mm [N, 3] to fractional voxel indices [N, 3] (i, j, k)."""
        offset = np.asarray(points, float) - self.ijk_to_ras[:3, 3]
        return np.linalg.solve(self.ijk_to_ras[:3, :3], offset.T).T

    def is_close(self, other: Geometry, tol: float = 0.05) -> bool:
        """Whether the shapes agree and no corner is off by more than ``tol`` of the finest spacing.

        The default leaves room for formats that store float32 or a few decimals.
        """
        if self.shape != other.shape:
            return False
        return self.apart(other) <= tol * min(self.spacing)

    def corners(self) -> np.ndarray:
        """The centres of the eight corner voxels, RAS mm [8, 3]."""
        k, j, i = self.shape
        ijk = np.array(list(product((0, i - 1), (0, j - 1), (0, k - 1))))
        return self.ijk_to_ras_points(ijk)

    def apart(self, other: Geometry) -> float:
        """The largest distance between corners of the same index, mm."""
        return float(np.linalg.norm(self.corners() - other.corners(), axis=1).max())

    def straightened(self) -> tuple[Geometry, float | None]:
        """The nearest grid at right angles with the same centre, and how far a voxel moves, mm.

        This undoes the rounding of directions. The grid as it is, and None, where a voxel would
        move by more than half the finest spacing or an axis turn by more than half a degree: that
        is a shear.
        """
        axes = self.ijk_to_ras[:3, :3]
        spacing = np.linalg.norm(axes, axis=0)
        if not np.isfinite(self.ijk_to_ras).all() or spacing.min() < _LEAST_SPACING:
            return self, None
        straight = nearest_axes(axes) * spacing
        affine = np.eye(4)
        affine[:3, :3] = straight
        centre = (np.array(self.shape[::-1]) - 1) / 2
        affine[:3, 3] = self.ijk_to_ras_points(centre) - straight @ centre
        result = Geometry(self.shape, affine)
        moved = self.apart(result)
        turned = np.abs((axes / spacing).T @ nearest_axes(axes) - np.eye(3)).max()
        if moved > min(spacing) / 2 or turned > _LARGEST_TURN:
            return self, None
        return result, moved

    def turned(self, order: Sequence[int], flips: Sequence[bool]) -> Geometry:
        """The grid of ``np.flip(array.transpose(order), axes that flip)`` of an array on this one.

        Both are in the order (k, j, i).
        """
        columns = self.ijk_to_ras[:3, 2::-1][:, list(order)]  # along k, j, i
        shape = np.array(self.shape)[list(order)]
        signs = np.where(flips, -1, 1)
        affine = np.eye(4)
        affine[:3, 3] = self.ijk_to_ras[:3, 3] + columns @ np.where(flips, shape - 1, 0)
        affine[:3, :3] = (columns * signs)[:, ::-1]
        return Geometry((shape[0], shape[1], shape[2]), affine)

    def described(self) -> str:
        """Size, spacing, place and directions for a message."""
        i, j, k = self.shape[::-1]
        spacing = " x ".join(f"{value:.4g}" for value in self.spacing[::-1])
        origin = ", ".join(f"{value:.4g}" for value in self.ijk_to_ras[:3, 3])
        axes = self.ijk_to_ras[:3, :3]
        main = np.abs(axes).argmax(axis=0)
        names = "".join(["LR", "PA", "IS"][a][int(axes[a, n] > 0)] for n, a in enumerate(main))
        return _("{size} voxels of {spacing} mm from ({origin}) RAS towards {names}").format(
            size=f"{i} x {j} x {k}", spacing=spacing, origin=origin, names=names
        )

    def check_finite(self, name: str) -> None:
        """Raise UserError when the grid is not finite or degenerate, or no patient's."""
        axes = self.ijk_to_ras[:3, :3]
        spacing = np.linalg.norm(axes, axis=0)
        spaced = ((spacing >= _LEAST_SPACING) & (spacing <= _LARGEST_SPACING)).all()
        if not np.isfinite(self.ijk_to_ras).all() or not spaced:
            raise UserError(
                "{name} has no valid voxel spacing, direction or origin: export it again "
                "from the original images.",
                name=name,
            )
        if np.linalg.matrix_rank(axes / spacing, tol=1e-3) < 3:
            raise UserError(
                "{name} has a degenerate grid: two of its axes have one direction.", name=name
            )

    def check(self, name: str) -> None:
        """Raise UserError when the grid is not finite, degenerate or sheared."""
        self.check_finite(name)
        axes = self.ijk_to_ras[:3, :3] / np.linalg.norm(self.ijk_to_ras[:3, :3], axis=0)
        if np.abs(axes.T @ axes - np.eye(3)).max() > _LARGEST_SHEAR:
            raise UserError(
                "{name} has axes that are not at right angles (a tilted gantry or a "
                "shear): resample it to a rectangular grid, in 3D Slicer with Resample "
                "Scalar Volume.",
                name=name,
            )
