"""Processes and machines may die; the batch does not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from gated import OPEN, attempts, wait_for
from S2VNetSlicerLib import errors
from S2VNetSlicerLib.batch import cluster, workers
from S2VNetSlicerLib.batch.lock import NAME as LOCK
from S2VNetSlicerLib.batch.lock import locked
from S2VNetSlicerLib.batch.queue import ReviewQueue
from S2VNetSlicerLib.batch.report import read_reports
from S2VNetSlicerLib.batch.run import Settings, run
from S2VNetSlicerLib.errors import UserError

BATCH = """
import signal
import sys
from pathlib import Path
import typer
from gated import Gated
from S2VNetSlicerLib.batch import run
from S2VNetSlicerLib.commands.batch import batch

# A shell that starts the tests in the background may have it ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
gates = Path(sys.argv.pop(1))
run.choose = lambda case, **_: Gated(gates, hold=("b", "c", "d"))
if __name__ == "__main__":
    app = typer.Typer()
    app.command()(batch)
    app()
"""


def alive(pid: int) -> bool:
    """Whether the process is there and no zombie that nobody buried yet."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return not Path("/proc/self").exists()


@pytest.fixture
def killed_or_not(tmp_path, gates, volumes, output, weights):
    """Starts the command in a process of its own, with cases b, c and d held."""
    script = tmp_path / "run_batch.py"
    script.write_text(BATCH)
    arguments = [sys.executable, str(script), str(gates), str(volumes), str(output)]
    arguments += ["--weights", str(weights), "--device", "cpu", "--workers", "1"]
    started = []

    def start() -> subprocess.Popen[str]:
        started.append(
            subprocess.Popen(
                [*arguments, "--format", ".nii.gz"],
                stderr=subprocess.PIPE,
                encoding="utf-8",  # Slicer changes the locale
                start_new_session=True,
            )
        )
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stderr.close()


def one_done_one_held(gates, output) -> int:
    """Waits until a is done and another case runs; the process of that one."""
    wait_for((output / "a.report.json").is_file)
    return wait_for(lambda: [p for case in "bcd" for p in attempts(gates, case)])[0]


def test_a_run_has_its_folder_alone_and_after_kill_9_another_does_only_what_is_missing(
    killed_or_not, gates, output
):
    process = killed_or_not()
    worker = one_done_one_held(gates, output)
    before = (output / "a.nii.gz").stat().st_mtime_ns
    queue = ReviewQueue.load(output)
    with pytest.raises(UserError, match="Another batch or review is writing into"):
        queue.mark(queue.rows[0], "completed")
    other = killed_or_not()
    _, err = other.communicate()
    assert other.returncode == 1, err
    assert "Another batch or review is writing into" in err.replace("\n", " ")

    process.send_signal(signal.SIGKILL)
    process.wait()
    wait_for(lambda: not alive(worker))  # nobody is left behind who would still write
    assert {p.name for p in output.iterdir()} == {"a.nii.gz", "a.report.json", LOCK}
    assert queue.mark(queue.rows[0], "completed").review == "completed"
    with locked(output), locked(output):
        pass

    (gates / OPEN).touch()
    process = killed_or_not()
    _, err = process.communicate()
    assert process.returncode == 0, err
    assert "3 cases to do, 1 done before" in err
    assert (output / "a.nii.gz").stat().st_mtime_ns == before
    assert len(attempts(gates, "a")) == 1
    reports, problems = read_reports(output)
    assert [(r.name, r.status) for r in reports] == [(n, "done") for n in "abcd"]
    assert problems == []
    assert (output / "summary.csv").read_text().count("\n") == 5


def test_interrupted_keeps_what_is_finished(killed_or_not, gates, output):
    process = killed_or_not()
    worker = one_done_one_held(gates, output)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert "Interrupted" in err
    assert "Traceback" not in err
    wait_for(lambda: not alive(worker))
    assert {p.name for p in output.iterdir()} == {"a.nii.gz", "a.report.json", "summary.csv", LOCK}


def test_a_killed_process_is_replaced_and_its_case_done_again(gated_plan, gates, settings):
    plan = gated_plan(hold=("b",))
    reports = {}
    for job, report in run(plan, settings):
        if report is not None:
            reports[job.case.name] = report
        elif job.case.name == "b" and not (gates / OPEN).exists():
            os.kill(wait_for(lambda: attempts(gates, "b"))[0], signal.SIGKILL)
            (gates / OPEN).touch()
    assert {name: r.status for name, r in reports.items()} == dict.fromkeys("abcd", "done")
    assert len(attempts(gates, "b")) == 2


@pytest.mark.parametrize("oom", [False, True])
def test_how_a_process_was_killed_is_told_as_far_as_it_is_known(
    gated_plan, gates, settings, monkeypatch, tmp_path, oom
):
    counter = tmp_path / "memory.events"
    counter.write_text("oom 0\noom_kill 3\n")
    monkeypatch.setattr(errors, "_OOM_KILLS", (counter, tmp_path / "nowhere"))
    monkeypatch.setattr(workers, "ATTEMPTS", 1)
    plan = gated_plan(hold=("a",))
    plan.jobs = plan.jobs[:1]
    for _, report in run(plan, settings):
        if report is None:
            counter.write_text(f"oom 0\noom_kill {3 + oom}\n")
            os.kill(wait_for(lambda: attempts(gates, "a"))[0], signal.SIGKILL)
    assert "ended by the signal SIGKILL" in report.error
    assert ("want of memory" in report.error) == oom


def test_a_case_that_ends_every_process_fails_alone(
    gated_plan, gates, settings, output, monkeypatch
):
    monkeypatch.setattr(workers, "ATTEMPTS", 2)
    plan = gated_plan(deadly=("c",))
    one = replace(settings, workers=1)
    reports = {job.case.name: report for job, report in run(plan, one) if report}
    assert [reports[name].status for name in "abcd"] == ["done", "done", "failed", "done"]
    assert reports["c"].error.endswith("c.nii.gz ended its process 2 times: exit code 9.")
    assert len(attempts(gates, "c")) == 2
    assert {r.name: r.status for r in read_reports(output)[0]}["c"] == "failed"


# ---- Dask ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def dask_cluster(tmp_path_factory):
    """Two worker processes of one thread each."""
    pytest.importorskip("distributed", reason="dask and distributed are not installed")
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        dashboard_address=":0",
        local_directory=str(tmp_path_factory.mktemp("dask")),
        silence_logs=50,
    ) as made:
        yield made


def test_dask_workers_do_all_cases_though_one_is_killed(
    dask_cluster, gated_plan, gates, settings, output
):
    plan = gated_plan(hold=("a", "b"))
    reports, begun = {}, []
    for job, report in run(plan, Settings(scheduler=dask_cluster.scheduler_address)):
        if report is not None:
            reports[job.case.name] = report
            continue
        begun.append(job.case.name)
        if begun == ["a", "b"]:  # both workers are at work
            first = wait_for(lambda: attempts(gates, "a"))[0]
            second = wait_for(lambda: attempts(gates, "b"))[0]
            assert first != second
            os.kill(first, signal.SIGKILL)
            wait_for(lambda pid=first: not alive(pid))
            (gates / OPEN).touch()
    assert {name: r.status for name, r in reports.items()} == dict.fromkeys("abcd", "done")
    assert len(attempts(gates, "a")) == 2
    assert len(attempts(gates, "b")) == 1
    assert all((output / f"{name}.nii.gz").is_file() for name in "abcd")


def test_dask_names_what_fails(dask_cluster, gated_plan, output, volumes, monkeypatch):
    monkeypatch.setattr(cluster, "ATTEMPTS", 2)
    (volumes / "b.nii.gz").write_bytes(b"no image")
    plan = gated_plan(deadly=("d",))
    events = run(plan, Settings(scheduler=dask_cluster.scheduler_address))
    reports = {job.case.name: report for job, report in events if report}
    assert [reports[name].status for name in "abcd"] == ["done", "failed", "done", "failed"]
    assert "b.nii.gz is no NIfTI file, or its header is damaged" in reports["b"].error
    assert "ended its process 2 times" in reports["d"].error
    assert {r.name: r.error for r in read_reports(output)[0]}["d"] == reports["d"].error


def test_a_scheduler_without_workers_or_without_life(gated_plan, monkeypatch):
    distributed = pytest.importorskip("distributed", reason="distributed is not installed")
    monkeypatch.setattr(cluster, "PATIENCE", 0.1)
    jobs = gated_plan().jobs
    with pytest.raises(UserError, match="cannot be reached"):
        list(cluster.run_on("tcp://127.0.0.1:1", jobs))
    with distributed.LocalCluster(
        n_workers=0, processes=False, dashboard_address=":0", silence_logs=50
    ) as empty:
        monkeypatch.setattr(cluster, "PATIENCE", 2)
        with pytest.raises(UserError, match="has no workers: start some with dask worker"):
            list(cluster.run_on(empty.scheduler_address, jobs))


def test_a_lost_scheduler(gated_plan, gates, tmp_path):
    """Whatever it was doing: one sentence, and what is finished stays."""
    dask = pytest.importorskip("dask", reason="dask is not installed")
    pytest.importorskip("distributed", reason="distributed is not installed")
    place = tmp_path / "scheduler.json"
    server = subprocess.Popen([sys.executable, "-c", SERVER, str(place)], start_new_session=True)
    try:
        address = wait_for(lambda: place.exists() and place.read_text())
        events = cluster.run_on(address, gated_plan(hold=tuple("abcd")).jobs)
        assert next(events)[1] is None
        worker = wait_for(lambda: attempts(gates, "a"))[0]
        server.kill()
        server.wait()
        quick = dask.config.set({"distributed.comm.timeouts.connect": "1s"})  # to give up
        with quick, pytest.raises(UserError, match=r"was lost: .+\. Start it, and run the same"):
            list(events)
    finally:
        server.kill()
        server.wait()
    (gates / OPEN).touch()
    wait_for(lambda: not alive(worker))


SERVER = """
import sys, time
from pathlib import Path
from distributed import LocalCluster
if __name__ == "__main__":
    made = LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=":0", silence_logs=50)
    place = Path(sys.argv[1])
    place.with_suffix(".new").write_text(made.scheduler_address)
    place.with_suffix(".new").replace(place)
    time.sleep(600)
"""
