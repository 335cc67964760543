"""The server: one scene, one presenter, one page for everybody who opens it."""

from __future__ import annotations

import asyncio
import logging
import sys
import uuid
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import Faults, UserError, cause_of
from ..logs import state_folder
from ..scene.application import end_in_order
from ..scene.interaction import MarkTool
from ..scene.volumes import volume_to_node
from ..texts import texts
from ..volumes.reading import read_volume
from ..workflow.pacing import TICK
from ..workflow.presenter import Presenter
from ..workflow.state import State
from ..workflow.surfaces import Surfaces
from .access import cannot_listen, check_access, forget_departed, guard
from .actions import Actions
from .autosave import Autosave
from .closing import Closing
from .context import T
from .drawing import INITIAL, axes, page_values
from .graphics import require_browser
from .headers import MANAGER, harden, no_manager
from .language import tell
from .layouts import Layouts
from .measuring import Measuring
from .messages import Notices
from .overlay import Overlay
from .page import Page
from .series import about, facts_of, remember
from .tools import Tools
from .transfers import Transfers
from .viewing import Viewing
from .views import Views, register_streaming

_ = texts(__name__)

REST = 0.5
"""Seconds between two looks at the inference process while nothing is done."""
_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Settings:
    """How to serve; ``state`` is the folder of the autosave.

    ``alone``: seconds without any page after which the server ends; 0: never.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    token: str | None = None
    state: Path | None = None
    device: str = "auto"
    weights: Path | None = None
    alone: int = 0


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

        self.settings = settings
        self.server = get_server(f"s2vnet-{uuid.uuid4().hex}", client_type="vue3")
        self.slicer = SlicerApp()
        end_in_order(self.slicer)
        self.viewing: Viewing
        overlay = Overlay(
            lambda tag: self.viewing.switch_alone(tag), lambda view: self.viewing.fit(view)
        )
        self.views = Views(self.slicer, lambda m: register_streaming(m, self.server, overlay))
        self.presenter = Presenter(
            self.slicer.scene,
            application_logic=self.slicer.app_logic,
            device=settings.device,
            weights=settings.weights,
            synchronous=synchronous,
            say=self.tell,
        )
        press = self.presenter.targets.set
        self.tool = MarkTool(self._stroke, on_change=self._radius_changed, on_press=press)
        self.presenter.workspace.visibility.strict = True
        self._seen: Any = None
        """The volume that the views show; another scene may have one of the same ID."""
        self.views.attach(self.tool, self._pressed)
        self._awake = asyncio.Event()
        """Something happened: the next look at the worker comes soon."""
        for view in self.views.slices:
            view.modified.connect(lambda _: self._awake.set())
        # VTK and MRML stay on the main thread; compressing and zipping do not.
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="S2VNet files")
        self._errands: dict[Future[Any], str] = {}
        self._saving = ThreadPoolExecutor(1, thread_name_prefix="S2VNet saving")
        self._faults = Faults(_logger)
        save = partial(self._errand, self._saving, _("Saving"))
        self.autosave = Autosave(self.presenter, settings.state or state_folder(), save)
        self.closing = Closing(self.presenter, self._ask, self._closed_volume)
        self.transfers = Transfers(self)
        self.notices = Notices(self.server.state, self.transfers.uploads.shortened)
        self.surfaces = Surfaces(self.presenter, self.views.surfaces_changed)
        self._interrupted = self._drawn = False
        """Whether a mark interrupted the reading, and is drawn."""
        self._closed = False
        self._task: asyncio.Task | None = None
        state = self.server.state
        self.tools = Tools(self.presenter, self.tool, state)
        state.update(INITIAL)
        state.update({"radius": self.tool.radius, "last_session": self._last_session()})
        state.update(page_values(self.presenter.state))
        layouts = Layouts(self.slicer, self.server, self.views.definitions)
        self.viewing = Viewing(self.presenter, self.views, layouts, self.server)
        self.measuring = Measuring(self, self.slicer.markups_logic)
        self.page = Page(self.server, layouts, Actions(self))
        state.change("marking", "tool", "kind", "radius", "live", "across")(self._set_tool)
        state.change("surfaces")(self._switch_surfaces)
        self.server.controller.on_server_bind.add(self._bind)
        self.server.controller.on_server_ready.add(self._ready)
        self.presenter.observe(self._draw)

    # ---- life ----------------------------------------------------------------------------------

    def load(self, image: Path, series: str | None = None) -> None:
        """Show a volume file, or one volume of a DICOM folder (see ``read_volume``), and work on
        it; of several in a folder the page asks for one. UserError when it is none."""
        if series is None and image.is_dir() and self.transfers.offer(image):
            return
        self.show_volume(read_volume(image, series=series))

    def resume(self) -> None:
        """Go on with the last session; UserError when there is none or it cannot be opened."""
        self.autosave.resume(self.slicer.scene)
        self.presenter.runs.prefetch()

    def open_last(self) -> None:
        """:meth:`resume` for the page, which is told what went wrong."""
        self.notices.show("")
        try:
            if self.presenter.state.classes or not self.presenter.state.idle:
                raise UserError("Something was begun already: its session goes on.")
            self.resume()
        except UserError as error:
            self.notices.show(str(error))
        with self.server.state as page:
            page.last_session = self._last_session()

    def _last_session(self) -> str:
        """When the session that can be opened was saved; "": there is none."""
        last = self.autosave.last
        return "" if last is None else last.told

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
                timeout=self.settings.alone,
            )
        except OSError as error:
            raise cannot_listen(self.settings.host, self.settings.port, error) from error
        finally:
            sys.argv = arguments

    def close(self) -> None:
        """Save what is not saved, delete what was uploaded, stop everything.

        Every step is done, whatever becomes of the others; in the end UserError tells which failed.
        """
        if self._closed:
            return
        self._closed = True
        steps: dict[str, Callable[[], object]] = {
            "Ending the run": self._stop,
            "Saving": self.autosave.close,
            "Removing uploaded files": self.transfers.close,
            "Ending what is written": self._end_threads,
            "Letting go of the views": self._leave_views,
            "Letting go of the scene": self.presenter.close,
        }
        failed = []
        for what, step in steps.items():
            try:
                step()
            except Exception as error:
                self._faults.met(what, error)
                failed.append(f"{what}: {cause_of(error)}")
        if failed:
            raise UserError(
                "The server has ended, but not everything could be done", "; ".join(failed)
            )

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
        self.surfaces.close()
        self.presenter.cancel()
        self.presenter.wait(10)

    def _leave_views(self) -> None:
        self._seen = None
        self.tool.detach_all()
        self.viewing.clear()

    def _end_threads(self) -> None:
        self._saving.shutdown(cancel_futures=True)
        self._pool.shutdown(cancel_futures=True)

    def _bind(self, server: Any) -> None:
        """Before the first connection."""
        server.app.middlewares.insert(0, guard(self.settings.token))
        harden(server.app)
        server.app.router.add_post(MANAGER, no_manager)
        self.transfers.add_routes(server.app.router)

    def _ready(self, **_: Any) -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(forget_departed)
        self._task = loop.create_task(self._work())
        self.presenter.runs.prefetch_model()

    async def _work(self) -> None:
        while not self._closed:
            self._awake.clear()
            self.tick()
            if self.presenter.idle and not self._errands:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._awake.wait(), REST)
            await asyncio.sleep(TICK)

    def tick(self) -> None:
        """What is to be done again and again; what fails is logged once and keeps nothing else."""
        steps = self.presenter.tick, self._go_on, self.autosave.poll, self.surfaces.poll
        for step in (*steps, self.measuring.poll, self._tell_errands):
            what = step.__qualname__
            try:
                step()
            except Exception as error:
                if self._faults.met(what, error):
                    told = _("Something failed and is tried again: {cause}")
                    self.notices.show(told.format(cause=cause_of(error)))
            else:
                self._faults.over(what)

    def _go_on(self) -> None:
        """Read ahead again after a mark."""
        if self._interrupted and self._drawn and self.presenter.idle:
            self._interrupted = False
            self.presenter.runs.prefetch()

    def errand(self, name: str, work: Callable[[], T]) -> Future[T]:
        """Do ``work`` in a thread; the page shows its name as long as it lasts."""
        return self._errand(self._pool, name, work)

    def _errand(self, pool: ThreadPoolExecutor, name: str, work: Callable[[], T]) -> Future[T]:
        future = pool.submit(work)
        self._errands[future] = name
        return future

    def _tell_errands(self) -> None:
        self._errands = {f: name for f, name in self._errands.items() if not f.done()}
        errands = [*self._errands.values(), *([_("Surfaces")] if self.surfaces.busy else [])]
        names = dict.fromkeys(map(self.tell, errands))
        working = ", ".join(f"{name}..." for name in names)
        if working != self.server.state.working:
            with self.server.state as page:
                page.working = working

    # ---- between page, views and presenter -----------------------------------------------------

    def _draw(self, state: State) -> None:
        self._awake.set()
        self.tool.colour = state.colour or self.tool.colour
        with self.server.state as page:
            page.update(page_values(state, page.language))
            workspace = self.presenter.workspace
            node = workspace.volume_node if workspace.volume is not None else None
            if node is not None and node is not self._seen:  # also with its segmentation
                self._seen = node
                self.views.show_volume(node)
                self.viewing.show(node, about(node))
                page.axes = axes(self.presenter.workspace.grid())
            page.from_dicom = bool(self.source())
            self.viewing.follow()

    def _switch_surfaces(self, **_: Any) -> None:
        self.surfaces.wanted = bool(self.server.state.surfaces)

    def _set_tool(self, **_: Any) -> None:
        page = self.server.state
        self.tools.follow()
        self.presenter.runs.configure(live=bool(page.live), across=bool(page.across))

    def _radius_changed(self) -> None:
        with self.server.state as page:
            page.radius = self.tool.radius

    def _pressed(self) -> None:
        self._drawn = False
        if self.tool.enabled:
            self._interrupted |= self.presenter.runs.pause_prefetch()

    def _stroke(self, points: np.ndarray, normal: np.ndarray, negative: bool, erase: bool) -> None:
        self.tools.draw(points, normal, negative, erase)
        self._drawn = True

    def show_volume(self, volume: Any) -> None:
        """Work on a volume; UserError when the network cannot."""
        self.autosave.note()
        facts = facts_of(volume)
        node = volume_to_node(replace(volume, name=facts.name), self.slicer.scene)
        remember(node, facts)
        if "Modality" not in volume.modality_reason:  # guessed: the presenter says why
            node.RemoveAttribute("DICOM.Modality")
        if not self.presenter.choose_volume(node.GetID()):
            message = self.presenter.state.message
            self.slicer.scene.RemoveNode(node)
            raise UserError(message)
        self.transfers.keep_source(node.GetID(), volume.source)
        self.presenter.runs.prefetch()

    def choose_volume(self, node_id: str) -> None:
        """Work on a volume of the scene."""
        self.autosave.note()
        if self.presenter.choose_volume(node_id):
            self.presenter.runs.prefetch()

    def choose_segmentation(self, node_id: str | None) -> None:
        """Work on a segmentation of the scene; None: on a new one."""
        self.autosave.note()
        self.presenter.choose_segmentation(node_id)

    def correct_file(self, path: Path) -> None:
        """Take a segmentation file up to be corrected; UserError when it does not fit."""
        self.autosave.note()
        if not self.presenter.correct_file(path, self.source()):
            raise UserError(self.presenter.state.message)

    def open_session(self, path: Path) -> None:
        """Go on with a session from a file; what was worked on stays among the saved sessions."""
        self.autosave.open(path, self.slicer.scene)
        self.presenter.runs.prefetch()

    def source(self) -> tuple[Path, ...]:
        """The DICOM files of the chosen volume; empty: it has none."""
        return self.transfers.source(self.presenter.state.volume)

    def _ask(self, question: str, agreed: Callable[[], object]) -> None:
        self.page.actions.automatic.ask(question, agreed)

    def _closed_volume(self, node_id: str | None) -> None:
        if node_id is not None:
            self.transfers.forget_source(node_id)
        if self.presenter.workspace.volume_node is None:
            self._seen = None
            self.viewing.clear()
        else:
            self.presenter.runs.prefetch()

    def tell(self, sentence: str) -> str:
        """A sentence in the language of the page."""
        return tell(sentence, self.server.state.language)
