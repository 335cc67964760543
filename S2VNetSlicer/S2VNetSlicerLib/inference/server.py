"""The queue in front of the engine: requests of several clients, one after the other."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from ..errors import UserError, cause_of
from .engine import Engine
from .messages import Begin, End, Keep, Load, Request, Result, Source, Stop, Task


class Server:
    """Takes messages, and answers through ``send``; :meth:`step` does the work.

    ``look`` takes in what came while a step is under way. Reading ahead and loading make way for
    all other requests and go on afterwards.
    """

    def __init__(
        self,
        send: Callable[[Any], object],
        look: Callable[[], object] = lambda: None,
        engine: Engine | None = None,
    ) -> None:
        self.engine = engine or Engine()
        self._send, self._look = send, look
        self._waiting: deque[Begin] = deque()
        self._now: Begin | None = None
        self._steps: Iterator[Any] = iter(())
        self._stopped: set[int] = set()
        self._dropped = self._gave_way = False
        self._sources: dict[Any, Source] = {}
        self._kept: frozenset[Any] = frozenset()

    def take(self, message: Begin | Stop | Keep) -> None:
        """Note what is asked."""
        if isinstance(message, Begin):
            self._waiting.append(self._with_source(message))
        elif isinstance(message, Stop):
            self._stop(message)
        else:
            self._kept = message.stamps
            if self._now is None:
                self._tidy()

    def _with_source(self, begin: Begin) -> Begin:
        """Voxels come once; later tasks name them by their stamp."""
        if not isinstance(begin.request, Task):
            return begin
        source = begin.request.source
        known = self._sources.setdefault(source.stamp, source)
        return replace(begin, request=replace(begin.request, source=known))

    def _stop(self, stop: Stop) -> None:
        """What was not begun is begun all the same, unless it is dropped: the session follows."""
        if self._now is not None and self._now.number == stop.number:
            self._dropped |= stop.drop
            self._stopped.add(stop.number)
        for begin in [b for b in self._waiting if b.number == stop.number]:
            if stop.drop:
                self._waiting.remove(begin)
                self._send(End(begin.number))
            else:
                self._stopped.add(stop.number)

    def _tidy(self) -> None:
        tasks = [b.request for b in self._waiting if isinstance(b.request, Task)]
        wanted = self._kept | {task.source.stamp for task in tasks}
        self._sources = {s: source for s, source in self._sources.items() if s in wanted}
        self.engine.keep(wanted)

    @property
    def shown(self) -> bool:
        """Whether somebody waits for what is made next."""
        begin = self._now or (self._waiting[0] if self._waiting else None)
        return begin is not None and not _in_background(begin.request)

    def step(self) -> bool:
        """Make one more result; False where nothing is to be done."""
        if self._now is None:
            if not self._waiting:
                return False
            self._now = self._waiting.popleft()
            self._dropped = self._gave_way = False
            self._steps = self.engine.run(self._now.request, self._asked)
        begin, failure = self._now, None
        try:
            item = None if self._dropped else next(self._steps, None)
        except Exception as error:
            item, failure = None, portable(error)
            if not isinstance(failure, UserError):
                logging.getLogger(__name__).exception("A request failed")
        if item is not None:
            self._send(Result(begin.number, item))
            return True
        self._now, self._steps = None, iter(())
        stopped = begin.number in self._stopped
        if self._gave_way and not stopped and failure is None:
            self._waiting.append(begin)
        else:
            self._stopped.discard(begin.number)
            self._send(End(begin.number, failure))
        self._tidy()
        return True

    def _asked(self) -> bool:
        """Whether what runs is to end; asked by itself."""
        self._look()
        assert self._now is not None
        hurry = any(not _in_background(begin.request) for begin in self._waiting)
        self._gave_way = hurry and _in_background(self._now.request)
        return self._now.number in self._stopped or self._gave_way


def _in_background(request: Request) -> bool:
    if isinstance(request, Task):
        return request.encode and request.job is None
    return isinstance(request, Load) and request.job is None


def portable(error: Exception) -> Exception:
    """``error``, or one that says the same and that every process can read."""
    if type(error) in (UserError, MemoryError) or type(error).__module__ == "builtins":
        return error
    if isinstance(error, UserError):
        return UserError(str(error))
    if isinstance(error, MemoryError):
        return MemoryError(str(error))
    if isinstance(error, OSError):
        return OSError(error.errno, error.strerror)
    return RuntimeError(cause_of(error))
