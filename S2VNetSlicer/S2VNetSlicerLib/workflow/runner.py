"""One worker thread; what it makes comes back to the main thread through a queue."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Stopped = Callable[[], bool]
Job = Callable[[Stopped], Iterator[Any]]
"""Yields results; asks between two of them whether it was told to stop."""

AT_ONCE = 64
"""Most results that :meth:`Runner.drain` returns, so that a front end stays responsive."""


@dataclass(frozen=True)
class Failed:
    """The last item of a job that raised ``error``."""

    error: Exception


class _Work:
    """One job, its results and its thread (None: advanced by hand)."""

    def __init__(self, job: Job, after: threading.Thread | None, threaded: bool) -> None:
        self.results: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.stop = threading.Event()
        self.abandoned = threading.Event()
        self.over = threading.Event()
        self.thread: threading.Thread | None = None
        self._after = after
        self._steps = job(self.stop.is_set)
        if threaded:
            self.thread = threading.Thread(target=self._run, name="S2VNet", daemon=True)
            self.thread.start()

    def _run(self) -> None:
        if self._after is not None:
            self._after.join()
            self._after = None
        if self.abandoned.is_set():  # before it began: it must not touch anything
            self._steps = iter(())
            self.over.set()
            return
        while self.advance():
            pass

    def advance(self) -> bool:
        """Make one more result; False at the end."""
        try:
            item = next(self._steps, self)
        except Exception as error:  # whoever drains the results tells and logs it
            item = Failed(error)
        if item is not self:
            self.results.put(item)
        if item is self or isinstance(item, Failed):
            self.over.set()
            return False
        return True


class Runner:
    """Runs one job at a time.

    ``synchronous``: nothing runs by itself; every :meth:`drain` advances the job by one result.
    """

    def __init__(self, synchronous: bool = False) -> None:
        self.synchronous = synchronous
        self._work: _Work | None = None
        self._last: threading.Thread | None = None

    @property
    def busy(self) -> bool:
        """Whether a job runs or has results that were not drained."""
        return self._work is not None

    def start(self, job: Job) -> None:
        """Begin ``job``; an abandoned one ends first. Never call it while :attr:`busy`."""
        if self._work is not None:
            raise RuntimeError("a job is running")
        self._work = _Work(job, self._last, not self.synchronous)
        self._last = self._work.thread

    def drain(self) -> list[Any]:
        """The results since the last call."""
        work = self._work
        if work is None:
            return []
        if self.synchronous:
            work.advance()
        over = work.over.is_set()  # before the queue is emptied: nothing is put afterwards
        found: list[Any] = []
        while len(found) < AT_ONCE and not work.results.empty():
            found.append(work.results.get())
        if over and work.results.empty():
            self._work = None
        return found

    def stop(self) -> None:
        """Ask the job to end after its current result; its results still arrive."""
        if self._work is not None:
            self._work.stop.set()

    def abandon(self) -> None:
        """Stop the job and forget what it makes from now on."""
        self.stop()
        if self._work is not None:
            self._work.abandoned.set()
        self._work = None

    def join(self, seconds: float) -> bool:
        """Wait until the thread has ended; False when it has not."""
        if self._last is not None:
            self._last.join(seconds)
            return not self._last.is_alive()
        return True
