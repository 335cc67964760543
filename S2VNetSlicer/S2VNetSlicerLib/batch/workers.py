"""Jobs in processes of this machine, one case at a time in each."""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait

from .jobs import Job, run_job
from .report import Report
from .run import ATTEMPTS, Event, cores, died, processes


def run_here(jobs: Sequence[Job], workers: int = 0, device: str = "auto") -> Iterator[Event]:
    """Do ``jobs`` in ``workers`` processes that share the cores and CUDA devices.

    0: one for each GPU, or as many as ``processes`` says. Closing the iterator, or the end of this
    process, however it comes, ends them.
    """
    devices = _devices(device)
    count = min(len(jobs), workers or len(devices) or processes())
    threads = max(1, cores() // max(1, count))
    waiting = deque((replace(job, threads=threads), 1) for job in jobs)
    pool = [_Worker(threads, devices[n % len(devices)] if devices else "") for n in range(count)]
    try:
        while waiting or any(worker.job for worker in pool):
            for worker in pool:
                if worker.job is None and waiting:
                    worker.begin(*waiting.popleft())
                    assert worker.job is not None
                    yield worker.job, None
            for worker in _ready(pool):
                job, attempt = worker.job, worker.attempt
                assert job is not None
                report = worker.end()
                if report is not None:
                    yield job, report
                elif attempt < ATTEMPTS:
                    waiting.append((job, attempt + 1))
                else:
                    yield job, died(job, attempt)
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
        self.attempt = 0
        self._start()

    def _start(self) -> None:
        context = get_context("spawn")  # a fork would share locks and CUDA's state
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, *self._arguments), daemon=True)
        self.process.start()
        theirs.close()

    def begin(self, job: Job, attempt: int) -> None:
        self.job, self.attempt = job, attempt
        with suppress(OSError):  # it died idle: end() will find out
            self.pipe.send(job)

    def end(self) -> Report | None:
        """The report of the job; None, and a new process, when the process died."""
        self.job = None
        try:
            report: Report = self.pipe.recv()
        except (EOFError, OSError):
            self.stop()
            self._start()
            return None
        return report

    def stop(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()


def _ready(pool: list[_Worker]) -> list[_Worker]:
    """Workers that have ended their job or died; waits for one."""
    ready = wait([worker.pipe for worker in pool if worker.job])
    return [worker for worker in pool if worker.pipe in ready]


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
        except EOFError:
            return
        pipe.send(run_job(job))


def _end_with_parent() -> None:
    """A killed batch leaves nobody behind who would still write into its folder."""
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
