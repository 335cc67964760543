"""The command s2vnet serve: what it opens, where it listens, what it says when it cannot."""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from driving import serving, write_series
from S2VNetSlicerLib.browser.server import Application

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def served(call, weights, tmp_path, monkeypatch):
    """Runs s2vnet serve up to where it would wait for browsers: what came of it, and the rest."""
    made = []
    monkeypatch.setattr(Application, "run", lambda self: made.append(self))

    def run(*words):
        result = call("serve", *words, "--state", tmp_path / "state", "--weights", weights)
        return (made[-1] if made else None), *result

    yield run
    for application in made:
        application.close()


def test_a_dicom_folder_is_opened(served, volume, tmp_path):
    write_series(tmp_path / "series", volume.array[:5])
    application, code, _, told = served(tmp_path / "series")
    assert code == 0, told
    assert np.array_equal(application.presenter.workspace.volume.array, volume.array[:5])
    assert application.presenter.state.modality == "CT"


def test_without_options_only_this_machine_is_listened_to(served):
    application, code, _, _ = served()
    assert code == 0
    assert application.settings.host == "127.0.0.1"
    assert application.settings.token is None


def test_the_socket_is_bound_to_the_host(in_application):
    async def test(application):
        bound = []
        application.server.controller.on_server_bind.add(bound.append)
        async with await serving(application):
            return [host for host, _ in bound[0].runner.addresses]

    assert in_application(test) == ["127.0.0.1"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--host", "0.0.0.0"], "--token"),
        (["--resume"], "start without --resume"),
        (["a.nii.gz", "--resume"], "leave out IMAGE or --resume"),
        (["--multi", "--resume"], "leave out --resume"),
        (["nowhere.nii.gz"], "nowhere.nii.gz"),
    ],
)
def test_what_cannot_be_served_is_one_sentence(served, words, told):
    application, code, _, said = served(*words)
    assert application is None
    assert code != 0
    assert told in said.replace("\n", " ")
    assert "Traceback" not in said


def test_without_opengl_one_sentence_says_what_to_install(served, monkeypatch):
    def missing(library, *_):
        raise OSError(f"{library}: cannot open shared object file")

    monkeypatch.setattr(ctypes, "CDLL", missing)
    application, code, _, said = served()
    assert application is None
    assert code != 0
    assert "apt install libegl1" in said.replace("\n", " ")
    assert len(re.findall(r"\.(?:\s|$)", said.strip())) == 1, said


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
@pytest.mark.parametrize("given", [[], ["IMAGE=knee joint.nii.gz"]])
def test_make_run_serves(given):
    said = subprocess.run(
        ["make", "--no-print-directory", "--dry-run", "run", "OUTPUT=nowhere", *given],
        cwd=ROOT, capture_output=True, text=True, check=True,
        env={**os.environ, "MAKEFLAGS": ""},
    )  # fmt: skip
    last = said.stdout.strip().splitlines()[-1]
    assert last.split("/bin/")[-1].strip() == " ".join(
        ["s2vnet serve", *(f'"{words.partition("=")[2]}"' for words in given)]
    )
