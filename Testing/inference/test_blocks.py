"""Large arrays between processes, filled in the background."""

from __future__ import annotations

import errno
import socket
import threading

import numpy as np
import pytest
from odd_jobs import Add
from S2VNetSlicerLib.inference import blocks
from S2VNetSlicerLib.inference.channel import Channel
from S2VNetSlicerLib.inference.client import Client
from S2VNetSlicerLib.inference.messages import Failed


@pytest.fixture
def array():
    return np.arange(2 * blocks.LEAST, dtype=np.int16).reshape(4, -1)


def test_a_message_goes_when_its_array_is_complete(array, monkeypatch):
    may_fill, fill = threading.Event(), blocks.Block._fill

    def held(block, parts):
        assert may_fill.wait(60)
        fill(block, parts)

    monkeypatch.setattr(blocks.Block, "_fill", held)
    here, there = map(Channel, socket.socketpair())
    copy = blocks.shared(array, later=True)
    here.send(copy, share=True)
    here.send("behind it")
    assert there.receive() == []
    may_fill.set()
    blocks.wait_for(copy)
    assert np.array_equal(copy, array)
    here.flush()
    arrived, behind = there.receive()
    assert np.array_equal(arrived, array)
    assert behind == "behind it"
    here.close()
    there.close()


def test_no_room_is_told_as_the_cause(array, worker, answers, monkeypatch):
    def full(fd, data, start):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(blocks.os, "pwrite", full)
        copy = blocks.shared(array, later=True)
        with pytest.raises(OSError, match="No space left"):
            blocks.wait_for(copy)
    client = Client(worker)
    client.start(Add(copy))
    (told,) = answers(client)
    assert isinstance(told, Failed)
    assert "No space left on device" in str(told.error)
