"""Changes of the scene, by users and by commands, become changes of the annotation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..annotation.initial import InitialSegmentation
from ..annotation.state import RESULT, AnnotationState
from ..errors import UserError
from ..texts import Text, texts
from . import storage
from .prefetching import Prefetching
from .segmentation_mirror import SegmentationMirror
from .state import BACKGROUND
from .view_state import volume_rows

_ = texts(__name__)
_GONE = _("{name} was removed from the scene")

_POLL = 32
"""Ticks between two looks at the names of nodes, of which no event tells."""


class SceneSync(Prefetching):
    """A :class:`Workspace` that follows the scene."""

    depth = 0
    live = True
    _nodes_changed = False
    _ticks = 0

    def sync_scene(self) -> None:
        """Before a command: what the user did to the scene came first."""
        try:
            self.follow_scene()
            self._follow_views()
        except UserError as error:
            self.message = self.failure = str(error)

    def follow_scene(self) -> bool:
        """Take in what happened to the scene since the last call; True when anything did."""
        seen = self._on_scene.take()
        changed, self._nodes_changed = bool(seen) or self._nodes_changed, False
        if "closed" in seen:
            self._lose(_("The scene was closed"), both=True)
        elif self.volume_node is not None and self.volume_node.GetScene() is None:
            self._lose(_GONE.format(name=self.volume_node.GetName()))
            changed = True
        if self.node is not None and self.node.GetScene() is None:
            self._lose(_GONE.format(name=self.node.GetName()), volume=False)
            changed = True
        seen = self._on_nodes.take()
        marked = self.annotation is not None and bool(self.annotation.marks)
        if marked and self.mirror is not None and self.mirror.marks_node is None:
            self.message = self.failure = _("The marks were removed: undo brings them back.")
            seen.add("marks")
        if seen and self.annotation is not None:
            changed |= self.refresh_segments()
            changed |= "labels" in seen and self._take_labels()
            changed |= "marks" in seen and self._take_marks()
        self._ticks += 1
        if self._ticks % _POLL == 0:
            rows = volume_rows(self.scene)
            changed |= rows != getattr(self, "_rows", rows)
            self._rows = rows
        return changed

    def _lose(self, what: Text, volume: bool = True, both: bool = False) -> None:
        """A node is gone: end what runs, keep everything that is still there."""
        ran = not self.idle and self._running is not None
        had = self.annotation is not None
        self.detach()
        if volume:
            self.forget_volume()
        if both or not volume:
            self.node = None
        if ran:
            self.message = self.failure = _(
                "{thing}, so the propagation ended: choose another one to go on."
            ).format(thing=what)
        elif had and not both:
            self.message = self.failure = _("{thing}: choose another one to go on.").format(
                thing=what
            )

    # ---- classes -------------------------------------------------------------------------------

    def refresh_segments(self) -> bool:
        """Follow names, colours and removals of segments."""
        annotation, mirror = self.annotation, self.mirror
        if annotation is None or mirror is None or not mirror.here:
            return False
        for structure in list(annotation.structures):
            if mirror.segment(structure.id) is None:
                ended = self.inference.busy
                self.drop_class(structure.id)
                told = (
                    _("{name} was removed, so the propagation ended: undo brings it back.")
                    if ended
                    else _("{name} was removed from the segmentation: undo brings it back.")
                )
                self.message = self.failure = told.format(name=structure.name)
                continue
            now = mirror.structure(structure.id)
            if now != structure:
                annotation.structures = [
                    now if s.id == now.id else s for s in annotation.structures
                ]
                mirror.rename(now.id, now.name, now.colour)
        return True

    def drop_class(self, id: str) -> None:
        """Remove a class with its voxels and marks, as one step."""
        annotation, mirror, history = self.require_workspace()
        self.abandon()
        history.begin("structures", "initial")
        changed = annotation.remove_structure(id)
        mirror.match(annotation.structures, [id])
        self._rewrite(annotation, mirror, changed)
        if self.selected == id:
            self.select_first(annotation)
        self.invalidate_session()

    def _rewrite(
        self, annotation: AnnotationState, mirror: SegmentationMirror, slices: set[int]
    ) -> None:
        mirror.write_labels(annotation, slices)
        if annotation.marks or mirror.marks_node is not None:
            mirror.write_marks(annotation, slices)

    def correctable(self) -> list[str] | None:
        """The IDs of the chosen segmentation's segments; None: they are corrected already.

        Raises UserError when there are none, or too many.
        """
        ids = list(self.node.GetSegmentation().GetSegmentIDs())
        if not ids:
            raise UserError(
                "{name} has no segments: choose another segmentation.", name=self.node.GetName()
            )
        had = self.annotation
        if had is not None and had.initial is not None and [s.id for s in had.structures] == ids:
            return None
        AnnotationState((1, 1, 1), 0).check_room(len(ids))
        return ids

    def begin_correction(
        self, ids: list[str], labels: np.ndarray, clash: int, *, converted: bool = False
    ) -> None:
        """All segments (``ids``) become classes, their ``labels`` [k, j, i] a result to correct;
        marks stay.

        ``clash``: the lowest label that takes voxels from another (0: none). ``converted``: the
        labels were brought onto the volume's grid, and the segments become the same.
        """
        volume, axis = self.read_volume(), self.axis
        mirror = SegmentationMirror(self.volume_node, self.node, self._on_nodes)
        mirror.check()
        annotation = AnnotationState(volume.geometry.shape, axis or 0)
        annotation.structures = [mirror.structure(id) for id in ids]
        began, first = labels, mirror.keep_original()
        if not (first and converted):  # what was corrected before is compared with as well
            began, clash = mirror.original_labels(ids, labels.shape)
        annotation.labels[...] = labels
        source = self.node.GetName()
        annotation.begin_with(InitialSegmentation(began, source), (RESULT, source))
        if clash:
            self.message = self.failure = mirror.overlap_notice(ids[clash - 1])
        if converted:
            mirror.replace_labels(annotation)
            if first:
                mirror.keep_initial(annotation, known=True)
        if axis is None:  # where slices are thickest
            annotation.set_axis(int(np.argmax(volume.geometry.spacing)))
        try:
            told = storage.told_provenance(self.node, ids, annotation.axis, annotation.slices)
        except UserError as error:  # the voxels are good all the same
            told, self.message = [], str(error)
            self.failure = self.message
        if told:
            annotation.provenance = [o or ((RESULT, source),) for o in told]
        marks = np.moveaxis(mirror.read_marks(annotation), annotation.axis, 0)
        for z in np.flatnonzero(marks.any((1, 2))).tolist():
            annotation.mark(z, marks[z] > 0, marks[z][marks[z] > 0])
        self._on_nodes.clear()
        self.attach(SegmentationMirror(self.volume_node, self.node, self._on_nodes), annotation)
        self.axis = annotation.axis
        self.selected, self.worst = ids[0], None
        self.slice = annotation.slices // 2
        self.save()

    # ---- marks ---------------------------------------------------------------------------------

    def add_marks(self, voxels: np.ndarray, value: int) -> bool:
        """Mark ``voxels`` [M, 3] (k, j, i) with ``value`` (0: erase); whether it changes any."""
        annotation = self.require_annotation()
        across = [a for a in range(3) if a != annotation.axis]
        wanted = {}
        for z in np.unique(voxels[:, annotation.axis]).tolist():
            where = np.zeros(annotation.slice(z).shape, bool)
            where[tuple(voxels[voxels[:, annotation.axis] == z][:, across].T)] = True
            wanted[z] = (where, np.full(int(where.sum()), value, np.uint8))
        return self._mark(wanted)

    def _mark(self, wanted: dict[int, tuple[np.ndarray, np.ndarray]]) -> bool:
        """Marks of each slice: where, and the value of each voxel there; as one step."""
        annotation, mirror, history = self.require_workspace()
        locked = [annotation.number(id) for id in annotation.locked]
        history.begin()
        changed = []
        for z, (where, values) in wanted.items():
            if locked:
                held = np.isin(annotation.slice(z), locked)[where] & (values > 0)
                held &= annotation.slice(z)[where] != values - np.uint8(1)
                where = where.copy()
                where[where] = ~held
                values = values[~held]
            if annotation.mark(z, where, values):
                changed.append(z)
        # What was painted into the marks may differ from what they are now.
        mirror.write_marks(annotation, wanted)
        mirror.write_labels(annotation, [z for z in changed if annotation.accepted(z)])
        self.changed(changed)
        return bool(changed)

    def propagate_marks(self, z: int) -> None:
        """Show what the new marks of slice ``z`` change; when live, in the whole volume."""
        annotation = self.require_annotation()
        if not annotation.anchors:
            self._wanted = []
            self.inference.stop()
            self.save()
        elif self.live:
            self.run((0, annotation.slices - 1))
        else:
            running = None if self._apart else self.running
            self.run((z, z), *([running] if running not in (None, (z, z)) else []))

    def _take_marks(self) -> bool:
        """Marks that were painted or erased in the scene."""
        annotation, mirror = self.annotation, self.mirror
        if annotation is None or mirror is None or not mirror.here:
            return False
        wanted = self._differences(annotation, annotation.marks_volume(), mirror.read_marks)
        if not wanted:
            return False
        if self.axis is None:
            self.axis = annotation.axis
        if self._mark(wanted):
            self.propagate_marks(min(wanted, key=lambda z: abs(z - self.slice)))
        return True

    def _differences(
        self,
        annotation: AnnotationState,
        known: np.ndarray,
        read: Callable[[AnnotationState], np.ndarray],
    ) -> dict[int, tuple[np.ndarray, np.ndarray]]:
        now = np.moveaxis(read(annotation), annotation.axis, 0)
        differ = now != np.moveaxis(known, annotation.axis, 0)
        found = np.flatnonzero(differ.any((1, 2))).tolist()
        return {z: (differ[z], now[z][differ[z]]) for z in found}

    def _take_labels(self) -> bool:
        """Segments that were edited by hand: the edits are marks as well."""
        annotation, mirror = self.annotation, self.mirror
        if annotation is None or mirror is None or not mirror.here:
            return False
        wanted = self._differences(annotation, annotation.labels, mirror.read_labels)
        if not wanted:
            return False
        if self.axis is None:
            self.axis = annotation.axis
        self.require_workspace()[2].begin()
        for z, (where, values) in wanted.items():
            labels = annotation.slice(z).copy()
            labels[where] = values
            annotation.edit(z, labels)
        self._rewrite(annotation, mirror, set(wanted))
        self.changed(wanted)
        self.restart_run()
        self.save()
        return True

    # ---- undo and views ------------------------------------------------------------------------

    def undo_or_redo(self, undo: bool) -> None:
        """Take back, or do again, one step."""
        annotation, history, mirror = self.annotation, self.history, self.mirror
        there = history is not None and (history.can_undo if undo else history.can_redo)
        if annotation is None or history is None or mirror is None or not there:
            raise UserError("There is nothing to undo." if undo else "There is nothing to redo.")
        mirror.check()
        self.abandon()
        before, initial = {s.id for s in annotation.structures}, annotation.initial
        changed = (history.undo() if undo else history.redo()) or set()
        after = {s.id for s in annotation.structures}
        mirror.match(annotation.structures, before - after)
        if annotation.initial is not initial:
            mirror.keep_initial(annotation)
        self.axis = annotation.axis
        self.slice = min(self.slice, annotation.slices - 1)
        self._rewrite(annotation, mirror, changed)
        self.worst = annotation.weakest()  # until the next run, which knows more
        if self.selected != BACKGROUND and self.selected not in after:
            self.select_first(annotation)
        self.invalidate_session()
        self.finish_run()

    def _follow_views(self) -> bool:
        if self.annotation is None or self.axis is None or self.mirror is None:
            return False
        try:
            z = self.views.moved_to(self.grid(), self.axis)
        except UserError:  # a warp: there are no slices to follow, and every command says so
            return False
        if z is None or z == self.slice:
            return False
        self.slice = z
        return True

    def fix_axis(self, axis: int) -> None:
        """Slices run along ``axis`` from now on."""
        annotation, _, history = self.require_workspace()
        if axis != annotation.axis:
            history.begin("axis", "marks", "initial")
            annotation.set_axis(axis)
        if self.axis is None:
            history.clear()
        self.axis, self.worst = axis, None
        shown = self.views.moved_to(self.grid(), axis)
        self.slice = annotation.slices // 2 if shown is None else shown

    def on_screen(self) -> int:
        """The current slice, as a view along the axis shows it; UserError when none does so."""
        if self.axis is None:
            return self.slice
        shown = self.views.shown(self.grid(), self.axis)
        if shown and self.slice not in shown:
            if len(shown) > 1:
                raise UserError("Several views show other slices: go to the slice first.")
            (self.slice,) = shown
        return self.slice
