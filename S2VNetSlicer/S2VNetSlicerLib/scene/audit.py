"""The audit trail: who made each slice, kept in the tags of the segments.

It travels with the segmentation through .seg.nrrd and .mrb.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from ..errors import UserError

TAG = "S2VNet.audit"


def _runs(slice_status: Iterable[int]) -> str:
    """[1, 1, 1, 2] -> "3x1 1x2"."""
    return " ".join(f"{len(list(group))}x{value}" for value, group in groupby(slice_status))


def _values(runs: str) -> list[int]:
    pairs = (run.split("x") for run in runs.split())
    return [int(value) for count, value in pairs for _ in range(int(count))]


def write_audit(segmentation_node: Any, segments: Iterable[str], facts: Mapping[str, Any]) -> None:
    """Store ``facts`` (JSON-able; ``made`` is one value a slice) in the tags of ``segments``."""
    # Slicer ends a tag in a file at "|".
    text = json.dumps({**facts, "made": _runs(facts["made"])}).replace("|", "\\u007c")
    for segment in segments:
        segmentation_node.GetSegmentation().GetSegment(segment).SetTag(TAG, text)


def read_audit(segmentation_node: Any, segment: str) -> dict[str, Any] | None:
    """What :func:`write_audit` stored, or None; UserError when it is not readable any more."""
    from vtkmodules.vtkCommonCore import reference

    found = segmentation_node.GetSegmentation().GetSegment(segment)
    text = reference("")
    if found is None or not found.GetTag(TAG, text):
        return None
    try:
        facts = json.loads(str(text))
        return {**facts, "made": _values(facts["made"])}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UserError(
            "The record of who made {name}, its tag {tag}, cannot be read",
            error,
            name=found.GetName(),
            tag=TAG,
        ) from error
