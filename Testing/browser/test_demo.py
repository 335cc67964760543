"""The demo ends with an offer to open its volume in the browser."""

from __future__ import annotations

import builtins
import importlib
import sys
from pathlib import Path

import pytest

pytest.importorskip("nilearn", reason="nilearn is not installed")
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "Demo"))
IMAGE = Path("brain of a template.nii.gz")


@pytest.fixture
def served(monkeypatch):
    demo, commands = importlib.import_module("run_demo"), []
    monkeypatch.setattr(demo, "s2vnet", lambda *words: commands.append(words))

    def offer(answer, terminal=True):
        monkeypatch.setattr(sys.stdin, "isatty", lambda: terminal, raising=False)
        monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal, raising=False)

        def typed(_):
            assert terminal, "nobody is there to answer"
            if isinstance(answer, type):
                raise answer
            return answer

        monkeypatch.setattr(builtins, "input", typed)
        demo.offer(IMAGE, None)
        return commands

    return offer


@pytest.mark.parametrize("answer", ["y", " Yes "])
def test_yes_opens_the_volume(served, answer):
    assert served(answer) == [("serve", IMAGE)]


@pytest.mark.parametrize("answer", ["", "n", EOFError, KeyboardInterrupt])
def test_anything_else_ends_the_demo(served, answer):
    assert served(answer) == []


def test_without_a_terminal_nobody_is_asked(served):
    assert served("y", terminal=False) == []
