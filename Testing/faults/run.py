"""Draws faults from a seed, lets each happen, and looks at what the next process shows.

    python Testing/faults/run.py --count 300 --seed 1

Needs a C compiler. The last line says how many faults were met, by kind; exit code 1 when anything
was lost.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections import Counter
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

HERE = Path(__file__).resolve().parent
ALSO = ("clock set back", "folder removed")


def build(folder: Path) -> Path:
    """Compile the shim; CalledProcessError or FileNotFoundError where that cannot be done."""
    library = folder / "shim.so"
    compiler, source = os.environ.get("CC", "cc"), HERE / "shim.c"
    words = ["-shared", "-fPIC", "-O1", "-o", str(library), str(source), "-ldl"]
    subprocess.run([compiler, *words], check=True, capture_output=True, text=True)
    return library


def start(
    count: int, seed: int, folder: Path, first: Path = HERE, **streams: Any
) -> subprocess.CompletedProcess[str]:
    """Run :func:`main` with the shim, in a process of its own; ``first`` on its path."""
    package = HERE.parents[1] / "S2VNetSlicer"
    environment = {
        **os.environ,
        "LD_PRELOAD": str(build(folder)),
        "PYTHONPATH": os.pathsep.join([str(first), str(package), str(HERE)]),
        "OMP_NUM_THREADS": "1",
    }
    words = ["--count", str(count), "--seed", str(seed), "--folder", str(folder)]
    return subprocess.run(
        [sys.executable, str(HERE / "run.py"), *words],
        env=environment, text=True, check=False, **streams,
    )  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    if "LD_PRELOAD" not in os.environ:
        with tempfile.TemporaryDirectory() as folder:
            done = start(options.count, options.seed, Path(folder), stderr=subprocess.DEVNULL)
        return done.returncode
    return inject(options.count, options.seed, options.folder)


def inject(count: int, seed: int, folder: Path) -> int:
    """Until ``count`` faults were met."""
    import files
    import sessions
    import slicer  # noqa: F401  (here once, not in every copy of this process)
    import trame_slicer.core  # noqa: F401
    from injection import ERRORS, KILLS, Fault, Shim, apart

    shim, random, met, lost = Shim(), Random(seed), Counter[tuple[str, str]](), 0
    number = 0
    while met.total() < count:
        number += 1
        target = random.choice(("session", "session", "session", *files.WRITES))
        own = Random(f"{seed} {number}")
        kinds = (*ERRORS, *KILLS, *(ALSO if target == "session" else ()))
        kind = own.choice(kinds)
        reach = 120 if target == "session" else 12
        times = 1 if kind in KILLS else own.choice((1, 3, 10**6))
        fault = Fault(kind, own.randrange(reach), times)
        place = folder / f"{number}"
        (place / "state").mkdir(parents=True)
        state, before, after = place / "state", place / "before", place / "after"
        if target == "session":
            first = apart(before, partial(sessions.work, state, own, fault, shim))
            second = apart(after, partial(sessions.go_on, state))
            problem = sessions.check(first, second)
        else:
            first = apart(before, partial(files.work, target, state, fault, shim))
            second = apart(after, partial(files.go_on, target, state))
            problem = files.check(first, second)
        if problem:
            lost += 1
            print(f"LOST {number}: {target}, {fault}\n{problem}\n", flush=True)
        elif first.last("fired") or (first.killed and first.last("fired") is None):
            met[target, kind] += 1
    for (target, kind), times in sorted(met.items()):
        print(f"{target:18} {kind:15} {times}")
    print(f"{met.total()} faults met in {number} runs from seed {seed}, {lost} with a loss")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
