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
from facts import task_options
from method import Method
from run_benchmark import ROUNDS, cases, header, line
from S2VNetSlicerLib.annotation.next_slice import expected_errors
from S2VNetSlicerLib.propagation.session import Session

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
        sure = session.confidence
        by_slice, how = np.moveaxis(labels, session.axis, 0), session.settings.confidence
        errors = expected_errors(by_slice, sure, None, how)
        self.shown.append(Shown(labels.copy(), sure, errors, marked))
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
    """The options that scripts which play tasks share."""
    parser = task_options(about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=1, help="only every n-th task of a case")
    return parser


def play(
    name: str, benchmark: ModuleType, chosen: argparse.Namespace, watch: Watch, multi: int = 1
) -> Iterator[Task]:
    """The tasks that ``chosen`` (see :func:`options`) names, one after the other; each is printed
    as a line of the method ``name``."""
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
                print(line(name, row), flush=True)
                yield Task(
                    row,
                    seen.image,
                    seen.spacing,
                    watch.session.volume.modality,
                    wanted,
                    seen.inner.seen,
                    seen.shown,
                    source,
                    axis,
                )
    if not played:
        sys.exit(f"No data set or case in {chosen.shared / 'data'} is called *{chosen.only}*.")


def upright(source: Path, axis: int, plane: np.ndarray) -> np.ndarray:
    """A plane [rows, columns] across ``axis`` [k, j, i] of a file as radiologists read it.

    Anterior or superior is up, the patient's left is on the right.
    """
    # Columns of the direction matrix are i, j, k in LPS.
    towards = np.array(header(source).GetDirection()).reshape(3, 3).T[::-1]
    ways = [int(np.abs(way).argmax()) for way in towards]
    rows, columns = (n for n in range(3) if n != axis)
    for place, n in enumerate((rows, columns)):
        forward = towards[n][ways[n]] > 0
        if forward == (ways[n] == 2):
            plane = np.flip(plane, place)
    return plane if ways[rows] > ways[columns] else plane.swapaxes(0, 1)
