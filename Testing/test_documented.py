"""What runs the documentation's commands: a broken one fails, one that is left out is named."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
RUNNER = ROOT / ".ci" / "documented.py"


def run(tmp_path: Path, text: str) -> tuple[int, str]:
    (tmp_path / "page.md").write_text(text)
    command = [sys.executable, RUNNER, tmp_path / "page.md"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    return done.returncode, done.stdout + done.stderr


def test_blocks_run_in_order_in_one_empty_folder_and_a_broken_one_fails(tmp_path):
    code, out = run(
        tmp_path,
        """Text.
```sh
ls -A | wc -l | grep -qx 0
echo ours > file
```
1. in a list
   ```python
   print(open("file").read() * 2)
   ```
```text
a synopsis [--that IS] no command
```
```sh
cat file
s2vnet sgment ct.nii.gz
```
""",
    )
    assert code == 1
    assert "ours\nours\n" in out
    assert "FAILED: page.md:13: exit status 2" in out
    assert "2 of 3 documented blocks ran" in out


def test_what_is_not_run_is_listed_with_its_reason(tmp_path):
    code, out = run(tmp_path, "<!-- doc: skip needs a graphics card -->\n```sh\nfalse\n```\n")
    assert code == 0
    assert "not run: page.md:2: needs a graphics card" in out


def test_only_the_words_that_a_reader_fills_in_are_replaced(tmp_path):
    rule = "<!-- doc: given NAME=liver FILE={clone}/LICENSE.txt -->"
    page = f"{rule}\n```sh\necho NAME; test -f FILE\n```"
    code, out = run(tmp_path, page)
    assert code == 0
    assert "liver\n" in out
    code, out = run(tmp_path, "<!-- doc: given NAME=liver -->\n```sh\necho\n```")
    assert code == 1
    assert "NAME is given but not in the block" in out


@pytest.mark.parametrize(
    "page", ["<!-- doc: skp typo -->\n```sh\ntrue\n```", "```sh\nnever ends\n"], ids=["rule", "end"]
)
def test_a_mistake_in_the_page_is_no_silent_success(tmp_path, page):
    assert run(tmp_path, page)[0] == 1


def test_a_server_must_answer_and_ends_with_ctrl_c(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    rule = f"<!-- doc: serves http://127.0.0.1:{port} -->\n```sh\n"
    command = f"python -m http.server {port} --bind 127.0.0.1"
    assert run(tmp_path, f"{rule}{command}\n```")[0] == 0
    code, out = run(tmp_path, f"{rule}false\n```")
    assert code == 1
    assert f"exit status 1 before http://127.0.0.1:{port} answered" in out


def test_a_new_user_has_no_state(tmp_path, monkeypatch):
    monkeypatch.setenv("S2VNET_LIBRARY", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    code, out = run(tmp_path, '```sh\necho "${S2VNET_LIBRARY-none} $XDG_STATE_HOME"\n```')
    assert code == 0
    assert "\nnone " in out
    assert f"none {tmp_path}{os.linesep}" not in out
