"""The command: what it says and how it ends. (Killed and interrupted: test_batch_processes.)"""

from __future__ import annotations

import logging

import pytest
import typer
from gated import Gated
from S2VNetSlicerLib.batch import run as run_module
from S2VNetSlicerLib.batch.lock import NAME as LOCK
from S2VNetSlicerLib.commands import batch as command
from S2VNetSlicerLib.errors import UserError
from small_files import write_seeds
from typer.testing import CliRunner


@pytest.fixture
def call(monkeypatch, volumes, output, weights):
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(command.batch)
    monkeypatch.setattr(command.console, "_width", 200)

    def invoke(*more: str):
        common = ["--weights", str(weights), "--device", "cpu", "--workers", "2"]
        arguments = [str(volumes), str(output), "--format", ".nii.gz", *common, *more]
        return CliRunner().invoke(app, arguments)

    return invoke


def test_real_cases_a_failure_and_a_second_run(call, volumes, output, caplog):
    caplog.set_level(logging.INFO)
    write_seeds(volumes / "a.seeds.nii.gz")
    (volumes / "b.nii.gz").write_bytes(b"no image")
    (volumes / "c.nii.gz").unlink()
    result = call()
    assert result.exit_code == 1
    assert "3 cases to do, 0 done before" in result.output
    assert "2 done (1 of them empty), 1 failed, 0 left" in result.output
    told = [message.split()[:3] for message in caplog.messages if message.startswith("batch")]
    assert sorted(told) == [["batch", "case", end] for end in ("done", "empty", "failed")]
    assert "d: The volume does not show the body part" in result.output
    assert "b.nii.gz is no NIfTI file, or its header is damaged" in result.output
    assert {p.name for p in output.iterdir()} == {
        "a.nii.gz",
        "a.report.json",
        "b.report.json",
        "d.nii.gz",
        "d.report.json",
        "summary.csv",
        LOCK,
    }
    (volumes / "b.nii.gz").unlink()
    result = call()
    assert result.exit_code == 0
    assert "0 cases to do, 2 done before" in result.output


def test_contradictions_and_unknown_classes(call, volumes, gates, monkeypatch):
    result = call("--auto", "--seeds", str(volumes))
    assert isinstance(result.exception, UserError)
    seen = []

    def choose(case, **how):
        seen.append(how)
        return Gated(gates)

    monkeypatch.setattr(run_module, "choose", choose)
    monkeypatch.setattr(run_module, "run", lambda plan, settings: (event for event in ()))
    assert call("--classes", " liver, spleen,").exit_code == 0
    assert seen[0]["automatic"].classes == ("liver", "spleen")
    assert (seen[0]["auto"], seen[0]["need_seeds"]) == (False, False)
    result = call("--classes", "liver,kidney")
    assert isinstance(result.exception, UserError)
    assert "There is no class kidney: the weights know liver, spleen" in str(result.exception)
    assert call("--seeds", str(volumes)).exit_code == 0
    assert seen[-1]["need_seeds"] is True
