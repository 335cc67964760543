"""The nodes of an annotation: the segmentation, its marks, and what users do to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..annotation.state import AnnotationState, Structure
from ..errors import UserError
from ..scene.belonging import VOLUME_NODE
from ..scene.marks import (
    BINARY_LABELMAP,
    MARKS,
    ROLE,
    check_paintable,
    label_maps,
    oriented_image,
)
from ..scene.results import SegmentationWriter
from ..scene.surfaces import CLOSED_SURFACE
from ..scene.volumes import SEGMENTATION, check_in_scene, local_geometry
from ..texts import texts
from ..volumes.geometry import Geometry

_ = texts(__name__)

MARKS_NODE, AUTOMATIC = "S2VNet.marks", "S2VNet.automatic"
"""References from the segmentation to the nodes that belong to it."""
OURS = "S2VNet.found"
"""The attribute of a kept copy that holds our own result."""
BACKGROUND_SEGMENT = "S2VNet.background"
_BACKGROUND_COLOUR = (0.85, 0.85, 0.85)


class Observers:
    """VTK observers that only note what happened; :meth:`take` tells it once."""

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._muted = [0]
        self._tags: list[tuple[Any, int]] = []

    def watch(self, thing: Any, events: Iterable[int | str], name: str) -> None:
        seen, muted = self._seen, self._muted  # no reference back to whoever owns this

        def note(*_: Any) -> None:
            if not muted[0]:
                seen.add(name)

        self._tags += [(thing, thing.AddObserver(event, note)) for event in events]

    def note(self, name: str) -> None:
        self._seen.add(name)

    def take(self) -> set[str]:
        seen = set(self._seen)
        self._seen.clear()
        return seen

    @contextmanager
    def muted(self) -> Iterator[None]:
        self._muted[0] += 1
        try:
            yield
        finally:
            self._muted[0] -= 1

    def clear(self) -> None:
        for thing, tag in self._tags:
            thing.RemoveObserver(tag)
        self._tags.clear()
        self._seen.clear()


class SegmentationMirror:
    """Keeps two segmentations equal to an :class:`Annotation` and reads back what users change.

    ``observers`` learns of "labels", "marks" and "segments" that somebody else changed. Raises
    UserError when a node has left the scene.
    """

    def __init__(self, volume_node: Any, node: Any, observers: Observers) -> None:
        check_in_scene(volume_node, "volume")
        check_in_scene(node, "segmentation")
        self.volume_node, self.node, self.observers = volume_node, node, observers
        self.scene = node.GetScene()
        with observers.muted():
            self._writer = SegmentationWriter(node, volume_node)
            node.SetNodeReferenceID(VOLUME_NODE, volume_node.GetID())
        self._marks_writer: SegmentationWriter | None = None
        self._unfinished = False
        self.written: set[int] = set()
        """Slices that were written since somebody emptied this."""
        self._watch(node, "labels")
        if self.marks_node is not None:
            self._watch(self.marks_node, "marks")

    def _watch(self, node: Any, name: str) -> None:
        from slicer import vtkSegmentation

        self.observers.watch(node, [vtkSegmentation.SourceRepresentationModified], name)
        others = (vtkSegmentation.SegmentRemoved, vtkSegmentation.SegmentModified)
        self.observers.watch(node, [*others, node.DisplayModifiedEvent], "segments")
        self.observers.watch(node, [vtkSegmentation.SegmentRemoved], name)

    @property
    def marks_node(self) -> Any:
        """The segmentation with the marks, None before the first one."""
        found = self.node.GetNodeReference(MARKS_NODE)
        return found if found is not None and found.GetScene() is not None else None

    @property
    def here(self) -> bool:
        """Whether both nodes are still in the scene."""
        return self.volume_node.GetScene() is not None and self.node.GetScene() is not None

    @property
    def grid(self) -> Geometry:
        """Where the voxels are in the coordinates of the nodes."""
        return self._writer.grid

    def fits(self) -> bool:
        """Whether the volume has still the grid that the segmentation is written on."""
        return self._writer.grid.is_close(local_geometry(self.volume_node), 1e-3)

    def check(self) -> None:
        """Raise UserError unless the nodes can be written."""
        check_in_scene(self.volume_node, "volume")
        check_paintable(self.node)

    # ---- classes -------------------------------------------------------------------------------

    def segment(self, id: str) -> Any:
        """The segment of a class, or None."""
        return self.node.GetSegmentation().GetSegment(id)

    def new_segment(self, name: str, colour: tuple[float, float, float]) -> Structure:
        """An empty segment; a number tells it from others of that name."""
        self.check()
        segmentation = self.node.GetSegmentation()
        ids = segmentation.GetSegmentIDs()
        taken = {segmentation.GetSegment(s).GetName() for s in ids}
        unique = name
        for n in range(2, len(taken) + 3):
            if unique not in taken:
                break
            unique = f"{name} ({n})"
        with self.observers.muted():
            id = segmentation.AddEmptySegment("", unique, colour)
        return self.structure(id)

    def structure(self, id: str) -> Structure:
        """A segment as a class."""
        segment = self.segment(id)
        colour = tuple(segment.GetColor())
        return Structure(id, segment.GetName(), colour, segment.GetTerminology())

    def match(self, structures: Iterable[Structure], gone: Iterable[str] = ()) -> None:
        """Have a segment for each class, with its ID, and none for those ``gone``."""
        with self.observers.muted():
            for node in (self.node, self.marks_node):
                if node is None:
                    continue
                segmentation = node.GetSegmentation()
                for id in gone:
                    if segmentation.GetSegment(id) is not None:
                        segmentation.RemoveSegment(id)
                for structure in structures if node is self.node else ():
                    if segmentation.GetSegment(structure.id) is None:
                        add_segment(node, structure)

    def rename(self, id: str, name: str | None, colour: tuple[float, float, float] | None) -> None:
        """Give the segment, and that of its marks, another name or colour."""
        with self.observers.muted():
            for node in (self.node, self.marks_node):
                segment = None if node is None else node.GetSegmentation().GetSegment(id)
                if segment is not None and name is not None:
                    segment.SetName(name)
                if segment is not None and colour is not None:
                    segment.SetColor(colour)

    # ---- writing -------------------------------------------------------------------------------

    def write_labels(self, annotation: AnnotationState, slices: Iterable[int]) -> None:
        """Write the labels of ``slices``."""
        slices = set(slices)
        self.written |= slices
        self._writer.segments = [s.id for s in annotation.structures]
        labels = np.moveaxis(annotation.labels, annotation.axis, 0)
        with self.observers.muted():
            for first, last in runs(slices):
                self._writer.write_slices(labels[first:last], first, annotation.axis)
                self._unfinished = True

    def finish(self, compact: bool = False, surfaces: bool = True) -> None:
        """Let the surfaces follow; ``compact`` also shrinks what is stored (before saving).

        Without surfaces there is nothing to follow, and the layer stays as it is for the next run.
        """
        there = self.node.GetSegmentation().ContainsRepresentation(CLOSED_SURFACE)
        if self._unfinished and ((surfaces and there) or compact):
            with self.observers.muted():
                self._writer.finish(surfaces)
            self._unfinished = False
        if compact and self._marks_writer is not None and self.marks_node is not None:
            with self.observers.muted():
                self._marks_writer.finish()

    def write_marks(self, annotation: AnnotationState, slices: Iterable[int]) -> None:
        """Write the marks of ``slices`` into the marks node, which is made when needed."""
        slices = sorted(set(slices))
        self.written.update(slices)
        with self.observers.muted():
            writer = self._writer_of_marks(annotation)
            shape = annotation.slice(0).shape
            for first, last in runs(slices):
                block = np.zeros((last - first, *shape), np.uint8)
                for z in range(first, last):
                    if z in annotation.marks:
                        block[z - first] = annotation.marks[z]
                writer.write_slices(block, first, annotation.axis)

    def _writer_of_marks(self, annotation: AnnotationState) -> SegmentationWriter:
        node = self.marks_node
        if node is None:
            node = self._new_marks_node()
            self._marks_writer = None
        parent = self.volume_node.GetParentTransformNode()
        if node.GetParentTransformNode() is not parent:
            node.SetAndObserveTransformNodeID(parent.GetID() if parent else None)
        segmentation = node.GetSegmentation()
        background = Structure(BACKGROUND_SEGMENT, "background", _BACKGROUND_COLOUR)
        wanted = [background, *annotation.structures]
        for structure in wanted:
            if segmentation.GetSegment(structure.id) is None:
                if structure is not background:
                    structure = self.structure(structure.id)
                add_segment(node, structure)
        if self._marks_writer is None:
            self._marks_writer = SegmentationWriter(node, self.volume_node)
        self._marks_writer.segments = [s.id for s in wanted]
        return self._marks_writer

    def _new_marks_node(self) -> Any:
        node = self.scene.AddNewNodeByClass(SEGMENTATION, f"{self.node.GetName()} marks")
        node.SetAttribute(ROLE, MARKS)
        node.SetSaveWithScene(self.node.GetSaveWithScene())
        node.SetHideFromEditors(self.node.GetHideFromEditors())
        node.CreateDefaultDisplayNodes()
        display = node.GetDisplayNode()
        display.SetOpacity2DFill(0.25)
        display.SetVisibility3D(False)
        self.node.SetNodeReferenceID(MARKS_NODE, node.GetID())
        self._watch(node, "marks")
        return node

    # ---- reading -------------------------------------------------------------------------------

    def read_labels(self, annotation: AnnotationState) -> np.ndarray:
        """The labels [k, j, i] that the segments show; a voxel added to a class belongs to it."""
        return self._read(self.node, [s.id for s in annotation.structures], annotation.labels)

    def read_marks(self, annotation: AnnotationState) -> np.ndarray:
        """The marks [k, j, i] that the marks node shows."""
        known = annotation.marks_volume()
        node = self.marks_node
        if node is None:
            return np.zeros_like(known)
        ids = [BACKGROUND_SEGMENT, *(s.id for s in annotation.structures)]
        return self._read(node, ids, known)

    def _read(self, node: Any, ids: list[str], known: np.ndarray) -> np.ndarray:
        found, added = known.copy(), np.zeros_like(known)
        numbers = {id: n for n, id in enumerate(ids, 1)}
        for here, shown in label_maps(self.volume_node, node, numbers):
            ours = np.zeros(256, bool)
            ours[here] = True
            for z in range(len(known)):  # as a whole it would take several times the memory
                differ = shown[z] != known[z]
                found[z][differ & ours[known[z]]] = 0
                np.maximum(added[z], shown[z], out=added[z], where=differ)
        return np.where(added > 0, added, found)

    # ---- correction of another method's result -------------------------------------------------

    def keep_original(self) -> bool:
        """Make a hidden copy of the segmentation as it is, once: nothing of it is ever lost.
        Whether it was the first time."""
        kept = self.node.GetNodeReference(AUTOMATIC)
        if kept is not None and kept.GetScene() is not None:
            return False
        self._new_hidden().GetSegmentation().DeepCopy(self.node.GetSegmentation())
        return True

    def keep_initial(self, annotation: AnnotationState, known: bool = False) -> None:
        """Have the hidden copy hold what the annotation corrects, so that it is saved as well.

        ``known``: that it holds something else needs no look.

        What another method made stays in the scene, though it is no longer compared with.
        """
        ids = [s.id for s in annotation.structures]
        kept, initial = self.node.GetNodeReference(AUTOMATIC), annotation.initial
        if initial is None or not ids:
            return
        loaded = initial.labels
        same = kept is not None and not known
        if same and np.array_equal(self.original_labels(ids, loaded.shape)[0], loaded):
            return
        with self.observers.muted():
            if kept is not None and kept.GetAttribute(OURS):
                self.scene.RemoveNode(kept)
            kept = self._new_hidden()
            kept.SetAttribute(OURS, "1")
            for structure in annotation.structures:
                add_segment(kept, structure)
            self._put(kept, ids, loaded)

    def replace_labels(self, annotation: AnnotationState) -> None:
        """The segments, of whatever grid, become those of ``annotation``, on the volume's grid."""
        with self.observers.muted():
            self._put(self.node, [s.id for s in annotation.structures], annotation.labels)
        self.written.update(range(annotation.slices))

    def _put(self, node: Any, ids: list[str], labels: np.ndarray) -> None:
        from slicer import vtkOrientedImageData

        image = oriented_image(labels, self.grid)
        empty = not labels.any()  # Slicer ends when it reads segments that share an empty image
        for n, id in enumerate(ids, 1):
            segment = node.GetSegmentation().GetSegment(id)
            segment.SetLabelValue(n)
            segment.AddRepresentation(BINARY_LABELMAP, vtkOrientedImageData() if empty else image)

    def _new_hidden(self) -> Any:
        kept = self.scene.AddNewNodeByClass(SEGMENTATION, f"{self.node.GetName()} automatic")
        kept.SetAttribute(ROLE, "automatic")
        kept.SetHideFromEditors(1)
        kept.SetSaveWithScene(self.node.GetSaveWithScene())
        kept.SetAndObserveTransformNodeID(self.node.GetTransformNodeID())
        self.node.SetNodeReferenceID(AUTOMATIC, kept.GetID())
        return kept

    def original_labels(self, ids: list[str], shape: tuple[int, ...]) -> tuple[np.ndarray, int]:
        """What the kept copy holds, see :meth:`merged`."""
        kept = self.node.GetNodeReference(AUTOMATIC)
        if kept is None:
            raise UserError(
                "{name} has lost its automatic result: load it again.", name=self.node.GetName()
            )
        return self.merged(kept, ids, shape)

    def merged(self, node: Any, ids: list[str], shape: tuple[int, ...]) -> tuple[np.ndarray, int]:
        """The segments ``ids`` of ``node`` as labels 1, 2, ... [k, j, i], the higher one where they
        overlap, and the lowest label that takes voxels from another (0: none)."""
        labels, lowest = np.zeros(shape, np.uint8), 0
        for _, shown in label_maps(self.volume_node, node, {id: n for n, id in enumerate(ids, 1)}):
            clash = (labels > 0) & (shown > 0)
            np.maximum(labels, shown, out=labels)
            if clash.any():
                lowest = min(int(labels[clash].min()), lowest or 255)
        return labels, lowest

    def overlap_notice(self, id: str) -> str:
        """What to say of a segment that overlaps others in the kept copy."""
        kept = self.node.GetNodeReference(AUTOMATIC)
        return _(
            "{name} overlaps other segments and takes those voxels; the original stays in the "
            "hidden node {kept}."
        ).format(name=self.structure(id).name, kept=kept.GetName())


def add_segment(node: Any, structure: Structure) -> None:
    """An empty segment with the class's own ID."""
    from slicer import vtkSegment

    segment = vtkSegment()
    segment.SetName(structure.name)
    segment.SetColor(structure.colour)
    if structure.terminology:
        segment.SetTerminology(structure.terminology)
    node.GetSegmentation().AddSegment(segment, structure.id)


def runs(slices: Iterable[int]) -> list[tuple[int, int]]:
    """Numbers as half-open runs: {1, 2, 5} -> [(1, 3), (5, 6)]."""
    found: list[tuple[int, int]] = []
    for z in sorted(set(slices)):
        if found and found[-1][1] == z:
            found[-1] = (found[-1][0], z + 1)
        else:
            found.append((z, z + 1))
    return found
