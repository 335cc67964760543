"""Several structures at once beside each one alone: the shared benchmark's ``--multi`` in one run.

The same structures both ways. At once, a round of marks serves the whole group: up to four
structures share the first slice and every corrected slice, alone each has its own. Writes
multi.json and multi.md.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from facts import facts, shared_benchmark, use_weights
from method import factory
from report import SHOWN, Row, after, markdown, report
from watched import ROUNDS, Watch, options, play

ALONE, AT_ONCE = "alone", "at once"
Scores = dict[tuple[str, ...], list[float]]
"""Dice after each round, by data set, case and structure."""


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--multi", type=int, default=4, help="structures of a group at most")
    chosen = parser.parse_args()
    benchmark, _ = shared_benchmark(chosen.shared)
    stated = facts(use_weights(chosen.weights))
    rows: dict[str, list[Row]] = {ALONE: [], AT_ONCE: []}
    for name, multi in ((AT_ONCE, chosen.multi), (ALONE, 1)):
        rows[name] = [t.row for t in play(name, benchmark, chosen, Watch(factory), multi)]
    text = table(by_structure(rows[ALONE]), rows[AT_ONCE])
    report(chosen.output, "multi", text, {"results": rows}, stated)


def by_structure(rows: Iterable[Row]) -> Scores:
    """Scores of each structure, whatever group it was in."""
    return {
        (row["dataset"], row["case"], name): [
            after(row, n)["dice"][k] for n in range(1, ROUNDS + 1)
        ]
        for row in rows
        for k, name in enumerate(row["structures"])
    }


def table(alone: Scores, groups: list[Row]) -> str:
    """Markdown: the structures that were in a group of several, both ways; then by data set."""
    grouped = by_structure(row for row in groups if len(row["structures"]) > 1)
    both = [key for key in grouped if key in alone]
    if not both:
        return "No two structures share a slice: nothing to compare.\n"
    sizes = [len(row["structures"]) for row in groups if len(row["structures"]) > 1]
    heads = ["structures", "number", *(f"round {n}: {ALONE} / {AT_ONCE}" for n in SHOWN), "change"]
    lines = []
    for dataset in [*sorted({key[0] for key in both}), "all"]:
        keys = [key for key in both if dataset in ("all", key[0])]
        means = [[np.mean([s[k][n - 1] for k in keys]) for s in (alone, grouped)] for n in SHOWN]
        cells = [f"{a:.3f} / {b:.3f}" for a, b in means]
        change = f"{means[-1][1] - means[-1][0]:+.3f}"
        lines.append([dataset, len(keys), *cells, change])
    said = f"{len(sizes)} groups of {min(sizes)} to {max(sizes)} structures."
    return f"{markdown(heads, lines)}\n{said}\n"


if __name__ == "__main__":
    main()
