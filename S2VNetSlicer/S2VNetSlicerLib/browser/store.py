"""The file of a journal: parts of annotations by name, the newest of each, in SQLite.

A transaction is there as a whole or not at all, whenever the process is killed or the disk is full.
"""

from __future__ import annotations

import errno
import logging
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ..texts import texts

_ = texts(__name__)

JOURNAL = "journal"
VERSION = 1
_TABLE = """
CREATE TABLE IF NOT EXISTS part (
    owner TEXT, name TEXT, number INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (owner, name)
) WITHOUT ROWID
"""
_CODES = {
    sqlite3.SQLITE_FULL: errno.ENOSPC,
    sqlite3.SQLITE_IOERR: errno.EIO,
    sqlite3.SQLITE_READONLY: errno.EROFS,
    sqlite3.SQLITE_PERM: errno.EACCES,
}
Part = tuple[str, str, int, bytes]
"""Whose part it is, its name, the number of the change that it came with, what it holds."""


class UnreadableError(Exception):
    """The file is damaged, or of a newer version: there is something, but not for us."""


class JournalFile:
    """The parts in the file ``path``.

    Every method raises OSError for what the disk refuses, UnreadableError for what is no journal.
    The connection is opened when it is needed and given up after every failure, so that the next
    call begins with what is really there.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection: sqlite3.Connection | None = None
        self._identity: tuple[int, int] | None = None

    def gone(self) -> bool:
        """Whether the file that was written to was removed or replaced by somebody."""
        return self._identity is not None and self._identity != _identity(self.path)

    def start_again(self) -> None:
        """What was written so far is lost: the next call begins a new file."""
        self.close()
        self._identity = None

    def write(
        self, parts: Iterable[Part], merged: int, owners: Iterable[str], gone: Iterable[str] = ()
    ) -> None:
        """Replace ``parts``; delete those of ``owners`` up to the number ``merged``, and first all
        that there is of ``gone``."""
        with self._transaction() as database:
            database.executemany("DELETE FROM part WHERE owner = ?", [(o,) for o in gone])
            database.executemany(
                "DELETE FROM part WHERE number <= ? AND owner = ?", [(merged, o) for o in owners]
            )
            database.executemany("INSERT OR REPLACE INTO part VALUES (?, ?, ?, ?)", parts)

    def read(self) -> list[Part]:
        """Every part, in the order in which they were written."""
        with self._transaction() as database:
            return list(
                database.execute(
                    "SELECT owner, name, number, data FROM part ORDER BY number, owner, name"
                )
            )

    def remove(self) -> None:
        """Delete the file."""
        self.start_again()
        for suffix in ("", "-wal", "-journal"):
            _beside(self.path, suffix).unlink(missing_ok=True)

    def set_aside(self) -> Path:
        """Keep the file, which cannot be read, under another name; returns that."""
        self.start_again()
        target = self._free_name()
        for suffix in ("-wal", ""):
            if _beside(self.path, suffix).exists():
                _beside(self.path, suffix).replace(_beside(target, suffix))
        return target

    def copy_aside(self) -> Path:
        """Keep a copy as it is now; returns its path."""
        parts, copy = self.read(), JournalFile(self._free_name())
        copy.write(parts, 0, [])
        copy.close()
        return copy.path

    def _free_name(self) -> Path:
        names = (f"{JOURNAL}-unreadable-{n}{self.path.suffix}" for n in range(1, 1000))
        return next(p for p in map(self.path.with_name, names) if not p.exists())

    def close(self) -> None:
        """Let go of the file; what was written stays."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        try:
            database = self._connect()
            database.execute("BEGIN IMMEDIATE")
            yield database
            database.execute("COMMIT")
        except (sqlite3.Error, OSError) as error:
            self.close()
            if isinstance(error, OSError):
                raise
            raise _translated(error, self.path) from error

    def _connect(self) -> sqlite3.Connection:
        if self._connection is not None and not self.gone():
            return self._connection
        self.close()
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))  # says why it cannot be
        database = sqlite3.connect(
            self.path, timeout=1, isolation_level=None, check_same_thread=False
        )
        self._connection, self._identity = database, _identity(self.path)
        (version,) = database.execute("PRAGMA user_version").fetchone()
        if version > VERSION:
            self.close()
            told = _("it was written by a newer version (format {version})")
            raise UnreadableError(told.format(version=version))
        # Without memory shared between processes, which network file systems do not have.
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute(_TABLE)
        database.execute(f"PRAGMA user_version = {VERSION}")
        return database


def is_empty(path: Path) -> bool:
    """Whether the journal ``path`` holds nothing; False where that cannot be said."""
    file = JournalFile(path)
    try:
        return not file.read()
    except (OSError, UnreadableError) as error:
        logging.getLogger(__name__).warning("%s cannot be read and stays: %s", path, error)
        return False
    finally:
        file.close()


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        facts = path.stat()
    except OSError as error:
        return None if error.errno in (errno.ENOENT, errno.ENOTDIR) else (0, error.errno or 0)
    return facts.st_dev, facts.st_ino


def _translated(error: sqlite3.Error, path: Path) -> Exception:
    code = getattr(error, "sqlite_errorcode", None) or 0
    name = getattr(error, "sqlite_errorname", "")
    if code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return UnreadableError(str(error))
    number = _CODES.get(code & 0xFF)
    if number is None:
        return OSError(f"{error} ({name})" if name else str(error))
    return OSError(number, f"{error} ({name})", str(path))
