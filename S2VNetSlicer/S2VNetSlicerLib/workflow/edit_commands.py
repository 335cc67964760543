"""Commands that give voxels to a class by hand: a plain brush, tidying."""

from __future__ import annotations

import numpy as np

from ..annotation.state import AnnotationState
from ..errors import UserError
from .marking import by_slice
from .outlines import enclosed, tidied
from .runs import Runs
from .stroke_target import StrokeTargets
from .strokes import nearest_axis, stroke_voxels


class EditCommands:
    """Voxels drawn by hand are marks as well, which every later run obeys."""

    def __init__(self, runs: Runs, targets: StrokeTargets) -> None:
        self._runs, self._workspace, self._targets = runs, runs.workspace, targets

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
        annotation, value = self._targets.take(False, False)
        if value < 2:
            raise UserError("No class is selected: choose the one to draw.")
        workspace, points = self._workspace, np.asarray(points, float)
        grid = workspace.grid()
        axis = nearest_axis(grid, normal) if workspace.axis is None else workspace.axis
        if fill:
            across, index, inside = enclosed(grid, points, normal)
            voxels = np.insert(np.argwhere(inside), across, index, axis=1)
        else:
            voxels = stroke_voxels(grid, points, float(radius), axis, normal)
        if not len(voxels):
            raise UserError(
                "Nothing of {volume} was drawn on: draw inside.",
                volume=workspace.volume_node.GetName(),
            )
        workspace.choose_axis(axis)
        labels = annotation.labels.copy()
        at, number = tuple(voxels.T), value - 1
        free = labels[at] == number if erase else ~np.isin(labels[at], annotation.locked_numbers)
        at = tuple(voxels[free].T)
        labels[at] = 0 if erase else number
        self._edit(annotation, labels, voxels[free])

    def tidy(self, how: str) -> None:
        """Keep the "largest" piece of the selected class, fill its "holes" or "smooth" it.

        Accepted slices stay as they are.
        """
        annotation, value = self._targets.take(False, False)
        if value < 2:
            raise UserError("No class is selected: choose the one to tidy.")
        size = self._runs.session.settings.marking.smoothing
        spacing = self._workspace.grid().spacing
        wanted = annotation.labels, value - 1, how, annotation.axis, spacing, size
        self._edit(annotation, tidied(*wanted), np.zeros((0, 3), int))

    def _edit(self, annotation: AnnotationState, labels: np.ndarray, drawn: np.ndarray) -> None:
        """``labels`` [k, j, i] are what the user wants; the voxels ``drawn`` [M, 3] are marks even
        where they change nothing."""
        _, _, history = self._workspace.require()
        new = np.moveaxis(labels, annotation.axis, 0)
        marks = by_slice(annotation, drawn, labels[tuple(drawn.T)] + np.uint8(1))
        differ = (new != np.moveaxis(annotation.labels, annotation.axis, 0)).any((1, 2))
        slices = {*np.flatnonzero(differ).tolist(), *marks}
        if not marks:
            slices = {z for z in slices if not annotation.accepted(z)}
        if not slices:
            raise UserError("Nothing is to be changed.")
        self._workspace.settle_axis()
        history.begin()
        for z in sorted(slices):
            annotation.edit(z, new[z].copy())
            if z in marks:
                annotation.mark(z, *marks[z])
        self._workspace.rewrite(slices)
        self._runs.session.changed(slices)
        self._runs.restart()
        self._workspace.finish()
