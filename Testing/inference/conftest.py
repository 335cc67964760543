"""A worker with a process of its own, and how its answers are collected."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from S2VNetSlicerLib.inference.client import Client, Inline, Worker
from S2VNetSlicerLib.inference.process import Process

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="module")
def worker():
    """Shared: starting a process takes longest."""
    made = Worker(Process)
    yield made
    made.kill("the test is over")


@pytest.fixture(params=["process", "inline"])
def client(request) -> Client:
    """Of a server in a process, and of one in this process."""
    if request.param == "process":
        return Client(request.getfixturevalue("worker"))
    return Client(Worker(Inline, synchronous=True))


@pytest.fixture
def answers() -> Callable[..., list[Any]]:
    """All answers to the request of a client, or those up to ``last``."""

    def collect(client: Client, last: Any = None, seconds: float = 60) -> list[Any]:
        found: list[Any] = []
        end = time.monotonic() + seconds
        while client.busy and (last is None or last not in found):
            assert time.monotonic() < end, found
            found += client.drain()
            if not client.synchronous:
                time.sleep(0.001)
        return found

    return collect
