"""An annotation as parts of a journal: one for the facts about all of it, one for each slice."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from ..annotation import codec
from ..annotation.state import AnnotationState
from ..workflow.presenter import Presenter

HEAD, LOADED = "head", "loaded"


@dataclass(frozen=True, eq=False)
class Head:
    """Everything but the voxels of slices; the ``loaded`` result is never written to."""

    axis: int
    facts: str
    loaded: np.ndarray | None

    def same(self, other: Head | None) -> bool:
        """Whether ``other`` tells the same."""
        return other is not None and self.facts == other.facts and self.loaded is other.loaded


def head_of(presenter: Presenter, annotation: AnnotationState) -> Head:
    """The facts about the annotation that the presenter works on."""
    facts = {
        "volume": presenter.volume_node.GetID(),
        "modality": presenter.volume.modality if presenter.volume else None,
        "fixed": presenter.axis is not None,
        "running": presenter.running is not None,
        "annotation": codec.encode(annotation, (), initial=False),
    }
    initial = annotation.initial
    loaded = None if initial is None else initial.labels
    return Head(annotation.axis, json.dumps(facts, separators=(",", ":")), loaded)


def parts_of(
    annotation: AnnotationState, head: Head, slices: Iterable[int], known: Head | None
) -> dict[str, bytes]:
    """The parts, by name, that tell ``head`` and ``slices``; ``known`` is told already."""
    parts = {HEAD: head.facts.encode()}
    for z in slices:
        labels, marks = _packed(annotation.slice(z)), _packed(annotation.marks.get(z))
        parts[_slice_name(head.axis, z)] = len(labels).to_bytes(4, "little") + labels + marks
    if head.loaded is not (known.loaded if known else None):
        parts[LOADED] = b"" if head.loaded is None else _packed(head.loaded)
    return parts


def volume_of(parts: Mapping[str, bytes]) -> str:
    """The ID of the volume node that the parts belong to."""
    return str(json.loads(parts[HEAD])["volume"])


def was_running(parts: Mapping[str, bytes]) -> bool:
    """Whether a run was going on."""
    return bool(json.loads(parts[HEAD])["running"])


def apply(presenter: Presenter, parts: Mapping[str, bytes]) -> None:
    """Bring the annotation that the presenter works on to what ``parts`` tell.

    Raises ValueError, KeyError or TypeError, and changes nothing, where they cannot be read.
    """
    annotation, canvas, _ = presenter.work()
    facts = json.loads(parts[HEAD])
    axis, shape = facts["annotation"]["axis"], annotation.labels.shape
    plane = tuple(n for a, n in enumerate(shape) if a != axis)
    voxels = {z: _slice(parts[_slice_name(axis, z)], plane) for z in _told(parts, axis)}
    loaded = _unpacked(parts[LOADED], shape) if LOADED in parts else None
    before = {s.id for s in annotation.structures}
    found = codec.decode(facts["annotation"], annotation.copy())
    if facts["modality"] not in (None, presenter.state.modality):
        presenter.set_modality(facts["modality"])
    annotation.changing = lambda z: None
    annotation.take(found)
    presenter.axis = axis if facts["fixed"] else None
    if annotation.initial is not None and loaded is not None:
        annotation.initial = replace(annotation.initial, labels=loaded)
    for z, (labels, marks) in voxels.items():
        annotation.put(z, labels, marks)
    annotation.recount()
    canvas.match(annotation.structures, before - {s.id for s in annotation.structures})
    for structure in annotation.structures:
        canvas.rename(structure.id, structure.name, structure.colour)
        if structure.terminology:
            canvas.segment(structure.id).SetTerminology(structure.terminology)
    canvas.write_labels(annotation, voxels)
    if annotation.marks or canvas.marks_node is not None:
        canvas.write_marks(annotation, voxels)
    canvas.keep_initial(annotation)
    canvas.written.clear()
    presenter.take_up(canvas, annotation)  # steps of the history were on other labels
    presenter.select_first(annotation)
    presenter.settle()


def _slice_name(axis: int, z: int) -> str:
    return f"slice/{axis}/{z}"


def _told(parts: Mapping[str, bytes], axis: int) -> list[int]:
    start = f"slice/{axis}/"
    return sorted(int(name.removeprefix(start)) for name in parts if name.startswith(start))


def _slice(data: bytes, plane: tuple[int, ...]) -> tuple[np.ndarray | None, np.ndarray | None]:
    end = 4 + int.from_bytes(data[:4], "little")
    return _unpacked(data[4:end], plane), _unpacked(data[end:], plane)


def _packed(array: np.ndarray | None) -> bytes:
    return b"" if array is None or not array.any() else zlib.compress(array.tobytes(), 1)


def _unpacked(data: bytes, shape: tuple[int, ...]) -> np.ndarray | None:
    if not data:
        return None
    return np.frombuffer(zlib.decompress(data), np.uint8).reshape(shape).copy()
