"""Nothing is skipped in silence where S2VNET_REQUIRE is set."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CASES = {
    "test_marked.py": """
import pytest
@pytest.mark.skipif(True, reason="/usr/bin/chromium is missing")
def test_page(): pass
""",
    "test_within.py": """
import pytest
def test_weights(): pytest.skip("no weights are shipped")
""",
    "test_module.py": """
import pytest
pytest.importorskip("no_such_package", reason="slicer-core is not installed")
def test_scene(): pass
""",
    "folder/conftest.py": """
import pytest
pytest.importorskip("no_such_package", reason="no PySide6, or no EGL")
""",
    "folder/test_panel.py": "def test_panel(): pass",
}
REASONS = (
    "/usr/bin/chromium is missing",
    "no weights are shipped",
    "slicer-core is not installed",
    "no PySide6, or no EGL",
)


def run(folder: Path, files: dict[str, str], required: bool, *options: str) -> tuple[int, str]:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "conftest.py").write_text(Path(__file__).with_name("conftest.py").read_text("utf-8"))
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "S2VNET_"))}
    if required:
        environment["S2VNET_REQUIRE"] = "1"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--rootdir", folder, *options, folder],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("options", [("-p", "no:xdist"), ("-n", "1")], ids=["alone", "xdist"])
def test_what_is_missing_fails_where_it_is_required(tmp_path, options):
    code, text = run(tmp_path, {**CASES, "test_one.py": "def test_one(): pass"}, True, *options)
    assert "1 passed" in text
    assert code == 1, text
    for reason in REASONS:
        assert f"tests were skipped: Skipped: {reason}" in text


def test_elsewhere_it_is_skipped(tmp_path):
    code, text = run(tmp_path, {**CASES, "test_one.py": "def test_one(): pass"}, False)
    assert code == 0, text
    assert "1 passed" in text


def test_an_expected_failure_and_what_can_run_nowhere_else_stay_as_they_are(tmp_path):
    files = {
        "test_known.py": """
import pytest
@pytest.mark.xfail(reason="known")
def test_known(): assert False
def test_wheel(): pytest.skip("this wheel calls an empty B-spline linear")
"""
    }
    code, text = run(tmp_path, files, True)
    assert code == 0, text
    assert "1 skipped, 1 xfailed" in text
