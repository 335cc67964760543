"""Jobs on the workers of a Dask scheduler, which see the same files under the same paths."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from traceback import format_exception
from typing import Any

from ..errors import UserError, cause_of
from .events import ATTEMPTS, Event, died
from .jobs import Job, finish, run_job
from .report import Report

PATIENCE = 120.0
"""Seconds to wait for the scheduler or for any worker."""
_ONE_CASE = threading.Lock()


def run_on(address: str, jobs: Sequence[Job]) -> Iterator[Event]:
    """Do ``jobs`` on the workers of the scheduler at ``address``, one case at a time on each.

    Workers may come and go: the case of a lost worker is done by another one. Raises UserError when
    the scheduler cannot be reached, is lost, or has no worker for two minutes.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise UserError(
            "Dask cannot be used",
            error,
            remedy="Run pip install 's2vnet-slicer[batch]', or leave out --scheduler.",
        ) from error
    try:
        with _reaching(f"The scheduler {address} cannot be reached"):
            client = Client(address, timeout=min(30, PATIENCE), set_as_default=False)
    except ValueError as error:
        if isinstance(error, UserError):
            raise
        raise UserError(f"{address} is no address of a scheduler (tcp://HOST:8786)", error) from (
            error
        )
    try:
        yield from _feed(client, address, jobs)
    finally:
        client.close(timeout=2)


@contextmanager
def _reaching(what: str) -> Iterator[None]:
    """Tell Dask's ways to say that nobody answers; what the jobs themselves do is not in here."""
    try:
        yield
    except (OSError, CancelledError) as error:
        raise UserError(
            what,
            error,
            remedy="Start it, and run the same command again: finished cases are kept.",
        ) from error


def _feed(client: Any, address: str, jobs: Sequence[Job]) -> Iterator[Event]:
    """Give each free worker a job; the job of a lost worker goes to the next free one.

    Each job is bound to its worker: Dask by itself gives a worker with several threads as many
    cases, and forgets a loosely bound task when for a moment there is no worker at all.
    """
    from distributed import wait

    lost = f"The scheduler {address} was lost"
    waiting: deque[tuple[Job, tuple[str, ...]]] = deque((job, ()) for job in jobs)
    running: dict[Any, tuple[Job, tuple[str, ...], str]] = {}
    last_seen = time.monotonic()
    while waiting or running:
        with _reaching(lost):
            workers = set(client.nthreads())
            ended = [future for future in running if future.done()]
        last_seen = time.monotonic() if workers else last_seen
        if time.monotonic() - last_seen > PATIENCE:
            raise UserError(
                f"The scheduler {address} has no workers: start some with dask worker {address}."
            )
        gone = [f for f, (*_, worker) in running.items() if worker not in workers]
        for future in dict.fromkeys([*ended, *gone]):
            job, endings, worker = running.pop(future)
            with _reaching(lost):
                outcome = _outcome(future, job) if future in ended else _lost_worker(worker)
                if isinstance(outcome, str):
                    future.cancel()
            if isinstance(outcome, Report):
                yield job, outcome
                continue
            if isinstance(outcome, Failure):
                yield job, outcome.report(job)
                continue
            endings = (*endings, outcome)
            if len(endings) < ATTEMPTS:
                waiting.append((job, endings))
            else:
                yield job, died(job, endings)
        for worker in sorted(workers - {where for *_, where in running.values()}):
            if not waiting:
                break
            job, endings = waiting.popleft()
            with _reaching(lost):
                future = client.submit(_run_there, job, workers=[worker], pure=False)
            running[future] = job, endings, worker
            yield job, None
        with _reaching(lost), client.as_current(), suppress(TimeoutError):
            if running:
                wait(list(running), timeout=1, return_when="FIRST_COMPLETED")
            elif waiting:
                time.sleep(0.2)


def _lost_worker(worker: str) -> str:
    return f"the worker {worker} was lost"


@dataclass(frozen=True)
class Failure:
    """An exception that a job ended with on a worker, and where it came from."""

    error: BaseException
    details: str

    def report(self, job: Job) -> Report:
        """That of a job that failed so."""
        told = str(self.error)
        if not isinstance(self.error, UserError):
            told = f"{job.case.image} could not be run on a worker: {cause_of(self.error)}."
        if isinstance(self.error, ImportError):
            told += " Install this version of s2vnet-slicer there."
        return finish(job, job.report(status="failed", error=told, details=self.details))


def _outcome(future: Any, job: Job) -> Report | Failure | str:
    """The report of a job that has ended, what it failed of, or how its worker died of it."""
    from distributed.scheduler import KilledWorker

    if future.status == "cancelled":
        raise CancelledError(f"the case {job.case.name} was cancelled")
    if future.status == "finished":
        report: Report = future.result()
        return report
    error = future.exception()
    if isinstance(error, KilledWorker):
        return cause_of(error)
    details = "" if isinstance(error, UserError) else "".join(format_exception(error))
    return Failure(error, details)


def _run_there(job: Job) -> Report:
    """On a worker: the job on the worker's threads, others of this process wait."""
    from distributed import get_worker

    with _ONE_CASE:
        if not Path(job.output).is_dir():
            raise UserError(f"{job.output} is not there on a worker: mount it under the same path.")
        return run_job(replace(job, threads=get_worker().state.nthreads))
