"""The inference process: an engine behind a channel. It ends with the application."""

from __future__ import annotations

import ctypes
import faulthandler
import logging
import os
import signal
import socket
import sys
import threading
from logging.handlers import QueueHandler
from types import SimpleNamespace

from .channel import Channel
from .messages import Drawing
from .process import TOKEN
from .server import Server

NICE = 5
_DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG of Linux's prctl."""


class Threads:
    """Torch has all its threads, but one fewer while the user draws or results are shown.

    Threads that share a core with the views wait for one another: on two cores a slice of the page
    took 0.25 s with both instead of 0.1 s with one.
    """

    def __init__(self) -> None:
        self.drawing = False
        self._all = 0

    def apply(self, shown: bool) -> None:
        """Between two steps; ``shown``: the application shows what is made."""
        torch = sys.modules.get("torch")
        if torch is None or not hasattr(torch, "set_num_threads"):  # or half imported
            return
        self._all = self._all or torch.get_num_threads()
        wanted = max(1, self._all - 1) if self.drawing or shown else self._all
        if torch.get_num_threads() != wanted:
            torch.set_num_threads(wanted)


def serve(channel: Channel) -> None:
    """Until the application has gone."""
    threads = Threads()

    def look() -> None:
        channel.flush()
        for message in channel.receive():
            if isinstance(message, Drawing):
                threads.drawing = message.now
            else:
                server.take(message)
        if channel.closed:
            os._exit(0)
        threads.apply(server.shown)

    server = Server(channel.send, look)
    while True:
        look()
        if not server.step():
            channel.wait()


def connected(address: str) -> Channel:
    """``address``: an inherited descriptor, on Windows a port of this machine."""
    if sys.platform != "win32":
        return Channel(socket.socket(fileno=int(address)))
    connection = socket.create_connection(("127.0.0.1", int(address)))
    connection.sendall(os.environ[TOKEN].encode("ascii"))
    return Channel(connection)


def end_with_parent() -> None:
    """Whoever started this holds the other end of standard input, until it is gone."""
    while os.read(0, 1):
        pass
    os._exit(0)


def main(address: str, level: str) -> None:
    """See :class:`~.process.Process`."""
    faulthandler.enable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the application, which ends this
    threading.Thread(target=end_with_parent, daemon=True).start()
    if sys.platform == "linux":  # also when this one is stopped
        ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGKILL)
    if hasattr(os, "nice"):
        os.nice(NICE)
    channel = connected(address)
    root = logging.getLogger(__package__.split(".")[0])
    root.setLevel(int(level))
    root.addHandler(QueueHandler(SimpleNamespace(put_nowait=channel.send)))
    serve(channel)


if __name__ == "__main__":
    main(*sys.argv[1:])
