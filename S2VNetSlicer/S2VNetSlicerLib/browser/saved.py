"""The sessions of a state folder: each in a dated folder of its own, so that none replaces another.

FOLDER/sessions/NUMBER-DATE/ holds scene.mrb and, as long as it knows more than that, the journal.
The number tells which is newer: clocks may be set back.
"""

from __future__ import annotations

import logging
import re
import shutil
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from .store import JOURNAL, is_empty

KEPT = 5
"""Earlier sessions that are kept; those whose journal is not merged are kept besides."""
SESSIONS, SCENE = "sessions", "scene.mrb"
_NAME = re.compile(r"(\d+)-(\d{4}-\d\d-\d\d-\d{6})")
_DATE = "%Y-%m-%d-%H%M%S"


@dataclass(frozen=True)
class SavedSession:
    """One folder below FOLDER/sessions; it may not be there yet."""

    folder: Path

    @property
    def scene(self) -> Path:
        return self.folder / SCENE

    @property
    def number(self) -> int:
        return int(self.folder.name.partition("-")[0])

    @property
    def saved(self) -> bool:
        """Whether there is a scene to open."""
        return self.scene.is_file()

    @property
    def unmerged(self) -> bool:
        """Whether a journal knows what the scene may not hold."""
        return any(not is_empty(path) for path in self.folder.glob(f"{JOURNAL}*.sqlite"))

    @property
    def told(self) -> str:
        """When it was last saved, for the page."""
        changed = datetime.fromtimestamp(self.scene.stat().st_mtime)
        return f"{changed.day} {changed:%B %Y, %H:%M}"


def sessions(folder: Path) -> list[SavedSession]:
    """The sessions below the state ``folder``, the newest last."""
    inside = folder / SESSIONS
    found = [p for p in inside.iterdir() if _NAME.fullmatch(p.name)] if inside.is_dir() else []
    return sorted(map(SavedSession, found), key=lambda session: session.number)


def new_session(folder: Path) -> SavedSession:
    """One that begins now; its folder is made by whoever writes first."""
    number = max((session.number for session in sessions(folder)), default=0) + 1
    return SavedSession(folder / SESSIONS / f"{number:06d}-{time.strftime(_DATE)}")


def last_saved(folder: Path) -> SavedSession | None:
    """The newest session that can be opened."""
    return next((session for session in reversed(sessions(folder)) if session.saved), None)


def prune(folder: Path) -> None:
    """Remove empty sessions and all but the newest saved ones; never what is not merged."""
    found = sessions(folder)
    kept = [session for session in found if session.saved][-KEPT:]
    for session in found:
        if session in kept or session.unmerged:
            continue
        try:
            shutil.rmtree(session.folder)
        except OSError as error:  # it takes up room, nothing else
            logging.getLogger(__name__).warning("%s stays: %s", session.folder, error)
