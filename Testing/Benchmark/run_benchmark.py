"""The shared interactive benchmark: ours beside 3D Slicer's "Grow from seeds", task by task.

Writes results.json, its summary scores.json (for a model card), table.md and rounds.png. Both
methods run alternately in one process, so that they meet the same machine; ``--quick`` is for a
look only.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import method
import SimpleITK as sitk
from facts import benchmark_hash, facts, shared_benchmark, task_options, use_weights
from report import OURS, THEIRS, Row, plot, scores, table
from S2VNetSlicerLib.training.publish import processor

ROUNDS = 5
QUICK_LIMIT, QUICK_VOXELS = 2, 15_000_000


def arguments() -> argparse.Namespace:
    parser = task_options(__doc__)
    parser.add_argument("--fresh", action="store_true", help="measure the baseline again")
    parser.add_argument(
        "--quick",
        action="store_true",
        help=f"{QUICK_LIMIT} structures a case, the baseline on small volumes only",
    )
    return parser.parse_args()


def main() -> None:
    options = arguments()
    benchmark, baselines = shared_benchmark(options.shared)
    importlib.import_module("slicer")  # Two seconds that no round of the baseline should pay.
    limit = min(options.limit, QUICK_LIMIT) if options.quick else options.limit
    stated = facts(use_weights(options.weights))
    options.output.mkdir(parents=True, exist_ok=True)
    cache = Baseline(options, limit)
    rows: dict[str, list[Row]] = {OURS: [], THEIRS: []}
    for dataset, case in cases(options.shared / "data", options.only):

        def tasks(factory: Callable[[], Any], data: Path = dataset, name: str = case) -> Iterator:
            found = benchmark.run(data, factory, ROUNDS, 1, limit, name)
            return (row for row in found if row["case"] == name)

        known = cache.rows(dataset, case)
        large = options.quick and voxels(dataset, case) > QUICK_VOXELS
        ours, theirs = tasks(method.factory), iter(known or ())
        if known is None and not large:
            theirs = tasks(baselines.growcut)
        measured: list[Row] = []
        for row in ours:
            rows[OURS].append(row)
            print(line(OURS, row), flush=True)
            other = next(theirs, None)
            if other is not None:
                measured.append(other)
                print(line(THEIRS, other), flush=True)
        rows[THEIRS] += measured
        if known is None and not large:
            cache.add(dataset, case, measured)
        stated["baseline"] = "partly from an earlier run" if cache.used else "same run"
        write(options.output, stated, rows)
    if not rows[OURS]:
        sys.exit(f"No data set or case in {options.shared / 'data'} is called *{options.only}*.")
    print((options.output / "table.md").read_text())


def cases(data: Path, only: str) -> list[tuple[Path, str]]:
    """Data set and name of every case for measuring."""
    return [
        (dataset, labels.name.removesuffix(".nii.gz"))
        for dataset in sorted(data.glob("Dataset1*"))
        for labels in sorted((dataset / "labelsTr").glob("*.nii.gz"))
        if only in dataset.name or only in labels.name
    ]


def header(path: Path) -> sitk.ImageFileReader:
    """An image file of which only the header is read."""
    reader = sitk.ImageFileReader()
    reader.SetFileName(str(path))
    reader.ReadImageInformation()
    return reader


def voxels(dataset: Path, case: str) -> int:
    """Voxels of a case, from its header."""
    columns, rows, slices = header(dataset / "labelsTr" / f"{case}.nii.gz").GetSize()
    return columns * rows * slices


class Baseline:
    """The baseline's rows of earlier runs on this machine, until the benchmark changes."""

    def __init__(self, options: argparse.Namespace, limit: int) -> None:
        key = benchmark_hash(options.shared)
        self.path = options.output / f"baseline-{key}-limit{limit}.json"
        self.used = False
        self.known: dict[str, Any] = {"processor": processor(), "cases": {}}
        if self.path.is_file() and not options.fresh:
            found = json.loads(self.path.read_text())
            if found["processor"] == self.known["processor"]:
                self.known = found

    def rows(self, dataset: Path, case: str) -> list[Row] | None:
        """Rows of a case, or None."""
        rows = self.known["cases"].get(f"{dataset.name}/{case}")
        self.used = self.used or rows is not None
        return rows

    def add(self, dataset: Path, case: str, rows: list[Row]) -> None:
        """Keep the rows of a case."""
        self.known["cases"][f"{dataset.name}/{case}"] = rows
        self.path.write_text(json.dumps(self.known))


def line(name: str, row: Row) -> str:
    """One task in one line: mean Dice after each round."""
    dice = " ".join(f"{sum(r['dice']) / len(r['dice']):.3f}" for r in row["rounds"])
    seconds = sorted(r["latency_s"] for r in row["rounds"])[len(row["rounds"]) // 2]
    what = f"{row['case']} {'+'.join(row['structures'])}"[:44]
    return f"{name:16s} {what:44s} {dice:30s} {seconds:6.2f} s"


def write(folder: Path, stated: dict[str, str], rows: dict[str, list[Row]]) -> None:
    """Results so far, the table and the plot."""
    content = {"facts": stated, "results": rows}
    (folder / "results.json").write_text(json.dumps(content, indent=1))
    summary = {"facts": stated, **{name: scores(found, ROUNDS) for name, found in rows.items()}}
    (folder / "scores.json").write_text(json.dumps(summary, indent=1))
    (folder / "table.md").write_text(table(stated, rows, ROUNDS))
    plot(folder / "rounds.png", rows, ROUNDS)


if __name__ == "__main__":
    main()
