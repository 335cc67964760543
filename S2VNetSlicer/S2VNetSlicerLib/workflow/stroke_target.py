"""What a stroke is meant for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..annotation.state import AnnotationState
from ..errors import UserError
from ..scene.belonging import shown_volumes
from ..texts import texts
from .class_commands import ClassCommands
from .state import BACKGROUND
from .workspace import Workspace

_ = texts(__name__)


@dataclass(frozen=True, eq=False)
class StrokeTarget:
    """What was there when the button went down: a stroke is meant for this and nothing else."""

    volume: Any
    annotation: AnnotationState | None
    selected: str
    shown: tuple[str, ...] | None
    """IDs of the volumes that the view showed; None: not known."""


class StrokeTargets:
    """Holds what the next stroke is meant for, from the press of the button on."""

    def __init__(self, workspace: Workspace, classes: ClassCommands) -> None:
        self._workspace, self._classes = workspace, classes
        self._target: StrokeTarget | None = None

    def set(self, slice_node: Any = None) -> None:
        """The button went down in a view: the next stroke is meant for what is there now."""
        work, shown = self._workspace, None if slice_node is None else shown_volumes(slice_node)
        self._target = StrokeTarget(work.volume_node, work.annotation, work.selected, shown)
        work.session.client.drawing(True)

    def take(self, negative: bool, erase: bool) -> tuple[AnnotationState, int]:
        """What a stroke is meant for: the annotation and the value of its marks (0: none).

        Without any class, one is made. UserError for a locked class.
        """
        selected = self._selected()
        annotation = self._workspace.require_annotation()
        if not annotation.structures and not negative and not erase:
            selected = self._classes.add_class()
        elif not annotation.structures:
            raise UserError("There is no class yet: add one and mark it.")
        background = negative or selected == BACKGROUND
        value = 0 if erase else 1 if background else annotation.number(selected) + 1
        if value > 1 and selected in annotation.locked:
            name = annotation.structures[value - 2].name
            raise UserError("{name} is locked: unlock it first.", name=name)
        return annotation, value

    def _selected(self) -> str:
        """The class that the stroke is meant for; UserError when it is meant for something else."""
        work, (aim, self._target) = self._workspace, (self._target, None)
        work.session.client.drawing(False)
        if aim is None or work.volume_node is None:
            return work.selected
        if aim.volume is not work.volume_node or (
            aim.annotation is not None and aim.annotation is not work.annotation
        ):
            raise UserError(
                "Another volume or segmentation was chosen while the stroke was drawn: draw it "
                "again."
            )
        if aim.shown is not None and work.volume_node.GetID() not in aim.shown:
            there = [work.scene.GetNodeByID(id) for id in aim.shown]
            names = ", ".join(node.GetName() for node in there if node is not None)
            raise UserError(
                "The view shows {names}, but {volume} is marked: show it there, or choose "
                "the other volume.",
                names=names or _("no volume"),
                volume=work.volume_node.GetName(),
            )
        known = work.annotation is not None and any(
            s.id == aim.selected for s in work.annotation.structures
        )
        return aim.selected if known or not aim.selected else work.selected
