"""One batch or review at a time writes into an output folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..volumes.writing import alone

NAME = ".s2vnet-batch.lock"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Nobody else writes results into ``folder``; within a process the holder may ask again.

    Raises UserError when somebody does, or the folder cannot be written.
    """
    from filelock import FileLock

    busy = f"Another batch or review is writing into {folder}: wait until it has ended."
    lock = FileLock(Path(folder) / NAME, timeout=0, is_singleton=True, thread_local=False)
    with alone(lock, busy, f"{folder} cannot be written to"):
        yield
