"""Presenters and the inference process: nobody waits for it, and its end costs no mark."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

import numpy as np
import pytest
import torch  # noqa: F401  # only then does conftest give it one thread, as the process has
from S2VNetSlicerLib.inference.client import Client, Worker
from S2VNetSlicerLib.inference.process import Process
from S2VNetSlicerLib.workflow.state import PropagationRange

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")


@pytest.fixture(scope="module")
def worker():
    """Shared by all presenters, as panel and effect share one."""
    made = Worker(Process)
    yield made
    made.kill("the tests are over")


@pytest.fixture
def in_process(make_presenter, worker, node):
    """Builds presenters on the volume, with segmentations of their own."""

    def make(volume=node):
        presenter = make_presenter(synchronous=False, inference=Client(worker))
        assert presenter.choose_volume(volume.GetID())
        assert presenter.choose_segmentation(None)
        return presenter

    return make


def until_slices(presenter, count=1):
    """A run has written so many slices and is not over."""
    end = time.monotonic() + 60
    while presenter.runs.state.reached()[0] < count:
        assert time.monotonic() < end
        presenter.tick()


def settle(presenter, check):
    presenter.wait()
    assert (presenter.state.busy, presenter.state.message) == ("", "")
    assert (presenter.state.slice_status > 0).all()
    check(presenter)


def test_nobody_waits_for_a_slice(in_process, worker, begin, draw, check, tmp_path):
    """Every one of these would hang, and fail, if it waited for the process."""
    presenter = in_process()
    begin(presenter)
    assert presenter.propagate()
    until_slices(presenter)
    os.kill(worker.link.pid, signal.SIGSTOP)
    first, second = (row.id for row in presenter.state.classes)
    presenter.tick()
    assert presenter.state.busy == "Propagating"
    assert presenter.go_to(9)
    assert presenter.select_class(second)
    assert presenter.rename_class(first, "patella")
    assert presenter.lock_class(first, True)
    draw(presenter, 9, (30, 40), (33, 44))
    assert presenter.state.slice_status[9] == 2, "the mark is there at once"
    assert presenter.save_scene(tmp_path / "work.mrb"), presenter.state.message
    assert presenter.undo()
    assert presenter.redo()
    assert presenter.propagate(PropagationRange.UP)
    os.kill(worker.link.pid, signal.SIGCONT)
    presenter.wait()
    presenter.propagate()
    settle(presenter, check)


def test_cancel_ends_a_process_that_stands_still_and_keeps_what_was_made(
    in_process, worker, begin, check
):
    presenter = in_process()
    begin(presenter)
    assert presenter.propagate()
    until_slices(presenter, 3)
    pid = worker.link.pid
    os.kill(pid, signal.SIGSTOP)
    assert presenter.cancel()
    presenter.wait()
    assert presenter.state.message.startswith("Cancelled: ")
    assert (presenter.state.slice_status > 0).sum() >= 3
    presenter.propagate()
    settle(presenter, check)
    assert worker.link.pid != pid


def test_a_killed_process_costs_no_mark(in_process, worker, begin, draw, check):
    """Before, within and after a run; what was propagated goes on by itself."""
    presenter = in_process()
    begin(presenter)
    marks = presenter.annotation.marks_volume()
    os.kill(worker.link.pid, signal.SIGKILL)
    assert presenter.propagate()
    until_slices(presenter)
    os.kill(worker.link.pid, signal.SIGKILL)
    settle(presenter, check)
    os.kill(worker.link.pid, signal.SIGKILL)
    assert np.array_equal(presenter.annotation.marks_volume(), marks)
    presenter.runs.configure(live=True)
    draw(presenter, 8, (20, 30))
    settle(presenter, check)
    presenter.runs.prefetch()
    presenter.wait()
    os.kill(worker.link.pid, signal.SIGKILL)
    assert presenter.undo()
    presenter.propagate()
    settle(presenter, check)


def test_a_run_that_kills_every_process_is_told_and_can_be_tried_again(
    in_process, worker, begin, check
):
    presenter = in_process()
    begin(presenter)
    assert presenter.propagate()
    seen = set()
    while presenter.runs.state.running is not None:
        if worker.link is not None and presenter.runs.state.phase.name == "Propagating":
            seen.add(worker.link.pid)
            os.kill(worker.link.pid, signal.SIGKILL)
        presenter.tick()
    assert len(seen) == 3
    assert "was not finished: the inference process died 3 times" in presenter.state.message
    assert presenter.annotation.marks
    presenter.propagate()
    settle(presenter, check)


def test_two_presenters_share_the_process_and_each_finds_what_it_finds_alone(
    in_process, make_presenter, worker, volume, scene, node, begin, draw, check
):
    """Two on one volume, as panel and effect, and one on another volume, all at the same time."""
    from S2VNetSlicerLib.scene.volumes import volume_to_node

    others = [node, node, volume_to_node(volume, scene)]
    together = [in_process(other) for other in others]
    alone = make_presenter()
    assert alone.choose_volume(node.GetID())
    threads = {thread.name for thread in threading.enumerate()}
    for presenter in (*together, alone):
        assert presenter.choose_segmentation(None)
        presenter.runs.configure(live=False)
        presenter.add_class("femur")
        draw(presenter, 5, (18, 28), (22, 32))
        presenter.propagate()
    while not all(presenter.idle for presenter in together):
        for presenter in together:
            presenter.tick()
    alone.wait()
    new = {thread.name for thread in threading.enumerate()} - threads
    assert new <= {"S2VNet copies_0"}, "there is none that could touch the scene"
    for presenter in together:
        assert presenter.state.message == ""
        assert np.array_equal(presenter.annotation.labels, alone.annotation.labels)
        check(presenter)
