"""What may happen to a process: killed, stopped, out of memory, its application gone."""

from __future__ import annotations

import ctypes
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from odd_jobs import Abort, Add, Count, Die, Hog, Hold, Stream
from S2VNetSlicerLib.errors import UserError
from S2VNetSlicerLib.inference import process
from S2VNetSlicerLib.inference.client import PATIENCE, Client, Worker
from S2VNetSlicerLib.inference.messages import Failed, Load
from S2VNetSlicerLib.inference.process import Process, interpreter

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")


def alive(pid: int) -> bool:
    """Whether the process runs; one that nobody has waited for does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait(condition, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_request_whose_process_is_killed_is_done_by_another(worker, answers, tmp_path):
    client = Client(worker)
    client.start(Die(tmp_path, 1))
    assert answers(client) == ["begun after 0", "begun after 1", "done"]


def test_a_process_that_dies_idle_is_replaced(worker, answers):
    client = Client(worker)
    client.start(Count(1))
    answers(client)
    os.kill(worker.link.pid, signal.SIGKILL)
    wait(lambda: not alive(worker.link.pid))
    client.start(Count(3))
    assert answers(client) == [0, 1, 2]


def test_who_kills_every_process_is_told_how_it_ended(worker, answers, tmp_path):
    first, second = Client(worker), Client(worker)
    first.start(Die(tmp_path, 9))
    second.start(Count(3))
    failed = answers(first)[-1]
    assert isinstance(failed, Failed)
    assert "3 times" in str(failed.error)
    assert re.search(r"SIGKILL, (perhaps )?for want of memory", str(failed.error))
    assert answers(second) == [0, 1, 2], "it is not to blame"
    first.start(Abort("the driver is broken"))
    failed = answers(first)[-1]
    assert "exit code 3: the driver is broken" in str(failed.error)
    first.start(Count(1))
    assert answers(first) == [0]


@pytest.mark.parametrize("how", ["stopped", "busy"])
def test_cancel_kills_what_does_not_stop(worker, answers, how):
    client, other = Client(worker), Client(worker)
    client.start(Count(10**9) if how == "stopped" else Hold())
    while not client.drain():
        pass
    other.start(Count(2))
    pid = worker.link.pid
    if how == "stopped":
        os.kill(pid, signal.SIGSTOP)
    client.cancel()
    assert not [item for item in answers(client) if isinstance(item, Failed)]
    wait(lambda: not alive(pid))
    assert answers(other) == [0, 1]
    client.start(Count(2))
    assert answers(client) == [0, 1]


def test_cancel_kills_nothing_that_nobody_listened_to(worker):
    """The front end drew for longer than it waits, and what waits is more than a socket holds."""
    client = Client(worker)
    client.start(Stream(2**18))
    while not client.drain():
        pass
    pid = worker.link.pid
    time.sleep(0.2)
    client.cancel()
    time.sleep(PATIENCE + 0.2)
    found = []
    while client.busy:
        found += client.drain()
    assert str(found[-1]) == "stopped"
    assert worker.link.pid == pid


def test_want_of_memory_is_told_and_costs_nothing(worker, answers):
    client = Client(worker)
    client.start(Count(1))
    answers(client)
    pid = worker.link.pid
    client.start(Hog())
    (failed,) = answers(client)
    assert isinstance(failed.error, MemoryError)
    client.start(Count(1))
    assert answers(client) == [0]
    assert worker.link.pid == pid


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("raise ImportError('libcudart.so.12: cannot open')", "libcudart.so.12: cannot open"),
        ("import os, sys; print('bad build', file=sys.stderr, flush=True); os.abort()", "SIGABRT"),
    ],
)
def test_a_broken_torch_is_told(worker, answers, tmp_path, monkeypatch, text, cause):
    worker.kill("another one is to start")
    (tmp_path / "torch.py").write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    client = Client(worker)
    client.start(Load(None))
    failed = answers(client)[-1]
    worker.kill("another one is to start")
    assert isinstance(failed, Failed)
    assert cause in str(failed.error)


@pytest.mark.parametrize("stopped", [False, True])
def test_nothing_is_left_when_the_application_is_killed(stopped, tmp_path):
    """Neither the process, even a stopped one, nor memory that it shared."""
    program = f"""
import sys, time
sys.path.insert(0, {str(Path(__file__).parent)!r})
import numpy as np
from odd_jobs import Add, Hold
from S2VNetSlicerLib.inference.blocks import shared
from S2VNetSlicerLib.inference.client import connect
client = connect()
client.start(Add(shared(np.zeros(10**6))))
while client.busy:
    client.drain()
client.start(Hold())
while True:
    for pid in client.drain():
        print(pid, flush=True)
    time.sleep(0.01)
"""
    before = set(os.listdir("/dev/shm"))
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as parent:
        pid = int(parent.stdout.readline())
        assert alive(pid)
        if stopped:
            os.kill(pid, signal.SIGSTOP)
        parent.kill()
    wait(lambda: not alive(pid))
    assert set(os.listdir("/dev/shm")) <= before


def test_memory_that_is_shared_goes_with_its_last_user(worker, answers):
    def blocks(pid):
        return Path(f"/proc/{pid}/maps").read_text().count("memfd:s2vnet")

    client = Client(worker)
    before = blocks(os.getpid())
    for _ in range(3):
        client.start(Add(np.zeros(10**6)))
        assert answers(client)
    client.start(Count(1))
    answers(client)
    assert blocks(os.getpid()) == before
    assert blocks(worker.link.pid) <= 1, "at most the last one"


def test_a_main_thread_that_keeps_the_lock_starves_threads_and_not_the_process(worker):
    """As 3D Slicer's does while its event loop waits: only the tick runs Python."""
    wait_with_the_lock = ctypes.PyDLL(None).usleep
    client, steps = Client(worker), []
    go_on = threading.Event()

    def compute():
        for n in Count(10**9, waits=50).run(go_on.is_set):
            steps.append(n)

    thread = threading.Thread(target=compute, daemon=True)
    client.start(Count(100, waits=50))
    thread.start()
    end, found = time.monotonic() + 60, []
    while client.busy and time.monotonic() < end:
        wait_with_the_lock(30000)
        found += client.drain()
    in_thread = len(steps)
    go_on.set()
    thread.join(60)
    assert found == list(range(100))
    assert in_thread < 50


def test_the_user_draws_and_looks_with_one_core_more(worker, answers):
    import torch
    from S2VNetSlicerLib.inference.__main__ import Threads

    before = torch.get_num_threads()
    torch.set_num_threads(4)
    try:
        threads, seen = Threads(), []
        for drawing, shown in (
            (False, False),
            (True, False),
            (True, True),
            (False, True),
            (False, False),
        ):
            threads.drawing = drawing
            threads.apply(shown)
            seen.append(torch.get_num_threads())
    finally:
        torch.set_num_threads(before)
    assert seen == [4, 3, 3, 3, 4]


def test_it_gives_way_to_the_application(worker, answers):
    client = Client(worker)
    client.start(Count(1))
    answers(client)
    assert os.getpriority(os.PRIO_PROCESS, worker.link.pid) > os.getpriority(os.PRIO_PROCESS, 0)


@pytest.fixture
def slicer_folder(tmp_path, monkeypatch):
    """A folder as that of 3D Slicer's executables, of which none is Python's own."""
    monkeypatch.setattr(sys, "exec_prefix", str(tmp_path / "lib" / "Python"))
    monkeypatch.delenv(process.PYTHON, raising=False)
    monkeypatch.setenv("PATH", "")
    (tmp_path / "bin").mkdir()

    def put(*names):
        for name in names:
            (tmp_path / "bin" / name).write_text("#!/bin/sh\n")
            (tmp_path / "bin" / name).chmod(0o755)
        return tmp_path / "bin"

    return put


def test_the_interpreter_of_slicer_is_found(slicer_folder, monkeypatch):
    folder = slicer_folder("SlicerApp-real", "PythonSlicer")
    monkeypatch.setattr(sys, "executable", str(folder / "SlicerApp-real"))
    assert interpreter() == str(folder / "PythonSlicer")
    monkeypatch.setattr(sys, "executable", str(folder / "PythonSlicer"))
    assert interpreter() == str(folder / "PythonSlicer")
    slicer_folder("python-real")
    for executable in ("PythonSlicer", "SlicerApp-real"):
        monkeypatch.setattr(sys, "executable", str(folder / executable))
        assert interpreter() == str(folder / "python-real"), "no launcher in between"
    monkeypatch.setattr(sys, "executable", "")
    monkeypatch.setenv("PATH", str(folder))
    assert interpreter() == str(folder / "python-real")
    monkeypatch.setenv(process.PYTHON, "/another/python")
    assert interpreter() == "/another/python"


def test_no_interpreter_is_one_sentence(slicer_folder, monkeypatch):
    folder = slicer_folder("SlicerApp-real")
    monkeypatch.setattr(sys, "executable", str(folder / "SlicerApp-real"))
    with pytest.raises(UserError, match="no Python was found"):
        Client(Worker(Process)).start(Count(1))
    monkeypatch.setenv(process.PYTHON, str(folder / "gone"))
    with pytest.raises(UserError, match="No such file"):
        Client(Worker(Process)).start(Count(1))


def test_nothing_of_the_application_is_imported(worker):
    program = (
        "import sys, S2VNetSlicerLib.inference.__main__ as m\n"
        "bad = {'slicer', 'qt', 'ctk', 'vtk', 'vtkmodules', 'torch', 'trame'} & set(sys.modules)\n"
        "print(sorted(bad))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
