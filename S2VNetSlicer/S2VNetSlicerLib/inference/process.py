"""The inference process, as the application sees it: started, spoken to, ended."""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..errors import UserError, how_it_ended, out_of_memory_kills
from ..propagation.threads import wait_briefly
from ..texts import joined, texts
from .blocks import Block
from .channel import Channel

_ = texts(__name__)

TOKEN = "S2VNET_INFERENCE_TOKEN"
"""By what the process is known where it connects through the network."""
PYTHON = "S2VNET_PYTHON"
"""The interpreter to use."""
_PACKAGE = Path(__file__).resolve().parents[2]
_LAST_WORDS = 2000
"""Bytes of its standard error that are told when it dies."""


def interpreter() -> str:
    """The Python that this one is; inside 3D Slicer, whose own executable is none, its Python.

    Slicer has ``python-real`` and, before it, the launcher ``PythonSlicer`` in a folder of its
    PATH. UserError where there is none.
    """
    if chosen := os.environ.get(PYTHON):
        return chosen
    found = next(_interpreters(), None)
    if found is None:
        raise UserError(
            "The inference process cannot be started: no Python was found beside "
            "{executable} or in {exec_prefix}. Name one in the environment variable "
            "{python}.",
            executable=sys.executable,
            exec_prefix=sys.exec_prefix,
            python=PYTHON,
        )
    return found


def _interpreters() -> Iterator[str]:
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    executable = Path(sys.executable or os.devnull)
    if executable.stem.lower().startswith("python") and executable.is_file():
        real = executable.with_name(f"python-real{executable.suffix}")
        yield str(real if executable.stem == "PythonSlicer" and real.is_file() else executable)
    prefix = Path(sys.exec_prefix)
    folders = [executable.parent, prefix / "bin", prefix, prefix.parent.parent / "bin"]
    path = os.pathsep.join([*map(str, folders), os.environ.get("PATH", "")])
    for name in ("python-real", "PythonSlicer", version, "python3"):
        if (found := shutil.which(name, path=path)) is not None:
            yield found


def environment() -> dict[str, str]:
    """It imports what this process can import, in the same order."""
    paths = [str(_PACKAGE), *(path for path in sys.path if path)]
    own = {"PYTHONPATH": os.pathsep.join(dict.fromkeys(paths)), "PYTHONSAFEPATH": "1"}
    given = {**os.environ, **own}
    wait_briefly(given)  # the application draws beside it
    return given


class Process:
    """A running one; UserError where it cannot be started."""

    def __init__(self) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 (as long as the process)
        self._token = secrets.token_hex(32)
        self._listener: socket.socket | None = None
        self._channel: Channel | None = None
        self._early: list[Any] = []
        self._killed = ""
        self._memory_kills = out_of_memory_kills()
        given, options = environment(), dict[str, Any]()
        inherited: tuple[socket.socket, ...] = ()
        if sys.platform == "win32":
            self._listener = socket.create_server(("127.0.0.1", 0))
            self._listener.setblocking(False)
            given[TOKEN] = self._token
            address = str(self._listener.getsockname()[1])
            options["creationflags"] = (
                subprocess.CREATE_NO_WINDOW | subprocess.BELOW_NORMAL_PRIORITY_CLASS
            )
        else:
            ours, theirs = socket.socketpair()
            self._channel, inherited, address = Channel(ours), (theirs,), str(theirs.fileno())
            options = {"pass_fds": (theirs.fileno(),), "start_new_session": True}
        level = logging.getLogger(__package__).getEffectiveLevel()
        command = [interpreter(), "-m", __package__, address, str(level)]
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,  # the child ends when it is closed
                stdout=self._errors,
                stderr=self._errors,
                env=given,
                **options,
            )
        except OSError as error:
            what = _("The inference process {command} cannot be started")
            raise UserError(what, error, command=command[0]) from error
        finally:
            for connection in inherited:
                connection.close()

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, message: Any) -> list[Block]:
        """Send, without waiting; the blocks are to be kept until it has answered."""
        if self._channel is None:
            self._early.append(message)
            return []
        return self._channel.send(message, share=True)

    def receive(self) -> list[Any]:
        """What it has answered so far."""
        if self._channel is None:
            self._accept()
        if self._channel is None:
            return []
        self._channel.flush()
        return self._channel.receive()

    def ended(self) -> str | None:
        """How it ended, in words; None while it lives."""
        closed = self._channel is not None and self._channel.closed
        if not closed and self._process.poll() is None:
            return None
        try:
            code: int | None = self._process.wait(0.5)  # it closes its end a moment before it ends
        except subprocess.TimeoutExpired as error:
            logging.getLogger(__name__).warning("It closed its connection: %s", error)
            code = None
        self.kill("")
        if self._killed:
            return self._killed
        told = how_it_ended(code)
        if code == -getattr(signal, "SIGKILL", 9):
            certain = out_of_memory_kills() > self._memory_kills
            want = _("for want of memory") if certain else _("perhaps for want of memory")
            told = joined(", ", (told, want))
        words = self._last_words().strip().splitlines() if code else []
        if not words and closed and self._channel is not None:
            words = [self._channel.reason]
        return joined(": ", (told, words[-1])) if words else told

    def _last_words(self) -> str:
        end = self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, end - _LAST_WORDS))
        return self._errors.read().decode("utf-8", "replace")

    def kill(self, why: str) -> None:
        """End it at once; ``why``: what :meth:`ended` says."""
        self._killed = self._killed or why
        try:
            if sys.platform == "win32":
                self._process.kill()
            else:
                os.killpg(self._process.pid, signal.SIGKILL)  # with a launcher before it
        except OSError as error:
            logging.getLogger(__name__).debug("It has ended already: %s", error)
        if self._process.stdin is not None:
            self._process.stdin.close()
        if self._channel is not None:
            self._channel.close()
        if self._listener is not None:
            self._listener.close()

    def _accept(self) -> None:
        """Windows: it connects when it has started, and shows the token."""
        assert self._listener is not None
        try:
            connection, _address = self._listener.accept()
        except BlockingIOError:
            return
        connection.settimeout(1)
        said = connection.recv(len(self._token), socket.MSG_WAITALL).decode("ascii", "replace")
        if not secrets.compare_digest(said, self._token):
            connection.close()
            return
        self._listener.close()
        self._channel = Channel(connection)
        for message in self._early:
            self._channel.send(message, share=True)
