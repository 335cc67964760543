"""Files from the browser; reading them happens in threads."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from aiohttp import web

from .. import logs
from ..errors import UserError
from ..texts import texts
from ..volumes.dicom import Folder, look_into
from ..volumes.reading import read_volume
from .context import AppContext
from .exports import Exports
from .series import Study
from .uploads import Uploads

_ = texts(__name__)

_logger = logging.getLogger(__name__)


class Transfers:
    """The routes for uploads and downloads of an application.

    Of a study with several series the page is asked which to open (``series`` in its variables,
    :meth:`choose_series`). DICOM files stay as long as a volume from them is open: a DICOM
    segmentation refers to them.
    """

    def __init__(self, application: AppContext) -> None:
        self._application = application
        self.uploads = Uploads(application.autosave.folder)
        self.exports = Exports(application, self.uploads, self._refused)
        self._study: Study | None = None
        self._sources: dict[str, tuple[Path, ...]] = {}
        """By volume node: the DICOM files that it was read from."""
        self._choosing: asyncio.Task[None] | None = None

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_post("/upload", self._upload)
        router.add_post("/result", self._result)
        router.add_post("/session", self._session)
        router.add_get("/log", self._log)
        self.exports.add_routes(router)

    def close(self) -> None:
        """Delete what was uploaded; OSError when that fails."""
        self.uploads.close()

    # ---- sources -------------------------------------------------------------------------------

    def source(self, node_id: str | None) -> tuple[Path, ...]:
        """The DICOM files of a volume node that are still there; empty: it has none."""
        files = self._sources.get(node_id or "", ())
        return files if all(path.is_file() for path in files) else ()

    def keep_source(self, node_id: str, files: tuple[Path, ...]) -> None:
        """A volume was read from these DICOM files."""
        if files:
            self._sources[node_id] = files

    def forget_source(self, node_id: str) -> None:
        """A volume was closed: delete what was uploaded for it, unless another one needs it."""
        self._forget([path.parent for path in self._sources.pop(node_id, ())[:1]])

    def _forget(self, paths: list[Path]) -> None:
        needed = {files[0].parent for files in self._sources.values() if files}
        if self._study is not None:
            needed.add(self._study.folder.path)
        for path in paths:
            if path not in needed and path.is_relative_to(self.uploads.folder):
                self.uploads.forget(path)

    # ---- what arrives --------------------------------------------------------------------------

    async def _upload(self, request: web.Request) -> web.Response:
        """A volume to work on, or several to choose from."""
        return await self._receive(request, self._open)

    async def _open(self, path: Path) -> None:
        if path.is_dir():
            look = self._application.errand(_("Reading"), lambda: look_into(path))
            if self._offered(await asyncio.wrap_future(look)):
                return
        await self._read(path, None)

    def offer(self, folder: Path) -> bool:
        """Ask which series of a folder are opened; False where there are not several."""
        return self._offered(look_into(folder))

    def _offered(self, folder: Folder) -> bool:
        several = len(folder.volumes) > 1
        if several:
            self._offer(Study(folder))
        return several

    async def _read(self, path: Path, key: str | None) -> None:
        reading = self._application.errand(_("Reading"), lambda: read_volume(path, series=key))
        volume = await asyncio.wrap_future(reading)
        self._check_idle()
        kept = volume if path.is_dir() else replace(volume, source=())
        self._application.show_volume(kept)

    def _offer(self, study: Study | None) -> None:
        """Ask which series of a study are opened; None: no more is asked."""
        left, self._study = self._study, study
        self.tell_again()
        if left is not None:
            self._forget([left.folder.path])

    def tell_again(self) -> None:
        """List the series that are offered in the page's new language."""
        rows = [] if self._study is None else self._study.rows
        for row in rows:
            row["problem"] = self.uploads.shortened(self._application.tell(row["problem"]))
        with self._application.server.state as page:
            page.series, page.choosing = rows, self._study is not None

    def choose_series(self, key: str) -> None:
        """Open one of the series that are offered; the others stay to be opened."""
        if self._study is not None and self._study.folder.find(key) is not None:
            work = self._choose(self._study, key)
            self._choosing = asyncio.get_running_loop().create_task(work)

    async def _choose(self, study: Study, key: str) -> None:
        self._application.notices.show("")
        try:
            await self._read(study.folder.path, key)
        except UserError as error:
            self._refused(error, 422)
        except Exception as error:
            _logger.exception("A series failed")
            self._refused(UserError("The series cannot be loaded", error), 500)

    def end_choosing(self) -> None:
        """No more series of the study are wanted."""
        self._offer(None)

    async def _result(self, request: web.Request) -> web.Response:
        """A segmentation of the volume, to be corrected."""

        async def show(path: Path) -> None:
            self._check_idle()
            files = list(path.iterdir()) if path.is_dir() else [path]
            if len(files) != 1:
                raise UserError("Several files arrived: choose the one with the result.")
            self._application.correct_file(files[0])

        return await self._receive(request, show)

    async def _session(self, request: web.Request) -> web.Response:
        """A saved session, to go on with it."""

        async def show(path: Path) -> None:
            self._check_idle()
            self._application.open_session(path)

        return await self._receive(request, show, scene=True)

    async def _log(self, _request: web.Request) -> web.Response:
        """The end of the log as text."""
        return web.Response(text=f"{logs.log_file()}\n\n{logs.tail()}\n")

    def _check_idle(self) -> None:
        if not self._application.presenter.state.idle:
            raise UserError("A propagation runs: cancel it before another file is loaded.")

    async def _receive(
        self, request: web.Request, show: Callable[[Path], Awaitable[None]], **options: Any
    ) -> web.Response:
        self._application.notices.show("")
        try:
            if not request.content_type.startswith("multipart/"):
                raise UserError("No file arrived: choose a file.")
            self.uploads.check_size(request.content_length)
            path = await self.uploads.receive(await request.multipart(), **options)
            try:
                await show(path)
            finally:
                self._forget([path])
        except UserError as error:
            return self._refused(error, 422)
        except ConnectionError as error:  # nobody is there to be told
            _logger.info("An upload was cancelled: %s", error)
            return web.Response(status=400)
        except Exception as error:
            _logger.exception("An upload failed")
            return self._refused(UserError("The file cannot be loaded", error), 500)
        return web.Response(text="Loaded.")

    def _refused(self, error: UserError, status: int) -> web.Response:
        """Tell the page: the answer goes to a frame that nobody sees."""
        self._application.notices.show(str(error))
        return web.Response(status=status, text=self._application.server.state.notice)
