"""Requests and answers, in the process and without one: in order, one at a time, failures told."""

from __future__ import annotations

import logging

import numpy as np
import pytest
from odd_jobs import Add, Count, Raise
from S2VNetSlicerLib.errors import UserError
from S2VNetSlicerLib.inference.blocks import shared
from S2VNetSlicerLib.inference.client import Client
from S2VNetSlicerLib.inference.messages import Failed
from S2VNetSlicerLib.inference.server import portable


def test_answers_arrive_in_order_and_the_request_ends(client, answers):
    client.start(Count(200))
    assert client.busy
    assert answers(client) == list(range(200))
    assert not client.busy
    assert client.drain() == []
    client.start(Count(2))
    with pytest.raises(RuntimeError):
        client.start(Count(2))
    assert answers(client) == [0, 1]


def test_the_end_is_known_before_everything_is_drained(client, answers):
    assert not client.poll()
    client.start(Count(40))
    while not client.poll():
        pass
    assert client.busy
    assert answers(client) == list(range(40))
    assert not client.poll()


def test_a_failure_is_the_last_answer_and_is_logged(client, answers, caplog):
    with caplog.at_level(logging.INFO):
        client.start(Raise(ZeroDivisionError("broken")))
        first, last = answers(client)
    assert first == "begun"
    assert isinstance(last, Failed)
    assert isinstance(last.error, ZeroDivisionError)
    assert str(last.error) == "broken"
    assert "odd_jobs.py" in caplog.text, "where it arose"
    client.start(Raise(UserError("The disk is full: free some.")))
    assert str(answers(client)[-1].error) == "The disk is full: free some."


def test_stop_lets_a_request_end_itself(client, answers):
    client.start(Count(10**9))
    answers(client, last=0)
    client.stop()
    assert answers(client)[-1] == "stopped"


def test_what_is_abandoned_says_no_more(client, answers):
    client.start(Count(10**9))
    answers(client, last=0)
    client.discard()
    assert not client.busy
    client.start(Count(3))
    assert answers(client) == [0, 1, 2]
    client.start(Raise(ValueError("it must not run")))
    client.discard()  # perhaps before it began
    client.start(Count(1))
    assert answers(client) == [0]


def test_what_was_told_to_stop_before_it_began_is_begun_all_the_same(client, answers):
    """The session of a task that was handed in holds what the task told it."""
    client.start(Count(10**9))
    client.stop()
    found = answers(client)
    assert (found[0], found[-1]) == (0, "stopped")


def test_clients_take_turns(worker, answers):
    clients = [Client(worker) for _ in range(3)]
    for n, each in enumerate(clients):
        each.start(Count(10 + n))
    for n, each in enumerate(reversed(clients)):
        assert answers(each) == list(range(12 - n))


@pytest.mark.parametrize("size", [3, 10**6])
def test_arrays_go_to_the_process_and_are_nobody_elses(client, answers, size):
    """However large; with what is shared already, nothing is copied."""
    own, once = np.arange(size), shared(np.arange(size, dtype=np.int16))
    for array in (own, once, once):
        client.start(Add(array.copy() if client.synchronous else array))
        found = answers(client)[0]
        assert found.dtype == array.dtype
        assert np.array_equal(found, array + 1)
        assert array[0] == 0


def test_an_interrupt_is_no_failure_of_the_request():
    from S2VNetSlicerLib.inference.client import connect

    class Interrupted:
        def run(self, stopped):
            raise KeyboardInterrupt
            yield

    client = connect(synchronous=True)
    client.start(Interrupted())
    with pytest.raises(KeyboardInterrupt):
        client.drain()


def test_errors_of_libraries_become_some_that_every_process_can_read():
    import torch

    assert str(portable(torch.cuda.OutOfMemoryError("CUDA out of memory"))) == "CUDA out of memory"
    assert type(portable(torch.cuda.OutOfMemoryError(""))) is RuntimeError
    with pytest.raises(MemoryError) as caught:
        np.zeros(2**50)
    assert type(portable(caught.value)) is MemoryError
    assert "allocate" in str(portable(caught.value))
    error = OSError(28, "No space left on device")
    assert portable(error) is error
