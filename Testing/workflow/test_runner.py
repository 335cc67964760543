"""The worker: results in order, failures told, one thread at a time."""

from __future__ import annotations

import threading

import pytest
from S2VNetSlicerLib.workflow.runner import Failed, Runner


def collect(runner):
    found = []
    while runner.busy:
        found += runner.drain()
    return found


@pytest.mark.parametrize("synchronous", [True, False])
def test_results_arrive_in_order_and_the_job_ends(synchronous):
    runner = Runner(synchronous)
    runner.start(lambda stopped: iter(range(200)))
    assert runner.busy
    assert collect(runner) == list(range(200))
    assert runner.drain() == []
    runner.start(lambda stopped: iter("ab"))
    assert collect(runner) == ["a", "b"]


@pytest.mark.parametrize("synchronous", [True, False])
def test_a_failure_is_the_last_result(synchronous):
    def job(stopped):
        yield 1
        raise ValueError("broken")

    runner = Runner(synchronous)
    runner.start(job)
    first, last = collect(runner)
    assert first == 1
    assert isinstance(last, Failed)
    assert str(last.error) == "broken"


def test_only_one_job_runs_even_after_an_abandoned_one():
    running, most, release = [], [], threading.Event()

    def job(stopped):
        running.append(1)
        most.append(len(running))
        yield "begun"
        release.wait(10)
        running.pop()
        yield "done"

    runner = Runner()
    runner.start(job)
    while not runner.drain():
        pass
    runner.abandon()
    assert not runner.busy
    runner.start(job)
    with pytest.raises(RuntimeError):
        runner.start(job)
    release.set()
    assert collect(runner) == ["begun", "done"]
    assert most == [1, 1]
    assert runner.join(10)


def test_stop_lets_the_job_end_itself():
    def job(stopped):
        for n in range(10**9):
            yield n
            if stopped():
                yield "stopped"
                return

    runner = Runner()
    runner.start(job)
    while not runner.drain():
        pass
    runner.stop()
    assert collect(runner)[-1] == "stopped"
    assert runner.join(10)


def test_a_job_that_is_abandoned_before_it_begins_never_runs():
    release, ran = threading.Event(), []

    def first(stopped):
        yield "begun"
        release.wait(10)

    def second(stopped):
        ran.append("second")
        yield 1

    runner = Runner()
    runner.start(first)
    while not runner.drain():
        pass
    runner.abandon()
    runner.start(second)  # waits for the first one
    runner.abandon()
    runner.start(lambda stopped: iter(["third"]))
    release.set()
    assert collect(runner) == ["third"]
    assert ran == []


def test_an_interrupt_is_no_failure_of_the_job():
    def job(stopped):
        raise KeyboardInterrupt
        yield

    runner = Runner(synchronous=True)
    runner.start(job)
    with pytest.raises(KeyboardInterrupt):
        runner.drain()
