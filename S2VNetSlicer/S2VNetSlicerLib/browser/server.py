"""The server: one scene, one presenter, one page for everybody who opens it."""

from __future__ import annotations

import asyncio
import sys
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from aiohttp import web

from ..errors import UserError
from ..scene.interaction import MarkTool
from ..scene.volumes import volume_to_node
from ..volumes.reading import read_volume
from ..workflow.presenter import Presenter
from ..workflow.state import Span, State
from .access import check_access, guard
from .autosave import Autosave, default_folder
from .drawing import from_hexadecimal, page_values
from .graphics import require_browser
from .page import Page
from .uploads import Uploads
from .views import Views

TICK = 0.03
"""Seconds between two looks at the worker."""
FORMATS = (".seg.nrrd", ".nii.gz", ".mrb")


@dataclass(frozen=True)
class Settings:
    """How to serve; ``state`` is the folder of the autosave."""

    host: str = "127.0.0.1"
    port: int = 8080
    token: str | None = None
    state: Path | None = None
    device: str = "auto"
    weights: Path | None = None


class Application:
    """Scene, presenter, mark tool, views and page.

    Raises UserError where it must not or cannot run. :meth:`run` blocks until the server ends;
    ``start`` serves within a running event loop.
    """

    def __init__(self, settings: Settings, *, synchronous: bool = False) -> None:
        check_access(settings.host, settings.token)
        require_browser()
        from trame.app import get_server
        from trame_slicer.core import SlicerApp
        from trame_slicer.rca_view import register_rca_factories

        self.settings = settings
        self.server = get_server(f"s2vnet-{uuid.uuid4().hex}", client_type="vue3")
        self.slicer = SlicerApp()
        self.views = Views(self.slicer, lambda m: register_rca_factories(m, self.server))
        self.presenter = Presenter(
            self.slicer.scene,
            application_logic=self.slicer.app_logic,
            device=settings.device,
            weights=settings.weights,
            synchronous=synchronous,
        )
        self.tool = MarkTool(self._stroke, on_change=self._radius_changed)
        self.views.attach(self.tool)
        self.autosave = Autosave(self.presenter, settings.state or default_folder())
        self.uploads = Uploads()
        self._shown: tuple[str | None, bool, int] = (None, False, 0)
        self._closed = False
        self._task: asyncio.Task | None = None
        state = self.server.state
        state.update({"notice": "", "hover": None, "marking": False, "kind": "structure"})
        state.update({"radius": self.tool.radius, "live": True, "surfaces": True})
        state.update(page_values(self.presenter.state))
        self.page = Page(self.server, self.views.tags, Actions(self))
        state.change("marking", "kind", "radius", "live")(self._set_tool)
        state.change("surfaces")(lambda **_: self._draw_surfaces(self.presenter.state))
        self.server.controller.on_server_bind.add(self._bind)
        self.server.controller.on_server_ready.add(self._ready)
        self.presenter.observe(self._draw)

    # ---- life ----------------------------------------------------------------------------------

    def load(self, image: Path) -> None:
        """Show a volume file or DICOM folder and work on it; UserError when it is none."""
        self._show_volume(read_volume(image))

    def resume(self) -> None:
        """Go on with what was saved; UserError when nothing was."""
        self.autosave.load(self.slicer.scene)
        self.presenter.resume()
        if self.presenter.state.volume is None:
            raise UserError(
                f"{self.autosave.path} holds no annotation to go on with: start without --resume."
            )
        self._show(self.presenter.state.volume)
        self.autosave.loaded()

    def start(self) -> Any:
        """Serve in the running event loop; await ``server.ready`` for the first answer."""
        return self._serve("task")

    def run(self) -> None:
        """Serve until SIGINT or SIGTERM."""
        try:
            self._serve("main")
        finally:
            self.close()

    def _serve(self, mode: str) -> Any:
        arguments, sys.argv = sys.argv, sys.argv[:1]  # trame would read our options as its own
        try:
            return self.server.start(
                host=self.settings.host,
                port=self.settings.port,
                exec_mode=mode,
                open_browser=False,
                show_connection_info=False,
                timeout=0,
            )
        except OSError as error:
            raise UserError(
                f"Port {self.settings.port} of {self.settings.host} cannot be used "
                f"({error.strerror}): choose another --port."
            ) from error
        finally:
            sys.argv = arguments

    def close(self) -> None:
        """Save what is not saved, delete what was uploaded, stop everything."""
        if self._closed:
            return
        self._closed = True
        if self._task is not None:
            self._task.cancel()
        self.presenter.cancel()
        self.presenter.wait(10)
        if self.autosave.due:
            self.autosave.save()
        self.tool.detach_all()
        self.presenter.close()
        self.uploads.close()

    def _bind(self, server: Any) -> None:
        """Before the first connection."""
        server.app.middlewares.insert(0, guard(self.settings.token))
        server.app.router.add_post("/upload", self._upload)
        server.app.router.add_get("/export/{name}", self._export)

    def _ready(self, **_: Any) -> None:
        self._task = asyncio.get_event_loop().create_task(self._work())

    async def _work(self) -> None:
        while not self._closed:
            self.tick()
            await asyncio.sleep(TICK)

    def tick(self) -> None:
        """What is to be done again and again."""
        self.presenter.tick()
        self.autosave.poll()

    # ---- between page, views and presenter -----------------------------------------------------

    def _draw(self, state: State) -> None:
        self.tool.colour = state.colour or self.tool.colour
        with self.server.state as page:
            page.update(page_values(state))
        self._draw_surfaces(state)

    def _draw_surfaces(self, state: State) -> None:
        wanted = bool(self.server.state.surfaces)
        if state.busy or state.made is None or not state.made.any():
            return
        shown = (state.segmentation, wanted, int((state.made > 0).sum()))
        if self._shown != shown:
            self._shown = shown
            self.views.show_surfaces(self.slicer.scene.GetNodeByID(state.segmentation), wanted)

    def _set_tool(self, **_: Any) -> None:
        page = self.server.state
        self.tool.enabled = bool(page.marking)
        self.tool.negative = page.kind == "background"
        self.tool.erase = page.kind == "erase"
        self.tool.radius = float(page.radius)
        self.presenter.live = bool(page.live)

    def _radius_changed(self) -> None:
        with self.server.state as page:
            page.radius = self.tool.radius

    def _stroke(self, points: np.ndarray, normal: np.ndarray, negative: bool, erase: bool) -> None:
        self.presenter.stroke(points, self.tool.radius, normal, negative=negative, erase=erase)

    def _show_volume(self, volume: Any) -> None:
        node = volume_to_node(volume, self.slicer.scene)
        if "Modality" not in volume.modality_reason:  # guessed: the presenter says why
            node.RemoveAttribute("DICOM.Modality")
        if not self.presenter.choose_volume(node.GetID()):
            message = self.presenter.state.message
            self.slicer.scene.RemoveNode(node)
            raise UserError(message)
        self._show(node.GetID())

    def _show(self, node_id: str) -> None:
        self.views.show_volume(self.slicer.scene.GetNodeByID(node_id))

    def choose_volume(self, node_id: str) -> None:
        if self.presenter.choose_volume(node_id):
            self._show(node_id)

    def _notice(self, sentence: str) -> None:
        with self.server.state as page:
            page.notice = sentence

    # ---- files ---------------------------------------------------------------------------------

    async def _upload(self, request: web.Request) -> web.Response:
        self._notice("")
        try:
            if not request.content_type.startswith("multipart/"):
                raise UserError("No file arrived: choose a volume file.")
            path = await self.uploads.receive(await request.multipart())
            if self.presenter.state.busy:
                raise UserError("A propagation runs: cancel it before another volume is loaded.")
            self._show_volume(read_volume(path))
        except UserError as error:
            self._notice(str(error).replace(f"{self.uploads.folder}/", ""))
            return web.Response(status=422, text=str(error))
        return web.Response(text="Loaded.")

    async def _export(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        suffix = next((s for s in FORMATS if name.endswith(s)), None)
        if suffix is None:
            raise web.HTTPNotFound()
        path = self.uploads.folder / f"segmentation{suffix}"
        if not self.presenter.export(path):
            return web.Response(status=409, text=self.presenter.state.message)
        content = await asyncio.to_thread(path.read_bytes)
        path.unlink()
        return web.Response(body=content, content_type="application/octet-stream")


class Actions:
    """Everything that the page can ask for."""

    def __init__(self, application: Application) -> None:
        self._application = application
        presenter = application.presenter
        self.choose_volume: Callable[..., Any] = application.choose_volume
        self.set_modality = presenter.set_modality
        self.set_axis = presenter.set_axis
        self.select_class = presenter.select_class
        self.rename = presenter.rename_class
        self.show_class = presenter.show_class
        self.lock_class = presenter.lock_class
        self.go_to = presenter.go_to
        self._presenter = presenter

    def recolour(self, id: str, colour: str) -> None:
        self._presenter.recolour_class(id, from_hexadecimal(colour))

    def add_class(self) -> None:
        self._presenter.add_class()

    def remove_class(self) -> None:
        self._presenter.remove_class(self._presenter.state.selected)

    def undo(self) -> None:
        self._presenter.undo()

    def redo(self) -> None:
        self._presenter.redo()

    def propagate(self, span: str) -> None:
        self._presenter.propagate(Span(span))

    def cancel(self) -> None:
        self._presenter.cancel()

    def accept(self) -> None:
        self._presenter.accept()

    def go_to_worst(self) -> None:
        self._presenter.go_to_worst()
