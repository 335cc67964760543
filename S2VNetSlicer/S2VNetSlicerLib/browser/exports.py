"""What the page offers to download; writing happens in threads."""

from __future__ import annotations

import asyncio
import logging
import zipfile
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from aiohttp import web

from ..errors import UserError
from ..scene.files import Finish
from ..scene.surfaces import surfaces
from ..texts import texts
from ..volumes.geometry import Geometry
from ..volumes.statistics import ClassStatistics, as_csv, class_statistics
from ..workflow import storage
from .context import AppContext
from .uploads import Uploads, clean_name

_ = texts(__name__)

_logger = logging.getLogger(__name__)
MEASURING = _("Measuring")
"""What the page says meanwhile."""
FORMATS = (".seg.nrrd", ".nii.gz", ".mrb", ".dcm", ".stl.zip", ".csv")
SPACE = "3D Slicer output. SPACE=LPS"
"""The header of an STL file, by which 3D Slicer knows its coordinates."""


class Exports:
    """The routes for downloads of an application; ``refused(error, status)`` tells the page."""

    def __init__(
        self,
        application: AppContext,
        uploads: Uploads,
        refused: Callable[[UserError, int], web.Response],
    ) -> None:
        self._application, self._uploads, self._refused = application, uploads, refused

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_get("/export/{name}", self._export)
        router.add_get("/session/{name}", self._session)

    def statistics(self) -> tuple[Callable[[], list[ClassStatistics]], str]:
        """What computes the statistics of the classes as they are now, in any thread, and the
        modality; UserError where there are none."""
        workspace = self._application.presenter.workspace
        annotation, volume = workspace.require_annotation(), workspace.read_volume()
        if not annotation.structures:
            raise UserError("There is nothing to measure yet: add a class and mark it.")
        labels, names = annotation.labels.copy(), [s.name for s in annotation.structures]
        array, grid = volume.array, workspace.grid()
        return lambda: class_statistics(labels, array, grid, names), volume.modality

    async def _export(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        suffix = next((s for s in FORMATS if name.endswith(s)), None)
        if suffix is None:
            raise web.HTTPNotFound()
        if suffix == ".csv":
            return await self._answer(self._csv, suffix)
        return await self._answer(lambda: self._written(suffix, self._stage), suffix)

    async def _session(self, request: web.Request) -> web.StreamResponse:
        """The whole scene, to go on with it anywhere."""

        def stage(path: Path, later: Callable[[Finish], object]) -> None:
            presenter = self._application.presenter
            if not presenter.save_scene(path, later):
                raise UserError(presenter.state.message)

        return await self._answer(lambda: self._written(".mrb", stage), "session")

    async def _answer(self, make: Callable[[], Awaitable[bytes]], what: str) -> web.StreamResponse:
        application = self._application
        state = application.presenter.state
        if what != "session" and not state.can_export:
            told = application.tell(_("There is nothing to export yet: add a class and mark it."))
            return web.Response(status=409, text=told)
        try:
            content = await make()
        except UserError as error:
            return self._refused(error, 507)
        except Exception as error:
            _logger.exception("An export failed")
            return self._refused(UserError("The {thing} cannot be written", error, thing=what), 500)
        if what != ".csv":
            application.closing.taken_away()
        return web.Response(body=content, content_type="application/octet-stream")

    async def _written(self, suffix: str, stage: Callable[..., Any]) -> bytes:
        """What ``stage(path, later)`` writes to a file with that suffix."""
        writing: list[Future[None]] = []
        with self._uploads.folder_for_one() as folder:
            path = folder / f"segmentation{suffix}"
            told = _("Writing {suffix}").format(suffix=suffix)
            stage(path, lambda job: writing.append(self._application.errand(told, job)))
            await asyncio.wrap_future(writing[0])
            return await asyncio.to_thread(path.read_bytes)

    def _stage(self, path: Path, later: Callable[[Finish], object]) -> None:
        """Take the classes as they are now; UserError where that cannot be."""
        presenter = self._application.presenter
        workspace, session = presenter.workspace, presenter.session
        if path.name.endswith(".stl.zip"):
            annotation = workspace.require_annotation()
            names = [s.name for s in annotation.structures]
            labels, grid = annotation.labels.copy(), workspace.grid()
            later(lambda: _write_stl(path, labels, grid, names))
        elif path.suffix == ".dcm":
            annotation, source = workspace.require_annotation(), self._application.source()
            if not source:
                raise UserError(
                    "A DICOM segmentation refers to the DICOM files of its volume, which are not "
                    "there: open the DICOM series itself."
                )
            volume = replace(workspace.read_volume(), geometry=workspace.grid(), source=source)
            later(storage.export(path, volume, annotation, session.card, session.settings))
        elif not presenter.export(path, later):
            raise UserError(presenter.state.message)

    async def _csv(self) -> bytes:
        compute, modality = self.statistics()
        rows = await asyncio.wrap_future(self._application.errand(MEASURING, compute))
        return as_csv(rows, modality).encode("utf-8-sig")  # by which spreadsheets know the letters


def _write_stl(path: Path, labels: np.ndarray, grid: Geometry, names: Sequence[str]) -> None:
    """The surfaces of the classes as binary STL files in LPS, mm, as 3D Slicer writes them."""
    from vtkmodules.vtkCommonTransforms import vtkTransform
    from vtkmodules.vtkFiltersGeneral import vtkTransformPolyDataFilter
    from vtkmodules.vtkIOGeometry import vtkSTLWriter

    to_lps = vtkTransform()
    to_lps.Scale(-1, -1, 1)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for n, surface in surfaces(labels, grid, len(names)):
            placed = vtkTransformPolyDataFilter()
            placed.SetInputData(surface)
            placed.SetTransform(to_lps)
            writer = vtkSTLWriter()
            writer.SetInputConnection(placed.GetOutputPort())
            writer.SetHeader(SPACE)
            writer.SetFileTypeToBinary()
            part = path.with_name(f"{n}.stl")
            writer.SetFileName(str(part))
            if not writer.Write():
                raise UserError("The surface of {names} cannot be written.", names=names[n - 1])
            archive.write(part, f"{n} {clean_name(names[n - 1])}.stl")
