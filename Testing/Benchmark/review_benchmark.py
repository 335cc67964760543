"""Does the session know where it is wrong? Its confidence, and the slice that it suggests next.

Every task of the shared benchmark is played twice: with its annotator, who corrects the truly
worst slice, and with one who draws the same kind of correction on the slice that the session
suggests. A suggested slice with nothing to correct is accepted, and the next one is asked for.
Confidence is compared with the true Dice of each slice in the first of the two. Writes review.json
and review.md.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any
from unittest.mock import patch

import numpy as np
from correlation import calibration, found_share, pearson, slice_dice, spearman
from facts import facts, shared_benchmark, use_weights
from method import factory
from report import SHOWN, Row, after, markdown, report
from watched import ROUNDS, Shown, Task, Watch, options, play

WORST, SUGGESTED = "worst slice", "suggested slice"
Pairs = dict[str, np.ndarray]
"""Of unmarked slices: ``confidence``, ``dice``, ``there`` (with a result), ``round``, ``task``."""


def main() -> None:
    chosen = options(__doc__).parse_args()
    benchmark, _ = shared_benchmark(chosen.shared)
    stated = facts(use_weights(chosen.weights))
    rows: dict[str, list[Row]] = {WORST: []}
    pairs: list[Pairs] = []
    shares: list[list[float]] = []
    watch = Watch(factory)
    draw = Suggested(benchmark, watch)
    for task in play(WORST, benchmark, chosen, watch):
        rows[WORST].append(task.row)
        pairs.append(slices_of(task, len(pairs)))
        shares.append([found_share(s.expected, wrong(task, s)) for s in task.shown])
    with patch.object(benchmark, "correction", draw):
        rows[SUGGESTED] = [task.row for task in play(SUGGESTED, benchmark, chosen, watch)]
    together = {name: np.concatenate([p[name] for p in pairs]) for name in pairs[0]}
    text = "\n".join([confidence_table(together), choice_table(rows)])
    text += f"\nSuggested slices that were accepted as they were: {draw.accepted} beside "
    text += f"{draw.corrected} corrected.\nThe slice with most expected errors after a round holds "
    text += f"{np.nanmean(np.concatenate(shares)):.2f} of the wrong voxels of the worst one.\n"
    content = {"correlation": correlations(together), "results": rows}
    report(chosen.output, "review", text, content, stated)


class Suggested:
    """An annotator's correction on the slice that the current session suggests."""

    def __init__(self, benchmark: ModuleType, watch: Watch) -> None:
        self.draw: Callable[..., tuple[int, np.ndarray]] = benchmark.correction
        self.watch = watch
        self.accepted = self.corrected = 0

    def __call__(
        self,
        rng: np.random.Generator,
        truth: np.ndarray,
        shown: np.ndarray,
        seeds: np.ndarray,
        structures: int,
    ) -> tuple[int, np.ndarray]:
        """As the benchmark's ``correction``, which sees nothing wrong but in that slice."""
        session = self.watch.session
        if len(self.watch.current.shown) == ROUNDS:
            return 0, np.zeros(truth.shape[1:], np.uint8)  # Nothing would be made of it.
        while (z := session.suggest_next_slice()) is not None:
            here = truth.copy()
            here[z] = shown[z]
            _, marks = self.draw(rng, truth, here, seeds, structures)
            if marks.any():
                self.corrected += 1
                return z, marks
            session.accept(z)
            self.accepted += 1
        return 0, np.zeros(truth.shape[1:], np.uint8)


def wrong(task: Task, shown: Shown) -> np.ndarray:
    """Wrong voxels of each slice."""
    return np.asarray((task.truth != shown.labels).sum((1, 2)))


def slices_of(task: Task, number: int) -> Pairs:
    """Confidence and Dice of all unmarked slices that hold reference or result, every round."""
    parts: list[Pairs] = []
    for n, shown in enumerate(task.shown, 1):
        for k in range(1, shown.confidence.shape[1] + 1):
            dice = slice_dice(task.truth, shown.labels, k)
            confidence = shown.confidence[:, k - 1]
            z = np.flatnonzero(~shown.marked & np.isfinite(dice) & np.isfinite(confidence))
            there = (shown.labels[z] == k).any((1, 2))
            parts.append(
                {
                    "confidence": confidence[z],
                    "dice": dice[z],
                    "there": there,
                    "round": np.full(len(z), n),
                    "task": np.full(len(z), number),
                }
            )
    return {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}


def correlations(pairs: Pairs) -> list[dict[str, Any]]:
    """Of all slices together and, as a mean, within each task; by round, then of all rounds."""
    found = []
    for only_results in (False, True):
        for number in (*SHOWN, 0):
            use = (pairs["round"] == number) | (number == 0)
            use &= pairs["there"] | (not only_results)
            x, y, tasks = (pairs[name][use] for name in ("confidence", "dice", "task"))
            each = [spearman(x[tasks == t], y[tasks == t]) for t in np.unique(tasks)]
            known = [value for value in each if np.isfinite(value)]
            found.append(
                {
                    "slices": "with a result" if only_results else "with result or reference",
                    "round": number or "all",
                    "n": len(x),
                    "Pearson": round(pearson(x, y), 3),
                    "Spearman": round(spearman(x, y), 3),
                    "Spearman within a task": round(float(np.mean(known)), 3) if known else None,
                }
            )
    return found


def confidence_table(pairs: Pairs) -> str:
    """Markdown: correlations, then the mean Dice by confidence."""
    rows, by_range = correlations(pairs), calibration(pairs["confidence"], pairs["dice"])
    means = [(name, count, f"{mean:.3f}") for name, count, mean in by_range]
    text = markdown(list(rows[0]), [list(row.values()) for row in rows])
    return text + "\n" + markdown(["confidence", "slices", "mean Dice"], means)


def choice_table(rows: dict[str, list[Row]]) -> str:
    """Markdown: Dice by round of each choice of slices, and how they differ after the last."""
    heads = ["corrections on the", "tasks", *(f"Dice, round {n}" for n in SHOWN)]
    lines = []
    for name, found in rows.items():
        means = [np.mean([np.mean(after(row, n)["dice"]) for row in found]) for n in SHOWN]
        lines.append([name, len(found), *(f"{m:.3f}" for m in means)])
    last = [
        np.array([np.mean(after(r, ROUNDS)["dice"]) for r in rows[n]]) for n in (WORST, SUGGESTED)
    ]
    change = last[1] - last[0]
    error = change.std(ddof=1) / len(change) ** 0.5 if len(change) > 1 else float("nan")
    said = f"Suggested minus worst after {ROUNDS} rounds: {change.mean():+.3f} (standard error"
    return f"{markdown(heads, lines)}\n{said} over tasks {error:.3f}).\n"


if __name__ == "__main__":
    main()
