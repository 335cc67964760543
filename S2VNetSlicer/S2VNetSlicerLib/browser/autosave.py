"""The scene on disk, so that a server that ends goes on where it stopped."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from ..errors import UserError
from ..scene.files import STAGED, read_scene
from ..workflow.presenter import Presenter
from ..workflow.state import State
from .journal import Journal

SHORTEST = 5.0
SHARE = 20
"""A save that takes a second waits at least as many seconds for the next one."""
Run = Callable[[Callable[[], None]], Future[None]]


def default_folder() -> Path:
    """Where states are kept, as the XDG base directories say."""
    home = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(home) / "s2vnet"


class Autosave:
    """Saves the presenter's scene to FOLDER/scene.mrb when something was finished.

    Call :meth:`poll` often; it takes the scene only while nothing runs and not more often than
    every few seconds, ``run`` writes it in a thread, and what is shown meanwhile is in the journal.
    Raises UserError when the folder cannot be made, or another server saves into it.
    """

    def __init__(
        self,
        presenter: Presenter,
        folder: Path,
        run: Run,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.path = Path(folder) / "scene.mrb"
        self._presenter, self._run, self._clock = presenter, run, clock
        self._saved: Any = None
        self._next = -float("inf")
        self._writing: tuple[Any, int, float, Future[None]] | None = None
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.lock = FileLock(self.path.with_name("lock"), timeout=0, mode=0o600)
            self.lock.acquire()
        except Timeout as error:
            raise UserError(
                f"Another server saves into {folder}: end it or choose another --state."
            ) from error
        except OSError as error:
            raise UserError(
                f"{folder} cannot be made ({error.strerror}): choose another --state."
            ) from error
        for left in self.path.parent.glob(f"{STAGED}*"):  # by a process that was killed
            shutil.rmtree(left, ignore_errors=True)
        self.journal = Journal(presenter, self.path.parent)

    def set_aside(self) -> None:
        """Keep what an earlier server saved as previous.mrb: this one begins anew."""
        if self.path.exists():
            self.path.replace(self.path.with_name("previous.mrb"))
        self.journal.forget(self.journal.turn())

    def load(self, scene: Any) -> None:
        """Load the saved scene and go on with its annotation; UserError when there is none."""
        if not self.path.is_file():
            raise UserError(f"{self.path} does not exist: start without --resume.")
        if not read_scene(scene, self.path):
            raise UserError(f"{self.path} cannot be read: start without --resume.")

    def loaded(self) -> None:
        """What is shown now is what is in the scene on disk; the journal adds the rest."""
        self._saved = fingerprint(self._presenter.state)
        self.journal.repeat()

    @property
    def due(self) -> bool:
        """Whether something is finished that is not in the scene on disk."""
        state = self._presenter.state
        if not state.classes or state.segmentation is None:
            return False
        return bool(self._saved != fingerprint(state))

    @property
    def _first(self) -> bool:
        """Whether the segmentation is not on disk at all: the journal needs it there."""
        return self._saved is None or self._saved[:2] != fingerprint(self._presenter.state)[:2]

    def poll(self) -> bool:
        """Note what is new, take the scene if it is time to; whether that was done."""
        self.journal.note()
        if self._writing is not None:
            if self._writing[-1].done():
                self._finish()
            return False
        early = self._clock() < self._next or not self._presenter.state.idle
        if not self.due or (early and not self._first):
            return False
        return self._take(self._run)

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
        """The end: everything is saved."""
        self.wait()
        complete = not self.due or self.save()
        self.journal.close(complete=complete)
        self.lock.release()

    def _take(self, run: Run) -> bool:
        """Take the scene and let ``run`` write it; what the user was told stays."""
        presenter, began = self._presenter, self._clock()
        told, turn, now = presenter.state.message, self.journal.turn(), fingerprint(presenter.state)
        futures: list[Future[None]] = []
        if not presenter.save_scene(self.path, lambda finish: futures.append(run(finish))):
            self._next = self._clock() + SHORTEST
            return False
        self._writing = now, turn, began, futures[0]
        if told:
            presenter.message = told
            presenter.publish()
        return True

    def _finish(self) -> bool:
        assert self._writing is not None
        (saved, turn, began, future), self._writing = self._writing, None
        now = self._clock()
        self._next = now + max(SHORTEST, SHARE * (now - began))
        error = future.exception()
        if error is None:
            self._saved = saved
            self.journal.forget(turn)
            return True
        self._presenter.message = (
            str(error) if isinstance(error, UserError) else f"{self.path} was not saved ({error})."
        )
        self._presenter.publish()
        return False


def _now(work: Callable[[], None]) -> Future[None]:
    done: Future[None] = Future()
    try:
        work()
        done.set_result(None)
    except Exception as error:
        done.set_exception(error)
    return done


def fingerprint(state: State) -> tuple[Any, ...]:
    """What of a state is worth saving."""
    made = None if state.made is None else state.made.tobytes()
    sure = None if state.confidence is None else state.confidence.tobytes()
    return state.volume, state.segmentation, state.modality, state.axis, state.classes, made, sure
