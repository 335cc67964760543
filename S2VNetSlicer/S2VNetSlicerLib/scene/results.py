"""Label maps become segments; nothing else in the segmentation changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import ndimage as ndi

from ..errors import UserError
from .marks import oriented_image
from .volumes import check_in_scene, local_geometry


class SegmentationWriter:
    """Writes label maps of one volume into segments of one segmentation node.

    The segmentation takes the volume's geometry and parent transform. Only the segments of
    :meth:`ensure_segments` are written. ``history`` lets :meth:`undo` go back one propagation, or
    several.
    """

    def __init__(self, segmentation_node: Any, volume_node: Any, undo_steps: int = 20) -> None:
        from slicer import vtkSegmentationHistory

        check_in_scene(volume_node, "volume")
        check_in_scene(segmentation_node, "segmentation")
        self.node, self.volume_node = segmentation_node, volume_node
        self.grid = local_geometry(volume_node)
        self.segments: list[str] = []
        self._written: list[np.ndarray | None] = []
        self._boxes: list[tuple[slice, ...] | None] = []
        self._follow_volume()
        self.history = vtkSegmentationHistory()
        self.history.SetSegmentation(segmentation_node.GetSegmentation())
        self.history.SetMaximumNumberOfStates(undo_steps)

    def _follow_volume(self) -> None:
        node, parent = self.node, self.volume_node.GetParentTransformNode()
        segmentation = node.GetSegmentation()
        if segmentation.GetNumberOfSegments() and node.GetParentTransformNode() is not parent:
            raise UserError(
                f"{node.GetName()} is under another transform than {self.volume_node.GetName()}: "
                "choose a new segmentation or move it under the volume's transform."
            )
        node.SetAndObserveTransformNodeID(parent.GetID() if parent else None)
        node.SetReferenceImageGeometryParameterFromVolumeNode(self.volume_node)
        if node.GetNumberOfDisplayNodes() == 0:
            node.CreateDefaultDisplayNodes()

    def ensure_segments(
        self, names: Sequence[str], colours: Sequence[tuple[float, float, float]]
    ) -> list[str]:
        """The IDs of the segments for structures 1, 2, ...: those of that name, else new ones."""
        segmentation = self.node.GetSegmentation()
        self.segments = []
        for name, colour in zip(names, colours, strict=True):
            found = segmentation.GetSegmentIdBySegmentName(name)
            self.segments.append(found or segmentation.AddEmptySegment("", name, colour))
        self._written = [None] * len(self.segments)
        self._boxes = [None] * len(self.segments)
        return self.segments

    def begin(self) -> None:
        """Start one undoable step; everything written until the next ``begin`` belongs to it."""
        self.history.SaveState()

    def undo(self) -> bool:
        """Take back the last step; False when there is none."""
        return self._restore(self.history.RestorePreviousState)

    def redo(self) -> bool:
        """Do again what was taken back; False when there is nothing."""
        return self._restore(self.history.RestoreNextState)

    def _restore(self, action: Any) -> bool:
        self._written = [None] * len(self.segments)
        return bool(action())

    def write(self, labels: np.ndarray) -> None:
        """Make the segments equal to ``labels`` uint8 [k, j, i] (0 background, 1.. structures).

        Only structures that changed since the last call are written, so that it can be called
        after every few slices. Raises UserError when a node has left the scene or a shape differs.
        """
        check_in_scene(self.volume_node, "volume")
        check_in_scene(self.node, "segmentation")
        if labels.shape != self.grid.shape:
            raise UserError(
                f"The result has the shape {labels.shape}, {self.volume_node.GetName()} "
                f"{self.grid.shape}: segment the volume again."
            )
        boxes = ndi.find_objects(labels, max_label=len(self.segments))
        for number, segment in enumerate(self.segments):
            box = boxes[number]
            mask = None if box is None else (labels[box] == number + 1).view(np.uint8)
            if self._same(number, box, mask):
                continue
            self._replace(segment, box, mask)
            self._boxes[number], self._written[number] = box, mask

    def _same(self, number: int, box: tuple[slice, ...] | None, mask: np.ndarray | None) -> bool:
        written = self._written[number]
        if written is None or mask is None:
            return False
        return self._boxes[number] == box and np.array_equal(written, mask)

    def _replace(
        self, segment: str, box: tuple[slice, ...] | None, mask: np.ndarray | None
    ) -> None:
        from slicer import vtkSlicerSegmentationsModuleLogic as Logic

        if self.node.GetSegmentation().GetSegment(segment) is None:
            raise UserError("A segment was removed while it was written: start again.")
        if box is None or mask is None:
            Logic.ClearSegment(self.node, segment)
            return
        corner = (box[0].start, box[1].start, box[2].start)
        image = oriented_image(mask, self.grid, corner)
        Logic.SetBinaryLabelmapToSegment(image, self.node, segment, Logic.MODE_REPLACE)
