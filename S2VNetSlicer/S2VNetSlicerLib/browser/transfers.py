"""Files from and to the browser; reading and writing them happens in threads."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from pathlib import Path

from aiohttp import web

from .. import logs
from ..errors import UserError
from ..volumes.reading import read_volume
from .context import AppContext
from .uploads import Uploads

_logger = logging.getLogger(__name__)
FORMATS = (".seg.nrrd", ".nii.gz", ".mrb")


class Transfers:
    """The routes for uploads and downloads of an application."""

    def __init__(self, application: AppContext) -> None:
        self._application = application
        self.uploads = Uploads(application.autosave.folder)

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_post("/upload", self._upload)
        router.add_post("/result", self._result)
        router.add_get("/export/{name}", self._export)
        router.add_get("/log", self._log)

    def close(self) -> None:
        """Delete what was uploaded; OSError when that fails."""
        self.uploads.close()

    async def _upload(self, request: web.Request) -> web.Response:
        """A volume to work on."""

        async def show(path: Path) -> None:
            reading = self._application.errand("Reading", lambda: read_volume(path))
            volume = await asyncio.wrap_future(reading)
            self._check_idle()
            self._application.show_volume(volume)

        return await self._receive(request, show)

    async def _result(self, request: web.Request) -> web.Response:
        """A segmentation of the volume, to be corrected."""

        async def show(path: Path) -> None:
            self._check_idle()
            self._application.correct_file(path)

        return await self._receive(request, show)

    async def _log(self, _request: web.Request) -> web.Response:
        """The end of the log as text."""
        return web.Response(text=f"{logs.log_file()}\n\n{logs.tail()}\n")

    def _check_idle(self) -> None:
        if not self._application.presenter.state.idle:
            raise UserError("A propagation runs: cancel it before another file is loaded.")

    async def _receive(
        self, request: web.Request, show: Callable[[Path], Awaitable[None]]
    ) -> web.Response:
        self._application.notice("")
        try:
            if not request.content_type.startswith("multipart/"):
                raise UserError("No file arrived: choose a file.")
            path = await self.uploads.receive(await request.multipart())
            try:
                await show(path)
            finally:
                self.uploads.forget(path)
        except UserError as error:
            return self._refused(error, 422)
        except Exception as error:
            _logger.exception("An upload failed")
            return self._refused(UserError("The file cannot be loaded", error), 500)
        return web.Response(text="Loaded.")

    def _refused(self, error: UserError, status: int) -> web.Response:
        """Tell the page: the answer goes to a frame that nobody sees."""
        told = re.sub(rf"{re.escape(str(self.uploads.folder))}(/tmp\w+)?/?", "", str(error))
        self._application.notice(told)
        return web.Response(status=status, text=told)

    async def _export(self, request: web.Request) -> web.StreamResponse:
        name, application = request.match_info["name"], self._application
        suffix = next((s for s in FORMATS if name.endswith(s)), None)
        if suffix is None:
            raise web.HTTPNotFound()
        writing: list[Future[None]] = []
        try:
            with self.uploads.folder_for_one() as folder:
                path = folder / f"segmentation{suffix}"
                taken = application.presenter.export(
                    path,
                    lambda finish: writing.append(application.errand(f"Writing {suffix}", finish)),
                )
                if not taken:
                    return web.Response(status=409, text=application.presenter.state.message)
                await asyncio.wrap_future(writing[0])
                content = await asyncio.to_thread(path.read_bytes)
        except UserError as error:
            return self._refused(error, 507)
        except Exception as error:
            _logger.exception("An export failed")
            return self._refused(UserError(f"The {suffix} cannot be written", error), 500)
        return web.Response(body=content, content_type="application/octet-stream")
