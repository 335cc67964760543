"""An annotation inside the scene, so that a saved scene goes on where it stopped."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import UserError
from ..propagation.records import Made, audit_facts
from ..scene.audit import write_audit
from ..scene.marks import ROLE
from ..scene.volumes import SEGMENTATION, nodes_of
from .annotation import Annotation, Structure
from .canvas import AUTOMATIC, VOLUME_NODE, Canvas

ATTRIBUTE = "S2VNet.annotation"
VERSION = 1
Finish = Callable[[], None]
FORMATS = (".seg.nrrd", ".mrb", ".nii.gz", ".nii", ".nrrd", ".mha")


def store(
    canvas: Canvas,
    annotation: Annotation,
    fixed: bool,
    modality: str,
    card: dict[str, Any],
    stated: bool = True,
) -> None:
    """Write the state of ``annotation`` and the audit tags into the segmentation node.

    ``fixed``: whether the user has settled on the axis; ``stated``: whether on the modality.
    """
    known = np.nan_to_num(annotation.confidence, nan=-0.01)
    facts = {
        "version": VERSION,
        "axis": annotation.axis,
        "fixed": fixed,
        "modality": modality,
        "stated": stated,
        "classes": [s.id for s in annotation.structures],
        "locked": sorted(annotation.locked),
        "made": annotation.made.tolist(),
        "accepted": np.flatnonzero(annotation.made == Made.ACCEPTED).tolist(),
        "confidence": np.rint(100 * known).astype(int).tolist(),
        "pending": sorted(annotation.pending),
        "corrects": annotation.loaded is not None,
        "model": card.get("name", "unknown"),
    }
    with canvas.observers.muted():
        canvas.node.SetAttribute(ATTRIBUTE, json.dumps(facts, separators=(",", ":")))
        there = [s.id for s in annotation.structures if canvas.segment(s.id) is not None]
        write_audit(canvas.node, there, audit_facts(annotation.axis, annotation.made, card))


def annotated(scene: Any) -> list[Any]:
    """The segmentation nodes of a scene that hold an annotation."""
    nodes = nodes_of(scene, SEGMENTATION)
    return [node for node in nodes if node.GetAttribute(ATTRIBUTE) and not node.GetAttribute(ROLE)]


def volume_of(node: Any) -> Any:
    """The volume that a segmentation annotates, None when it is gone."""
    return node.GetNodeReference(VOLUME_NODE)


def modality_of(node: Any) -> str | None:
    """The modality that the user stated; None: it was read or guessed, or is not readable."""
    try:
        facts = json.loads(node.GetAttribute(ATTRIBUTE) or "{}")
        found = facts.get("modality") if facts.get("stated", True) else None
    except (ValueError, AttributeError):
        return None
    return found if found in ("CT", "MR") else None


def restore(canvas: Canvas, shape: tuple[int, int, int]) -> tuple[Annotation, bool]:
    """The annotation that is stored in the canvas's segmentation, and whether its axis is fixed.

    Classes whose segment is gone are left out. Raises UserError when it is not readable or does
    not fit the volume.
    """
    name = canvas.node.GetName()
    try:
        facts = json.loads(canvas.node.GetAttribute(ATTRIBUTE) or "")
        ids = [str(id) for id in facts["classes"]]
        axis, made = int(facts["axis"]), np.array(facts["made"], np.uint8)
        confidence = np.array(facts["confidence"], np.float32) / 100
        pending, locked = set(map(int, facts["pending"])), set(map(str, facts["locked"]))
        fits = axis in (0, 1, 2) and made.shape == confidence.shape == (shape[axis],)
        fits = fits and all(0 <= z < shape[axis] for z in pending) and made.max() <= max(Made)
        corrects, fixed = bool(facts["corrects"]), bool(facts["fixed"])
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise UserError(
            f"The annotation stored in {name} cannot be read: choose another segmentation."
        ) from error
    if not fits:
        raise UserError(
            f"The annotation stored in {name} does not fit the volume: choose the volume it was "
            "made on."
        )
    structures: list[Structure] = [
        canvas.structure(id) for id in ids if canvas.segment(id) is not None
    ]
    annotation = Annotation(shape, axis, structures)
    annotation.labels[...] = canvas.read_labels(annotation)
    marks = np.moveaxis(canvas.read_marks(annotation), axis, 0)
    annotation.marks = {z: marks[z].copy() for z in np.flatnonzero(marks.any((1, 2))).tolist()}
    annotation.made = made
    annotation.confidence = np.where(confidence < 0, np.nan, confidence).astype(np.float32)
    annotation.pending = pending & set(annotation.anchors)
    annotation.locked = locked & {s.id for s in structures}
    if corrects and canvas.node.GetNodeReference(AUTOMATIC) is not None:
        annotation.loaded, _ = canvas.original_labels([s.id for s in structures], shape)
    return annotation, fixed


def check_format(path: str | os.PathLike[str]) -> Path:
    """Raise UserError unless :func:`export` knows the ending of ``path``."""
    path = Path(path)
    if not path.name.lower().endswith(FORMATS):
        raise UserError(f"{path} has no known format: end its name in {', '.join(FORMATS)}.")
    return path


def export(path: Path, volume: Any, annotation: Annotation, card: dict[str, Any]) -> Finish:
    """Take volume and segmentation (.mrb) or the segmentation as they are now; UserError if not.

    What is returned writes them to ``path``, in any thread.
    """
    if not annotation.structures:
        raise UserError("There is nothing to export yet: add a class and mark it.")
    from ..scene.files import stage_result

    names = [s.name for s in annotation.structures]
    colours = [s.colour for s in annotation.structures]
    meanings = [s.terminology for s in annotation.structures]
    facts = audit_facts(annotation.axis, annotation.made, card)
    return stage_result(path, volume, annotation.labels, names, colours, facts, meanings)


def save_scene(scene: Any, path: str | os.PathLike[str]) -> Finish:
    """Take the whole scene as it is now; what is returned writes it to an .mrb, in any thread.

    An older file stays until the new one is complete.
    """
    from ..scene.files import stage_bundle

    path = Path(path)
    if path.suffix.lower() != ".mrb":
        raise UserError(f"{path} is not a scene file: end its name in .mrb.")
    return stage_bundle(scene, path)
