"""What the measurements share: options, the shared benchmark, facts that are stated, memory."""

from __future__ import annotations

import argparse
import hashlib
import importlib
import os
import platform
import resource
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from S2VNetSlicerLib.network.weights import default_weights, read_card

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
OUTPUT = ROOT / "benchmark-output"
_FILES = ("interactive_benchmark.py", "baselines.py")


def options(about: str | None, **more: Any) -> argparse.ArgumentParser:
    """Where results go and which weights are measured."""
    parser = argparse.ArgumentParser(description=about, **more)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    parser.add_argument("--weights", type=Path, help="default: the shipped ones")
    return parser


def task_options(about: str | None, **more: Any) -> argparse.ArgumentParser:
    """Those, and which tasks of the shared benchmark are done."""
    parser = options(about, **more)
    parser.add_argument("--shared", type=Path, default=SHARED)
    parser.add_argument("--limit", type=int, default=10, help="structures of a case at most")
    parser.add_argument("--only", default="", help="data sets and cases with this in their name")
    return parser


def shared_benchmark(shared: Path) -> tuple[ModuleType, ModuleType]:
    """The shared benchmark and its baselines, unchanged; ends the script where they are missing."""
    folder = shared / "benchmark"
    if not all((folder / name).is_file() for name in _FILES):
        print(f"{folder} is not there: nothing was measured.")
        raise SystemExit
    sys.path.insert(0, str(folder))
    benchmark, baselines = (importlib.import_module(Path(name).stem) for name in _FILES)
    return benchmark, baselines


def benchmark_hash(shared: Path) -> str:
    """Changes whenever the benchmark or its baselines do."""
    digest = hashlib.sha256()
    for name in _FILES:
        digest.update((shared / "benchmark" / name).read_bytes())
    return digest.hexdigest()[:12]


def use_weights(path: Path | None) -> str:
    """Make ``method`` use ``path`` (default: the shipped weights); returns the name to report."""
    if path:
        os.environ["S2VNET_WEIGHTS"] = str(path)
    chosen = path or default_weights()
    return str(read_card(chosen).get("name", chosen.stem))


def commit() -> str:
    """The commit measured, with "+" when files differ from it."""

    def git(*words: str) -> str:
        done = subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, text=True)
        return done.stdout.strip()

    head = git("rev-parse", "--short", "HEAD") or "unknown"
    return head + ("+" if git("status", "--porcelain", "--untracked-files=no") else "")


def facts(weights: str) -> dict[str, str]:
    """Everything that a table of measurements needs beside its figures."""
    # What it imports should be no part of a network's memory.
    from S2VNetSlicerLib.training.publish import processor

    return {
        "machine": f"{processor()}, {os.cpu_count()} cores",
        "threads": str(torch.get_num_threads()),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "commit": commit(),
        "weights": weights,
    }


def in_own_process(script: str, weights: Path | None, *words: object) -> str:
    """What a script prints in a fresh process, so that its peak memory is its own."""
    command = [sys.executable, script, *map(str, words)]
    command += ["--weights", str(weights)] if weights else []
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def peak_memory() -> float:
    """Largest resident memory of this process until now, GiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2 ** (30 if sys.platform == "darwin" else 20)
