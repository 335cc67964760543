"""What front ends talk to: requests go out, answers come back when they are asked for.

Nothing here waits and no thread is needed, since inside 3D Slicer a thread gets hardly any time.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from ..errors import UserError
from ..texts import texts
from .blocks import wait_for
from .messages import (
    Begin,
    Drawing,
    End,
    Failed,
    Keep,
    Load,
    Read,
    Request,
    Result,
    Source,
    Stop,
    Task,
)
from .process import Process

AT_ONCE = 16
"""Most answers that :meth:`Client.drain` returns, so that a front end stays responsive."""
PATIENCE = 0.5
"""Seconds after which a process that was told to cancel is killed."""
LOOK = 0.1
"""Seconds between two looks that count at most: what came while nobody looked is not late."""
_ = texts(__name__)
CANCELLED = _("it did not stop")
ATTEMPTS = 3
"""How often a process may die of one request."""


class Link(Protocol):
    """The way to a server."""

    def send(self, message: Any) -> Any:
        """Send, without waiting; what is returned is to be kept until the answer has come."""
        ...

    def receive(self) -> list[Any]:
        """What was answered since the last call."""
        ...

    def ended(self) -> str | None:
        """How the server ended, in words; None while it is there."""
        ...

    def kill(self, why: str) -> None:
        """End it at once."""
        ...


class Inline:
    """A server in this process, which makes one result whenever it is asked for some."""

    def __init__(self, engine: Any = None) -> None:
        from .server import Server

        self._answers: list[Any] = []
        self.server = Server(self._answers.append, engine=engine)

    def send(self, message: Any) -> None:
        if isinstance(message, Begin) and isinstance(message.request, Task):
            task = message.request
            wait_for(task.source.image)
            if task.annotation is not None:  # a process has a copy as well
                task = replace(task, annotation=task.annotation.copy())
            message = replace(message, request=task)
        if not isinstance(message, Drawing):
            self.server.take(message)

    def receive(self) -> list[Any]:
        self.server.step()
        answers = self._answers[:]
        self._answers.clear()
        return answers

    def ended(self) -> None:
        return None

    def kill(self, why: str) -> None:
        """It ends with its current step."""


@dataclass(eq=False)
class _Job:
    client: Client
    stamp: int | None
    held: Any
    """What the other side may not have taken in yet."""


class Worker:
    """A server and its clients; started when it is first needed, and again when it has died."""

    def __init__(self, start: Callable[[], Link], synchronous: bool = False) -> None:
        self.synchronous = synchronous
        self.link: Link | None = None
        self._start = start
        self._numbers = self._stamps = 0
        self._jobs: dict[int, _Job] = {}
        self._uses: dict[Client, tuple[int, Source]] = {}
        self._sent: set[int] = set()
        """Stamps of the sources whose voxels the server has."""
        self._owners: dict[int, Client] = {}
        """Whose annotation each session holds."""
        self._read: set[int] = set()
        """Stamps of the sources of which everything is read."""
        self._now = 0
        """What is being done, as far as answers tell."""

    def begin(self, client: Client, request: Request) -> int:
        """Hand in ``request``; returns its number. UserError where no process can be started."""
        if self.link is None:
            self.link = self._start()
        stamp = None
        if isinstance(request, Task):
            stamp, request = self._stamped(client, request)
        self._numbers += 1
        held = self.link.send(Begin(self._numbers, request))
        if stamp is not None:
            self._sent.add(stamp)
        self._jobs[self._numbers] = _Job(client, stamp, held)
        return self._numbers

    def _stamped(self, client: Client, task: Task) -> tuple[int, Task]:
        """The same sources of all clients have one stamp, and their voxels are sent once."""
        stamp = next((n for n, used in self._uses.values() if task.source.same(used)), 0)
        if not stamp:
            self._stamps += 1
            stamp = self._stamps
        self._uses[client] = stamp, task.source
        self._tidy()
        if task.follows and self._owners.get(stamp) is client:
            task = replace(task, annotation=None)
        elif task.annotation is not None:
            task = replace(task, marks={}, accepted={})
            self._owners[stamp] = client
        image = task.source.image
        if stamp in self._sent:
            image = np.empty((0, 0, 0), image.dtype)
        return stamp, replace(task, source=replace(task.source, image=image, stamp=stamp))

    def read(self, client: Client) -> bool:
        """Whether all is done that can be done with its volume before a mark."""
        return client in self._uses and self._uses[client][0] in self._read

    def tell(self, message: Any) -> None:
        """Send what needs no answer."""
        if self.link is not None:
            self.link.send(message)

    def forget(self, client: Client) -> None:
        """It needs no session any longer."""
        if self._uses.pop(client, None) is not None:
            self._tidy()

    def _tidy(self) -> None:
        used = frozenset(stamp for stamp, _source in self._uses.values())
        self._sent &= used
        self._read &= used
        self._owners = {stamp: c for stamp, c in self._owners.items() if stamp in used}
        self.tell(Keep(used))

    def poll(self) -> None:
        """Hand what has come to the clients."""
        if self.link is None:
            return
        for message in self.link.receive():
            if isinstance(message, logging.LogRecord):
                logger = logging.getLogger(message.name)
                if logger.isEnabledFor(message.levelno):
                    logger.handle(message)
            elif isinstance(message, Result) and message.number in self._jobs:
                self._now = message.number
                job = self._jobs[message.number]
                if isinstance(message.item, Read) and job.stamp is not None:
                    self._read.add(job.stamp)
                else:
                    job.client.take(message.number, message.item)
            elif isinstance(message, End) and message.number in self._jobs:
                job = self._jobs.pop(message.number)
                if message.error is not None and job.stamp is not None:
                    self._owners.pop(job.stamp, None)
                    self._read.discard(job.stamp)
                job.client.end(message.number, message.error)
        how = self.link.ended()
        if how is not None:
            self._died(how)

    def kill(self, why: str) -> None:
        """End the process; whoever waits for it is told at the next :meth:`poll`."""
        if self.link is not None:
            self.link.kill(why)

    def _died(self, how: str) -> None:
        """All sessions are gone. Only what was being done can be what it died of."""
        logging.getLogger(__name__).warning("The inference process has ended: %s", how)
        jobs, self.link = self._jobs, None
        self._jobs, self._sent, self._owners, self._read = {}, set(), {}, set()
        cause = self._now if self._now in jobs else min(jobs, default=0)
        for number, job in jobs.items():
            job.client.lost(number, how if number == cause else "")


class Client:
    """One front end's way to a :class:`Worker`; one request at a time.

    ``synchronous``: nothing runs by itself; every :meth:`drain` makes one result.
    """

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        self._number: int | None = None
        self._request: Request | None = None
        self._deaths = 0
        self._lost = self._stopped = False
        self._answers: deque[Any] = deque()
        self._over = False
        self._patience: float | None = None
        """Seconds that it has left to stop; None: it was not cancelled."""
        self._looked = 0.0

    @property
    def synchronous(self) -> bool:
        return self.worker.synchronous

    @property
    def busy(self) -> bool:
        """Whether a request is being done or has answers that were not drained."""
        return self._number is not None

    @property
    def read(self) -> bool:
        """Whether all is done that can be done with the volume before a mark."""
        return self.worker.read(self)

    def start(self, request: Request) -> None:
        """Ask for something. Never call it while :attr:`busy`. UserError: nothing can be asked.

        Where the process dies, another one is asked again, and given all that is there by then.
        """
        if self._number is not None:
            raise RuntimeError("a request is being done")
        self._over = self._lost = self._stopped = False
        self._patience, self._request, self._deaths = None, request, 0
        self._answers.clear()
        self.worker.poll()  # it may have died in the meantime
        self._number = self.worker.begin(self, request)

    def warm_up(self, weights: Path | None = None) -> None:
        """Let the process start and load the network while nobody waits for it.

        What goes wrong is told to whoever asks for something first.
        """
        if self.synchronous:
            return
        try:
            Client(self.worker).start(Load(weights))
        except UserError as error:
            logging.getLogger(__name__).warning("%s", error)

    def poll(self) -> bool:
        """Take in what has come, to be drained; whether the end has."""
        if self._number is None or self._over:
            return self.busy
        self.worker.poll()
        if not self._over and self._patience is not None:
            now = time.monotonic()
            self._patience -= min(LOOK, now - self._looked)
            self._looked = now
            if self._patience < 0:
                self.worker.kill(CANCELLED)
                self.worker.poll()
        if self._lost:
            self._ask_again()
        return self._over

    def drain(self) -> list[Any]:
        """The answers since the last call."""
        if self._number is None:
            return []
        self.poll()
        found = [self._answers.popleft() for _ in range(min(AT_ONCE, len(self._answers)))]
        if self._over and not self._answers:
            self._number = None
        return found

    def stop(self) -> None:
        """Ask for an end after the current result; what was made still arrives."""
        self._stopped = True
        if self._number is not None and not self._over:
            self.worker.tell(Stop(self._number))

    def cancel(self) -> None:
        """:meth:`stop`, and do not wait for it longer than ``PATIENCE``."""
        self.stop()
        if self._patience is None and not self.synchronous:
            self._patience, self._looked = PATIENCE, time.monotonic()

    def discard(self) -> None:
        """Stop and forget what is made from now on."""
        if self._number is not None and not self._over:
            self.worker.tell(Stop(self._number, drop=True))
        self._number = None

    def drawing(self, now: bool) -> None:
        """The user draws, or has drawn: a core is left to the front end meanwhile."""
        self.worker.tell(Drawing(now))

    def release(self) -> None:
        """The session is not needed any longer."""
        self.worker.forget(self)

    # ---- for the worker ------------------------------------------------------------------------

    def take(self, number: int, item: Any) -> None:
        """An answer to the request ``number``."""
        if number == self._number:
            self._answers.append(item)

    def end(self, number: int, error: Exception | None) -> None:
        """The request ``number`` is over; ``error``: it failed."""
        if number != self._number:
            return
        self._over = True
        if error is not None:
            self._answers.append(Failed(error))

    def lost(self, number: int, how: str) -> None:
        """The process died, of the request ``number`` if ``how`` tells."""
        if number != self._number:
            return
        self._deaths += bool(how)
        if self._stopped:
            self.end(number, None)
        elif self._deaths >= ATTEMPTS:
            told = _("the inference process died {count} times of it ({how})")
            self.end(number, RuntimeError(told.format(count=self._deaths, how=how)))
        else:
            self._lost = True

    def _ask_again(self) -> None:
        assert self._request is not None
        self._lost = False
        try:
            self._number = self.worker.begin(self, self._request)
        except UserError as error:
            self._over = True
            self._answers.append(Failed(error))


_worker = Worker(Process)
"""The one of the application."""


def connect(synchronous: bool = False) -> Client:
    """A client of the application's inference process; ``synchronous``: of a server of its own in
    this one, where every :meth:`Client.drain` makes one result."""
    return Client(Worker(Inline, synchronous=True) if synchronous else _worker)
