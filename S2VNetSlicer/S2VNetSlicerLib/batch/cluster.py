"""Jobs on the workers of a Dask scheduler, which see the same files under the same paths."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..errors import UserError
from .jobs import Job, finish, run_job
from .report import Report
from .run import ATTEMPTS, Event, died

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
            "Dask is not installed: run pip install 's2vnet-slicer[batch]', or leave out "
            "--scheduler."
        ) from error
    try:
        client = Client(address, timeout=min(30, PATIENCE), set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise UserError(
            f"The scheduler {address} cannot be reached: start it, or correct its address "
            "(tcp://HOST:8786)."
        ) from error
    try:
        yield from _feed(client, address, jobs)
    except (OSError, CancelledError) as error:  # Dask's ways to say so
        raise _lost(address) from error
    finally:
        client.close(timeout=2)


def _lost(address: str) -> UserError:
    return UserError(
        f"The scheduler {address} was lost: start it and run the same command again, finished "
        "cases are kept."
    )


def _feed(client: Any, address: str, jobs: Sequence[Job]) -> Iterator[Event]:
    """Give each free worker a job; the job of a lost worker goes to the next free one.

    Each job is bound to its worker: Dask by itself gives a worker with several threads as many
    cases, and forgets a loosely bound task when for a moment there is no worker at all.
    """
    from distributed import wait

    waiting = deque((job, 1) for job in jobs)
    running: dict[Any, tuple[Job, int, str]] = {}
    last_seen = time.monotonic()
    while waiting or running:
        workers = set(client.nthreads())
        last_seen = time.monotonic() if workers else last_seen
        if time.monotonic() - last_seen > PATIENCE:
            raise UserError(
                f"The scheduler {address} has no workers: start some with dask worker {address}."
            )
        ended = [future for future in running if future.done()]
        lost = [f for f, (*_, worker) in running.items() if worker not in workers]
        for future in dict.fromkeys([*ended, *lost]):
            job, attempt, _ = running.pop(future)
            report = _outcome(future, job, address) if future in ended else None
            if report is not None:
                yield job, report
                continue
            future.cancel()
            if attempt < ATTEMPTS:
                waiting.append((job, attempt + 1))
            else:
                yield job, died(job, attempt)
        for worker in sorted(workers - {where for *_, where in running.values()}):
            if not waiting:
                break
            job, attempt = waiting.popleft()
            future = client.submit(_run_there, job, workers=[worker], pure=False)
            running[future] = job, attempt, worker
            yield job, None
        with client.as_current(), suppress(TimeoutError):
            if running:
                wait(list(running), timeout=1, return_when="FIRST_COMPLETED")
            elif waiting:
                time.sleep(0.2)


def _outcome(future: Any, job: Job, address: str) -> Report | None:
    """The report of a job that has ended; None when its worker died of it."""
    from distributed.scheduler import KilledWorker

    if future.status == "cancelled":
        raise _lost(address)
    if future.status == "finished":
        report: Report = future.result()
        return report
    error = future.exception()
    if isinstance(error, KilledWorker):
        return None
    sentence = str(error)
    if not isinstance(error, UserError):
        sentence = (
            f"{job.case.image} could not be run on a worker ({type(error).__name__}: {error}): "
            "install this version of s2vnet-slicer there."
        )
    return finish(job, job.report(status="failed", error=sentence))


def _run_there(job: Job) -> Report:
    """On a worker: the job on the worker's threads, others of this process wait."""
    from distributed import get_worker

    with _ONE_CASE:
        if not Path(job.output).is_dir():
            raise UserError(f"{job.output} is not there on a worker: mount it under the same path.")
        return run_job(replace(job, threads=get_worker().state.nthreads))
