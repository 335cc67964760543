"""Faults of the file system, as ``shim.c`` makes them, and processes that may die of them."""

from __future__ import annotations

import ctypes
import errno
import os
import pickle
import signal
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FAIL, KILL_BEFORE, KILL_WITHIN, KILL_AFTER = range(4)
ERRORS = {"ENOSPC": errno.ENOSPC, "EACCES": errno.EACCES, "EIO": errno.EIO}
KILLS = {"kill before": KILL_BEFORE, "kill within": KILL_WITHIN, "kill after": KILL_AFTER}


@dataclass(frozen=True)
class Fault:
    """``kind``: a key of ``ERRORS`` or ``KILLS``; ``skipped`` operations pass, ``times`` do not."""

    kind: str
    skipped: int
    times: int

    @property
    def kills(self) -> bool:
        return self.kind in KILLS


class Shim:
    """The library that LD_PRELOAD names."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(os.environ["LD_PRELOAD"])

    def arm(self, folder: Path, fault: Fault) -> None:
        """Operations below ``folder`` that write meet ``fault`` from now on."""
        way, code = KILLS.get(fault.kind, FAIL), ERRORS.get(fault.kind, 0)
        where = os.fsencode(folder)
        self._library.fault_arm(where, fault.skipped, fault.times, code, way)

    def disarm(self) -> int:
        """No more faults; how many operations met one."""
        self._library.fault_disarm()
        return int(self._library.fault_fired())

    def set_clock_back(self, seconds: int) -> None:
        self._library.fault_shift_clock(ctypes.c_long(-seconds))


class Log:
    """What a process tells, one record after the other; it lies where no fault reaches it."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def tell(self, what: str, value: Any = None) -> None:
        data = pickle.dumps((what, value))
        os.write(self._file, len(data).to_bytes(8, "little") + data)


def told(path: Path) -> list[tuple[str, Any]]:
    """The records of a :class:`Log`."""
    data, found = path.read_bytes() if path.exists() else b"", []
    while len(data) >= 8:
        size = int.from_bytes(data[:8], "little")
        found.append(pickle.loads(data[8 : 8 + size]))
        data = data[8 + size :]
    return found


@dataclass(frozen=True)
class Ending:
    """How a process ended, and what it had told until then."""

    status: int
    records: list[tuple[str, Any]]

    @property
    def killed(self) -> bool:
        return os.WIFSIGNALED(self.status) and os.WTERMSIG(self.status) == signal.SIGKILL

    @property
    def well(self) -> bool:
        return os.WIFEXITED(self.status) and os.WEXITSTATUS(self.status) == 0

    def last(self, what: str) -> Any:
        """The value of the last record of that name; None without."""
        return next((value for name, value in reversed(self.records) if name == what), None)


def apart(log: Path, work: Callable[[Log], None]) -> Ending:
    """Do ``work`` in a process of its own, a copy of this one."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work(Log(log))
            code = 0
        except BaseException:
            Log(log).tell("raised", traceback.format_exc())
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return Ending(status, told(log))
