"""Label maps become segments; nothing else in the segmentation changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import UserError
from .marks import BINARY_LABELMAP, check_paintable, label_maps, oriented_image
from .volumes import check_in_scene, local_geometry


class SegmentationWriter:
    """Writes label maps of one volume into segments of one segmentation node.

    The segmentation takes the volume's geometry and parent transform. Only the segments of
    :meth:`ensure_segments` are written; they get a layer (a shared binary label map) of their own,
    so that slices can be written in place and no other segment changes. Every method raises
    UserError when a node or a segment has left the scene.
    """

    def __init__(self, segmentation_node: Any, volume_node: Any) -> None:
        check_in_scene(volume_node, "volume")
        check_paintable(segmentation_node)
        self.node, self.volume_node = segmentation_node, volume_node
        self.grid = local_geometry(volume_node)
        self.segments: list[str] = []
        self._layer: Any = None
        self._stale: set[str] = set()
        self._follow_volume()

    def _follow_volume(self) -> None:
        node, parent = self.node, self.volume_node.GetParentTransformNode()
        segmentation = node.GetSegmentation()
        if segmentation.GetNumberOfSegments() and node.GetParentTransformNode() is not parent:
            raise UserError(
                "{name} is under another transform than {volume}: choose a new "
                "segmentation or move it under the volume's transform.",
                name=node.GetName(),
                volume=self.volume_node.GetName(),
            )
        node.SetAndObserveTransformNodeID(parent.GetID() if parent else None)
        node.SetReferenceImageGeometryParameterFromVolumeNode(self.volume_node)
        if node.GetNumberOfDisplayNodes() == 0:
            node.CreateDefaultDisplayNodes()

    def ensure_segments(
        self, names: Sequence[str], colours: Sequence[tuple[float, float, float]]
    ) -> list[str]:
        """The IDs of the segments for structures 1, 2, ...: those of that name, else new ones."""
        check_in_scene(self.node, "segmentation")
        segmentation = self.node.GetSegmentation()
        self.segments, self._layer = [], None
        for name, colour in zip(names, colours, strict=True):
            found = segmentation.GetSegmentIdBySegmentName(name)
            self.segments.append(found or segmentation.AddEmptySegment("", name, colour))
        return self.segments

    # ---- writing -------------------------------------------------------------------------------

    def write(self, labels: np.ndarray) -> None:
        """Make the segments equal to ``labels`` uint8 [k, j, i] (0 background, 1.. structures)."""
        self._check_shape(labels, self.grid.shape)
        self.write_slices(labels, 0)
        self.finish()

    def write_slices(self, block: np.ndarray, first: int, axis: int = 0) -> None:
        """Write ``block`` uint8 [slices, rows, columns] from slice ``first`` along ``axis`` on.

        Rows and columns are the remaining axes of [k, j, i] in their order. Fast enough for every
        slice of a running propagation; the surfaces follow at :meth:`finish`.
        """
        self._check()
        shape = list(self.grid.shape)
        across = shape.pop(axis)
        if not 0 <= first <= across - len(block):
            raise UserError("There is no slice {z} to write into.", z=first + len(block) - 1)
        self._check_shape(block, (len(block), *shape))
        if int(block.max(initial=0)) > len(self.segments):
            raise UserError(
                "The result has structure {number}: add a segment for it first.", number=block.max()
            )
        part = slice(first, first + len(block))
        old = np.moveaxis(self._voxels(), axis, 0)[part]
        differ = old != block
        if differ.any():
            numbers = np.union1d(old[differ], block[differ]).tolist()
            self._stale.update(self.segments[n - 1] for n in numbers if n)
            old[...] = block
            self._announce()

    def finish(self, surfaces: bool = True) -> None:
        """Give the written segments their surfaces, where the segmentation has surfaces, and their
        layer its smallest extent."""
        from slicer import vtkOrientedImageDataResample, vtkSlicerSegmentationsModuleLogic

        self._check()
        stale, self._stale = [s for s in self.segments if s in self._stale], set()
        if not stale:
            return
        voxels = self._voxels()
        extent = [0, 0] * 3
        if not vtkOrientedImageDataResample.CalculateEffectiveExtent(self._layer, extent):
            extent = [0, 0] * 3  # no labels: one voxel
        i, last_i, j, last_j, k, last_k = extent
        part = voxels[k : last_k + 1, j : last_j + 1, i : last_i + 1]
        self._set_layer(oriented_image(part, self.grid, (k, j, i)))
        if surfaces:
            vtkSlicerSegmentationsModuleLogic.ReconvertAllRepresentations(self.node, stale)
        self._announce()
        self._layer = None

    def _check_shape(self, labels: np.ndarray, shape: tuple[int, ...]) -> None:
        if labels.shape != shape:
            raise UserError(
                "The result has the shape {shape} where {volume} has {wanted}: segment the "
                "volume again.",
                shape=labels.shape,
                volume=self.volume_node.GetName(),
                wanted=shape,
            )

    def _check(self) -> None:
        check_in_scene(self.volume_node, "volume")
        check_paintable(self.node)
        if any(self.node.GetSegmentation().GetSegment(s) is None for s in self.segments):
            raise UserError("A segment was removed while it was written: start again.")

    def _announce(self) -> None:
        """Tell the views of changed voxels.

        Modified of the image itself would make Slicer drop the surfaces of all segments.
        """
        from slicer import vtkSegmentation

        self._layer.GetPointData().GetScalars().Modified()
        segmentation = self.node.GetSegmentation()
        segmentation.InvokeEvent(vtkSegmentation.SourceRepresentationModified)
        for segment in self.segments:
            segmentation.InvokeEvent(vtkSegmentation.RepresentationModified, segment)

    def _voxels(self) -> np.ndarray:
        """The voxels [k, j, i] of the segments' own layer, over the whole volume."""
        from vtkmodules.util.numpy_support import vtk_to_numpy

        if not self._is_own() and not self._joined():
            self._make_layer()
        return vtk_to_numpy(self._layer.GetPointData().GetScalars()).reshape(self.grid.shape)

    def _is_own(self, count: int | None = None) -> bool:
        """Whether the layer is as it was made for the first ``count`` segments (None: for all):
        users may paint while a propagation runs."""
        segments = self.segments[:count]
        if not segments or self._layer is None:
            return False
        if self._layer.GetDimensions() != self.grid.shape[::-1]:
            return False
        segmentation = self.node.GetSegmentation()
        sharing = segmentation.GetSegmentIDsForLayer(segmentation.GetLayerIndex(segments[0]))
        return sorted(sharing) == sorted(segments) and all(
            segment.GetRepresentation(BINARY_LABELMAP) is self._layer
            and segment.GetLabelValue() == n
            for n, segment in enumerate(map(segmentation.GetSegment, segments), 1)
        )

    def _joined(self) -> bool:
        """Let new, empty segments share the layer of those before them; False: it is no more
        than that. To make the layer anew takes half a second where volumes are large."""
        segmentation = self.node.GetSegmentation()
        segments = map(segmentation.GetSegment, self.segments)
        count = max((n for n, s in enumerate(segments, 1) if not _is_empty(s)), default=0)
        if not self._is_own(count):
            return False
        self._share(count)
        return True

    def _make_layer(self) -> None:
        segmentation = self.node.GetSegmentation()
        labels = np.zeros(self.grid.shape, np.uint8)
        numbers = {
            segment: n
            for n, segment in enumerate(self.segments, 1)
            if not _is_empty(segmentation.GetSegment(segment))
        }
        for _, shown in label_maps(self.volume_node, self.node, numbers):
            np.maximum(labels, shown, out=labels)
        for segment in self.segments:
            sharing = segmentation.GetSegmentIDsForLayer(segmentation.GetLayerIndex(segment))
            if not set(sharing) <= set(self.segments):  # each one copies the layer
                segmentation.SeparateSegmentLabelmap(segment)
        self._set_layer(oriented_image(labels, self.grid))

    def _set_layer(self, image: Any) -> None:
        self._layer = image
        self._share(0)

    def _share(self, first: int) -> None:
        """The layer is that of the segments from ``first`` on."""
        segmentation = self.node.GetSegmentation()
        for n, id in enumerate(self.segments[first:], first + 1):
            segment = segmentation.GetSegment(id)
            segment.SetLabelValue(n)
            segment.AddRepresentation(BINARY_LABELMAP, self._layer)


def _is_empty(segment: Any) -> bool:
    image = segment.GetRepresentation(BINARY_LABELMAP)
    return image is None or image.IsEmpty()
