"""An annotation inside the scene, so that a saved scene goes on where it stopped."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ..annotation import codec, provenance
from ..annotation.initial import InitialSegmentation
from ..annotation.state import AnnotationState, Origin
from ..errors import UserError
from ..logs import software_version
from ..propagation.records import SessionSettings, audit_facts
from ..scene.audit import read_audit, write_audit
from ..scene.marks import ROLE
from ..scene.volumes import SEGMENTATION, nodes_of
from .segmentation_mirror import AUTOMATIC, SegmentationMirror

ATTRIBUTE = "S2VNet.annotation"
SHOWN = "S2VNet.shown"
"""The attribute of the segmentation that is worked on."""
Finish = Callable[[], None]
FORMATS = (".seg.nrrd", ".mrb", ".nii.gz", ".nii", ".nrrd", ".mha")


def store(
    mirror: SegmentationMirror,
    annotation: AnnotationState,
    fixed: bool,
    modality: str,
    card: dict[str, Any],
    settings: SessionSettings,
    stated: bool = True,
) -> None:
    """Write the state of ``annotation`` and the audit tags into the segmentation node.

    ``fixed``: whether the user has settled on the axis; ``stated``: whether on the modality.
    """
    facts = {
        "fixed": fixed,
        "modality": modality,
        "stated": stated,
        "model": card.get("name", "unknown"),
        "annotation": codec.encode(annotation, (), initial=False),
    }
    with mirror.observers.muted():
        for node in annotated(mirror.scene):
            if node is not mirror.node:
                node.RemoveAttribute(SHOWN)
        mirror.node.SetAttribute(SHOWN, "1")
        mirror.node.SetAttribute(ATTRIBUTE, json.dumps(facts, separators=(",", ":")))
        there = [s.id for s in annotation.structures if mirror.segment(s.id) is not None]
        write_audit(mirror.node, there, audit(annotation, card, settings))


def audit(
    annotation: AnnotationState, card: dict[str, Any], settings: SessionSettings
) -> dict[str, Any]:
    """Who made which slice, with what, as it is stored in the segments."""
    slice_status, by = annotation.slice_status, annotation.provenance
    return {
        **audit_facts(annotation.axis, slice_status, card, settings),
        **provenance.stored(slice_status, by, card, software_version()),
    }


def told_provenance(node: Any, ids: list[str], axis: int, slices: int) -> list[tuple[Origin, ...]]:
    """What the audit in a result says of its ``slices`` along ``axis``; empty: it says nothing.

    Raises UserError for an audit that is damaged.
    """
    for id in ids:
        facts = read_audit(node, id)
        if facts is None or facts.get("axis") != axis or len(facts["made"]) != slices:
            continue
        try:
            return [o for run in provenance.read(facts) for o in run.slices()]
        except (ValueError, TypeError, KeyError) as error:
            raise UserError(
                "The record of who made {name} is damaged", error, name=node.GetName()
            ) from error
    return []


def annotated(scene: Any) -> list[Any]:
    """The segmentation nodes of a scene that hold an annotation."""
    nodes = nodes_of(scene, SEGMENTATION)
    return [node for node in nodes if node.GetAttribute(ATTRIBUTE) and not node.GetAttribute(ROLE)]


def modality_of(node: Any) -> str | None:
    """The modality that the user stated; None: it was read or guessed.

    Raises UserError where the annotation is not readable.
    """
    try:
        facts = json.loads(node.GetAttribute(ATTRIBUTE) or "{}")
        found = facts.get("modality") if facts.get("stated", True) else None
    except (ValueError, AttributeError) as error:
        raise UserError(
            "The annotation stored in {name} cannot be read", error, name=node.GetName()
        ) from error
    return found if found in ("CT", "MR") else None


def restore(
    mirror: SegmentationMirror, shape: tuple[int, int, int]
) -> tuple[AnnotationState, bool]:
    """The annotation that is stored in the mirror's segmentation, and whether its axis is fixed.

    Classes whose segment is gone are left out. Raises UserError when it is not readable or does
    not fit the volume.
    """
    name = mirror.node.GetName()
    annotation = AnnotationState(shape, 0)
    try:
        facts = json.loads(mirror.node.GetAttribute(ATTRIBUTE) or "")
        codec.decode(annotation_of(facts), annotation)
        fixed = bool(facts["fixed"])
    except codec.NewerVersionError:
        raise
    except UserError as error:
        raise UserError("{name}: {error}", name=name, error=error) from error
    except (ValueError, TypeError, KeyError) as error:
        raise UserError(
            "The annotation stored in {name} cannot be read", error, name=name
        ) from error
    known = annotation.structures
    there = [n for n, s in enumerate(known) if mirror.segment(s.id) is not None]
    annotation.structures = [mirror.structure(known[n].id) for n in there]
    annotation.labels[...] = mirror.read_labels(annotation)
    marks = np.moveaxis(mirror.read_marks(annotation), annotation.axis, 0)
    annotation.marks = {z: marks[z].copy() for z in np.flatnonzero(marks.any((1, 2))).tolist()}
    annotation.pending &= set(annotation.anchors)
    annotation.locked &= {s.id for s in annotation.structures}
    initial = annotation.initial
    if initial is not None and mirror.node.GetNodeReference(AUTOMATIC) is None:
        annotation.initial = None
    elif initial is not None:
        labels, _ = mirror.original_labels([s.id for s in annotation.structures], shape)
        sure = None if initial.confidence is None else initial.confidence[:, there]
        annotation.initial = InitialSegmentation(labels, initial.source, sure)
    annotation.recount()
    return annotation, fixed


def annotation_of(facts: Any) -> Any:
    """What the codec wrote within the attribute's values; version 1 had them at the top."""
    return facts.get("annotation", facts) if isinstance(facts, dict) else facts


def check_not_newer(node: Any) -> None:
    """Raise UserError when a newer version stored an annotation in ``node``: it is left alone."""
    try:
        facts = annotation_of(json.loads(node.GetAttribute(ATTRIBUTE) or "{}"))
        codec.check_version(facts)
    except codec.NewerVersionError:
        raise
    except ValueError as error:  # not readable at all, or none: nothing newer
        logging.getLogger(__name__).debug("%s holds no annotation: %s", node.GetName(), error)


def check_format(path: str | os.PathLike[str]) -> Path:
    """Raise UserError unless :func:`export` knows the ending of ``path``."""
    path = Path(path)
    if not path.name.lower().endswith(FORMATS):
        raise UserError(
            "{path} has no known format: end its name in {listed}.",
            path=path,
            listed=", ".join(FORMATS),
        )
    return path


def export(
    path: Path,
    volume: Any,
    annotation: AnnotationState,
    card: dict[str, Any],
    settings: SessionSettings,
) -> Finish:
    """Take volume and segmentation (.mrb) or the segmentation as they are now; UserError if not.

    What is returned writes them to ``path``, in any thread.
    """
    if not annotation.structures:
        raise UserError("There is nothing to export yet: add a class and mark it.")
    from ..scene.files import stage_result

    names = [s.name for s in annotation.structures]
    colours = [s.colour for s in annotation.structures]
    meanings = [s.terminology for s in annotation.structures]
    facts = audit(annotation, card, settings)
    return stage_result(path, volume, annotation.labels, names, colours, facts, meanings)


def save_scene(scene: Any, path: str | os.PathLike[str]) -> Finish:
    """Take the whole scene as it is now; what is returned writes it to an .mrb, in any thread.

    An older file stays until the new one is complete.
    """
    from ..scene.files import stage_bundle

    path = Path(path)
    if path.suffix.lower() != ".mrb":
        raise UserError("{path} is not a scene file: end its name in .mrb.", path=path)
    return stage_bundle(scene, path)
