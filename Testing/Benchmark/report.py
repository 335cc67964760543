"""Measurements as Markdown tables, as files and as a plot."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OURS, THEIRS = "S2VNet", "Grow from seeds"
COLOURS = {OURS: "#0067A5", THEIRS: "#F38400"}
SHOWN = (1, 3, 5)
"""The rounds whose Dice the table shows."""
Row = dict[str, Any]


def markdown(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; it ends with a line break."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(map(str, cells))} |\n" for cells in lines)


def stated(facts: dict[str, Any]) -> str:
    """What stands below a table."""
    return "; ".join(f"{key}: {value}" for key, value in facts.items()) + "\n"


def report(
    folder: Path, name: str, text: str, content: dict[str, Any], facts: dict[str, str]
) -> None:
    """Write NAME.md and NAME.json with what was measured where; print the former."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps({"facts": facts, **content}, indent=1))
    text += "\n" + stated(facts)
    (folder / f"{name}.md").write_text(text)
    print(text)


def after(row: Row, number: int) -> dict[str, Any]:
    """A task's figures after round ``number`` (from 1); an early finish stays as it is."""
    return row["rounds"][min(number, len(row["rounds"])) - 1]


def mean(rows: list[Row], what: str, number: int) -> float:
    """Mean over tasks of a score after a round."""
    return float(np.mean([np.mean(after(row, number)[what]) for row in rows]))


def latency(rows: list[Row]) -> float:
    """Median over all rounds, seconds."""
    return float(np.median([r["latency_s"] for row in rows for r in row["rounds"]]))


def scores(rows: list[Row], rounds: int) -> dict[str, dict[str, float]]:
    """A method's figures by data set, then of all tasks together; also for a model card."""
    found = {}
    for dataset in [*sorted({row["dataset"] for row in rows}), "ALL"]:
        chosen = [row for row in rows if dataset in ("ALL", row["dataset"])]
        if chosen:
            figures = {f"Dice, round {n}": mean(chosen, "dice", n) for n in SHOWN}
            figures |= {
                "surface Dice 2 mm": mean(chosen, "surface_dice_2mm", rounds),
                "round, median s": latency(chosen),
                "prepare, median s": float(np.median([row["prepare_s"] for row in chosen])),
            }
            broken = sum(not r["obeyed"] for row in chosen for r in row["rounds"])
            found[dataset] = {
                "tasks": len(chosen),
                **{name: round(value, 3) for name, value in figures.items()},
                "rounds with marks not obeyed": broken,
            }
    return found


def table(facts: dict[str, str], rows: dict[str, list[Row]], rounds: int) -> str:
    """Markdown: one line a data set and method, then all tasks together."""
    found = {name: scores(method, rounds) for name, method in rows.items()}
    columns = list(found[OURS]["ALL"])
    lines = []
    for dataset in found[OURS]:
        for name in (OURS, THEIRS):
            if dataset in found[name]:
                lines.append([dataset, name, *found[name][dataset].values()])
    unequal = len(rows[OURS]) != len(rows[THEIRS])
    warning = "\nThe two methods ran on different tasks: ALL cannot be compared.\n" * unequal
    return markdown(["data set", "method", *columns], lines) + f"{warning}\n{stated(facts)}"


def plot(path: Path, rows: dict[str, list[Row]], rounds: int) -> None:
    """Dice and latency by round, on the tasks that both methods did."""
    from matplotlib.figure import Figure  # Scripts that measure memory go without.

    both = set.intersection(*({task(row) for row in found} for found in rows.values() if found))
    figure = Figure(figsize=(10, 4), layout="constrained")
    quality, time = figure.subplots(1, 2)
    numbers = range(1, rounds + 1)
    for name, found in rows.items():
        chosen = [row for row in found if task(row) in both]
        if not chosen:
            continue
        style = {"color": COLOURS[name], "marker": "o", "label": name}
        quality.plot(numbers, [mean(chosen, "dice", n) for n in numbers], **style)
        seconds = [
            np.median([r["rounds"][n - 1]["latency_s"] for r in chosen if len(r["rounds"]) >= n])
            for n in numbers
            if any(len(r["rounds"]) >= n for r in chosen)
        ]
        time.plot(range(1, len(seconds) + 1), seconds, **style)
    quality.set_ylim(0, 1)
    time.set_ylim(bottom=0)
    labels(quality, f"mean Dice of {len(both)} tasks")
    labels(time, "median seconds a round")
    quality.legend(frameon=False)
    figure.savefig(path, dpi=130)


def task(row: Row) -> tuple[str, ...]:
    """What identifies a task."""
    return (row["dataset"], row["case"], *row["structures"])


def labels(axes: Axes, title: str) -> None:
    """The looks that both panels share."""
    axes.set_xlabel("round of marks")
    axes.set_title(title)
    axes.set_xticks(range(1, 6))
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
