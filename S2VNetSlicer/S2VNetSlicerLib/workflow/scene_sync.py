"""What others change in the scene becomes a change of the annotation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..annotation.state import AnnotationState
from ..texts import Text, texts
from .choices import volume_rows
from .class_commands import ClassCommands
from .marking import Marking, Marks
from .runs import Runs
from .segmentation_mirror import Observers

_ = texts(__name__)
_GONE = _("{name} was removed from the scene")

_POLL = 32
"""Ticks between two looks at the names of nodes, of which no event tells."""


class SceneSync:
    """Follows nodes that come and go, segments that are edited and marks that are painted."""

    def __init__(self, runs: Runs, classes: ClassCommands, marking: Marking) -> None:
        self._runs, self._classes, self._marking = runs, classes, marking
        self._workspace, self._message = runs.workspace, runs.message
        self._ticks, self._rows = 0, volume_rows(self._workspace.scene)
        self._on_scene = Observers()
        scene = self._workspace.scene
        events = [scene.NodeAddedEvent, scene.NodeRemovedEvent, scene.EndImportEvent]
        self._on_scene.watch(scene, events, "nodes")
        self._on_scene.watch(scene, [scene.EndCloseEvent], "closed")

    def close(self) -> None:
        """Follow no longer."""
        self._on_scene.clear()

    def follow(self) -> bool:
        """Take in what happened to the scene since the last call; True when anything did."""
        seen, work = self._on_scene.take(), self._workspace
        changed = bool(seen)
        if "closed" in seen:
            self._lose(_("The scene was closed"), both=True)
        elif work.volume_node is not None and work.volume_node.GetScene() is None:
            self._lose(_GONE.format(name=work.volume_node.GetName()))
            changed = True
        if work.node is not None and work.node.GetScene() is None:
            self._lose(_GONE.format(name=work.node.GetName()), volume=False)
            changed = True
        seen = work.on_nodes.take()
        marked = work.annotation is not None and bool(work.annotation.marks)
        if marked and work.mirror is not None and work.mirror.marks_node is None:
            self._message.fail(_("The marks were removed: undo brings them back."))
            seen.add("marks")
        if seen and work.annotation is not None:
            changed |= self._classes.refresh()
            changed |= "labels" in seen and self._take_labels()
            changed |= "marks" in seen and self._take_marks()
        self._ticks += 1
        if self._ticks % _POLL == 0:
            rows = volume_rows(work.scene)
            changed |= rows != self._rows
            self._rows = rows
        return changed

    def _lose(self, what: Text, volume: bool = True, both: bool = False) -> None:
        """A node is gone: end what runs, keep everything that is still there."""
        work, state = self._workspace, self._runs.state
        ran = not state.idle and state.current is not None
        had = work.annotation is not None
        work.detach()
        if volume:
            work.forget_volume()
        if both or not volume:
            work.choose(work.volume_node, None)
        if ran:
            told = _("{thing}, so the propagation ended: choose another one to go on.")
            self._message.fail(told.format(thing=what))
        elif had and not both:
            self._message.fail(_("{thing}: choose another one to go on.").format(thing=what))

    def _take_marks(self) -> bool:
        """Marks that were painted or erased in the scene."""
        annotation, mirror = self._workspace.annotation, self._workspace.mirror
        if annotation is None or mirror is None or not mirror.here:
            return False
        wanted = _differences(annotation, annotation.marks_volume(), mirror.read_marks)
        if not wanted:
            return False
        self._workspace.settle_axis()
        if self._marking.mark(wanted):
            here = self._workspace.slice
            self._runs.marked(min(wanted, key=lambda z: abs(z - here)))
        return True

    def _take_labels(self) -> bool:
        """Segments that were edited by hand: the edits are marks as well."""
        annotation, mirror = self._workspace.annotation, self._workspace.mirror
        if annotation is None or mirror is None or not mirror.here:
            return False
        wanted = _differences(annotation, annotation.labels, mirror.read_labels)
        if not wanted:
            return False
        self._workspace.settle_axis()
        self._workspace.require()[2].begin()
        for z, (where, values) in wanted.items():
            labels = annotation.slice(z).copy()
            labels[where] = values
            annotation.edit(z, labels)
        self._workspace.rewrite(wanted)
        self._runs.session.changed(wanted)
        self._runs.restart()
        self._workspace.save()
        return True


def _differences(
    annotation: AnnotationState, known: np.ndarray, read: Callable[[AnnotationState], np.ndarray]
) -> Marks:
    now = np.moveaxis(read(annotation), annotation.axis, 0)
    differ = now != np.moveaxis(known, annotation.axis, 0)
    found = np.flatnonzero(differ.any((1, 2))).tolist()
    return {z: (differ[z], now[z][differ[z]]) for z in found}
