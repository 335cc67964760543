"""What a failure tells: what could not be done, the cause as the system said it, what helps."""

from __future__ import annotations

import errno
import logging
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
import torch
from S2VNetSlicerLib.errors import (
    Faults,
    UserError,
    cause_of,
    how_it_ended,
    out_of_memory,
    remedy_for,
)


def told(error: BaseException) -> str:
    return str(UserError("result.nrrd cannot be written", cause=error))


@pytest.mark.parametrize(
    ("code", "word"),
    [(errno.ENOSPC, "disk space"), (errno.EDQUOT, "disk space"), (errno.EACCES, "permissions")],
)
def test_a_known_cause_brings_its_remedy(code, word):
    text = told(OSError(code, os.strerror(code)))
    assert text.startswith(f"result.nrrd cannot be written: {os.strerror(code)}. ")
    assert word in text


@pytest.mark.parametrize("code", [errno.EIO, errno.ENOTDIR, errno.ESTALE])
def test_where_nothing_is_known_to_help_nothing_is_advised(code):
    assert told(OSError(code, "dying disk")) == "result.nrrd cannot be written: dying disk."


def test_a_remedy_of_the_caller_goes_before_the_general_one():
    text = str(UserError("x", cause=OSError(errno.ENOSPC, "full"), remedy="Mount a larger disk."))
    assert text == "x: full. Mount a larger disk."


def test_itk_speaks_without_addresses(tmp_path):
    (tmp_path / "damaged.nrrd").write_bytes(b"NRRD0004\n")
    with pytest.raises(RuntimeError) as caught:
        sitk.ReadImage(str(tmp_path / "damaged.nrrd"))
    text = cause_of(caught.value)
    assert "damaged.nrrd" in text
    assert "0x" not in text
    assert "\n" not in text


def test_itk_without_memory_speaks_without_source_lines():
    text = (
        "Exception thrown in SimpleITK ImageFileReader_Execute: /tmp/itkImportImageContainer.hxx:9:"
        "\nFailed to allocate memory for image."
    )
    assert cause_of(RuntimeError(text)) == "Failed to allocate memory for image."


def test_want_of_memory_is_recognised_whoever_reports_it():
    with pytest.raises(RuntimeError) as torch_error:
        torch.empty(2**60, dtype=torch.uint8)
    with pytest.raises(MemoryError) as numpy_error:
        np.empty(2**60, np.uint8)
    cuda = torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
    for error in (torch_error.value, numpy_error.value, cuda, OSError(errno.ENOMEM, "no memory")):
        assert out_of_memory(error)
        assert "memory" in (remedy_for(error) or "")
    assert "1152921504606846976 bytes" in told(torch_error.value)
    assert not out_of_memory(RuntimeError("size mismatch"))
    assert not out_of_memory(ValueError("out of memory"))


def test_the_kind_of_an_error_is_told_where_its_text_alone_says_nothing():
    assert cause_of(KeyError("format")) == "KeyError: 'format'"
    assert cause_of(EOFError()) == "EOFError"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such pipes")
def test_a_reader_that_goes_away_does_not_end_the_work(tmp_path: Path) -> None:
    script = f"""
import sys
from pathlib import Path
from S2VNetSlicerLib.commands.options import console
sys.stdin.read()
for n in range(3):
    console.print("a line", n)
Path({str(tmp_path / "result")!r}).write_text("whole")
"""
    words = [sys.executable, "-c", script]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        assert run.stderr is not None
        run.stderr.close()
    assert run.returncode == 0
    assert (tmp_path / "result").read_text() == "whole"


def test_a_fault_that_comes_again_and_again_is_logged_once(caplog):
    faults = Faults(logging.getLogger("S2VNetSlicerLib.test"))
    full = OSError(errno.ENOSPC, "No space left on device")
    assert faults.met("Saving", full)
    assert not faults.met("Saving", full)
    assert faults.met("Reading", full)
    assert faults.met("Saving", OSError(errno.EIO, "Input/output error"))
    assert faults.over("Saving")
    assert not faults.over("Saving")
    assert faults.met("Saving", full)
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == [
        "Saving failed: No space left on device",
        "Reading failed: No space left on device",
        "Saving failed: Input/output error",
        "Saving failed: No space left on device",
    ]


@pytest.mark.parametrize(
    ("code", "told"),
    [(0, "exit code 0"), (3, "exit code 3"), (-9, "ended by the signal SIGKILL"),
     (-11, "ended by the signal SIGSEGV"), (None, "it does not answer")],
)  # fmt: skip
def test_how_a_process_ended(code, told):
    assert how_it_ended(code) == told
