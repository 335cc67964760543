"""The presenter's commands for what is drawn by hand: outlines, a plain brush, tidying."""

from __future__ import annotations

import numpy as np

from ..annotation.state import AnnotationState
from ..errors import UserError
from .commands import command
from .node_commands import NodeCommands
from .outlines import core_and_ring, enclosed, meant_by_click, tidied
from .state import BACKGROUND
from .strokes import nearest_axis, stroke_voxels


class EditCommands(NodeCommands):
    """Voxels drawn by hand are marks as well, which every later run obeys."""

    @command
    def outline(
        self,
        points: np.ndarray,
        normal: np.ndarray,
        *,
        negative: bool = False,
        erase: bool = False,
    ) -> None:
        """An outline was drawn around the selected class: its core is marked, and a line around it
        as background. ``negative``: all inside is background; ``erase``: takes marks away.

        ``points`` [N, 3] world RAS mm in a view with the unit ``normal``.
        """
        annotation, value = self.target(negative, erase)
        across, index, inside = enclosed(self.grid(), np.asarray(points, float), normal)
        if not inside.any():
            raise UserError(
                "The outline encloses nothing of {volume}.", volume=self.volume_node.GetName()
            )
        self.choose_axis(across if self.axis is None else self.axis)
        values = np.zeros(inside.shape, np.uint8)
        where = inside
        if value > 1:
            spacing = [s for a, s in enumerate(self.grid().spacing) if a != across]
            shown = np.take(annotation.labels, index, across)
            core, ring = core_and_ring(inside, (spacing[0], spacing[1]), self.settings.marking)
            ring &= (shown == 0) | (shown == value - 1)  # neighbours keep what they have
            values[ring], values[core] = 1, value
            where = core | ring
        else:
            values[where] = value
        self._mark_plane(annotation, across, index, where, values)

    def _mark_plane(
        self,
        annotation: AnnotationState,
        across: int,
        index: int,
        where: np.ndarray,
        values: np.ndarray,
    ) -> None:
        """Mark ``where`` with ``values``, both over a plane of the volume, as one step."""
        at = np.insert(np.argwhere(where), across, index, axis=1)
        told = values[where]
        wanted = {}
        rest = [a for a in range(3) if a != annotation.axis]
        for z in np.unique(at[:, annotation.axis]).tolist():
            here = at[:, annotation.axis] == z
            marked = np.zeros(annotation.slice(z).shape, np.uint8)
            chosen = np.zeros(marked.shape, bool)
            marked[tuple(at[here][:, rest].T)] = told[here]
            chosen[tuple(at[here][:, rest].T)] = True
            wanted[z] = chosen, marked[chosen]
        z = max(wanted, key=lambda z: int(wanted[z][0].sum()))
        if across == annotation.axis:
            self.slice = z
        if self._mark(wanted):
            self.propagate_marks(z)

    @command
    def paint(
        self,
        points: np.ndarray,
        radius: float,
        normal: np.ndarray,
        *,
        erase: bool = False,
        fill: bool = False,
    ) -> None:
        """Give voxels along ``points`` [N, 3], world RAS mm, to the selected class or take them
        from it (``erase``); ``fill``: those that the points enclose. Nothing else follows.

        What belongs to locked classes stays.
        """
        annotation, value = self.target(False, False)
        if value < 2:
            raise UserError("No class is selected: choose the one to draw.")
        grid, points = self.grid(), np.asarray(points, float)
        axis = nearest_axis(grid, normal) if self.axis is None else self.axis
        if fill:
            across, index, inside = enclosed(grid, points, normal)
            voxels = np.insert(np.argwhere(inside), across, index, axis=1)
        else:
            voxels = stroke_voxels(grid, points, float(radius), axis, normal)
        if not len(voxels):
            raise UserError(
                "Nothing of {volume} was drawn on: draw inside.", volume=self.volume_node.GetName()
            )
        self.choose_axis(axis)
        labels = annotation.labels.copy()
        at, number = tuple(voxels.T), value - 1
        locked = [annotation.number(id) for id in annotation.locked]
        free = labels[at] == number if erase else ~np.isin(labels[at], locked)
        at = tuple(voxels[free].T)
        labels[at] = 0 if erase else number
        self._take_edit(annotation, labels, voxels[free])

    @command
    def tidy(self, how: str) -> None:
        """Keep the "largest" piece of the selected class, fill its "holes" or "smooth" it.

        Accepted slices stay as they are.
        """
        annotation, value = self.target(False, False)
        if value < 2:
            raise UserError("No class is selected: choose the one to tidy.")
        size, spacing = self.settings.marking.smoothing, self.grid().spacing
        wanted = annotation.labels, value - 1, how, annotation.axis, spacing, size
        self._take_edit(annotation, tidied(*wanted), np.zeros((0, 3), int))

    def _take_edit(
        self, annotation: AnnotationState, labels: np.ndarray, drawn: np.ndarray
    ) -> None:
        """``labels`` [k, j, i] are what the user wants; the voxels ``drawn`` [M, 3] are marks even
        where they change nothing."""
        mirror, history = self.require_workspace()[1:]
        new = np.moveaxis(labels, annotation.axis, 0)
        touched = {*np.unique(drawn[:, annotation.axis]).tolist()}
        differ = (new != np.moveaxis(annotation.labels, annotation.axis, 0)).any((1, 2))
        slices = {*np.flatnonzero(differ).tolist(), *touched}
        if not touched:
            slices = {z for z in slices if not annotation.accepted(z)}
        if not slices:
            raise UserError("Nothing is to be changed.")
        if self.axis is None:
            self.axis = annotation.axis
        history.begin()
        rest = [a for a in range(3) if a != annotation.axis]
        for z in sorted(slices):
            wanted = new[z].copy()
            annotation.edit(z, wanted)
            at = drawn[drawn[:, annotation.axis] == z][:, rest]
            if len(at):
                where = np.zeros(wanted.shape, bool)
                where[tuple(at.T)] = True
                annotation.mark(z, where, wanted[where] + np.uint8(1))
        self._rewrite(annotation, mirror, slices)
        self.changed(slices)
        self.restart_run()
        self.finish_run()

    # ---- inside --------------------------------------------------------------------------------

    def target(self, negative: bool, erase: bool) -> tuple[AnnotationState, int]:
        """What a stroke is meant for: the annotation and the value of its marks (0: none).

        Without any class, one is made. UserError for a locked class.
        """
        selected = self.take_stroke_target()
        annotation = self.require_annotation()
        if not annotation.structures and not negative and not erase:
            selected = self.add_class()
        elif not annotation.structures:
            raise UserError("There is no class yet: add one and mark it.")
        background = negative or selected == BACKGROUND
        value = 0 if erase else 1 if background else annotation.number(selected) + 1
        if value > 1 and selected in annotation.locked:
            name = annotation.structures[value - 2].name
            raise UserError("{name} is locked: unlock it first.", name=name)
        return annotation, value

    def choose_axis(self, axis: int) -> None:
        """Slices run along ``axis``, unless that is fixed already."""
        if self.axis is None:
            self.fix_axis(axis)

    def region_of_click(
        self, annotation: AnnotationState, found: np.ndarray, value: int
    ) -> np.ndarray:
        """The voxels [M, 3] that a click on ``found`` means for the class of ``value``: more than
        its disc where the class is not in that slice yet."""
        axis, volume = annotation.axis, self.read_volume()
        z = int(np.bincount(found[:, axis]).argmax())
        labels, marks = annotation.slice(z), annotation.marks.get(z)
        known = (labels == value - 1).any() or (marks is not None and (marks == value).any())
        if value < 2 or known or (found[:, axis] != z).any():
            return found
        rest = [a for a in range(3) if a != axis]
        flat = found[:, rest]
        centre = flat[np.argmin(((flat - flat.mean(0)) ** 2).sum(1))]
        spacing = [s for a, s in enumerate(self.grid().spacing) if a != axis]
        mask = meant_by_click(
            np.moveaxis(volume.array, axis, 0)[z],
            (int(centre[0]), int(centre[1])),
            (spacing[0], spacing[1]),
            volume.modality,
            self.settings.marking,
        )
        mask &= labels == 0
        if marks is not None:
            mask &= marks == 0
        more = np.insert(np.argwhere(mask), axis, z, axis=1)
        return np.unique(np.concatenate([found, more]), axis=0)
