"""Which volume a segmentation belongs to, whether it lies in it, and what slice views show."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import numpy as np

from .marks import BINARY_LABELMAP, MARKS, ROLE, _voxels
from .volumes import SEGMENTATION, VOLUME, nodes_of, to_world, world_geometry

VOLUME_NODE = "S2VNet.volume"
"""The reference from a segmentation to the volume that it annotates."""
MOST = 200_000
"""Voxels of a layer that are looked at."""


def volume_of(node: Any) -> Any:
    """The volume that a segmentation annotates or on whose grid it was made; None: there is none,
    or it is gone."""
    for role in (VOLUME_NODE, node.GetReferenceImageGeometryReferenceRole()):
        found = node.GetNodeReference(role)
        if found is not None and found.GetScene() is not None and found.IsA(VOLUME):
            return found
    return None


def assign(node: Any, volume_node: Any) -> None:
    """A segmentation without voxels belongs to a volume from now on."""
    node.SetReferenceImageGeometryParameterFromVolumeNode(volume_node)


def share_inside(volume_node: Any, segmentation_node: Any) -> float | None:
    """The share (0..1) of what is painted that lies in the volume's box, by physical volume.

    None where nothing is painted. Raises UserError under a warp.
    """
    grid = world_geometry(volume_node)
    to_volume = np.linalg.inv(grid.ijk_to_ras) @ to_world(segmentation_node)
    inside = whole = 0.0
    for image in _layers(segmentation_node):
        values, painted = _voxels(image)
        there = np.flatnonzero(values)
        if not len(there):
            continue
        some = there[:: max(1, len(there) // MOST)]
        ijk = np.stack(np.unravel_index(some, values.shape))[::-1]
        onto = to_volume @ painted.ijk_to_ras
        at = onto[:3, :3] @ ijk + onto[:3, 3:]
        top = np.array(grid.shape[::-1])[:, None] - 0.5
        size = len(there) * abs(np.linalg.det(painted.ijk_to_ras[:3, :3]))
        inside += size * float(((at >= -0.5) & (at <= top)).all(0).mean())
        whole += size
    return inside / whole if whole else None


def _layers(node: Any) -> Iterator[Any]:
    """The label maps of a segmentation, those that segments share only once."""
    segmentation, seen = node.GetSegmentation(), set()
    for id in segmentation.GetSegmentIDs():
        image = segmentation.GetSegment(id).GetRepresentation(BINARY_LABELMAP)
        if image is not None and not image.IsEmpty() and image not in seen:
            seen.add(image)
            yield image


def shown_volumes(slice_node: Any) -> tuple[str, ...] | None:
    """IDs of the volumes that a slice view shows; None: it cannot be told."""
    scene = slice_node.GetScene()
    if scene is None:
        return None
    for composite in nodes_of(scene, "vtkMRMLSliceCompositeNode"):
        if composite.GetLayoutName() == slice_node.GetLayoutName():
            shown = [composite.GetBackgroundVolumeID()]
            if composite.GetForegroundOpacity() > 0:
                shown.append(composite.GetForegroundVolumeID())
            return tuple(id for id in shown if id)
    return None


class Visibility:
    """Hides segmentations of volumes that are not worked on, and shows them again.

    ``strict``: all of them, at every call; otherwise only those that are annotated here (IDs in
    ``ours``) and their marks, and none that the user shows again until the volume changes.
    """

    def __init__(self, scene: Any, strict: bool = False) -> None:
        self.strict = strict
        self._scene, self._volume = scene, None
        self._hidden: set[str] = set()

    def follow(self, volume_node: Any, ours: Collection[str]) -> None:
        """``volume_node`` is worked on now (None: nothing changes)."""
        if volume_node is None or (volume_node is self._volume and not self.strict):
            return
        self._volume = volume_node
        for node in nodes_of(self._scene, SEGMENTATION):
            owner, display, id = volume_of(node), node.GetDisplayNode(), node.GetID()
            if owner is None or display is None:
                continue
            if owner is volume_node:
                self._show(id, display)
            elif display.GetVisibility() and (
                self.strict or id in ours or node.GetAttribute(ROLE) == MARKS
            ):
                self._hidden.add(id)
                display.SetVisibility(False)

    def _show(self, id: str, display: Any) -> None:
        if id in self._hidden:
            self._hidden.discard(id)
            display.SetVisibility(True)

    def restore(self) -> None:
        """Show again what was hidden."""
        for id in list(self._hidden):
            node = self._scene.GetNodeByID(id)
            if node is not None and node.GetDisplayNode() is not None:
                self._show(id, node.GetDisplayNode())
        self._hidden.clear()
