"""Jobs in processes of this machine, one case at a time in each."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait

from ..errors import cause_of, how_it_ended, out_of_memory_kills
from .events import ATTEMPTS, Event, died
from .jobs import Job, run_job
from .report import Report


def run_here(jobs: Sequence[Job], workers: int = 0, device: str = "auto") -> Iterator[Event]:
    """Do ``jobs`` in ``workers`` processes that share the cores and CUDA devices.

    0: one for each GPU, or as many as ``processes`` says. Closing the iterator, or the end of this
    process, however it comes, ends them.
    """
    devices = _devices(device)
    count = min(len(jobs), workers or len(devices) or processes())
    threads = max(1, cores() // max(1, count))
    waiting: deque[tuple[Job, tuple[str, ...]]] = deque(
        (replace(job, threads=threads), ()) for job in jobs
    )
    pool = [_Worker(threads, devices[n % len(devices)] if devices else "") for n in range(count)]
    try:
        while waiting or any(worker.job for worker in pool):
            for worker in pool:
                if worker.job is None and waiting:
                    worker.begin(*waiting.popleft())
                    assert worker.job is not None
                    yield worker.job, None
            for worker in _ready(pool):
                job, endings = worker.job, worker.endings
                assert job is not None
                report = worker.end()
                if isinstance(report, Report):
                    yield job, report
                    continue
                endings = (*endings, report)
                if len(endings) < ATTEMPTS:
                    waiting.append((job, endings))
                else:
                    yield job, died(job, endings)
    finally:
        for worker in pool:
            worker.stop()


def _devices(device: str) -> list[str]:
    """The GPUs that ``device`` means, as CUDA_VISIBLE_DEVICES names them ("": Apple's)."""
    if device == "cpu":
        return []
    import torch

    from ..propagation.devices import choose_device

    kind = choose_device(device).type
    if kind != "cuda":
        return [""] if kind == "mps" else []
    there = [str(n) for n in range(torch.cuda.device_count())]
    visible = os.environ.get("CUDA_VISIBLE_DEVICES", "")
    return visible.split(",")[: len(there)] if there and visible else there


class _Worker:
    """A process, started anew when it dies."""

    def __init__(self, threads: int, cuda_device: str) -> None:
        self._arguments = (threads, cuda_device)
        self.job: Job | None = None
        self.endings: tuple[str, ...] = ()
        """How earlier processes ended with this job."""
        self._start()

    def _start(self) -> None:
        context = get_context("spawn")  # a fork would share locks and CUDA's state
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, *self._arguments), daemon=True)
        self.process.start()
        self._killed_before = out_of_memory_kills()
        theirs.close()

    def begin(self, job: Job, endings: tuple[str, ...]) -> None:
        self.job, self.endings = job, endings
        with suppress(OSError):  # it died idle: end() will find out
            self.pipe.send(job)

    def end(self) -> Report | str:
        """The report of the job; how the process ended, when it died, and a new one then."""
        self.job = None
        try:
            report: Report = self.pipe.recv()
        except (EOFError, OSError) as error:
            self.process.join(5)  # its pipe closes a moment before it has ended
            told = how_it_ended(self.process.exitcode)
            if self.process.exitcode is None:
                told = f"its pipe broke ({cause_of(error)})"
            elif self.process.exitcode == -signal.SIGKILL:
                told += self._who_killed()
            self.stop()
            self._start()
            return told
        return report

    def _who_killed(self) -> str:
        """What is known of a process that was killed."""
        if out_of_memory_kills() > self._killed_before:
            return ", while the system ended processes for want of memory: use fewer workers"
        return ""

    def stop(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()


def _ready(pool: list[_Worker]) -> list[_Worker]:
    """Workers that have ended their job or died; waits for one."""
    ready = wait([worker.pipe for worker in pool if worker.job])
    return [worker for worker in pool if worker.pipe in ready]


def processes() -> int:
    """How many cases this machine does at once without a GPU: two cores and 4 GiB for each."""
    count = cores() // 2
    if hasattr(os, "sysconf"):
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        count = min(count, memory // 2**32)
    return max(1, count)


def cores() -> int:
    """The processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _serve(pipe: Connection, threads: int, cuda_device: str) -> None:
    """Inside the process: do jobs until the pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, who ends this one
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS"), str(threads)))
    if cuda_device:
        os.environ["CUDA_VISIBLE_DEVICES"] = cuda_device
    while True:
        try:
            job = pipe.recv()
        except EOFError as error:  # the parent has no more work
            logging.getLogger(__name__).debug("The pipe was closed: %s", error)
            return
        pipe.send(run_job(job))


def _end_with_parent() -> None:
    """A killed batch leaves nobody behind who would still write into its folder."""
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
