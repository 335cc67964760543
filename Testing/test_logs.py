"""The log: a file that exists, one line a run, and a report without patients."""

from __future__ import annotations

import json
import logging
import zipfile
from pathlib import Path

import pytest
from S2VNetSlicerLib import cli, logs
from S2VNetSlicerLib.errors import UserError

PATIENT = "Mustermann"


@pytest.fixture
def state(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


def test_a_failure_is_told_in_a_sentence_and_kept_with_its_traceback(call, state, tmp_path):
    code, _, err = call("segment", tmp_path / "none.nii", "--seeds", "x", "--output", "y.nrrd")
    assert code == 2
    assert "Traceback" not in err
    text = logs.log_file().read_text()
    assert state in logs.log_file().parents
    assert "none.nii" in text
    assert text.count("Traceback (most recent call last)") == 1


def test_a_fault_of_the_program_names_its_cause_and_a_log_that_has_it(call, state, monkeypatch):
    def broken(*_):
        raise IndexError("no such slice")

    monkeypatch.setattr("S2VNetSlicerLib.library.store.look", broken)
    code, _, err = call("library", "list")
    assert code == 1
    assert "IndexError: no such slice" in err
    assert str(logs.log_file()) in err.replace("\n", "")
    assert "Traceback" not in err
    assert logs.log_file().read_text().count("Traceback (most recent call last)") == 1


def test_every_command_takes_level_and_file(call, tmp_path, state):
    code, _, _ = call("library", "list", "--log-level", "debug", "--log-file", tmp_path / "my.log")
    assert code == 0
    assert (tmp_path / "my.log").is_file()
    assert not state.exists()
    code, _, err = call("library", "list", "--log-level", "loud")
    assert code == 2
    assert "debug, info, warning, error" in err


def test_a_log_that_cannot_be_written_stops_only_who_asked_for_it(call, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    code, _, err = call("library", "list", "--log-file", tmp_path / "file" / "my.log")
    assert code == 2
    assert "my.log cannot be written: " in err
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    assert call("library", "list")[0] == 0


def test_the_file_is_kept_small(state, monkeypatch):
    monkeypatch.setattr(logs, "_BYTES", 1000)
    logs.configure()
    for n in range(200):
        logs.run("segment", number=n)
    files = sorted(path.name for path in logs.log_file().parent.iterdir())
    assert files == ["s2vnet.log", *(f"s2vnet.log.{n}" for n in range(1, 6))]
    assert logs.tail(1).endswith('"number": 199}')


def test_a_report_holds_the_log_and_no_names(call, tmp_path, state):
    logs.configure()
    logs.run("segment", shape=[3, 4, 5], seconds=1.5)
    logs.told(UserError(f"{tmp_path}/{PATIENT} Max.nii.gz cannot be read: {PATIENT} Max"))
    try:
        raise ValueError(f"bad header in /data/{PATIENT}/ct.nii")
    except ValueError:
        logging.getLogger(cli.__name__).exception("Reading %s.nrrd failed", PATIENT)
    assert PATIENT in logs.log_file().read_text()
    code, _, err = call("info", "--report", tmp_path / "report.zip")
    assert code == 0, err
    with zipfile.ZipFile(tmp_path / "report.zip") as archive:
        found = {name: archive.read(name).decode() for name in archive.namelist()}
    assert set(found) == {"info.json", "s2vnet.log"}
    assert PATIENT not in "".join(found.values())
    assert str(tmp_path) not in "".join(found.values())
    log = found["s2vnet.log"]
    assert '"shape": [3, 4, 5]' in log
    assert "ValueError: bad header in <file>" in log
    assert "in test_a_report_holds_the_log_and_no_names" in log
    facts = json.loads(found["info.json"])
    assert facts["s2vnet-slicer"] == logs.software_version()
    assert "growth" in facts["settings"]


def test_the_version(call):
    assert call("--version")[:2] == (0, f"s2vnet {logs.software_version()}\n")
