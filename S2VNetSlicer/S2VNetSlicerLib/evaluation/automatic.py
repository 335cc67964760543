"""The automatic mode on a data set: results and scores of the classes that the weights know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import UserError
from ..network.model import S2VNet
from ..propagation.records import SessionSettings
from ..segmenting import segment_automatically
from ..volumes.writing import write_label_map
from .cases import Labelled, plain, renumber
from .metrics import TOLERANCE
from .scoring import Progress, Row, score_case


def known_classes(model: S2VNet, classes: Mapping[int, str]) -> dict[int, str]:
    """The classes of a data set that the weights know, by the name that the weights use.

    Raises UserError when there are none.
    """
    names = {plain(name): name for name in model.classes}
    known = {number: names[plain(name)] for number, name in classes.items() if plain(name) in names}
    if not known:
        raise UserError(
            "The weights know none of the data set's classes: train on it first, or evaluate "
            "marks with --rounds."
        )
    return known


def run_automatic(
    model: S2VNet,
    cases: Sequence[Labelled],
    classes: Mapping[int, str],
    folder: Path,
    *,
    card: Mapping[str, Any] | None = None,
    settings: SessionSettings | None = None,
    tolerance: float = TOLERANCE,
    progress: Progress = lambda done, total, name: None,
) -> list[Row]:
    """Segment every case, write CASE.nii.gz with the data set's numbers to ``folder``, score it.

    Classes that the weights, whose ``card`` this is, do not know are not scored.
    """
    known = known_classes(model, classes)
    shown = {number: classes[number] for number in known}
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for done, case in enumerate(cases, 1):
        volume = case.volume()
        names = list(known.values())
        found = segment_automatically(model, volume, names, card=card, settings=settings)
        if not found.complete:
            raise KeyboardInterrupt
        labels = renumber(found.labels, dict(enumerate(names, 1)), shown, case.name)
        write_label_map(
            folder / f"{case.name}.nii.gz", labels.astype(np.uint8), volume.geometry, volume.forms
        )
        rows += score_case(case, labels, shown, tolerance, volume)
        progress(done, len(cases), case.name)
    return rows
