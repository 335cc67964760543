"""How sure a session is of its slices: see ``expected_dice``."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..annotation.next_slice import beyond_ends, expected_errors, next_slice, voxels
from ..annotation.slice_status import SliceStatus
from ..annotation.state import AnnotationState
from .expected_dice import expected_dice
from .fusion import FAR
from .pipeline import Pipeline
from .stages import Annotation
from .volume import InferenceVolume


def slice_confidence(
    z: int,
    state: AnnotationState,
    concerned: Annotation,
    volume: InferenceVolume,
    pipeline: Pipeline | None,
    numbers: Sequence[int],
    known: np.ndarray | None,
    read: bool = False,
) -> np.ndarray:
    """Expected Dice of slice ``z``, [K]; NaN where nothing was computed. ``numbers`` of the
    structures that the ``pipeline`` segments as ``concerned`` says; ``known`` [K]: that of the
    result that is corrected; ``read``: the slice is being read, its masks are at hand."""
    found = np.full(len(state.structures), np.nan, np.float32)
    if state.accepted(z):
        found[:] = 1
    elif state.slice_status[z] != SliceStatus.UNTOUCHED:
        if known is not None:
            found[:] = known
        if pipeline is not None:
            mine = [n - 1 for n in numbers]
            found[mine] = _computed(z, concerned, volume, pipeline, read)
    return found


def _computed(
    z: int, state: Annotation, volume: InferenceVolume, pipeline: Pipeline, read: bool
) -> np.ndarray:
    """Expected Dice in slice ``z`` of the structures that the ``pipeline`` segments."""
    store, prior = pipeline.store, pipeline.prior
    distance = store.distance[:, 0, z].cpu()
    near = (distance < FAR).any(0).numpy()
    found = np.full(len(near), np.nan, np.float32)
    judged = store.fused_quality(z)
    masks = store.shown[z] if read else pipeline.shown(state, [z])[0]
    away = distance.amin(0).to(judged) * volume.thickness * volume.magnified
    away[[k - 1 for k in prior.named]] = 0  # A name is known without prompts.
    expected = expected_dice(masks, judged, away, volume.settings.confidence)
    if prior.known is not None and not near.all():
        found = prior.known.confidence(z)
    found[near] = expected.cpu().numpy()[near]
    if (before := pipeline.initial or pipeline.before) is not None:
        kept = near & ~before.changed(distance).numpy()
        found[kept] = before.confidence[z][kept]
    return found


def suggested_slice(
    state: AnnotationState,
    confidence: np.ndarray,
    volume: InferenceVolume,
    pipeline: Pipeline | None,
) -> int | None:
    """The slice to annotate next, see :func:`~..annotation.next_slice.next_slice`."""
    labels, settings = np.moveaxis(state.labels, state.axis, 0), volume.settings.confidence
    many = confidence.shape[1] + 1
    shown = voxels(labels, many)
    errors = expected_errors(labels, confidence, shown, settings)
    if pipeline is not None and state.initial is None:
        # Where a named structure ends the whole volume told, where a loaded one its method.
        traced = [k for k in range(1, many) if k not in pipeline.prior.named]
        thickness = volume.thickness * volume.magnified
        errors += beyond_ends(shown, state.slice_status, thickness, traced, settings)
    return next_slice(errors, state.slice_status, settings)
