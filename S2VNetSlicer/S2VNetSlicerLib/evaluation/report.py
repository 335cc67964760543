"""What an evaluation leaves in its folder: tables and figures."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from ..errors import UserError
from ..volumes.writing import write_text
from .cases import Dataset, Labelled, find_result, read_result
from .failures import indistinct_boundaries, small_objects, spread
from .figures import Strip, draw, strip
from .published import PUBLISHED, Reported
from .scoring import Row
from .tables import summary, write_scores

SCORES, SUMMARY = "scores.csv", "summary.md"
CASES, SMALL, INDISTINCT = "cases.png", "small_objects.png", "indistinct_boundaries.png"


def published_for(dataset: Dataset, name: str | None) -> Sequence[Reported]:
    """Published results to show beside: those of ``name`` ("none" for none), by default of the data
    set that dataset.json says it was converted from. Raises UserError for an unknown name."""
    if name is None:
        return PUBLISHED.get(str(dataset.facts.get("source")), ())
    if name != "none" and name not in PUBLISHED:
        raise UserError(f"There are no published results of {name}: use {', '.join(PUBLISHED)}.")
    return PUBLISHED.get(name, ())


def write_report(
    folder: Path,
    title: str,
    methods: Mapping[str, Sequence[Row]],
    published: Sequence[Reported],
    *,
    tolerance: float,
    missing: float | None = None,
) -> str:
    """Write scores.csv and summary.md; returns the latter."""
    write_scores(folder / SCORES, methods)
    text = summary(title, methods, published, tolerance=tolerance, missing=missing)
    write_text(folder / SUMMARY, text)
    return text


def write_figures(
    folder: Path,
    cases: Sequence[Labelled],
    classes: Mapping[int, str],
    rows: Sequence[Row],
    results: Mapping[str, Path],
    count: int,
    known: Collection[int] | None = None,
) -> list[Path]:
    """Draw cases spread over our scores and the worst of the small and the indistinct structures.

    ``rows``: our scores, by which is picked; ``results``: folder of each method's results, ours
    first; ``count``: rows of a figure; ``known``: the labels that results may hold.
    """
    by_name = {case.name: case for case in cases}
    numbers = {name: number for number, name in classes.items()}
    rows = [row for row in rows if row.structure in numbers]  # regions are drawn as their parts

    def of(name: str, title: str, structure: int | None = None) -> Strip:
        case = by_name[name]
        return strip(case, _labels(case, results, classes, known), title, structure)

    def of_row(row: Row) -> Strip:
        about = f"{row.case}\n{row.structure}\nDice {100 * row.score.dice:.1f}, {row.ml:.1f} ml"
        about += f"\ncontrast {row.contrast:.1f}"
        return of(row.case, about, numbers[row.structure])

    figures = {
        CASES: [of(name, name) for name in spread(rows, count)],
        SMALL: [of_row(row) for row in small_objects(rows, count)],
        INDISTINCT: [of_row(row) for row in indistinct_boundaries(rows, count)],
    }
    written = []
    for file, strips in figures.items():
        if strips:
            draw(folder / file, ["reference", *results], strips, classes)
            written.append(folder / file)
    return written


def _labels(
    case: Labelled,
    results: Mapping[str, Path],
    classes: Mapping[int, str],
    known: Collection[int] | None,
) -> list:
    found = []
    for folder in results.values():
        path = find_result(folder, case.name)
        if path is None:
            raise UserError(f"{folder} has no result for {case.name}: complete it.")
        found.append(read_result(path, classes, case.image, known))
    return found
