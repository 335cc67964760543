"""Requests that need no network, for the process to do: it imports this module as well."""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Count:
    """Yields 0, 1, ... ``end`` - 1, then "stopped" where it was told to stop. ``waits``: how often
    it lets go of Python's lock in between, as a network does."""

    end: int
    waits: int = 0

    def run(self, stopped: Any) -> Iterator[Any]:
        for n in range(self.end):
            for _ in range(self.waits):
                time.sleep(0)
            yield n
            if stopped():
                yield "stopped"
                return


@dataclass(frozen=True)
class Stream:
    """Yields slices of ``size`` bytes at the pace of a network, until it is to stop."""

    size: int

    def run(self, stopped: Any) -> Iterator[Any]:
        while not stopped():
            time.sleep(0.01)
            yield np.zeros(self.size, np.uint8)
        yield "stopped"


@dataclass(frozen=True)
class Raise:
    error: Exception

    def run(self, stopped: Any) -> Iterator[Any]:
        yield "begun"
        raise self.error


@dataclass(frozen=True)
class Die:
    """Its process is killed, as often as ``marks`` has no file for it."""

    marks: Path
    times: int

    def run(self, stopped: Any) -> Iterator[Any]:
        died = len(list(self.marks.iterdir()))
        yield f"begun after {died}"
        if died < self.times:
            (self.marks / str(died)).touch()
            os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(60)
        yield "done"


@dataclass(frozen=True)
class Abort:
    words: str

    def run(self, stopped: Any) -> Iterator[Any]:
        print(self.words, file=sys.stderr, flush=True)
        yield "begun"
        os._exit(3)


@dataclass(frozen=True)
class Hold:
    """Stands still without looking whether it is to stop."""

    def run(self, stopped: Any) -> Iterator[Any]:
        yield os.getpid()
        time.sleep(600)


@dataclass(frozen=True)
class Hog:
    """Asks for more memory than it may have."""

    def run(self, stopped: Any) -> Iterator[Any]:
        before = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (2**32, before[1]))
        try:
            yield np.ones(2**33, np.uint8).sum()
        finally:
            resource.setrlimit(resource.RLIMIT_AS, before)


@dataclass(frozen=True, eq=False)
class Add:
    """``array`` + 1, in place."""

    array: np.ndarray

    def run(self, stopped: Any) -> Iterator[Any]:
        self.array[...] += 1
        yield self.array
        yield os.getpid()
