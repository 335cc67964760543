"""The process of each browser of a launcher: started, watched, started again when it failed."""

from __future__ import annotations

import logging
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from ..errors import how_it_ended
from .saved import last_saved

READY = "Open http://"
"""What a server prints when it listens, with its address."""
COMMAND = (sys.executable, "-m", "S2VNetSlicerLib.cli", "serve")
_PORT = re.compile(rf"{re.escape(READY)}\S*?:(\d+)/")
_WAITS = (2.0, 5.0, 10.0, 30.0, 60.0)
"""Seconds between a start that failed and the next one."""


class UserProcess:
    """The server of one browser, which is known by ``secret`` and saves into ``state``.

    The secret goes through the environment, not the command line. The server finds a free port by
    itself and says which, so that nobody else can take it in the meantime. A server that ends
    before it listens is started again, with the same saved session, after longer and longer waits.
    """

    def __init__(
        self,
        secret: str,
        state: Path,
        log: Path,
        options: Sequence[str],
        image: Path | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.secret, self.state = secret, state
        self._log, self._options, self._image, self._clock = log, options, image, clock
        self.port: int | None = None
        self.failures = 0
        self.reason = ""
        """Why the last start failed."""
        self._again = 0.0
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self, anew: bool = False) -> None:
        """Start, with the saved session if there is one; ``anew``: beside it, which stays."""
        self.port = None
        command = [*COMMAND, "--port", "0", "--state", str(self.state), *self._options]
        if last_saved(self.state) is not None and not anew:
            command.append("--resume")
        elif self._image is not None:
            command.append(str(self._image))
        environment = {
            **os.environ,
            "S2VNET_TOKEN": self.secret,
            "S2VNET_LIBRARY": str(self.state / "library"),
            "COLUMNS": "10000",  # sentences on one line
        }
        try:
            self.state.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self._log.open("wb") as log:
                self._process = subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment
                )
        except OSError as error:
            self._process = None
            self._failed(str(error))

    def look(self) -> None:
        """See how it is doing; start it again when it is time to."""
        if self._process is None:
            if self._clock() >= self._again:
                self.start()
            return
        code = self._process.poll()
        if self.port is None and (found := _PORT.search(self._printed())):
            self.port, self.failures = int(found[1]), 0
        elif self.port is None and code is not None:
            self._process = None
            self._failed(f"{self._last_line().rstrip('.')} ({how_it_ended(code)})")

    @property
    def ended(self) -> bool:
        """Whether it listened once and is gone now."""
        return self.port is not None and not self.running

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def wait(self) -> float:
        """Seconds until it is started again; 0 while it starts."""
        return max(0.0, self._again - self._clock()) if self._process is None else 0.0

    def terminate(self) -> None:
        """Ask it to save and to end."""
        if self._process is not None:
            self._process.terminate()

    def stop(self, seconds: float = 60) -> None:
        """Wait until it has ended; kill it when it does not."""
        if self._process is None:
            return
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired as error:
            logging.getLogger(__name__).warning("A session is killed: %s", error)
            self._process.kill()
            self._process.wait()

    def tidy(self) -> None:
        """Remove the folder of a session that has ended and left nothing but its log."""
        kept = [path for path in self.state.rglob("*") if path.is_file()]
        if not any(path.name != "lock" and path.parent.name != "log" for path in kept):
            shutil.rmtree(self.state, ignore_errors=True)

    def _failed(self, reason: str) -> None:
        self.reason = reason
        self._again = self._clock() + _WAITS[min(self.failures, len(_WAITS) - 1)]
        self.failures += 1

    def _printed(self) -> str:
        return self._log.read_text("utf-8", errors="replace")

    def _last_line(self) -> str:
        lines = [line.strip() for line in self._printed().splitlines() if line.strip()]
        return lines[-1] if lines else "it said nothing"
