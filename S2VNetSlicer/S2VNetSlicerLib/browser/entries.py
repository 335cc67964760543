"""An annotation as parts of a journal: one for the facts about all of it, one for each slice."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

import numpy as np

from ..workflow.annotation import Annotation, Structure
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


def head_of(presenter: Presenter, annotation: Annotation) -> Head:
    """The facts about the annotation that the presenter works on."""
    known = np.nan_to_num(annotation.confidence, nan=-0.01)
    facts = {
        "volume": presenter.volume_node.GetID(),
        "modality": presenter.volume.modality if presenter.volume else None,
        "axis": annotation.axis,
        "fixed": presenter.axis is not None,
        "running": presenter.running is not None,
        "structures": [asdict(structure) for structure in annotation.structures],
        "locked": sorted(annotation.locked),
        "pending": sorted(annotation.pending),
        "made": annotation.made.tolist(),
        "confidence": np.rint(100 * known).astype(int).tolist(),
    }
    return Head(annotation.axis, json.dumps(facts, separators=(",", ":")), annotation.loaded)


def parts_of(
    annotation: Annotation, head: Head, slices: Iterable[int], known: Head | None
) -> dict[str, bytes]:
    """The parts, by name, that tell ``head`` and ``slices``; ``known`` is told already."""
    parts = {HEAD: head.facts.encode()}
    for z in slices:
        labels, marks = _packed(annotation.slice(z)), _packed(annotation.marks.get(z))
        parts[_slice_name(head.axis, z)] = len(labels).to_bytes(4, "little") + labels + marks
    if head.loaded is not (known.loaded if known else None):
        parts[LOADED] = _packed(annotation.loaded)
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
    axis, shape = facts["axis"], annotation.labels.shape
    plane = tuple(n for a, n in enumerate(shape) if a != axis)
    voxels = {z: _slice(parts[_slice_name(axis, z)], plane) for z in _told(parts, axis)}
    structures = [Structure(**{**s, "colour": tuple(s["colour"])}) for s in facts["structures"]]
    loaded = annotation.loaded
    if LOADED in parts:
        loaded = _unpacked(parts[LOADED], shape)
    made, sure = np.array(facts["made"], np.uint8), np.array(facts["confidence"], np.float32) / 100
    if not made.shape == sure.shape == (shape[axis],):
        raise ValueError("the journal is that of another volume")
    if facts["modality"] not in (None, presenter.state.modality):
        presenter.set_modality(facts["modality"])
    before = {s.id for s in annotation.structures}
    annotation.changing = lambda z: None
    if axis != annotation.axis:
        annotation.set_axis(axis)
    presenter.axis = axis if facts["fixed"] else None
    annotation.structures, annotation.loaded = structures, loaded
    for z, (labels, marks) in voxels.items():
        annotation.put(z, labels, marks)
    annotation.locked, annotation.pending = set(facts["locked"]), set(facts["pending"])
    annotation.made = made
    annotation.confidence = np.where(sure < 0, np.nan, sure).astype(np.float32)
    annotation.recount()
    canvas.match(structures, before - {s.id for s in structures})
    for structure in structures:
        canvas.rename(structure.id, structure.name, structure.colour)
        if structure.terminology:
            canvas.segment(structure.id).SetTerminology(structure.terminology)
    canvas.write_labels(annotation, voxels)
    if annotation.marks or canvas.marks_node is not None:
        canvas.write_marks(annotation, voxels)
    canvas.keep_loaded(annotation)
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
