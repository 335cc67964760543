"""The presenter's commands that concern classes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..annotation.state import Structure
from ..errors import UserError
from ..scene.terminology import follow_name
from ..texts import texts
from .commands import command
from .scene_sync import SceneSync
from .segmentation_mirror import SegmentationMirror
from .state import BACKGROUND
from .view_state import colour_of

_ = texts(__name__)
NEW_CLASS = _("Structure {number}")


class ClassCommands(SceneSync):
    """Adding, naming, colouring, locking, showing, removing and correcting classes."""

    _application_logic: Any = None
    say: Callable[[str], str]
    """How the front end tells a text; a class that is added without a name is called so once."""

    def publish(self) -> None:
        """Tell everybody what changed."""
        raise NotImplementedError

    @command
    def add_class(self, name: str = "", colour: tuple[float, float, float] | None = None) -> str:
        """A new class with an empty segment; returns its id and selects it."""
        annotation, mirror, _ = self.require_workspace()
        annotation.check_room()
        number = len(annotation.structures)
        new = self.say(NEW_CLASS.format(number=number + 1))
        structure = mirror.new_segment(name.strip() or new, colour or colour_of(number))
        if name.strip():
            structure = self.named(mirror, structure.id)
        annotation.structures.append(structure)
        self.invalidate_session()
        self.restart_run()
        self.selected = structure.id
        self.save()
        return structure.id

    @command
    def rename_class(self, id: str, name: str) -> None:
        """Give a class another name."""
        annotation, mirror, _ = self.require_workspace()
        annotation.number(id)
        if not name.strip():
            raise UserError("A class needs a name: type one.")
        mirror.rename(id, name.strip(), None)
        self.named(mirror, id)
        self.refresh_segments()

    def named(self, mirror: SegmentationMirror, id: str) -> Structure:
        """The class as its segment says, which gets the terminology of its name."""
        logic = self._application_logic
        terms = None if logic is None else logic.GetModuleLogic("Terminologies")
        if terms is not None:
            with mirror.observers.muted():
                follow_name(mirror.segment(id), terms)
        return mirror.structure(id)

    @command
    def recolour_class(self, id: str, colour: tuple[float, float, float]) -> None:
        """Give a class another colour (r, g, b) in 0..1."""
        annotation, mirror, _ = self.require_workspace()
        annotation.number(id)
        mirror.rename(id, None, colour)
        self.refresh_segments()

    @command
    def remove_class(self, id: str) -> None:
        """Remove a class with its segment and its marks; undo brings all back."""
        self.require_annotation().number(id)
        self.drop_class(id)
        self.finish_run()

    @command
    def select_class(self, id: str) -> None:
        """Strokes mark this class from now on, or the background."""
        if id != BACKGROUND:
            self.require_annotation().number(id)
        self.selected = id

    @command
    def select_next(self) -> None:
        """Select the class after the selected one, the first one after the last."""
        ids = [structure.id for structure in self.require_annotation().structures]
        if ids:
            at = ids.index(self.selected) if self.selected in ids else -1
            self.selected = ids[(at + 1) % len(ids)]

    @command
    def lock_class(self, id: str, locked: bool) -> None:
        """A locked class neither grows nor shrinks."""
        annotation = self.require_annotation()
        annotation.number(id)
        (annotation.locked.add if locked else annotation.locked.discard)(id)
        self.restart_run()
        self.save()

    @command
    def show_class(self, id: str, visible: bool) -> None:
        """Show or hide a class."""
        self.require_annotation().number(id)
        if self.node.GetDisplayNode() is None:
            self.node.CreateDefaultDisplayNodes()
        self.node.GetDisplayNode().SetSegmentVisibility(id, visible)

    @command
    def lock_others(self, id: str) -> None:
        """Lock all classes but one, which is unlocked; where that is so already, unlock all."""
        annotation = self.require_annotation()
        annotation.number(id)
        others = {structure.id for structure in annotation.structures} - {id}
        annotation.locked = set() if annotation.locked == others else others
        self.restart_run()
        self.save()

    @command
    def show_only(self, id: str) -> None:
        """Show one class and hide all others; where that is so already, show all."""
        annotation = self.require_annotation()
        annotation.number(id)
        if self.node.GetDisplayNode() is None:
            self.node.CreateDefaultDisplayNodes()
        display = self.node.GetDisplayNode()
        ids = [structure.id for structure in annotation.structures]
        alone = [other for other in ids if display.GetSegmentVisibility(other)] == [id]
        for other in ids:
            display.SetSegmentVisibility(other, alone or other == id)
