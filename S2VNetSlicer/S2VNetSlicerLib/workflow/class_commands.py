"""The presenter's commands that concern classes."""

from __future__ import annotations

from typing import Any

from ..annotation.state import Structure
from ..errors import UserError
from ..scene.terminology import follow_name
from .canvas import Canvas
from .commands import command
from .following import Following
from .picture import colour_of
from .state import BACKGROUND


class ClassCommands(Following):
    """Adding, naming, colouring, locking, showing, removing and correcting classes."""

    _application_logic: Any = None

    def publish(self) -> None:
        """Tell everybody what changed."""
        raise NotImplementedError

    @command
    def add_class(self, name: str = "", colour: tuple[float, float, float] | None = None) -> str:
        """A new class with an empty segment; returns its id and selects it."""
        annotation, canvas, _ = self.work()
        annotation.check_room()
        number = len(annotation.structures)
        structure = canvas.new_segment(
            name.strip() or f"Structure {number + 1}", colour or colour_of(number)
        )
        if name.strip():
            structure = self.named(canvas, structure.id)
        annotation.structures.append(structure)
        self.unfollow()
        self.again()
        self.selected = structure.id
        self.save()
        return structure.id

    @command
    def rename_class(self, id: str, name: str) -> None:
        """Give a class another name."""
        annotation, canvas, _ = self.work()
        annotation.number(id)
        if not name.strip():
            raise UserError("A class needs a name: type one.")
        canvas.rename(id, name.strip(), None)
        self.named(canvas, id)
        self.look_at_segments()

    def named(self, canvas: Canvas, id: str) -> Structure:
        """The class as its segment says, which gets the terminology of its name."""
        logic = self._application_logic
        terms = None if logic is None else logic.GetModuleLogic("Terminologies")
        if terms is not None:
            with canvas.observers.muted():
                follow_name(canvas.segment(id), terms)
        return canvas.structure(id)

    @command
    def recolour_class(self, id: str, colour: tuple[float, float, float]) -> None:
        """Give a class another colour (r, g, b) in 0..1."""
        annotation, canvas, _ = self.work()
        annotation.number(id)
        canvas.rename(id, None, colour)
        self.look_at_segments()

    @command
    def remove_class(self, id: str) -> None:
        """Remove a class with its segment and its marks; undo brings all back."""
        self.needed().number(id)
        self.drop_class(id)
        self.settle()

    @command
    def select_class(self, id: str) -> None:
        """Strokes mark this class from now on, or the background."""
        if id != BACKGROUND:
            self.needed().number(id)
        self.selected = id

    @command
    def select_next(self) -> None:
        """Select the class after the selected one, the first one after the last."""
        ids = [structure.id for structure in self.needed().structures]
        if ids:
            at = ids.index(self.selected) if self.selected in ids else -1
            self.selected = ids[(at + 1) % len(ids)]

    @command
    def lock_class(self, id: str, locked: bool) -> None:
        """A locked class neither grows nor shrinks."""
        annotation = self.needed()
        annotation.number(id)
        (annotation.locked.add if locked else annotation.locked.discard)(id)
        self.again()
        self.save()

    @command
    def show_class(self, id: str, visible: bool) -> None:
        """Show or hide a class."""
        self.needed().number(id)
        if self.node.GetDisplayNode() is None:
            self.node.CreateDefaultDisplayNodes()
        self.node.GetDisplayNode().SetSegmentVisibility(id, visible)

    @command
    def lock_others(self, id: str) -> None:
        """Lock all classes but one, which is unlocked; where that is so already, unlock all."""
        annotation = self.needed()
        annotation.number(id)
        others = {structure.id for structure in annotation.structures} - {id}
        annotation.locked = set() if annotation.locked == others else others
        self.again()
        self.save()

    @command
    def show_only(self, id: str) -> None:
        """Show one class and hide all others; where that is so already, show all."""
        annotation = self.needed()
        annotation.number(id)
        if self.node.GetDisplayNode() is None:
            self.node.CreateDefaultDisplayNodes()
        display = self.node.GetDisplayNode()
        ids = [structure.id for structure in annotation.structures]
        alone = [other for other in ids if display.GetSegmentVisibility(other)] == [id]
        for other in ids:
            display.SetSegmentVisibility(other, alone or other == id)
