"""Surfaces of classes, made where nobody waits: on large volumes they take seconds."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..annotation.boxed import Boxed, box_of
from ..volumes.geometry import Geometry
from .volumes import array_to_matrix

CLOSED_SURFACE = "Closed surface"
"""Slicer's name of the representation."""


@dataclass(frozen=True, eq=False)
class Mesh:
    """Triangles int64 [M, 3] of points float32 [N, 3] (RAS mm), which have normals [N, 3]."""

    points: np.ndarray
    normals: np.ndarray
    triangles: np.ndarray

    @classmethod
    def of(cls, surface: Any) -> Mesh:
        """That of a vtkPolyData of triangles."""
        from vtkmodules.util.numpy_support import vtk_to_numpy

        triangles = vtk_to_numpy(surface.GetPolys().GetConnectivityArray()).reshape(-1, 3)
        points, normals = surface.GetPoints().GetData(), surface.GetPointData().GetNormals()
        return cls(vtk_to_numpy(points), vtk_to_numpy(normals), triangles.astype(np.int64))

    def poly_data(self) -> Any:
        """A vtkPolyData of its own."""
        from vtkmodules.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray
        from vtkmodules.vtkCommonCore import vtkPoints
        from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData

        points, cells, surface = vtkPoints(), vtkCellArray(), vtkPolyData()
        points.SetData(numpy_to_vtk(self.points, deep=1))
        cells.SetData(3, numpy_to_vtkIdTypeArray(self.triangles.ravel(), deep=1))
        normals = numpy_to_vtk(self.normals, deep=1)
        normals.SetName("Normals")
        surface.SetPoints(points)
        surface.SetPolys(cells)
        surface.GetPointData().SetNormals(normals)
        return surface


EMPTY = Mesh(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int64))


@dataclass(frozen=True, eq=False)
class Surface:
    """That of the segment ``id``; ``mesh`` is None where the voxels (``check``) are as before."""

    id: str
    check: int
    mesh: Mesh | None


@dataclass(frozen=True, eq=False)
class MakeSurfaces:
    """A job for a process: the surfaces of the classes 1, 2, ... (``ids``) in ``labels`` on
    ``grid``. ``known``: the checks of those that are there."""

    labels: Boxed | None
    grid: Geometry
    ids: Sequence[str]
    known: Mapping[str, int]

    def run(self, stopped: Callable[[], bool]) -> Iterator[Surface]:
        """Yields one for each class."""
        for n, id in enumerate(self.ids, 1):
            if stopped():
                return
            yield self._surface(n, id)

    def _surface(self, n: int, id: str) -> Surface:
        found = None if self.labels is None else _part(self.labels, n)
        if found is None:
            return Surface(id, 0, None if self.known.get(id) == 0 else EMPTY)
        mask, first = found
        place = zlib.crc32(repr((first, mask.shape)).encode())
        check = zlib.crc32(np.packbits(mask).tobytes(), place)
        if self.known.get(id) == check:
            return Surface(id, check, None)
        return Surface(id, check, Mesh.of(surface(mask, first, self.grid)))


def _part(labels: Boxed, n: int) -> tuple[np.ndarray, tuple[int, int, int]] | None:
    """The smallest mask [k, j, i] around the class ``n``, and where its corner is."""
    mask = np.asarray(labels.part) == n
    box = box_of(mask)
    if box is None:
        return None
    k, j, i = (inner.start + outer.start for inner, outer in zip(box, labels.box, strict=True))
    return mask[box], (k, j, i)


def surfaces(labels: np.ndarray, grid: Geometry, count: int) -> Iterator[tuple[int, Any]]:
    """The surfaces (vtkPolyData, RAS mm) of the classes 1 to ``count`` in ``labels`` uint8
    [k, j, i] that have voxels."""
    boxed = Boxed.of(labels)
    for n in range(1, count + 1):
        if boxed is not None and (found := _part(boxed, n)) is not None:
            yield n, surface(*found, grid)


def surface(part: np.ndarray, first: tuple[int, int, int], grid: Geometry) -> Any:
    """The smoothed surface (vtkPolyData, RAS mm) of a mask [k, j, i] whose corner is ``first``."""
    from vtkmodules.util.numpy_support import numpy_to_vtk
    from vtkmodules.vtkCommonDataModel import vtkImageData
    from vtkmodules.vtkCommonTransforms import vtkTransform
    from vtkmodules.vtkFiltersCore import vtkPolyDataNormals, vtkReverseSense, vtkSurfaceNets3D
    from vtkmodules.vtkFiltersGeneral import vtkTransformPolyDataFilter

    spacing = np.array(grid.spacing[::-1])
    padded = np.pad(part, 1).astype(np.uint8)
    image = vtkImageData()
    image.SetDimensions(padded.shape[::-1])
    image.SetSpacing(spacing.tolist())
    image.SetOrigin(((np.array(first[::-1]) - 1) * spacing).tolist())
    image.GetPointData().SetScalars(numpy_to_vtk(padded.ravel()))
    nets = vtkSurfaceNets3D()
    nets.SetInputData(image)
    nets.SetValue(0, 1)
    nets.SetOutputMeshTypeToTriangles()
    to_ras = vtkTransform()
    to_ras.SetMatrix(array_to_matrix(grid.ijk_to_ras @ np.diag([*(1 / spacing), 1])))
    placed = vtkTransformPolyDataFilter()
    placed.SetInputConnection(nets.GetOutputPort())
    placed.SetTransform(to_ras)
    last: Any = placed
    if np.linalg.det(grid.ijk_to_ras[:3, :3]) < 0:  # a mirror turns triangles inside out
        last = vtkReverseSense()
        last.SetInputConnection(placed.GetOutputPort())
    normals = vtkPolyDataNormals()
    normals.SetInputConnection(last.GetOutputPort())
    normals.SplittingOff()
    normals.ConsistencyOff()
    normals.Update()
    found = normals.GetOutput()
    found.GetCellData().Initialize()
    return found
