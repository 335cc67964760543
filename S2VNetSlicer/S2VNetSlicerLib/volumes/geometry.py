"""Where the voxels of a volume lie in the patient."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import SimpleITK as sitk

from ..errors import UserError

_LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])
_LARGEST_SHEAR = 1e-3  # cosine between two axes; half a voxel of drift over 512 voxels


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
    def from_sitk(cls, image: sitk.Image) -> Geometry:
        """The grid of a 3D image; ITK's LPS becomes RAS."""
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
        k, j, i = self.shape
        corners = np.array(list(product((0, i - 1), (0, j - 1), (0, k - 1))))
        apart = self.ijk_to_ras_points(corners) - other.ijk_to_ras_points(corners)
        return float(np.linalg.norm(apart, axis=1).max()) <= tol * min(self.spacing)

    def check(self, name: str) -> None:
        """Raise UserError when the grid is not finite, degenerate or sheared."""
        axes = self.ijk_to_ras[:3, :3]
        spacing = np.linalg.norm(axes, axis=0)
        if not np.isfinite(self.ijk_to_ras).all() or spacing.min() < 1e-6:
            raise UserError(
                f"{name} has no valid voxel spacing, direction or origin: export it again from "
                "the original images."
            )
        cosines = (axes / spacing).T @ (axes / spacing) - np.eye(3)
        if np.abs(cosines).max() > _LARGEST_SHEAR:
            raise UserError(
                f"{name} has axes that are not at right angles (a tilted gantry or a shear): "
                "resample it to a rectangular grid, in 3D Slicer with Resample Scalar Volume."
            )
