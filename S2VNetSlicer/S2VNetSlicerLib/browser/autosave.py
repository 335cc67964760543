"""The scene on disk, so that a server that ends goes on where it stopped."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..errors import UserError
from ..scene.files import read_scene
from ..workflow.state import State

SHORTEST = 5.0
SHARE = 20
"""A save that takes a second waits at least as many seconds for the next one."""


def default_folder() -> Path:
    """Where states are kept, as the XDG base directories say."""
    home = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(home) / "s2vnet"


class Autosave:
    """Saves the presenter's scene to FOLDER/scene.mrb when something was finished.

    Call :meth:`poll` often; it saves only while nothing runs and not more often than every few
    seconds. Raises UserError when the folder cannot be made.
    """

    def __init__(
        self, presenter: Any, folder: Path, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.path = Path(folder) / "scene.mrb"
        self._presenter, self._clock = presenter, clock
        self._saved: Any = None
        self._next = -float("inf")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise UserError(
                f"{folder} cannot be made ({error.strerror}): choose another --state."
            ) from error

    def set_aside(self) -> None:
        """Keep what an earlier server saved as previous.mrb: this one begins anew."""
        if self.path.exists():
            self.path.replace(self.path.with_name("previous.mrb"))

    def load(self, scene: Any) -> None:
        """Load the saved scene and go on with its annotation; UserError when there is none."""
        if not self.path.is_file():
            raise UserError(f"{self.path} does not exist: start without --resume.")
        if not read_scene(scene, self.path):
            raise UserError(f"{self.path} cannot be read: start without --resume.")

    def loaded(self) -> None:
        """What is shown now is what is on disk."""
        self._saved = fingerprint(self._presenter.state)

    @property
    def due(self) -> bool:
        """Whether something is finished that is not on disk."""
        state = self._presenter.state
        if not state.classes or state.segmentation is None:
            return False
        return bool(self._saved != fingerprint(state))

    def poll(self) -> bool:
        """Save if it is time to; whether it was done."""
        if self._presenter.state.busy or self._clock() < self._next or not self.due:
            return False
        return self.save()

    def save(self) -> bool:
        """Save now, what the user was told stays."""
        presenter, began = self._presenter, self._clock()
        told = presenter.state.message
        done = bool(presenter.save_scene(self.path))
        if done:
            self._saved = fingerprint(presenter.state)
            if told:
                presenter.message = told
                presenter.publish()
        now = self._clock()
        self._next = now + max(SHORTEST, SHARE * (now - began))
        return done


def fingerprint(state: State) -> tuple[Any, ...]:
    """What of a state is worth saving."""
    made = None if state.made is None else state.made.tobytes()
    sure = None if state.confidence is None else state.confidence.tobytes()
    return state.volume, state.segmentation, state.modality, state.axis, state.classes, made, sure
