"""Run the commands of the documentation, word for word, as a reader would.

Every fenced block marked sh or python of the given Markdown files runs in order. HTML comments
directly before a fence say what only a reader would know:

    <!-- doc: skip REASON -->       not run here; listed at the end
    <!-- doc: clone -->             in the root of the clone instead of an empty working folder
    <!-- doc: copy -->              in a fresh clone of its own, which has no .venv
    <!-- doc: given WORD=VALUE -->  VALUE for WORD; {clone} in it is the root of the clone
    <!-- doc: serves URL -->        runs until Ctrl-C; must answer at URL
    <!-- doc: data KIND [NAME] -->  small data in the working folder first, see small_data.py

A file has one working folder for all its blocks, beside the clone where that is writable. There
the clone's own s2vnet and python are first on PATH, and state and library are empty.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import small_data

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 3600
"""How long a block may take; make test is one."""
_COMMENT = re.compile(r"<!-- doc: (\w+) ?(.*?) ?-->")
_FENCE = re.compile(r"(\s*)```(\w*)\s*$")
_RULES = {"skip", "clone", "copy", "given", "serves", "data"}


@dataclass
class Block:
    """A fenced block: where it stands, its language and text, and the comments before it."""

    file: Path
    line: int
    language: str
    text: str
    rules: list[tuple[str, str]] = field(default_factory=list)

    def rule(self, name: str) -> str | None:
        """What the comment ``name`` says; None where there is none."""
        return next((value for rule, value in self.rules if rule == name), None)

    @property
    def title(self) -> str:
        return f"{self.file.name}:{self.line}"

    def completed(self) -> str:
        """The text with what only the reader could fill in."""
        text = self.text
        for rule, value in self.rules:
            if rule == "given":
                for pair in value.split():
                    word, _, given = pair.partition("=")
                    if word not in text:
                        raise SystemExit(f"{self.title}: {word} is given but not in the block")
                    text = text.replace(word, given.replace("{clone}", str(ROOT)))
        return text


def blocks(file: Path) -> list[Block]:
    """The fenced blocks of a Markdown file that are commands."""
    found: list[Block] = []
    rules: list[tuple[str, str]] = []
    inside: Block | None = None
    indent = ""
    for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
        fence = _FENCE.match(line)
        if inside is not None:
            if fence and not fence[2]:
                if inside.language in ("sh", "python"):
                    found.append(inside)
                inside, rules = None, []
            else:
                inside.text += line.removeprefix(indent) + "\n"
        elif fence:
            indent = fence[1]
            inside = Block(file, number, fence[2], "", rules)
        elif comment := _COMMENT.match(line.strip()):
            if comment[1] not in _RULES:
                raise SystemExit(f"{file}:{number}: there is no rule {comment[1]}")
            rules.append((comment[1], comment[2]))
        elif line.strip():
            rules = []
    if inside is not None:
        raise SystemExit(f"{inside.title}: the block does not end")
    return found


def environment(folder: Path) -> dict[str, str]:
    """As of a new user: the clone's commands, no state, no marks of this run."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("S2VNET_LIBRARY")}
    home = folder.parent / f"{folder.name}-home"
    places = {f"XDG_{kind}_HOME": str(home / kind.lower()) for kind in ("STATE", "DATA", "CONFIG")}
    path = os.pathsep.join([str(ROOT / ".venv" / "bin"), os.environ.get("PATH", "")])
    return {**kept, **places, "PATH": path}


def run(block: Block, folder: Path) -> str:
    """Run a block; what went wrong, empty for nothing."""
    env = environment(folder)
    if block.rule("clone") is not None:
        folder = ROOT
    elif block.rule("copy") is not None:
        copy = Path(tempfile.mkdtemp(prefix="copy-", dir=folder.parent))
        subprocess.run(["git", "clone", "--quiet", ROOT, copy], check=True)
        folder, env["PATH"] = copy, os.environ.get("PATH", "")
    for rule, value in block.rules:
        if rule == "data":
            small_data.make(value.split(), folder, ROOT)
    text = block.completed()
    command = ["bash", "-eu", "-c", text]
    if block.language == "python":
        command = ["python", "-c", text]
    print(f"== {block.title} in {folder}\n{text}", flush=True)
    process = subprocess.Popen(
        command, cwd=folder, env=env, stdin=subprocess.DEVNULL, start_new_session=True
    )
    try:
        url = block.rule("serves")
        if url is not None:
            return _served(process, url)
        code = process.wait(SECONDS)
        return f"exit status {code}" if code else ""
    except subprocess.TimeoutExpired:
        return f"not ended after {SECONDS} s"
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _served(process: subprocess.Popen[bytes], url: str) -> str:
    """Wait for an answer at ``url``, then press Ctrl-C."""
    until = time.monotonic() + 120
    cause = ""
    while time.monotonic() < until:
        if process.poll() is not None:
            return f"ended with exit status {process.returncode} before {url} answered"
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                answer.read()
            break
        except (urllib.error.URLError, OSError) as error:
            cause = str(error)
            time.sleep(0.5)
    else:
        return f"{url} does not answer: {cause}"
    os.killpg(process.pid, signal.SIGINT)
    code = process.wait(60)
    return "" if code in (0, 130, -signal.SIGINT) else f"exit status {code} after Ctrl-C"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--keep", action="store_true", help="leave the working folders")
    options = parser.parse_args()
    every = [block for file in options.files for block in blocks(file)]
    place = ROOT.parent if os.access(ROOT.parent, os.W_OK) else None
    work = Path(tempfile.mkdtemp(prefix="documented-", dir=place))
    failed, skipped = [], []
    try:
        for block in every:
            folder = work / block.file.stem
            folder.mkdir(exist_ok=True)
            if (reason := block.rule("skip")) is not None:
                skipped.append(f"{block.title}: {reason}")
            elif wrong := run(block, folder):
                failed.append(f"{block.title}: {wrong}")
                print(f"FAILED {failed[-1]}", flush=True)
    finally:
        if not options.keep:
            shutil.rmtree(work, ignore_errors=True)
    for line in skipped:
        print(f"not run: {line}")
    for line in failed:
        print(f"FAILED: {line}")
    print(f"{len(every) - len(failed) - len(skipped)} of {len(every)} documented blocks ran")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
