"""Surfaces of the classes, made beside the event loop: on large volumes they take seconds."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from functools import partial
from typing import Any

import numpy as np

from ..scene.volumes import array_to_matrix
from ..volumes.geometry import Geometry
from ..workflow.presenter import Presenter
from .autosave import fingerprint
from .views import CLOSED_SURFACE

Made = dict[str, tuple[int, Any]]
"""By segment ID: a checksum of the voxels, and their vtkPolyData (None: as it was)."""


class Surfaces:
    """Keeps the surfaces of a presenter's segmentation up to date.

    ``run`` gives work to a thread; ``shown`` is called on the main thread when surfaces have
    appeared, changed or gone, with whether there are any. Call :meth:`poll` often.
    """

    def __init__(
        self,
        presenter: Presenter,
        run: Callable[[Callable[[], Made]], Future[Made]],
        shown: Callable[[bool], object],
    ) -> None:
        presenter.surfaces = False
        self.wanted = True
        self._presenter, self._run, self._announce = presenter, run, shown
        self._known: Any = None
        self._checks: dict[str, int] = {}
        self._making: tuple[Any, Future[Made]] | None = None

    def poll(self) -> None:
        """Take finished surfaces, begin new ones, remove unwanted ones."""
        state, mirror = self._presenter.state, self._presenter.mirror
        annotation = self._presenter.annotation
        if self._making is not None:
            if not self._making[1].done():
                return
            self._take()
        if mirror is None or annotation is None or not mirror.here or not state.idle:
            return
        segmentation = mirror.node.GetSegmentation()
        if not self.wanted:
            if segmentation.ContainsRepresentation(CLOSED_SURFACE):
                segmentation.RemoveRepresentation(CLOSED_SURFACE)
                self._announce(False)
            self._known = None
            return
        now = fingerprint(state)
        if self._known is None or self._known[1] != now[1]:  # another segmentation
            self._checks = {}
        there = self._checks or (state.slice_status is not None and state.slice_status.any())
        if now == self._known or not there:
            return
        self._known = now
        ids = [s.id for s in annotation.structures]
        work = partial(surfaces, annotation.labels.copy(), mirror.grid, ids, dict(self._checks))
        self._making = mirror, self._run(work)

    def _take(self) -> None:
        assert self._making is not None
        (mirror, making), self._making = self._making, None
        there = mirror.here and self._presenter.mirror is mirror and self.wanted
        if not there:
            self._known = None
            return
        segmentation = mirror.node.GetSegmentation()
        try:
            made = making.result()
        except Exception as error:
            logging.getLogger(__name__).error("No surfaces were made", exc_info=error)
            return
        for id, (check, surface) in made.items():
            segment = segmentation.GetSegment(id)
            if segment is None:
                continue
            self._checks[id] = check
            if surface is not None or not segment.GetRepresentation(CLOSED_SURFACE):
                segment.AddRepresentation(CLOSED_SURFACE, surface or _empty())
        for id in segmentation.GetSegmentIDs():  # all segments have the same representations
            if segmentation.GetSegment(id).GetRepresentation(CLOSED_SURFACE) is None:
                segmentation.GetSegment(id).AddRepresentation(CLOSED_SURFACE, _empty())
        from slicer import vtkSegmentation

        for id in made:
            segmentation.InvokeEvent(vtkSegmentation.RepresentationModified, id)
        segmentation.InvokeEvent(vtkSegmentation.ContainedRepresentationNamesModified)
        self._announce(True)


def surfaces(labels: np.ndarray, grid: Geometry, ids: list[str], known: Mapping[str, int]) -> Made:
    """Surfaces of the classes 1, 2, ... (``ids``) in ``labels`` uint8 [k, j, i] that changed."""
    made: Made = {}
    for n, id in enumerate(ids, 1):
        mask = labels == n
        box = _box(mask)
        if box is None:
            made[id] = (0, None if known.get(id) == 0 else _empty())
            continue
        part = mask[box]
        first = (box[0].start, box[1].start, box[2].start)
        place = zlib.crc32(repr((first, part.shape)).encode())
        check = zlib.crc32(np.packbits(part).tobytes(), place)
        made[id] = (check, None if known.get(id) == check else surface(part, first, grid))
    return made


def boxed_surfaces(labels: np.ndarray, grid: Geometry, count: int) -> Iterator[tuple[int, Any]]:
    """The surfaces (vtkPolyData, RAS mm) of the classes 1 to ``count`` that have voxels."""
    for n in range(1, count + 1):
        mask = labels == n
        if (box := _box(mask)) is not None:
            yield n, surface(mask[box], (box[0].start, box[1].start, box[2].start), grid)


def _box(mask: np.ndarray) -> tuple[slice, slice, slice] | None:
    """The smallest box around what is true in ``mask`` [k, j, i]."""
    along = [np.flatnonzero(mask.any(axis)) for axis in ((1, 2), (0, 2), (0, 1))]
    if not len(along[0]):
        return None
    k, j, i = (slice(int(at[0]), int(at[-1]) + 1) for at in along)
    return k, j, i


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


def _empty() -> Any:
    from vtkmodules.vtkCommonDataModel import vtkPolyData

    return vtkPolyData()
