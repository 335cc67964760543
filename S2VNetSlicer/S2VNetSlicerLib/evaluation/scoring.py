"""Results against references, one row a case and class."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import UserError
from ..volumes.geometry import Geometry
from ..volumes.intensities import normalise
from ..volumes.volume import Volume
from .cases import Labelled, find_result, read_result
from .metrics import TOLERANCE, Score, boundary_contrast, score

_log = logging.getLogger(__name__)
Progress = Callable[[int, int, str], None]
"""Receives finished cases, all cases, and the name of the one just finished."""


@dataclass(frozen=True)
class Row:
    """Agreement of one class in one case. ``ml``: volume of the reference; ``contrast``: how
    distinct its boundary is (see ``boundary_contrast``)."""

    case: str
    structure: str
    score: Score
    ml: float
    contrast: float


def score_labels(
    case: str,
    labels: np.ndarray,
    reference: np.ndarray,
    geometry: Geometry,
    classes: Mapping[int, str],
    *,
    tolerance: float = TOLERANCE,
    image: np.ndarray | None = None,
    regions: Mapping[str, tuple[int, ...]] | None = None,
) -> list[Row]:
    """A row for each class and region; ``labels`` and ``reference`` [k, j, i] numbered as
    ``classes``, of which a region is several.

    ``image``: intensities as the network sees them, for the contrast; without, it is NaN.
    """
    voxel = float(np.prod(geometry.spacing)) / 1000
    rows = []
    parts = [(name, (number,)) for number, name in classes.items()]
    for name, numbers in [*parts, *(regions or {}).items()]:
        mask = np.isin(reference, numbers)
        found = score(np.isin(labels, numbers), mask, geometry.spacing, tolerance)
        contrast = float("nan") if image is None else boundary_contrast(image, mask)
        rows.append(Row(case, name, found, found.reference * voxel, contrast))
    return rows


def score_case(
    case: Labelled,
    labels: np.ndarray,
    classes: Mapping[int, str],
    tolerance: float = TOLERANCE,
    volume: Volume | None = None,
    regions: Mapping[str, tuple[int, ...]] | None = None,
) -> list[Row]:
    """``score_labels`` against the reference of ``case``, with the contrast in its image."""
    volume = volume or case.volume()
    reference, geometry = case.reference(volume)
    if case.ignored is not None:
        labels = np.where(reference == case.ignored, 0, labels)
    image = normalise(volume.array, volume.modality)
    return score_labels(
        case.name,
        labels,
        reference,
        geometry,
        classes,
        tolerance=tolerance,
        image=image,
        regions=regions,
    )


def score_results(
    cases: Sequence[Labelled],
    folder: Path,
    classes: Mapping[int, str],
    *,
    regions: Mapping[str, tuple[int, ...]] | None = None,
    known: Collection[int] | None = None,
    tolerance: float = TOLERANCE,
    progress: Progress = lambda done, total, name: None,
    tell: Callable[[str], object] = _log.warning,
) -> list[Row]:
    """The results in ``folder`` (CASE.nii.gz, CASE.seg.nrrd ...) against their references.

    ``regions``: of ``classes``; ``known``, ``tell``: see ``read_result``.
    Raises UserError when one is missing: a mean over those that are there would flatter.
    """
    results = {case.name: find_result(folder, case.name) for case in cases}
    if missing := [name for name, path in results.items() if path is None]:
        raise UserError(
            f"{folder} has no result for {', '.join(missing[:5])}"
            f"{' and others' if len(missing) > 5 else ''}: complete it or choose cases with --only."
        )
    rows = []
    for done, case in enumerate(cases, 1):
        path = results[case.name]
        assert path is not None
        volume = case.volume()
        labels = read_result(path, classes, volume, known, tell)
        rows += score_case(case, labels, classes, tolerance, volume, regions)
        progress(done, len(cases), case.name)
    return rows
