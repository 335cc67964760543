"""Draws the :class:`State` that front ends see."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from .choices import volume_rows
from .environment import describe
from .library_commands import LibraryCommands
from .runs import Runs
from .state import ClassRow, State
from .workspace import Workspace


def build_view_state(runs: Runs, library: LibraryCommands, question: str) -> State:
    """How things stand; ``question`` is what the user is asked before a correction."""
    workspace, session = runs.workspace, runs.session
    volumes, segmentations = volume_rows(workspace.scene)
    annotation, volume, history = workspace.annotation, workspace.volume, workspace.history
    busy, done, total, seconds = progress(runs)
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
        reading=bool(busy) and runs.state.running is None,
        done=done,
        total=total,
        seconds_left=seconds,
        confidence=annotation.confidence.copy() if annotation is not None and fixed else None,
        slice_status=annotation.slice_status.copy() if annotation is not None and fixed else None,
        provenance=tuple(annotation.provenance) if annotation is not None and fixed else (),
        worst=workspace.worst_slice() if fixed else None,
        predefined=session.predefined,
        body_parts=tuple(session.body_parts),
        learned=library.rows,
        tuning=library.question,
        question=question,
        can_find=volume is not None
        and runs.state.running is None
        and bool(session.predefined or library.rows),
        can_undo=history is not None and history.can_undo,
        can_redo=history is not None and history.can_redo,
        environment=describe(session.processor, slices or session.slices, session.timing),
        message=runs.message.text,
        failed=runs.message.failed,
    )


def _directions(workspace: Workspace) -> tuple[str, str]:
    if workspace.annotation is None or workspace.volume is None:
        return "", ""
    along = workspace.volume.geometry.ijk_to_ras[:3, 2 - workspace.annotation.axis]
    nearest = int(np.abs(along).argmax())
    ends = ("R", "L"), ("A", "P"), ("S", "I")
    up, down = ends[nearest] if along[nearest] > 0 else ends[nearest][::-1]
    return up, down


def progress(runs: Runs) -> tuple[str, int, int, float | None]:
    """What is done, how much of how much, and about how many seconds are left."""
    phase, timing = runs.state.phase, runs.session.timing
    if not phase.name:
        return "", 0, 0, None
    if phase.name != "Propagating":
        left = phase.total - phase.done
        rate = timing.encoding if phase.name == "Encoding" else None
        return phase.name, phase.done, phase.total, rate * left if rate and left else None
    done, total, began = runs.state.reached()
    seconds = None
    if began is not None and done > 1:
        seconds = (time.monotonic() - began) / (done - 1) * (total - done)
    elif timing.carrying is not None:
        seconds = timing.carrying * total
    return phase.name, done, total, seconds


def _id(node: Any) -> str | None:
    return node.GetID() if node is not None and node.GetScene() is not None else None


def _classes(workspace: Workspace) -> tuple[ClassRow, ...]:
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
