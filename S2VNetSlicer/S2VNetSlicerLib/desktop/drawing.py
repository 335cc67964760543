"""What the panel's widgets show for a State: properties by widget name, nothing of Qt."""

from __future__ import annotations

from typing import Any

import numpy as np
from slicer.i18n import tr as _
from slicer.i18n import translate

from ..texts import told
from ..workflow.display_text import direction_text, progress_text, provenance_text
from ..workflow.state import State

Shown = dict[str, dict[str, Any]]
"""{widget: {property: value}}."""
MODALITIES = (None, "CT", "MR")
"""What the entries of the modality box state."""


def said(sentence: str) -> str:
    """A sentence of the presenter in Slicer's language."""
    return str(told(sentence, translate))


def shown(state: State, missing: list[str]) -> Shown:
    """The properties of every widget that depends on ``state``.

    ``missing`` names the Python packages without which nothing can be propagated.
    """
    return {
        "messageLabel": {"text": said(state.message), "visible": bool(state.message)},
        "stripFrame": {"visible": state.slices > 0},
        **_volume(state, missing),
        **_classes(state),
        **_marks(state),
        **_propagate(state, ready=not missing),
        **_review(state),
        **_export(state),
    }


def _enabled(names: str, when: bool) -> Shown:
    return {name: {"enabled": when} for name in names.split()}


def _volume(state: State, missing: list[str]) -> Shown:
    idle, chosen = state.idle, state.volume is not None
    return {
        **_enabled("volumeSelector", idle),
        **_enabled("segmentationSelector", idle and chosen),
        "modalityBox": {
            "enabled": idle and chosen,
            "currentIndex": MODALITIES.index(state.stated_modality),
        },
        "axisBox": {
            "enabled": idle and chosen,
            "currentIndex": 0 if state.axis is None else 1 + state.axis,
        },
        "deviceBox": {"enabled": idle},
        "modalityReasonLabel": {
            "text": f"{state.modality}: {said(state.modality_reason)}" if state.modality else ""
        },
        "environmentLabel": {"text": said(state.environment)},
        "installButton": {"visible": bool(missing), "enabled": idle},
    }


def _classes(state: State) -> Shown:
    idle, chosen = state.idle, state.volume is not None
    return {
        **_enabled("classTable", chosen),
        **_enabled("addClassButton", idle and chosen),
        **_enabled("removeClassButton", idle and _class_selected(state)),
        **_enabled("lockOthersButton", len(state.classes) > 1 and _class_selected(state)),
        **_enabled("openResultButton", idle and chosen),
        **_enabled("correctButton", idle and chosen and state.segmentation is not None),
    }


def _class_selected(state: State) -> bool:
    return any(row.id == state.selected for row in state.classes)


def _marks(state: State) -> Shown:
    can_mark = state.volume is not None and bool(state.classes)
    return {
        **_enabled(
            "markButton structureButton backgroundButton eraseButton radiusSlider", can_mark
        ),
        "undoButton": {"enabled": state.can_undo},
        "redoButton": {"enabled": state.can_redo},
    }


def _propagate(state: State, *, ready: bool) -> Shown:
    running = not state.idle
    can = ready and state.anchored and not running
    up, down = (direction_text(letter, _) for letter in state.directions)
    return {
        **_enabled("wholeButton betweenButton", can),
        "upButton": {"enabled": can, "text": up or _("Up")},
        "downButton": {"enabled": can, "text": down or _("Down")},
        "cancelButton": {"enabled": running},
        "progressBar": {
            "enabled": running,
            "maximum": max(1, state.total),
            "value": state.done if running else 0,
        },
        "progressLabel": {"text": progress_text(state, _)},
    }


def _review(state: State) -> Shown:
    slice_status = np.zeros(0, np.uint8) if state.slice_status is None else state.slice_status
    reached = bool(slice_status.any())
    return {
        "worstButton": {"enabled": state.worst is not None},
        "acceptButton": {"enabled": state.can_accept},
        "auditLabel": {
            "text": provenance_text(slice_status, state.provenance or [()] * len(slice_status), _),
            "visible": reached,
        },
        "changedLabel": {"text": changed_text(state), "visible": bool(changed_text(state))},
    }


def changed_text(state: State) -> str:
    """What corrections changed in the automatic result; empty without one."""
    voxels = sum(row.changed_voxels for row in state.classes)
    if not voxels:
        return ""
    millilitres = sum(row.changed_ml for row in state.classes)
    return _("Changed against the automatic result: {voxels} voxels, {ml:.2f} ml").format(
        voxels=voxels, ml=millilitres
    )


def _export(state: State) -> Shown:
    return {
        **_enabled("saveSceneButton", state.volume is not None and state.idle),
        **_enabled("exportButton dicomButton statisticsButton", state.can_export),
    }
