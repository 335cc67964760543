"""What is worked on: nodes of the scene, their annotation, and where the user is in it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..annotation.slice_status import SliceStatus
from ..annotation.state import AnnotationState
from ..errors import UserError
from ..scene.belonging import Visibility, share_inside
from ..scene.volumes import SEGMENTATION, volume_from_node, world_geometry
from ..texts import texts
from ..volumes.geometry import Geometry
from ..volumes.volume import Volume
from . import storage
from .annotation_cache import AnnotationCache, CachedAnnotation
from .display_text import taken_for
from .history import History
from .inference_session import InferenceSession
from .run_state import RunState
from .segmentation_mirror import Observers, SegmentationMirror
from .state import BACKGROUND
from .user_message import UserMessage
from .views import SliceViews

_ = texts(__name__)


class Workspace:
    """One volume, one segmentation, one annotation; main thread only.

    The annotation is the truth. The scene is written from it at once; the session follows it when
    the next run starts, so that nothing ever waits for the worker.
    """

    def __init__(
        self, scene: Any, session: InferenceSession, run: RunState, message: UserMessage
    ) -> None:
        self.scene, self.session, self.run_state, self.message = scene, session, run, message
        self.annotation: AnnotationState | None = None
        self.history: History | None = None
        self.mirror: SegmentationMirror | None = None
        self.volume: Volume | None = None
        self.volume_node: Any = None
        self.node: Any = None
        self.modality: str | None = None
        """What the user said it is."""
        self.axis: int | None = None
        self.slice = 0
        self.selected = BACKGROUND
        self.stamp: Any = None
        """Which voxels of which node the volume has."""
        self.visibility = Visibility(scene)
        self.cache = AnnotationCache()
        self.views = SliceViews(scene)
        self.on_nodes = Observers()
        self._worst: int | None = None
        self._names: dict[int, str] = {}
        self._surfaces, self._closing = True, False

    # ---- what there is -------------------------------------------------------------------------

    def require_annotation(self) -> AnnotationState:
        """The annotation, made when there is none; UserError says what is missing."""
        return self.require()[0]

    def require(self) -> tuple[AnnotationState, SegmentationMirror, History]:
        """:meth:`require_annotation` with the nodes and the history that belong to it."""
        if self.annotation is None:
            self.open()
        annotation, mirror, history = self.annotation, self.mirror, self.history
        if annotation is None or mirror is None or history is None:
            raise RuntimeError("nothing is open")
        mirror.check()
        return annotation, mirror, history

    def read_volume(self) -> Volume:
        """The chosen volume; UserError when there is none or the network cannot work on it."""
        if self.volume_node is None:
            raise UserError("No volume is chosen: load a CT or MR volume and choose it.")
        image = self.volume_node.GetImageData()
        scalars = None if image is None else image.GetPointData().GetScalars()
        stamp = (image, scalars, None if scalars is None else scalars.GetMTime(), self.modality)
        if self.mirror is not None and not self.mirror.fits():
            name = self.volume_node.GetName()
            self.detach()
            self.node = None
            raise UserError(
                "{name} has another grid than before: its annotation stays in the "
                "segmentation, begin a new one.",
                name=name,
            )
        if self.volume is None or stamp != self.stamp:
            had, self.volume = self.volume, None
            self.session.forget()
            self.volume = volume_from_node(self.volume_node, self.modality)
            self.stamp = stamp
            if had is not None and self.annotation is not None:
                self.annotation.pending = set(self.annotation.anchors)
        return self.volume

    def grid(self) -> Geometry:
        """Where the voxels of the volume are in the world now."""
        return world_geometry(self.volume_node)

    def worst_slice(self) -> int | None:
        """The slice where a mark should help most, never an accepted one."""
        annotation, worst = self.annotation, self._worst
        if annotation is not None and worst is not None and annotation.accepted(worst):
            self._worst = annotation.weakest()
        return self._worst

    def check_inside(self, node: Any) -> float | None:
        """The share of a segmentation that lies inside the volume (None: it is empty).

        Raises UserError when none of it does.
        """
        share = share_inside(self.volume_node, node)
        if share is not None and share == 0:
            raise UserError(
                "{name} lies outside {volume}: it belongs to another volume.",
                name=node.GetName(),
                volume=self.volume_node.GetName(),
            )
        return share

    # ---- opening and closing -------------------------------------------------------------------

    def choose(self, volume_node: Any, node: Any) -> None:
        """Work on these nodes; nothing is opened yet."""
        self.volume_node, self.node = volume_node, node

    def state_modality(self, modality: str | None) -> None:
        """The user says what the volume is."""
        self.modality = modality

    def open(self) -> None:
        """Begin or go on with the annotation of the chosen nodes; makes the segmentation."""
        volume = self.read_volume()
        if self.node is None:
            name = f"{self.volume_node.GetName()} segmentation"
            self.node = self.scene.AddNewNodeByClass(SEGMENTATION, name)
        mirror = self.new_mirror()
        shape = volume.geometry.shape
        if (kept := self.cache.take(mirror, shape)) is not None:
            self.attach(mirror, kept.annotation, kept.history)
            self.axis, self.selected, self.slice = kept.axis, kept.selected, kept.slice
            return
        if self.node.GetAttribute(storage.ATTRIBUTE):
            annotation, fixed = storage.restore(mirror, shape)
            self.axis = annotation.axis if fixed else None
        else:
            annotation = AnnotationState(shape, self.axis or 0)
        self.attach(mirror, annotation)
        if self.selected not in [s.id for s in annotation.structures]:
            self.select_first()

    def new_mirror(self) -> SegmentationMirror:
        """What keeps the chosen nodes equal to an annotation."""
        return SegmentationMirror(self.volume_node, self.node, self.on_nodes)

    def attach(
        self,
        mirror: SegmentationMirror,
        annotation: AnnotationState,
        history: History | None = None,
    ) -> None:
        """Work on ``annotation`` from now on, with the steps of ``history`` if there is one."""
        self.mirror, self.annotation = mirror, annotation
        self.history, self._names = history or History(annotation), {}
        self.cache.worked_on(self.volume_node, self.node)
        self.show_own()
        self.slice = min(self.slice, annotation.slices - 1)
        self._worst = annotation.weakest()
        self.session.invalidate()

    def attach_correction(self, annotation: AnnotationState) -> None:
        """Work on a result that is corrected: on its first class, in the middle of its slices."""
        self.on_nodes.clear()
        self.attach(self.new_mirror(), annotation)
        self.axis, self._worst = annotation.axis, None
        self.select_first()
        self.slice = annotation.slices // 2
        self.save()

    def replay(self, found: AnnotationState, fixed: bool, slices: list[int]) -> None:
        """The annotation becomes ``found``, other in ``slices``: steps were on other labels.

        ``fixed``: whether the user has settled on the axis.
        """
        annotation, mirror, _ = self.require()
        before = {s.id for s in annotation.structures}
        annotation.changing = lambda z: None
        annotation.take(found)
        self.axis = annotation.axis if fixed else None
        structures = annotation.structures
        mirror.match(structures, before - {s.id for s in structures})
        for structure in structures:
            mirror.rename(structure.id, structure.name, structure.colour)
            if structure.terminology:
                mirror.segment(structure.id).SetTerminology(structure.terminology)
        self.rewrite(slices)
        mirror.keep_initial(annotation)
        mirror.written.clear()
        self.attach(mirror, annotation)
        self.select_first()
        self.finish()

    def detach(self) -> None:
        """Stop, store what is there and let go of the annotation."""
        self.run_state.discard()
        self.save()
        if self.annotation is not None and self.history is not None and self.mirror is not None:
            where = self.axis, self.selected, self.slice
            self.cache.keep(self.mirror, CachedAnnotation(self.annotation, self.history, *where))
        self.on_nodes.clear()
        self.annotation = self.history = self.mirror = self._worst = None
        self.axis, self.selected = None, BACKGROUND
        self.session.invalidate()

    def show_own(self) -> None:
        """Segmentations of other volumes than the one that is worked on are hidden."""
        self.visibility.follow(self.volume_node, [n.GetID() for n in storage.annotated(self.scene)])

    def forget_volume(self) -> None:
        """Let go of the volume and the memory that the session takes."""
        used = self.session.forget()
        self.volume_node = self.volume = self.stamp = self.modality = None
        if used and not self._closing:
            self.session.client.release()

    def close(self) -> None:
        """Let go of everything."""
        self._closing = True
        self.detach()
        self.visibility.restore()
        self.cache.clear()
        self.forget_volume()

    # ---- where the user is ---------------------------------------------------------------------

    def select(self, id: str) -> None:
        """Strokes mark this class from now on, or the background."""
        self.selected = id

    def select_first(self) -> None:
        """Strokes mark the first class from now on, or the background when there is none."""
        structures = self.annotation.structures if self.annotation is not None else []
        self.selected = structures[0].id if structures else BACKGROUND

    def look_at(self, z: int) -> None:
        """Slice ``z`` is the current one."""
        self.slice = z

    def fix_axis(self, axis: int) -> None:
        """Slices run along ``axis`` from now on."""
        annotation, _, history = self.require()
        if axis != annotation.axis:
            history.begin("axis", "marks", "initial")
            annotation.set_axis(axis)
        if self.axis is None:
            history.clear()
        self.axis, self._worst = axis, None
        shown = self.views.moved_to(self.grid(), axis)
        self.slice = annotation.slices // 2 if shown is None else shown

    def choose_axis(self, axis: int) -> None:
        """Slices run along ``axis``, unless that is fixed already."""
        if self.axis is None:
            self.fix_axis(axis)

    def settle_axis(self) -> None:
        """The axis of the annotation is the one, unless another is fixed."""
        if self.axis is None and self.annotation is not None:
            self.axis = self.annotation.axis

    def free_axis(self) -> None:
        """The next stroke decides along which axis slices run."""
        self.axis = None

    def check_slice(self, z: int) -> int:
        """``z``; UserError unless there is such a slice."""
        slices = self.require_annotation().slices
        if not 0 <= z < slices:
            raise UserError(
                "There is no slice {z}: the volume has slices 0 to {last}.", z=z, last=slices - 1
            )
        return int(z)

    # ---- changing ------------------------------------------------------------------------------

    def undo(self) -> None:
        """Take back the last marks, propagation, acceptance or removal."""
        if self.history is None or not self.history.can_undo:
            raise UserError("There is nothing to undo.")
        self._step(self.history.undo)

    def redo(self) -> None:
        """Do again what was taken back."""
        if self.history is None or not self.history.can_redo:
            raise UserError("There is nothing to redo.")
        self._step(self.history.redo)

    def _step(self, step: Any) -> None:
        annotation, mirror, _history = self.require()
        self.run_state.discard()
        before, initial = {s.id for s in annotation.structures}, annotation.initial
        changed = step() or set()
        after = {s.id for s in annotation.structures}
        mirror.match(annotation.structures, before - after)
        if annotation.initial is not initial:
            mirror.keep_initial(annotation)
        self.axis = annotation.axis
        self.slice = min(self.slice, annotation.slices - 1)
        self.rewrite(changed)
        self._worst = annotation.weakest()  # until the next run, which knows more
        if self.selected != BACKGROUND and self.selected not in after:
            self.select_first()
        self.session.invalidate()
        self.finish()

    def drop(self, id: str) -> None:
        """A class goes, with its voxels and marks; the history's step must have begun."""
        annotation, mirror, _history = self.require()
        slices = annotation.remove_structure(id)
        mirror.match(annotation.structures, [id])
        self.rewrite(slices)

    def rewrite(self, slices: Any) -> None:
        """Labels and marks of ``slices`` are written into the scene."""
        annotation, mirror = self.annotation, self.mirror
        if annotation is not None and mirror is not None:
            mirror.write_labels(annotation, slices)
            if annotation.marks or mirror.marks_node is not None:
                mirror.write_marks(annotation, slices)

    def reviewed(self, confidence: np.ndarray, worst: int | None, names: dict[int, str]) -> None:
        """A run ended: what it thinks of its slices, [slices, K], and of the classes."""
        if (annotation := self.annotation) is None:
            return
        self._worst = worst
        for z in np.flatnonzero(~np.isnan(confidence).all(1)).tolist():
            if annotation.slice_status[z] not in (SliceStatus.UNTOUCHED, SliceStatus.ACCEPTED):
                annotation.confidence[z] = annotation.lowest(z, confidence[z])
        if told := taken_for(annotation.structures, names, self._names):
            self.message.tell(told)
        self._names = names

    def save(self) -> None:
        """Store the annotation in the segmentation node, when there is something to store."""
        mirror, annotation = self.mirror, self.annotation
        if mirror is None or annotation is None or self.volume is None:
            return
        used = self.axis is not None or annotation.structures
        if used and mirror.node.GetScene() is not None:
            what = self.volume.modality, self.session.card, self.session.settings
            stated = self.modality is not None
            storage.store(mirror, annotation, self.axis is not None, *what, stated)

    def leave_surfaces(self) -> None:
        """Somebody else lets the surfaces of the segments follow."""
        self._surfaces = False

    def finish(self) -> None:
        """Surfaces and the stored state follow what is there now."""
        if self.mirror is not None and self.mirror.here:
            self.mirror.finish(surfaces=self._surfaces)
            self.save()

    def compact(self) -> None:
        """:meth:`finish`, with what is stored as small as it can be."""
        if self.mirror is not None:
            self.mirror.finish(compact=True, surfaces=self._surfaces)
            self.save()

    def report_pending(self) -> None:
        """Say which marks no finished run has carried on."""
        annotation = self.annotation
        if annotation is None:
            return
        waiting = [
            z for z in annotation.pending if annotation.slice_status[z] == SliceStatus.MARKED
        ]
        if waiting and not self.message.text:
            one, many = (
                _("1 marked slice is still to be carried through the volume: propagate to go on."),
                _("{count} marked slices are still to be carried through the volume: propagate."),
            )
            self.message.tell(many.format(count=len(waiting)) if len(waiting) > 1 else one)
