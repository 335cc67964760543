"""The failures of the shared benchmark: a contact sheet of the worst tasks, and their kinds.

Writes failures.png (for each of the worst tasks its first marked slice with all marks on it, and
the slice where most voxels are wrong), failures.md and failures.json. Tasks and kinds are chosen
by number alone (see failure_kinds.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from textwrap import fill

import numpy as np
from facts import facts, shared_benchmark, use_weights
from failure_kinds import Measures, as_json, kinds_table, measure, worst_slice, worst_table
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from method import factory
from report import report
from S2VNetSlicerLib.volumes.intensities import normalise
from S2VNetSlicerLib.volumes.writing import atomic_write
from watched import Task, Watch, options, play, upright

WORST, MARGIN = 10, 25.0
"""Tasks on the sheet; mm shown around reference and result."""
REFERENCE, RESULT, POSITIVE, NEGATIVE = "#FFD400", "#19D3F3", "#3CFF3C", "#FF3B3B"
COLUMNS, WIDE, HIGH, DPI = 4, 4.0, 4.6, 100
"""Panels in a row, their size in inches."""


@dataclass(frozen=True)
class Panel:
    """A slice: ``image`` uint8, ``truth`` and ``result`` bool, ``marks`` uint8, all [rows,
    columns]; ``aspect`` height over width of a pixel."""

    title: str
    image: np.ndarray
    truth: np.ndarray
    result: np.ndarray
    marks: np.ndarray
    aspect: float


@dataclass(frozen=True)
class Failure:
    """A task as the sheet shows it."""

    name: str
    measures: Measures
    panels: tuple[Panel, Panel]


def main() -> None:
    chosen = options(__doc__).parse_args()
    benchmark, _ = shared_benchmark(chosen.shared)
    stated = facts(use_weights(chosen.weights))
    found = [examine(task) for task in play("S2VNet", benchmark, chosen, Watch(factory))]
    found.sort(key=lambda f: f.measures.dice)
    worst = found[:WORST]
    text = worst_table([f.name for f in worst], [f.measures for f in worst])
    text += "\n" + kinds_table([f.measures for f in found])
    content = {"tasks": {f.name: as_json(f.measures) for f in found}}
    report(chosen.output, "failures", text, content, stated)
    draw(chosen.output / "failures.png", worst)


def examine(task: Task) -> Failure:
    """Figures and panels of a task with one structure."""
    truth, result = task.truth > 0, task.shown[-1].labels > 0
    image = normalise(task.image, task.modality)
    rounds = [r["dice"][0] for r in task.row["rounds"]]
    measures = measure(truth, result, image, rounds)
    first, worst = task.row["rounds"][0]["slice"], worst_slice(truth, result)
    panels = (
        panel(task, image, first, f"first marked slice {first}"),
        panel(task, image, worst, f"worst slice {worst}"),
    )
    return Failure(task.name, measures, panels)


def panel(task: Task, image: np.ndarray, z: int, title: str) -> Panel:
    """Slice ``z``, cut out around reference, result and marks."""
    planes = [image[z], task.truth[z] > 0, task.shown[-1].labels[z] > 0, task.seeds[z]]
    high, wide = task.spacing[1:]
    box = square(planes[1] | planes[2] | (planes[3] > 0), (high, wide))
    planes = [upright(task.source, task.axis, cut_out(plane, box)) for plane in planes]
    if upright(task.source, task.axis, np.empty((1, 2))).shape != (1, 2):
        high, wide = wide, high
    grey, truth, result, marks = planes
    return Panel(title, grey, truth, result, marks, high / wide)


def square(mask: np.ndarray, spacing: tuple[float, float]) -> tuple[tuple[int, int], ...]:
    """First and last + 1 row and column of a square, in mm, around ``mask`` [rows, columns] with
    ``MARGIN``, around the middle if the mask is empty; no larger than the slice, but it may lie
    partly beyond it."""
    found = np.nonzero(mask)
    ends = [
        (at.min(), at.max() + 1) if len(at) else (0, n)
        for at, n in zip(found, mask.shape, strict=True)
    ]
    size = max((high - low) * s for (low, high), s in zip(ends, spacing, strict=True)) + 2 * MARGIN
    size = min(size, max(n * s for n, s in zip(mask.shape, spacing, strict=True)))
    parts = []
    for (low, high), s in zip(ends, spacing, strict=True):
        first = round((low + high) / 2 - size / s / 2)
        parts.append((first, first + max(1, round(size / s))))
    return tuple(parts)


def cut_out(plane: np.ndarray, box: tuple[tuple[int, int], ...]) -> np.ndarray:
    """The ``box`` of a plane; 0 beyond it."""
    more = [
        (max(0, -first), max(0, last - n))
        for (first, last), n in zip(box, plane.shape, strict=True)
    ]
    (top, bottom), (left, right) = (
        (first + before, last + before)
        for (first, last), (before, _) in zip(box, more, strict=True)
    )
    return np.pad(plane, more)[top:bottom, left:right]


def draw(path: Path, found: list[Failure]) -> None:
    """The contact sheet: two panels a task."""
    rows = -(-2 * len(found) // COLUMNS)
    figure = Figure(figsize=(COLUMNS * WIDE, rows * HIGH + 0.4), dpi=DPI, facecolor="white")
    axes = figure.subplots(rows, COLUMNS, squeeze=False).ravel()
    top = 1 - 0.4 / figure.get_figheight()
    figure.subplots_adjust(0.005, 0.005, 0.995, top - 0.6 / figure.get_figheight(), 0.02, 0.16)
    for place in axes:
        place.set_axis_off()
    for number, failure in enumerate(found):
        for place, shown in zip(axes[2 * number : 2 * number + 2], failure.panels, strict=True):
            show(place, shown)
        m = failure.measures
        kinds = fill(", ".join(m.kinds), 46)
        heads = (f"{failure.name}\nDice {m.dice:.2f}, ", f"{kinds}\n")
        for place, head, shown in zip(axes[2 * number :], heads, failure.panels, strict=False):
            place.set_title(head + shown.title, loc="left", fontsize=10)
    entries = {
        "reference": REFERENCE,
        "result": RESULT,
        "marks on the structure": POSITIVE,
        "marks on the background": NEGATIVE,
    }
    handles = [Line2D([], [], color=colour, lw=3, label=name) for name, colour in entries.items()]
    figure.legend(handles=handles, loc="upper left", ncols=len(handles), frameon=False, fontsize=11)
    with atomic_write(path) as temporary:
        figure.savefig(temporary, dpi=DPI, format="png")


def show(axes: Axes, shown: Panel) -> None:
    """One slice with outlines and marks."""
    axes.imshow(shown.image, "gray", aspect=shown.aspect, vmin=0, vmax=255)
    for mask, colour in ((shown.truth, REFERENCE), (shown.result, RESULT)):
        if mask.any() and not mask.all():
            axes.contour(mask, [0.5], colors=colour, linewidths=1.3)
    paint = np.zeros((*shown.marks.shape, 4))
    for value, colour in ((1, NEGATIVE), (2, POSITIVE)):
        paint[shown.marks == value] = [*(int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)), 0.85]
    axes.imshow(paint, aspect=shown.aspect, interpolation="nearest")


if __name__ == "__main__":
    main()
