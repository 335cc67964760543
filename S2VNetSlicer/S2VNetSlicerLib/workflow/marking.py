"""Strokes, outlines and acceptance: what is said of slices is carried on."""

from __future__ import annotations

import numpy as np

from ..annotation.state import AnnotationState
from ..errors import UserError
from .navigation import Navigation
from .outlines import core_and_ring, enclosed, meant_by_click
from .runs import Runs
from .stroke_target import StrokeTargets
from .strokes import nearest_axis, stroke_voxels

Marks = dict[int, tuple[np.ndarray, np.ndarray]]
"""Of each slice: where [rows, columns], and the value of each voxel there."""


class Marking:
    """Marks the selected class, as the user draws, and has the marks carried on."""

    def __init__(self, runs: Runs, targets: StrokeTargets, navigation: Navigation) -> None:
        self._runs, self._workspace, self._targets = runs, runs.workspace, targets
        self._navigation = navigation

    def stroke(
        self,
        points: np.ndarray,
        radius: float,
        normal: np.ndarray | None = None,
        *,
        negative: bool = False,
        erase: bool = False,
        click: bool = False,
    ) -> None:
        """Mark the selected class along ``points`` [N, 3], world RAS mm, ``radius`` mm wide.

        One voxel layer across ``normal`` (RAS); None: the nearest slice. The first stroke fixes the
        axis. Background if ``negative`` or selected; ``erase`` takes marks away. A ``click`` means
        more than its disc where the class is not in that slice yet.
        """
        annotation, value = self._targets.take(negative, erase)
        workspace, grid = self._workspace, self._workspace.grid()
        axis = workspace.axis
        if axis is None:
            axis = annotation.axis if normal is None else nearest_axis(grid, np.asarray(normal))
        points = np.asarray(points, float)
        found = stroke_voxels(grid, points, float(radius), axis, normal)
        if not len(found):
            raise UserError(
                "The stroke lies outside {volume}: mark inside.",
                volume=workspace.volume_node.GetName(),
            )
        workspace.choose_axis(axis)
        z = int(np.bincount(found[:, axis]).argmax())
        if normal is None or nearest_axis(grid, np.asarray(normal)) == axis:
            workspace.look_at(z)  # a stroke in another view moves no cursor
        locked = annotation.locked_numbers
        if value and np.isin(annotation.labels[tuple(found.T)], locked).all():
            raise UserError("Everything there belongs to locked classes: unlock them first.")
        if click:
            found = self._region_of_click(annotation, found, value, z)
        if self.add_marks(found, value):
            self._runs.marked(z)

    def _region_of_click(
        self, annotation: AnnotationState, found: np.ndarray, value: int, z: int
    ) -> np.ndarray:
        """The voxels [M, 3] that a click on ``found`` in slice ``z`` means for the class of
        ``value``: more than its disc where the class is not in that slice yet."""
        axis, volume = annotation.axis, self._workspace.read_volume()
        labels, marks = annotation.slice(z), annotation.marks.get(z)
        known = (labels == value - 1).any() or (marks is not None and (marks == value).any())
        if value < 2 or known or (found[:, axis] != z).any():
            return found
        rest = [a for a in range(3) if a != axis]
        flat = found[:, rest]
        centre = flat[np.argmin(((flat - flat.mean(0)) ** 2).sum(1))]
        spacing = [s for a, s in enumerate(self._workspace.grid().spacing) if a != axis]
        mask = meant_by_click(
            np.moveaxis(volume.array, axis, 0)[z],
            (int(centre[0]), int(centre[1])),
            (spacing[0], spacing[1]),
            volume.modality,
            self._runs.session.settings.marking,
        )
        mask &= labels == 0
        if marks is not None:
            mask &= marks == 0
        more = np.insert(np.argwhere(mask), axis, z, axis=1)
        return np.unique(np.concatenate([found, more]), axis=0)

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
        annotation, value = self._targets.take(negative, erase)
        workspace, grid = self._workspace, self._workspace.grid()
        across, index, inside = enclosed(grid, np.asarray(points, float), normal)
        if not inside.any():
            raise UserError(
                "The outline encloses nothing of {volume}.",
                volume=workspace.volume_node.GetName(),
            )
        workspace.choose_axis(across)
        values = np.zeros(inside.shape, np.uint8)
        where = inside
        if value > 1:
            spacing = [s for a, s in enumerate(grid.spacing) if a != across]
            shown = np.take(annotation.labels, index, across)
            how = self._runs.session.settings.marking
            core, ring = core_and_ring(inside, (spacing[0], spacing[1]), how)
            ring &= (shown == 0) | (shown == value - 1)  # neighbours keep what they have
            values[ring], values[core] = 1, value
            where = core | ring
        else:
            values[where] = value
        voxels = np.insert(np.argwhere(where), across, index, axis=1)
        wanted = by_slice(annotation, voxels, values[where])
        z = max(wanted, key=lambda z: int(wanted[z][0].sum()))
        if across == annotation.axis:
            workspace.look_at(z)
        if self.mark(wanted):
            self._runs.marked(z)

    def add_marks(self, voxels: np.ndarray, value: int) -> bool:
        """Mark ``voxels`` [M, 3] (k, j, i) with ``value`` (0: erase); whether it changes any."""
        values = np.full(len(voxels), value, np.uint8)
        return self.mark(by_slice(self._workspace.require_annotation(), voxels, values))

    def mark(self, wanted: Marks) -> bool:
        """Make these marks, as one step; whether any is new."""
        annotation, mirror, history = self._workspace.require()
        locked = annotation.locked_numbers
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
        self._runs.session.changed(changed)
        return bool(changed)

    def accept(self, z: int | None = None) -> None:
        """Slice ``z`` (default: the one on the screen) is right and never changes again."""
        annotation, mirror, history = self._workspace.require()
        z = self._workspace.check_slice(self._navigation.on_screen() if z is None else z)
        if annotation.accepted(z):
            return
        history.begin()
        annotation.accept(z)
        mirror.write_labels(annotation, [z])
        self._runs.session.changed([z])
        self._runs.restart()
        self._workspace.save()


def by_slice(annotation: AnnotationState, voxels: np.ndarray, values: np.ndarray) -> Marks:
    """Marks with ``values`` [M] at ``voxels`` [M, 3] (k, j, i)."""
    across, found = [a for a in range(3) if a != annotation.axis], {}
    for z in np.unique(voxels[:, annotation.axis]).tolist():
        here = voxels[:, annotation.axis] == z
        at = tuple(voxels[here][:, across].T)
        marks, where = (np.zeros(annotation.slice(z).shape, kind) for kind in (np.uint8, bool))
        marks[at], where[at] = values[here], True
        found[z] = where, marks[where]
    return found
