"""An annotation as parts of a journal: one for the facts about all of it, one for each slice.

What they hold is the codec's; here it is only cut into parts that are written one by one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..annotation import codec
from ..annotation.initial import InitialSegmentation
from ..annotation.state import AnnotationState
from ..errors import UserError
from ..workflow.presenter import Presenter

HEAD, INITIAL = "head", "initial"


@dataclass(frozen=True, eq=False)
class Head:
    """Everything but voxels; an ``initial`` segmentation is never written to."""

    axis: int
    facts: str
    initial: InitialSegmentation | None

    def same(self, other: Head | None) -> bool:
        """Whether ``other`` tells the same."""
        return other is not None and self.facts == other.facts and self.initial is other.initial


def head_of(presenter: Presenter, annotation: AnnotationState) -> Head:
    """The facts about the annotation that the presenter works on."""
    facts = {
        "volume": presenter.workspace.volume_node.GetID(),
        "modality": presenter.workspace.volume.modality if presenter.workspace.volume else None,
        "fixed": presenter.workspace.axis is not None,
        "running": presenter.runs.state.running is not None,
        "annotation": codec.encode(annotation, (), initial=False),
    }
    return Head(annotation.axis, _text(facts), annotation.initial)


def parts_of(
    annotation: AnnotationState, head: Head, slices: Iterable[int], known: Head | None
) -> dict[str, bytes]:
    """The parts, by name, that tell ``head`` and ``slices``; ``known`` is told already."""
    fresh = head.initial is not (known.initial if known else None)
    told = codec.encode(annotation, slices, initial=fresh)
    parts = {HEAD: head.facts.encode()}
    for z, labels in told["labels"].items():
        parts[f"{_start(head.axis)}{z}"] = _text([labels, told["marks"][z]]).encode()
    if fresh and told["initial"] is not None:
        parts[INITIAL] = _text(told["initial"]["labels"]).encode()
    return parts


def volume_of(parts: Mapping[str, bytes]) -> str:
    """The ID of the volume node that the parts belong to."""
    return str(_facts(parts)["volume"])


def was_running(parts: Mapping[str, bytes]) -> bool:
    """Whether a run was going on."""
    return bool(_facts(parts)["running"])


def apply(presenter: Presenter, parts: Mapping[str, bytes]) -> None:
    """Bring the annotation that the presenter works on to what ``parts`` tell.

    UserError, and nothing is changed, where they cannot be read.
    """
    annotation = presenter.workspace.require_annotation()
    facts = _facts(parts)
    try:
        told, start = facts["annotation"], _start(facts["annotation"]["axis"])
        for name, data in parts.items():
            if name.startswith(start):
                z = name.removeprefix(start)
                told["labels"][z], told["marks"][z] = json.loads(data)
        if told["initial"] is not None and INITIAL in parts:
            told["initial"]["labels"] = json.loads(parts[INITIAL])
    except (ValueError, KeyError, TypeError) as error:
        raise UserError("The journal cannot be read", error) from error
    found = codec.decode(told, annotation.copy())
    # Before anything changes: it looks at what the scene shows.
    if facts["modality"] not in (None, presenter.state.modality):
        presenter.set_modality(facts["modality"])
    slices = sorted(map(int, told["labels"]))
    presenter.workspace.replay(found, bool(facts["fixed"]), slices)


def _facts(parts: Mapping[str, bytes]) -> Any:
    try:
        return json.loads(parts[HEAD])
    except (ValueError, KeyError) as error:
        raise UserError("The journal cannot be read", error) from error


def _start(axis: int) -> str:
    return f"slice/{axis}/"


def _text(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
