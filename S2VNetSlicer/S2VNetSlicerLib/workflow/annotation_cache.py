"""What was put away and can be gone on with: annotations and their steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..annotation.state import AnnotationState
from .history import History
from .segmentation_mirror import SegmentationMirror

MOST_KEPT = 4
"""Segmentations whose steps are remembered."""


@dataclass(frozen=True, eq=False)
class CachedAnnotation:
    """An annotation with its steps, and where the user was in it."""

    annotation: AnnotationState
    history: History
    axis: int | None
    selected: str
    slice: int

    def fits(self, mirror: SegmentationMirror, shape: tuple[int, int, int]) -> bool:
        """Whether the segmentation of ``mirror`` is still the same, voxel by voxel: somebody may
        have edited it meanwhile."""
        annotation = self.annotation
        ids = list(mirror.node.GetSegmentation().GetSegmentIDs())
        if annotation.shape != shape or any(s.id not in ids for s in annotation.structures):
            return False
        same = np.array_equal(mirror.read_labels(annotation), annotation.labels)
        return same and np.array_equal(mirror.read_marks(annotation), annotation.marks_volume())


class AnnotationCache:
    """Keeps what was put away, so that whoever comes back to a segmentation finds its steps."""

    def __init__(self) -> None:
        self._kept: dict[Any, CachedAnnotation] = {}
        self._last: dict[Any, Any] = {}

    def keep(self, mirror: SegmentationMirror, kept: CachedAnnotation) -> None:
        """Remember what was done in the segmentation of ``mirror``; the oldest are forgotten."""
        if not mirror.here:
            return
        self._kept.pop(mirror.node, None)
        self._kept = {n: k for n, k in self._kept.items() if n.GetScene() is not None}
        self._kept[mirror.node] = kept
        for oldest in list(self._kept)[:-MOST_KEPT]:
            del self._kept[oldest]

    def take(
        self, mirror: SegmentationMirror, shape: tuple[int, int, int]
    ) -> CachedAnnotation | None:
        """What was kept of the segmentation of ``mirror``, unless it has changed since."""
        kept = self._kept.pop(mirror.node, None)
        return kept if kept is not None and kept.fits(mirror, shape) else None

    def worked_on(self, volume_node: Any, node: Any) -> None:
        """The segmentation ``node`` is the last one of its volume that was worked on."""
        self._last[volume_node] = node

    def last_of(self, volume_node: Any) -> Any:
        """The segmentation of a volume that was worked on last, None without one."""
        found = self._last.get(volume_node)
        return found if found is not None and found.GetScene() is not None else None

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()
        self._last.clear()
