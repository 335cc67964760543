"""Scores as CSV (every row) and Markdown (means, beside published results)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isnan, nan
from pathlib import Path

import numpy as np

from ..volumes.writing import write_text
from .cases import plain
from .metrics import Score
from .protocol import Task
from .published import Reported
from .scoring import Row

OURS = "S2VNet"
CONVENTIONS = (
    "Means over the classes of the means over the cases. HD95 is the larger of the two directed "
    "95th percentiles; pooled, as medpy and the published tables have it, both directions count "
    "together. A structure that neither reference nor result has is not counted; one that only one "
    "of them has counts with Dice and surface Dice 0 and, in HD95, {missing}."
)


@dataclass(frozen=True)
class Means:
    """Means of one class, or of all; ``missed`` of ``count`` structures are in one mask only."""

    count: int
    missed: int
    dice: float
    deviation: float
    hd95: float
    pooled: float
    surface: float


def class_means(rows: Iterable[Row], missing: float | None = None) -> dict[str, Means]:
    """Means over the cases by class; ``missing`` mm: the HD95 of a missed structure (None: it is
    left out of the mean)."""
    grouped: dict[str, list[Score]] = {}
    for row in rows:
        grouped.setdefault(row.structure, []).append(row.score)
    return {name: _means(scores, missing) for name, scores in grouped.items()}


def _means(scores: Sequence[Score], missing: float | None) -> Means:
    counted = [s for s in scores if s.reference or s.result]
    empty = nan if missing is None else missing

    return Means(
        len(counted),
        sum(s.missed for s in counted),
        _mean(s.dice for s in counted),
        float(np.std([s.dice for s in counted])) if counted else nan,
        _mean(empty if s.missed else s.hd95 for s in counted),
        _mean(empty if s.missed else s.hd95_pooled for s in counted),
        _mean(s.surface_dice for s in counted),
    )


def overall(means: Mapping[str, Means]) -> Means:
    """The mean over the classes; ``deviation`` is that between them."""
    seen = [m for m in means.values() if m.count]

    return Means(
        sum(m.count for m in seen),
        sum(m.missed for m in seen),
        _mean(m.dice for m in seen),
        float(np.std([m.dice for m in seen])) if seen else nan,
        _mean(m.hd95 for m in seen),
        _mean(m.pooled for m in seen),
        _mean(m.surface for m in seen),
    )


def write_scores(path: Path, methods: Mapping[str, Sequence[Row]]) -> None:
    """Write one line a method, case and class."""
    lines = [
        {
            "method": method,
            "case": row.case,
            "structure": row.structure,
            "dice": _cell(row.score.dice, 5),
            "hd95_mm": _cell(row.score.hd95, 3),
            "hd95_pooled_mm": _cell(row.score.hd95_pooled, 3),
            "surface_dice": _cell(row.score.surface_dice, 5),
            "reference_voxels": row.score.reference,
            "result_voxels": row.score.result,
            "reference_ml": _cell(row.ml, 3),
            "boundary_contrast": _cell(row.contrast, 3),
        }
        for method, rows in methods.items()
        for row in rows
    ]
    _write_csv(path, lines)


def summary(
    title: str,
    methods: Mapping[str, Sequence[Row]],
    published: Sequence[Reported] = (),
    *,
    tolerance: float,
    missing: float | None = None,
) -> str:
    """Markdown: a line a method, then Dice of every class, then sources and conventions."""
    found = {name: class_means(rows, missing) for name, rows in methods.items()}
    head = ["method", "Dice %", "HD95 mm", "pooled", f"surface Dice {tolerance:g} mm %", "missed"]
    lines = [[*head, "measured on"]]
    for name, means in found.items():
        m = overall(means)
        cells = [_percent(m.dice), _cell(m.hd95, 2), _cell(m.pooled, 2), _percent(m.surface)]
        cases = len({row.case for row in methods[name]})
        lines.append(
            [name, *cells, f"{m.missed} of {m.count}", f"{title}, {cases} case{'s' * (cases > 1)}"]
        )
    sources = list(dict.fromkeys(r.source for r in published))
    for r in published:
        note = f"{r.protocol} [{sources.index(r.source) + 1}]"
        lines.append(
            [f"{r.method}, published", _percent(r.dice), "", _cell(r.hd95, 2), "", "", note]
        )
    kept = "is left out" if missing is None else f"{missing:g} mm"
    text = [f"# {title}", _markdown(lines), "Dice % by class:", _by_class(found, published)]
    text += [f"[{number}] {source}" for number, source in enumerate(sources, 1)]
    return "\n\n".join([*text, CONVENTIONS.format(missing=kept)]) + "\n"


def _by_class(found: Mapping[str, Mapping[str, Means]], published: Sequence[Reported]) -> str:
    """Classes in lines; methods whose numbers by class are known in columns."""
    detailed = [r for r in published if r.by_class]
    columns = {r.method: {plain(k): v for k, v in r.by_class.items()} for r in detailed}
    lines = [["class", *found, *(f"{r.method}, published" for r in detailed)]]
    for name in dict.fromkeys(name for means in found.values() for name in means):
        ours = [_spread(means.get(name)) for means in found.values()]
        theirs = [_percent(known.get(plain(name), nan)) for known in columns.values()]
        lines.append([name, *ours, *theirs])
    return _markdown(lines)


def _spread(means: Means | None) -> str:
    if means is None or not means.count:
        return ""
    if means.count == 1:  # One case has no spread.
        return _percent(means.dice)
    return f"{_percent(means.dice)} ± {_percent(means.deviation)}"


def write_rounds(path: Path, tasks: Sequence[Task]) -> None:
    """Write one line a task and round."""
    lines = [
        {
            "case": task.case,
            "structures": "+".join(task.structures),
            "round": number,
            "slice": done.z,
            "marked_voxels": done.marked,
            "dice": _cell(done.dice, 5),
            "hd95_mm": _cell(_mean(s.hd95 for s in done.scores), 3),
            "surface_dice": _cell(_mean(s.surface_dice for s in done.scores), 5),
            "marks_obeyed": done.obeyed,
            "seconds": _cell(done.seconds, 4),
            "prepare_seconds": _cell(task.prepare, 3),
        }
        for task in tasks
        for number, done in enumerate(task.rounds, 1)
    ]
    _write_csv(path, lines)


def rounds_summary(title: str, tasks: Sequence[Task], rounds: int, tolerance: float) -> str:
    """Markdown: a line a round with the means over the tasks."""
    lines = [
        ["round", "Dice %", "HD95 mm", f"surface Dice {tolerance:g} mm %", "seconds, median"],
    ]
    for number in range(1, rounds + 1):
        done = [task.after(number) for task in tasks]
        scores = [s for d in done for s in d.scores]
        seconds = [t.rounds[number - 1].seconds for t in tasks if len(t.rounds) >= number]
        lines.append(
            [
                str(number),
                _percent(_mean(d.dice for d in done)),
                _cell(_mean(s.hd95 for s in scores), 2),
                _percent(_mean(s.surface_dice for s in scores)),
                _cell(float(np.median(seconds)) if seconds else nan, 2),
            ]
        )
    broken = sum(not done.obeyed for task in tasks for done in task.rounds)
    prepare = float(np.median([task.prepare for task in tasks])) if tasks else nan
    notes = (
        f"{len(tasks)} tasks; encoding the volume {_cell(prepare, 2)} s, median; rounds in which "
        f"marks were not obeyed: {broken}. A task without anything left to correct stays as it is."
    )
    return f"# {title}, marks by round\n\n{_markdown(lines)}\n\n{notes}\n"


def _write_csv(path: Path, lines: Sequence[Mapping[str, object]]) -> None:
    text = io.StringIO()
    if lines:
        table = csv.DictWriter(text, list(lines[0]), lineterminator="\n")
        table.writeheader()
        table.writerows(lines)
    write_text(path, text.getvalue())


def _markdown(lines: Sequence[Sequence[str]]) -> str:
    head, *rest = ([cell.replace("|", "\\|") for cell in line] for line in lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in [head, ["---"] * len(head), *rest])


def _mean(values: Iterable[float]) -> float:
    there = [value for value in values if not isnan(value)]
    return float(np.mean(there)) if there else nan


def _percent(share: float) -> str:
    return _cell(100 * share, 2)


def _cell(value: float, digits: int) -> str:
    """Empty for what is not defined."""
    return "" if isnan(value) else f"{value:.{digits}f}"
