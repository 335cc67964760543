"""Tasks of the shared benchmark played with what the session showed after each round kept."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

import numpy as np
import SimpleITK as sitk
from facts import OUTPUT, SHARED
from method import Method
from run_benchmark import cases
from S2VNetSlicerLib.propagation.session import Session

ROUNDS = 5
Make = Callable[[], Method]


@dataclass
class Shown:
    """After a round: ``labels`` uint8 [slices, rows, columns], ``confidence`` [slices, K] or NaN,
    ``expected`` [slices], the voxels that the session expects to be wrong, ``marked`` [slices]."""

    labels: np.ndarray
    confidence: np.ndarray
    expected: np.ndarray
    marked: np.ndarray


@dataclass
class Task:
    """A finished task. Arrays lie as the benchmark gives them, slices first; ``spacing`` mm in
    that order; ``seeds`` are the marks of all rounds; ``source`` is the file of the reference."""

    row: dict[str, Any]
    image: np.ndarray
    spacing: tuple[float, ...]
    modality: str
    truth: np.ndarray
    seeds: np.ndarray
    shown: list[Shown]
    source: Path
    axis: int
    """Of the file [k, j, i], across which the slices run."""

    @property
    def name(self) -> str:
        """Case and structures."""
        return f"{self.row['case']} {'+'.join(self.row['structures'])}"


class _Watched:
    """A method of the benchmark that keeps what it showed."""

    def __init__(self, inner: Method) -> None:
        self.inner = inner

    def start(
        self, image: np.ndarray, spacing: tuple[float, ...], modality: str, n_structures: int
    ) -> None:
        self.image, self.spacing = image, spacing
        self.shown: list[Shown] = []
        self.inner.start(image, spacing, modality, n_structures)

    def segment(self, seeds: np.ndarray) -> np.ndarray:
        labels = self.inner.segment(seeds)
        session, marked = self.inner.session, np.asarray(seeds.any((1, 2)))
        self.shown.append(
            Shown(labels.copy(), session.confidence, session.expected_errors(), marked)
        )
        return labels


class Watch:
    """The task that is being played: a correction may ask its session."""

    def __init__(self, make: Make) -> None:
        self.make = make
        self.current = _Watched(make())

    def factory(self) -> _Watched:
        """What the benchmark calls at the begin of a task."""
        self.current = _Watched(self.make())
        return self.current

    @property
    def session(self) -> Session:
        """That of the current task."""
        return self.current.inner.session


def options(about: str | None) -> argparse.ArgumentParser:
    """The options that all scripts share."""
    parser = argparse.ArgumentParser(
        description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--shared", type=Path, default=SHARED)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    parser.add_argument("--weights", type=Path, help="default: the shipped ones")
    parser.add_argument("--limit", type=int, default=10, help="structures of a case at most")
    parser.add_argument("--only", default="", help="data sets and cases with this in their name")
    parser.add_argument("--every", type=int, default=1, help="only every n-th task of a case")
    return parser


def play(
    benchmark: ModuleType, chosen: argparse.Namespace, watch: Watch, multi: int = 1
) -> Iterator[Task]:
    """The tasks that ``chosen`` (see :func:`options`) names, one after the other."""
    all_tasks, played = benchmark.tasks, 0

    def some(truth: np.ndarray, group: int, limit: int) -> list[list[int]]:
        return all_tasks(truth, group, limit)[:: chosen.every]

    for dataset, case in cases(chosen.shared / "data", chosen.only):
        source = dataset / "labelsTr" / f"{case}.nii.gz"
        numbers = json.loads((dataset / "dataset.json").read_text())["labels"]
        labels, spacing = benchmark.load(source)
        truth, _ = benchmark.slices_first(labels, spacing)
        axis = benchmark.slices_first(np.empty((0, 1, 2)), spacing)[0].shape[0]
        with patch.object(benchmark, "tasks", some):
            for row in benchmark.run(dataset, watch.factory, ROUNDS, multi, chosen.limit, case):
                if row["case"] != case:
                    continue
                ids = [int(numbers.get(name, name)) for name in row["structures"]]
                wanted = np.zeros(truth.shape, np.uint8)
                for k, number in enumerate(ids, 1):
                    wanted[truth == number] = k
                seen, played = watch.current, played + 1
                yield Task(
                    row,
                    seen.image,
                    seen.spacing,
                    watch.session.modality,
                    wanted,
                    seen.inner.seen,
                    seen.shown,
                    source,
                    axis,
                )
    if not played:
        sys.exit(f"No data set or case in {chosen.shared / 'data'} is called *{chosen.only}*.")


def report(
    folder: Path, name: str, text: str, content: dict[str, Any], stated: dict[str, str]
) -> None:
    """Write NAME.md and NAME.json with what was measured where; print the former."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps({"facts": stated, **content}, indent=1))
    text += "\n" + "; ".join(f"{key}: {value}" for key, value in stated.items()) + "\n"
    (folder / f"{name}.md").write_text(text)
    print(text)


def upright(source: Path, axis: int, plane: np.ndarray) -> np.ndarray:
    """A plane [rows, columns] across ``axis`` [k, j, i] of a file as radiologists read it.

    Anterior or superior is up, the patient's left is on the right.
    """
    reader = sitk.ImageFileReader()
    reader.SetFileName(str(source))
    reader.ReadImageInformation()
    # Columns of the direction matrix are i, j, k in LPS.
    towards = np.array(reader.GetDirection()).reshape(3, 3).T[::-1]
    ways = [int(np.abs(way).argmax()) for way in towards]
    rows, columns = (n for n in range(3) if n != axis)
    for place, n in enumerate((rows, columns)):
        forward = towards[n][ways[n]] > 0
        if forward == (ways[n] == 2):
            plane = np.flip(plane, place)
    return plane if ways[rows] > ways[columns] else plane.swapaxes(0, 1)
