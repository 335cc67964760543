"""Who made which slice, in a form that is stored with a result and told to the user."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np

from .slice_status import SliceStatus
from .state import MODEL, Origin

SLICES = "provenance"
"""The entry of an audit that has :func:`runs`."""


class Run(NamedTuple):
    """Slices ``first``..``last`` (from 0) that are equally far and of the same ``origins``."""

    first: int
    last: int
    slice_status: SliceStatus
    origins: tuple[Origin, ...]

    def slices(self) -> list[tuple[Origin, ...]]:
        """The origins of each of its slices."""
        return [self.origins] * (self.last - self.first + 1)


def runs(slice_status: np.ndarray, provenance: Sequence[tuple[Origin, ...]]) -> list[Run]:
    """All slices, as few runs as there can be."""
    found, first = [], 0
    for (far, origins), run in groupby(zip(slice_status.tolist(), provenance, strict=True)):
        last = first + len(list(run)) - 1
        found.append(Run(first, last, SliceStatus(far), origins))
        first = last + 1
    return found


def of_model(slice_status: np.ndarray, name: str) -> list[tuple[Origin, ...]]:
    """The provenance of slices that nothing but the model ``name`` made."""
    return [((MODEL, name),) if far else () for far in slice_status.tolist()]


def stored(
    slice_status: np.ndarray,
    provenance: Sequence[tuple[Origin, ...]],
    card: Mapping[str, Any],
    software: str,
) -> dict[str, Any]:
    """What an audit says of methods: JSON-able. ``card``: of the weights, with the digests of all
    their files."""
    found = runs(slice_status, provenance)
    return {
        SLICES: [
            [r.first, r.last, int(r.slice_status), [list(o) for o in r.origins]] for r in found
        ],
        "software": software,
        "weights": dict(card.get("digests", {})),
    }


def read(facts: Mapping[str, Any]) -> list[Run]:
    """The runs of an audit, also of one that earlier versions stored; ValueError and the like
    where they are damaged."""
    if SLICES in facts:
        return [
            Run(int(a), int(b), SliceStatus(far), tuple((str(k), str(n)) for k, n in origins))
            for a, b, far, origins in facts[SLICES]
        ]
    slice_status = np.array(facts["made"], np.uint8)
    return runs(slice_status, of_model(slice_status, str(facts.get("model", "unknown"))))
