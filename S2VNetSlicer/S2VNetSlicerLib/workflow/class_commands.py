"""Commands that concern classes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..annotation.state import Structure
from ..errors import UserError
from ..scene.terminology import follow_name
from ..texts import texts
from .colours import colour_of
from .runs import Runs
from .segmentation_mirror import SegmentationMirror
from .state import BACKGROUND

_ = texts(__name__)
NEW_CLASS = _("Structure {number}")


class ClassCommands:
    """Adding, naming, colouring, locking, showing and removing classes; ``application_logic`` is
    Slicer's, if there is one, and ``say`` how the front end tells a text: a class that is added
    without a name is called so once."""

    def __init__(self, runs: Runs, application_logic: Any, say: Callable[[str], str]) -> None:
        self._runs, self._workspace, self._say = runs, runs.workspace, say
        self._application_logic = application_logic

    def add_class(self, name: str = "", colour: tuple[float, float, float] | None = None) -> str:
        """A new class with an empty segment; returns its id and selects it."""
        annotation, mirror, _ = self._workspace.require()
        annotation.check_room()
        number = len(annotation.structures)
        new = self._say(NEW_CLASS.format(number=number + 1))
        structure = mirror.new_segment(name.strip() or new, colour or colour_of(number))
        if name.strip():
            structure = self.named(mirror, structure.id)
        annotation.structures.append(structure)
        self._runs.session.invalidate()
        self._runs.restart()
        self._workspace.select(structure.id)
        self._workspace.save()
        return structure.id

    def rename_class(self, id: str, name: str) -> None:
        """Give a class another name."""
        annotation, mirror, _ = self._workspace.require()
        annotation.number(id)
        if not name.strip():
            raise UserError("A class needs a name: type one.")
        mirror.rename(id, name.strip(), None)
        self.named(mirror, id)
        self.refresh()

    def named(self, mirror: SegmentationMirror, id: str) -> Structure:
        """The class as its segment says, which gets the terminology of its name."""
        logic = self._application_logic
        terms = None if logic is None else logic.GetModuleLogic("Terminologies")
        if terms is not None:
            with mirror.observers.muted():
                follow_name(mirror.segment(id), terms)
        return mirror.structure(id)

    def recolour_class(self, id: str, colour: tuple[float, float, float]) -> None:
        """Give a class another colour (r, g, b) in 0..1."""
        annotation, mirror, _ = self._workspace.require()
        annotation.number(id)
        mirror.rename(id, None, colour)
        self.refresh()

    def remove_class(self, id: str) -> None:
        """Remove a class with its segment and its marks; undo brings all back."""
        self._workspace.require_annotation().number(id)
        self._drop(id)
        self._workspace.finish()

    def select_class(self, id: str) -> None:
        """Strokes mark this class from now on, or the background."""
        if id != BACKGROUND:
            self._workspace.require_annotation().number(id)
        self._workspace.select(id)

    def select_next(self) -> None:
        """Select the class after the selected one, the first one after the last."""
        ids = [structure.id for structure in self._workspace.require_annotation().structures]
        if ids:
            selected = self._workspace.selected
            at = ids.index(selected) if selected in ids else -1
            self._workspace.select(ids[(at + 1) % len(ids)])

    def lock_class(self, id: str, locked: bool) -> None:
        """A locked class neither grows nor shrinks."""
        annotation = self._workspace.require_annotation()
        annotation.number(id)
        (annotation.locked.add if locked else annotation.locked.discard)(id)
        self._runs.restart()
        self._workspace.save()

    def lock_others(self, id: str) -> None:
        """Lock all classes but one, which is unlocked; where that is so already, unlock all."""
        annotation = self._workspace.require_annotation()
        annotation.number(id)
        others = {structure.id for structure in annotation.structures} - {id}
        annotation.locked = set() if annotation.locked == others else others
        self._runs.restart()
        self._workspace.save()

    def show_class(self, id: str, visible: bool) -> None:
        """Show or hide a class."""
        self._workspace.require_annotation().number(id)
        self._display().SetSegmentVisibility(id, visible)

    def show_only(self, id: str) -> None:
        """Show one class and hide all others; where that is so already, show all."""
        annotation = self._workspace.require_annotation()
        annotation.number(id)
        display = self._display()
        ids = [structure.id for structure in annotation.structures]
        alone = [other for other in ids if display.GetSegmentVisibility(other)] == [id]
        for other in ids:
            display.SetSegmentVisibility(other, alone or other == id)

    def _display(self) -> Any:
        node = self._workspace.node
        if node.GetDisplayNode() is None:
            node.CreateDefaultDisplayNodes()
        return node.GetDisplayNode()

    # ---- segments ------------------------------------------------------------------------------

    def refresh(self) -> bool:
        """Follow names, colours and removals of segments."""
        annotation, mirror = self._workspace.annotation, self._workspace.mirror
        if annotation is None or mirror is None or not mirror.here:
            return False
        for structure in list(annotation.structures):
            if mirror.segment(structure.id) is None:
                ended = self._runs.session.client.busy
                self._drop(structure.id)
                told = (
                    _("{name} was removed, so the propagation ended: undo brings it back.")
                    if ended
                    else _("{name} was removed from the segmentation: undo brings it back.")
                )
                self._runs.message.fail(told.format(name=structure.name))
                continue
            now = mirror.structure(structure.id)
            if now != structure:
                annotation.structures = [
                    now if s.id == now.id else s for s in annotation.structures
                ]
                mirror.rename(now.id, now.name, now.colour)
        return True

    def _drop(self, id: str) -> None:
        """Remove a class with its voxels and marks, as one step."""
        _, _, history = self._workspace.require()
        self._runs.state.discard()
        history.begin("structures", "initial")
        self._workspace.drop(id)
        if self._workspace.selected == id:
            self._workspace.select_first()
        self._runs.session.invalidate()
