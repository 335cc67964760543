"""Small volumes, weights and jobs for the batch; worker processes find ``gated`` on their path."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from S2VNetSlicerLib.batch.jobs import Job
from S2VNetSlicerLib.batch.report import weights_digest
from S2VNetSlicerLib.batch.run import Plan, Settings, prepare

HERE = str(Path(__file__).parent)
sys.path.insert(0, HERE)  # worker processes take it over

from gated import Gated  # noqa: E402
from small_files import write_volume  # noqa: E402


@pytest.fixture
def weights(tmp_path, save_network) -> Path:
    path = tmp_path / "weights" / "tiny.safetensors"
    path.parent.mkdir()
    # An untrained network is sure of nothing.
    card = {"name": "tiny", "commit": "abc", "recogniser": {"least_confidence": 1.0}}
    return save_network(path, card, classes=("liver", "spleen"))


@pytest.fixture
def volumes(tmp_path) -> Path:
    """A folder with a, b, c and d."""
    for n, name in enumerate("abcd"):
        write_volume(tmp_path / "volumes" / f"{name}.nii.gz", n)
    return tmp_path / "volumes"


@pytest.fixture
def output(tmp_path) -> Path:
    return tmp_path / "results"


@pytest.fixture
def settings(weights) -> Settings:
    return Settings(device="cpu", suffix=".nii.gz", weights=weights, workers=2)


@pytest.fixture
def gates(tmp_path, monkeypatch) -> Path:
    """The folder of the gates; processes started here can import ``gated``."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([HERE, os.environ.get("PYTHONPATH", "")]))
    folder = tmp_path / "gates"
    folder.mkdir()
    return folder


@pytest.fixture
def gated_plan(volumes, output, settings, gates) -> Callable[..., Plan]:
    """The plan for ``volumes`` with the strategy ``Gated``."""

    def make(**held: Any) -> Plan:
        plan = prepare(volumes, output, settings)
        plan.jobs = [replace(job, how=Gated(gates, **held)) for job in plan.jobs]
        return plan

    return make


@pytest.fixture
def make_job(output, weights) -> Callable[..., Job]:
    """A job for a case."""

    def make(case: Any, how: Any, suffix: str = ".nii.gz", **more: Any) -> Job:
        output.mkdir(exist_ok=True)
        return Job(
            case, how, output, suffix, weights, weights_digest(weights), device="cpu", **more
        )

    return make
