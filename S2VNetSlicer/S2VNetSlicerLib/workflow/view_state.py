"""Draws the :class:`State` that front ends see."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from ..scene.marks import ROLE
from ..scene.volumes import SEGMENTATION, VOLUME, nodes_of
from .environment import describe, torch_missing
from .state import ClassRow, LearnedRow, State, VolumeRow

if TYPE_CHECKING:
    from .prefetching import Prefetching

COLOURS = (
    (0.92, 0.48, 0.25),
    (0.18, 0.70, 1.00),
    (0.62, 1.00, 0.70),
    (0.70, 0.25, 0.40),
    (0.92, 0.85, 0.10),
    (0.32, 0.25, 1.00),
    (0.48, 1.00, 1.00),
    (0.77, 0.10, 0.10),
    (0.10, 0.70, 0.62),
    (0.10, 0.55, 0.62),
    (0.49, 0.11, 0.43),
    (0.56, 0.11, 0.18),
    (0.81, 0.43, 0.43),
    (1.00, 0.62, 0.75),
    (0.30, 0.49, 1.00),
    (0.05, 0.30, 0.68),
    (0.18, 0.87, 1.00),
    (0.68, 0.75, 0.56),
    (0.24, 0.37, 0.30),
    (0.24, 0.43, 0.62),
    (0.05, 0.87, 0.81),
    (0.18, 0.49, 0.24),
    (0.56, 0.43, 0.49),
    (0.81, 0.43, 0.75),
)
"""Chosen one after the other, each as far as possible (CIEDE2000) from those before, also as people
without green or red cones see them (Machado et al. 2009); the first ten then sorted. Of ten two are
15 apart at least, of all 24 still 8.9."""


def colour_of(number: int) -> tuple[float, float, float]:
    """A colour for the class with this number."""
    return COLOURS[number % len(COLOURS)]


def volume_rows(scene: Any) -> tuple[tuple[VolumeRow, ...], tuple[VolumeRow, ...]]:
    """The volumes and the segmentations to choose from."""
    volumes = [n for n in _nodes(scene, VOLUME) if n.GetClassName() == VOLUME]
    segmentations = [n for n in _nodes(scene, SEGMENTATION) if not n.GetAttribute(ROLE)]
    return tuple(map(_row, volumes)), tuple(map(_row, segmentations))


def _nodes(scene: Any, kind: str) -> list[Any]:
    return [node for node in nodes_of(scene, kind) if not node.GetHideFromEditors()]


def _row(node: Any) -> VolumeRow:
    return VolumeRow(node.GetID(), node.GetName() or "")


def learned_rows() -> tuple[LearnedRow, ...]:
    """The user's library; empty where PyTorch, which comes with its file format, is missing."""
    if torch_missing():
        return ()
    from ..library.store import listed

    return tuple(LearnedRow(row.name, row.modality, row.examples) for row in listed())


def build_view_state(workspace: Prefetching) -> State:
    """How things stand."""
    volumes, segmentations = volume_rows(workspace.scene)
    annotation, volume, history = workspace.annotation, workspace.volume, workspace.history
    busy, done, total, seconds = progress(workspace)
    fixed = annotation is not None and workspace.axis is not None
    slices = annotation.slices if annotation is not None and fixed else 0
    return State(
        volumes=volumes,
        volume=_id(workspace.volume_node),
        segmentations=segmentations,
        segmentation=_id(workspace.node),
        modality=volume.modality if volume else None,
        modality_reason=volume.modality_reason if volume else "",
        stated_modality=workspace.modality,
        axis=workspace.axis,
        directions=_directions(workspace) if fixed else ("", ""),
        slices=slices,
        slice=workspace.slice,
        classes=_classes(workspace),
        selected=workspace.selected,
        busy=busy,
        reading=bool(busy) and workspace.running is None,
        done=done,
        total=total,
        seconds_left=seconds,
        confidence=annotation.confidence.copy() if annotation is not None and fixed else None,
        slice_status=annotation.slice_status.copy() if annotation is not None and fixed else None,
        provenance=tuple(annotation.provenance) if annotation is not None and fixed else (),
        worst=worst_slice(workspace) if fixed else None,
        predefined=workspace.predefined,
        learned=workspace.library,
        tuning=workspace.tuning,
        question=workspace.question,
        can_find=volume is not None
        and workspace.running is None
        and bool(workspace.predefined or workspace.library),
        can_undo=history is not None and history.can_undo,
        can_redo=history is not None and history.can_redo,
        environment=describe(
            workspace.processor, slices or workspace.session_slices, workspace.timing
        ),
        message=workspace.message,
        failed=bool(workspace.message) and workspace.message == workspace.failure,
    )


def worst_slice(workspace: Prefetching) -> int | None:
    """The slice where a mark should help most, never an accepted one."""
    annotation, worst = workspace.annotation, workspace.worst
    if annotation is not None and worst is not None and annotation.accepted(worst):
        workspace.worst = annotation.weakest()
    return workspace.worst


def _directions(workspace: Prefetching) -> tuple[str, str]:
    if workspace.annotation is None or workspace.volume is None:
        return "", ""
    along = workspace.volume.geometry.ijk_to_ras[:3, 2 - workspace.annotation.axis]
    nearest = int(np.abs(along).argmax())
    ends = ("R", "L"), ("A", "P"), ("S", "I")
    up, down = ends[nearest] if along[nearest] > 0 else ends[nearest][::-1]
    return up, down


def progress(workspace: Prefetching) -> tuple[str, int, int, float | None]:
    """What is done, how much of how much, and about how many seconds are left."""
    phase, timing = workspace.phase, workspace.timing
    if not phase.name:
        return "", 0, 0, None
    if phase.name != "Propagating":
        left = phase.total - phase.done
        rate = timing.encoding if phase.name == "Encoding" else None
        return phase.name, phase.done, phase.total, rate * left if rate and left else None
    done, total, began = workspace.reached()
    seconds = None
    if began is not None and done > 1:
        seconds = (time.monotonic() - began) / (done - 1) * (total - done)
    elif timing.carrying is not None:
        seconds = timing.carrying * total
    return phase.name, done, total, seconds


def _id(node: Any) -> str | None:
    return node.GetID() if node is not None and node.GetScene() is not None else None


def _classes(workspace: Prefetching) -> tuple[ClassRow, ...]:
    annotation, mirror = workspace.annotation, workspace.mirror
    if annotation is None or mirror is None or workspace.volume is None or not mirror.here:
        return ()
    ml = float(np.prod(workspace.volume.geometry.spacing)) / 1000
    voxels, changed = annotation.voxels()
    display = mirror.node.GetDisplayNode()
    return tuple(
        ClassRow(
            structure.id,
            structure.name,
            structure.colour,
            structure.id in annotation.locked,
            display is None or bool(display.GetSegmentVisibility(structure.id)),
            float(voxels[n] * ml),
            int(changed[n]),
            float(changed[n] * ml),
            structure.terminology,
        )
        for n, structure in enumerate(annotation.structures)
    )
