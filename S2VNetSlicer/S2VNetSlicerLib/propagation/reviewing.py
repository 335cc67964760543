"""How sure a session is of its slices: see ``review``."""

from __future__ import annotations

import numpy as np

from ..annotation.made import Made
from ..annotation.next_slice import beyond_ends, expected_errors, next_slice, voxels
from .fusion import FAR
from .loaded import Loaded
from .pipeline import Masks, Pipeline
from .review import expected_dice
from .settings import ConfidenceSettings


def slice_confidence(
    z: int,
    made: int,
    structures: int,
    pipeline: Pipeline | None,
    loaded: Loaded | None,
    thickness: float,
    settings: ConfidenceSettings,
    masks: Masks | None = None,
) -> np.ndarray:
    """Expected Dice of slice ``z``, [structures]; NaN where nothing was computed. ``made``: by
    whom, see :class:`~.records.Made`; ``masks`` if they are at hand."""
    found = np.full(structures, np.nan, np.float32)
    if made == Made.ACCEPTED:
        found[:] = 1
    elif made != Made.UNTOUCHED and pipeline is not None:
        store, prior = pipeline.store, pipeline.prior
        distance = store.distance[:, 0, z].cpu()
        near = (distance < FAR).any(0).numpy()
        judged = store.fused_quality(z)
        shown = (pipeline.masks([z])[0] if masks is None else masks)[0]
        away = distance.amin(0).to(judged) * thickness
        away[[k - 1 for k in prior.named]] = 0  # A name is known without anchors.
        expected = expected_dice(shown, judged, away, settings)
        if prior.known is not None and not near.all():
            found = prior.known.confidence(z)
        found[near] = expected.cpu().numpy()[near]
        if (before := pipeline.initial or pipeline.before) is not None:
            kept = near & ~before.changed(distance).numpy()
            found[kept] = before.confidence[z][kept]
    elif made != Made.UNTOUCHED and loaded is not None:
        found[:] = loaded.confidence[z]
    return found


def suggested_slice(
    labels: np.ndarray,
    confidence: np.ndarray,
    made: np.ndarray,
    pipeline: Pipeline | None,
    loaded: Loaded | None,
    thickness: float,
    settings: ConfidenceSettings,
) -> int | None:
    """The slice of ``labels`` [slices, rows, columns] to annotate next, see
    :func:`~..annotation.next_slice.next_slice`."""
    many = confidence.shape[1] + 1
    shown = voxels(labels, many)
    errors = expected_errors(labels, confidence, shown, settings)
    if pipeline is not None and loaded is None:
        # Where a named structure ends the whole volume told, where a loaded one its method.
        traced = [k for k in range(1, many) if k not in pipeline.prior.named]
        errors += beyond_ends(shown, made, thickness, traced, settings)
    return next_slice(errors, made, settings)
