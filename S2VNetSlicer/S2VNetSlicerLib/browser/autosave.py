"""The scene on disk, so that a server that ends goes on where it stopped."""

from __future__ import annotations

import logging
import shutil
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from ..errors import Faults, UserError
from ..scene.files import STAGED, read_scene
from ..texts import joined
from ..workflow.presenter import Presenter
from .journal import Journal
from .saved import SavedSession, last_saved, new_session, prune

SHORTEST = 5.0
SHARE = 20
"""A save that takes a second waits at least as many seconds for the next one."""
Run = Callable[[Callable[[], None]], Future[None]]


class Autosave:
    """Saves the presenter's scene below FOLDER when something was finished.

    A server begins a session of its own or goes on with the last one (:meth:`resume`). Call
    :meth:`poll` often; it takes the scene only while nothing runs and not more often than every few
    seconds, ``run`` writes it in a thread, and what is shown meanwhile is in the journal. What
    fails is told once and tried again. Raises UserError when the folder cannot be made, or another
    server saves into it.
    """

    def __init__(
        self,
        presenter: Presenter,
        folder: Path,
        run: Run,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.folder = Path(folder).absolute()
        self._presenter, self._run, self._clock = presenter, run, clock
        self._faults = Faults(logging.getLogger(__name__))
        self._saved: Any = None
        self._next = self._retry = -float("inf")
        self._writing: tuple[Any, int, float, Future[None]] | None = None
        self.lock = FileLock(self.folder / "lock", timeout=0, mode=0o600)
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.lock.acquire()
        except Timeout as error:
            raise UserError(
                "Another server saves into {folder}: end it or choose another --state.",
                folder=self.folder,
            ) from error
        except OSError as error:
            raise UserError(
                "{folder} cannot be used for saving", error, folder=self.folder
            ) from error
        for left in self.folder.glob(f"{STAGED}*"):  # by a process that was killed
            shutil.rmtree(left, ignore_errors=True)
        prune(self.folder)
        self.last = last_saved(self.folder)
        """The session that :meth:`resume` opens."""
        self._begin(new_session(self.folder))

    def _begin(self, session: SavedSession) -> None:
        self.session, self.path = session, session.scene
        self.journal = Journal(self._presenter, session.folder, self._clock)

    def resume(self, scene: Any) -> None:
        """Load the last session into ``scene``, replacing all, and go on with its annotation.

        UserError when there is none or it cannot be read; nothing on disk is changed then.
        """
        session, presenter = self.last, self._presenter
        if session is None:
            raise UserError(
                "No session is saved in {folder}: start without --resume.", folder=self.folder
            )
        self._load(session.scene, scene)
        self._begin(session)
        self.last = None
        presenter.message.tell(joined(" ", self.journal.repeat()))
        presenter.workspace.report_pending()
        presenter.publish()
        self._saved = None if self.journal.unmerged else presenter.state.fingerprint

    def open(self, path: Path, scene: Any) -> None:
        """Load a session from a file into ``scene``, replacing all, as a new session.

        What was worked on is saved first. UserError when that or the reading fails.
        """
        self.note()
        self.wait()
        if self.due and not self.save():
            raise UserError(self._presenter.message.text)
        left = self.journal
        self._load(path, scene)
        self._begin(new_session(self.folder))
        self.last, self._saved = None, None
        left.close()

    def _load(self, path: Path, scene: Any) -> None:
        presenter = self._presenter
        _check_bundle(path)
        presenter.choose_segmentation(None)
        presenter.choose_volume(None)
        if not read_scene(scene, path):
            raise UserError("{path} cannot be opened: Slicer finds no scene in it.", path=path)
        if not presenter.resume():
            raise UserError("{path} cannot be gone on with", presenter.state.message, path=path)

    # ---- saving --------------------------------------------------------------------------------

    @property
    def due(self) -> bool:
        """Whether something is finished that is not in the scene on disk."""
        state = self._presenter.state
        if not state.classes or state.segmentation is None:
            return False
        return self.journal.unmerged or bool(self._saved != state.fingerprint)

    @property
    def _first(self) -> bool:
        """Whether the segmentation is not on disk at all: the journal needs it there."""
        return self._saved is None or self._saved[:2] != self._presenter.state.fingerprint[:2]

    def poll(self) -> bool:
        """Note what is new, take the scene if it is time to; whether that was done."""
        self.note()
        if self._writing is not None:
            if self._writing[-1].done():
                self._finish()
            return False
        if self._saved is not None and not self.path.is_file():  # somebody removed it
            self._saved = None
        now = self._clock()
        early = now < self._next or not self._presenter.state.idle
        if now < self._retry or not self.due or (early and not self._first):
            return False
        return self._take(self._run)

    def note(self) -> None:
        """Note what is new; to be called before another segmentation is chosen."""
        self.journal.note()
        error = self.journal.fault
        if error is None:
            self._faults.over("Noting what is shown")
        elif self._faults.met("Noting what is shown", error):
            self._tell(
                str(
                    UserError(
                        "What is shown now cannot be kept in {folder}", error, folder=self.folder
                    )
                )
            )

    def save(self) -> bool:
        """Save now and wait until it is done."""
        self.wait()
        return self._take(_now) and self._finish()

    def wait(self) -> None:
        """Until what is being written is on disk."""
        if self._writing is not None:
            self._writing[-1].exception()
            self._finish()

    def close(self) -> None:
        """The end: everything is saved and the folder free. Raises UserError for what is not."""
        try:
            self.note()
            self.wait()
            if self.due and not self.save():
                raise UserError(self._presenter.message.text)
            try:
                self.journal.close()
            except OSError as error:
                raise UserError(
                    "{path} cannot be closed", error, path=self.journal.file.path
                ) from error
        finally:
            self.lock.release()

    def _take(self, run: Run) -> bool:
        """Take the scene and let ``run`` write it; what the user was told stays."""
        presenter, began = self._presenter, self._clock()
        told, number, now = (
            presenter.state.message,
            self.journal.stamp(),
            presenter.state.fingerprint,
        )
        futures: list[Future[None]] = []
        try:
            self._stay()
        except OSError as error:
            return self._failed(UserError("{path} cannot be saved", error, path=self.path))
        if not presenter.save_scene(self.path, lambda finish: futures.append(run(finish))):
            return self._failed(UserError(presenter.state.message))
        self._writing = now, number, began, futures[0]
        if told:
            presenter.message.tell(told)
            presenter.publish()
        return True

    def _stay(self) -> None:
        """Have the folder, and the lock on it, though somebody may have removed them."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not Path(self.lock.lock_file).exists():
            self.lock.release()
            self.lock.acquire()

    def _finish(self) -> bool:
        assert self._writing is not None
        (saved, number, began, future), self._writing = self._writing, None
        now = self._clock()
        self._next = now + max(SHORTEST, SHARE * (now - began))
        error = future.exception()
        if error is not None:
            return self._failed(error)
        self._faults.over("Saving")
        self._saved = saved
        self.journal.forget(number)
        return True

    def _failed(self, error: BaseException) -> bool:
        self._retry = self._clock() + SHORTEST
        self._faults.met("Saving", error)
        told = (
            error
            if isinstance(error, UserError)
            else UserError("{path} was not saved", error, path=self.path)
        )
        self._tell(str(told))
        return False

    def _tell(self, sentence: str) -> None:
        self._presenter.message.fail(sentence)
        self._presenter.publish()


def _check_bundle(path: Path) -> None:
    """Raise UserError with the cause where an .mrb cannot be read as a file."""
    try:
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
    except (OSError, zipfile.BadZipFile) as error:
        raise UserError("{path} cannot be opened", error, path=path) from error
    if damaged:
        raise UserError(
            "{path} cannot be opened: {damaged} in it is damaged.", path=path, damaged=damaged
        )


def _now(work: Callable[[], None]) -> Future[None]:
    done: Future[None] = Future()
    try:
        work()
        done.set_result(None)
    except Exception as error:
        done.set_exception(error)
    return done
