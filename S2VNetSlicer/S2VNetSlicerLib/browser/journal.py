"""What was shown since the scene was last saved, so that a process that is killed loses nothing.

A scene takes seconds to write, a slice a millisecond: finished slices are noted as they appear, in
a file beside the scene. Of every slice only the newest is kept. Each change has a number; the scene
says up to which it holds them, so that the journal never brings back what is older than the scene.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from ..errors import Faults, UserError
from ..texts import texts
from ..workflow.presenter import Presenter
from ..workflow.storage import SHOWN, annotated
from . import entries
from .store import JOURNAL, JournalFile, Part, UnreadableError

MERGED = "S2VNet.journal"
"""The attribute of a segmentation with the number up to which its scene holds the journal."""
_ = texts(__name__)
INTERRUPTED = _("The run that was going on is not complete: Whole volume carries it on.")
_SHARE = 20
"""After an attempt that fails in a second, so many seconds pass before the next one."""


class Journal:
    """FOLDER/journal.sqlite, or while that cannot be written, memory.

    Call :meth:`note` after every change and before another segmentation is chosen, :meth:`stamp`
    when the scene is taken for saving and :meth:`forget` with its result when it is on disk.
    Nothing is forgotten before it is in the file or in the scene.
    """

    def __init__(
        self, presenter: Presenter, folder: Path, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._presenter, self._clock = presenter, clock
        self.file = JournalFile(folder / f"{JOURNAL}.sqlite")
        self.faults = Faults(logging.getLogger(__name__))
        self.fault: BaseException | None = None
        """Why the file cannot be written at the moment."""
        self._number = self._merged = 0
        self._waiting: dict[tuple[str, str], Part] = {}
        """What is not in the file yet."""
        self._heads: dict[str, entries.Head] = {}
        self._owners: set[str] = {""}
        """Segmentations of which the scene holds, or the next one will, all that is here."""
        self._places: dict[str, str] = {}
        """Where segmentations of the journal are now."""
        self._gone: set[str] = set()
        """Segmentations whose parts in the file are no longer true."""
        self._shown: str | None = None
        self._anew = False
        self._next = -float("inf")

    @property
    def unmerged(self) -> bool:
        """Whether anything was noted that is in no saved scene."""
        return self._number > self._merged

    # ---- noting --------------------------------------------------------------------------------

    def note(self) -> bool:
        """Write what changed since the last call; whether anything did. Never raises OSError."""
        changed = self._collect()
        # Without anything to write, too: what an attempt has still to clear away, and to learn
        # that the file can be written again.
        if (self._waiting or self.fault is not None) and self._clock() >= self._next:
            self._write()
        return changed

    def _collect(self) -> bool:
        presenter = self._presenter
        mirror, annotation = presenter.workspace.mirror, presenter.annotation
        lost = self.file.gone()
        if lost:
            self.file.start_again()
            self._heads.clear()
        if mirror is None or annotation is None or not mirror.here:
            return False
        owner = mirror.node.GetID()
        known, head = self._heads.get(owner), entries.head_of(presenter, annotation)
        if known is None and not annotation.structures:
            return False
        if head.same(known) and not mirror.written and owner == self._shown:
            return False
        whole = lost or self._anew or (known is not None and known.axis != head.axis)
        slices = range(annotation.slices) if whole else sorted(mirror.written)
        self._number += 1
        for name, data in entries.parts_of(annotation, head, slices, known).items():
            self._waiting[owner, name] = owner, name, self._number, data
        self._waiting["", SHOWN] = "", SHOWN, self._number, owner.encode()
        mirror.written.clear()
        self._heads[owner], self._shown, self._anew = head, owner, False
        self._owners.add(owner)
        return True

    def _write(self) -> None:
        began, what = self._clock(), f"Writing {self.file.path}"
        try:
            try:
                self.file.write(self._waiting.values(), self._merged, self._owners, self._gone)
            except UnreadableError as error:
                self.faults.met(what, error)
                self.file.set_aside()
                self._heads.clear()
                self._anew = True  # the next note begins a new file
                return
        except OSError as error:
            self.fault = error
            self.faults.met(what, error)
            self._next = self._clock() + _SHARE * (self._clock() - began)
        else:
            self.fault = None
            self.faults.over(what)
            self._waiting.clear()
            self._gone.clear()

    def stamp(self) -> int:
        """The scene is taken now; returns what :meth:`forget` takes when it is on disk."""
        self.note()
        for node in annotated(self._presenter.workspace.scene):
            node.SetAttribute(MERGED, str(self._number))
        return self._number

    def forget(self, number: int) -> None:
        """The scene of :meth:`stamp` is on disk: what is older is no longer needed."""
        self._merged = number
        self._waiting = {key: part for key, part in self._waiting.items() if part[2] > number}
        if self._number:
            self._write()

    def close(self) -> None:
        """The end; the file goes when everything in it is in a saved scene. Raises OSError."""
        try:
            needed = self.unmerged or any(
                owner not in self._owners or number > self._merged
                for owner, _, number, _ in (self.file.read() if self.file.path.exists() else [])
            )
            if not needed:
                self.file.remove()
        except UnreadableError as error:
            self.faults.met(f"Reading {self.file.path}", error)
        finally:
            self.file.close()

    # ---- resuming ------------------------------------------------------------------------------

    def repeat(self) -> list[str]:
        """Bring the annotations of the loaded scene to where the journal ends.

        The segmentation that was worked on last is chosen again. Returns a sentence for each thing
        that could not be done; it stays in the file. Raises UserError when the disk fails.
        """
        scene, presenter = self._presenter.workspace.scene, self._presenter
        try:
            rows = self.file.read() if self.file.path.exists() else []
        except OSError as error:
            raise UserError("{path} cannot be read", error, path=self.file.path) from error
        except UnreadableError as error:
            kept = self.file.set_aside()
            return [
                str(
                    UserError(
                        "What came after the last save cannot be read ({kept})", error, kept=kept
                    )
                )
            ]
        nodes = annotated(scene)
        merged = {node.GetID(): int(node.GetAttribute(MERGED) or 0) for node in nodes}
        shown = next((node.GetID() for node in nodes if node.GetAttribute(SHOWN)), None)
        self._merged = max(merged.values(), default=0)
        self._number = max([self._merged, *(number for _, _, number, _ in rows)])
        found: dict[str, dict[str, bytes]] = {}
        for owner, name, number, data in rows:
            if owner == "" and number > self._merged:
                shown = data.decode()
            elif owner and number > merged.get(owner, 0):
                found.setdefault(owner, {})[name] = data
        # Now, for new nodes may take the IDs of others.
        there = {owner for owner in found if scene.GetNodeByID(owner) is not None}
        problems = [
            p for p in (self._apply(o, parts, o in there) for o, parts in found.items()) if p
        ]
        if problems:
            problems.append(self._kept_apart())
        self._move(rows)
        self._owners |= {"", *merged, *self._places.values()}
        self._shown = self._places.get(shown or "", shown)
        if self._shown is not None and presenter.state.segmentation != self._shown:
            presenter.choose_segmentation(self._shown)
        if shown in found and entries.was_running(found[shown]):
            problems.append(INTERRUPTED)
        return problems

    def _move(self, rows: list[Part]) -> None:
        """What was begun after the last save has a new ID, under which the file must know it."""
        moved = {old: new for old, new in self._places.items() if old != new}
        if not moved:
            return
        self._gone |= {*moved, *moved.values()}
        for owner, name, number, data in rows:
            new = self._places.get(owner, owner)
            if owner == "":
                data = self._places.get(data.decode(), data.decode()).encode()
            if owner == "" or (owner in self._places and new in self._gone):
                self._waiting[new, name] = new, name, number, data
        self._write()

    def _kept_apart(self) -> str:
        """Keep all in a file of its own, for what is not shown goes with the next save."""
        try:
            return _("{path} keeps it.").format(path=self.file.copy_aside())
        except OSError as error:
            raise UserError("{path} cannot be copied", error, path=self.file.path) from error

    def _apply(self, owner: str, parts: Mapping[str, bytes], there: bool) -> str:
        """Bring one segmentation, which is ``there`` or not, up to date; why it could not be done,
        or ""."""
        presenter = self._presenter
        try:
            if there:
                chosen = presenter.choose_segmentation(owner)
            else:  # it was begun after the last save
                chosen = presenter.choose_volume(entries.volume_of(parts))
                chosen = chosen and presenter.choose_segmentation(None)
            if not chosen:
                raise UserError(presenter.state.message)
            entries.apply(presenter, parts)
        except UserError as error:
            logging.getLogger(__name__).error("%s: %s", self.file.path, error, exc_info=True)
            return str(UserError("What came after the last save cannot be shown", error))
        self._places[owner] = presenter.workspace.node.GetID()
        self._owners.add(owner)
        return ""
