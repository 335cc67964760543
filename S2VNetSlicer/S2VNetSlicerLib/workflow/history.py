"""Undo and redo: per step the slices that changed and the small facts about all slices."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ..annotation.boxed import Boxed
from ..annotation.state import AnnotationState

LIMIT = 256 * 2**20
FACTS = ("slice_status", "confidence", "pending", "provenance")
"""What every step keeps of the annotation beside its slices."""


@dataclass
class _Step:
    """The other side of a change; :meth:`History.undo` and ``redo`` swap it with what is there."""

    facts: dict[str, Any]
    known: frozenset[str]
    """Classes at the time: those added since are left alone."""
    slices: dict[int, list[Boxed | None]] = field(default_factory=dict)
    """Labels and marks of each changed slice."""

    @property
    def size(self) -> int:
        return sum(part.size for parts in self.slices.values() for part in parts if part)


class History:
    """Steps of one :class:`Annotation`, bounded by ``limit`` bytes, the oldest dropped first.

    :meth:`begin` announces a step; it comes into being with the first slice that changes.
    """

    def __init__(self, annotation: AnnotationState, limit: int = LIMIT) -> None:
        self.annotation, self.limit = annotation, limit
        annotation.changing = self.touch
        self._done: list[_Step] = []
        self._undone: list[_Step] = []
        self._open: _Step | None = None
        self._raw: deque[tuple[_Step, int]] = deque()
        self._began = False

    @property
    def can_undo(self) -> bool:
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        return bool(self._undone)

    @property
    def size(self) -> int:
        """Bytes that the slices of all steps take."""
        return sum(step.size for step in self._done + self._undone)

    def begin(self, *more: str, coming: Iterable[str] = ()) -> None:
        """The next change starts a step; ``more`` names further attributes that it replaces,
        ``coming`` the ids of classes that it adds."""
        now = self.annotation
        facts = {name: getattr(now, name).copy() for name in FACTS}
        facts |= {name: getattr(now, name) for name in more}
        known = [*(s.id for s in now.structures), *coming]
        self._open, self._began = _Step(facts, frozenset(known)), False

    def touch(self, z: int | None) -> None:
        """Slice ``z`` is about to change (None: only facts are)."""
        if self._open is None:
            self.begin()
        step = self._open
        assert step is not None
        if not self._began:
            self._began = True
            self._undone.clear()
            self._done.append(step)
        if z is None or z in step.slices:
            return
        step.slices[z] = self._current(z)
        self._raw.append((step, z))

    def undo(self) -> set[int] | None:
        """Take back the last step; the slices that changed, None when there is no step."""
        return self._swap(self._done, self._undone)

    def redo(self) -> set[int] | None:
        """Do again what was taken back."""
        return self._swap(self._undone, self._done)

    def pack(self, at_most: int = 8) -> None:
        """Compress a few slices; to be called when there is time."""
        for _ in range(min(at_most, len(self._raw))):
            step, z = self._raw.popleft()
            step.slices[z] = [part and part.packed() for part in step.slices[z]]
        if not self._raw:
            self._bound()

    def clear(self) -> None:
        """Forget every step."""
        self._done.clear()
        self._undone.clear()
        self._raw.clear()
        self._open = None

    def _bound(self) -> None:
        size = self.size
        while size > self.limit and (self._done or self._undone):
            dropped = self._done.pop(0) if self._done else self._undone.pop(0)
            size -= dropped.size
            if dropped is self._open:
                self._open = None

    def _current(self, z: int) -> list[Boxed | None]:
        labels, marks = self.annotation.slice(z), self.annotation.marks.get(z)
        return [Boxed.of(labels), None if marks is None else Boxed.of(marks)]

    def _swap(self, source: list[_Step], target: list[_Step]) -> set[int] | None:
        if not source:
            return None
        step, now = source.pop(), self.annotation
        self._open = None
        changed = {z: self._current(z) for z in step.slices}
        facts = {name: getattr(now, name) for name in step.facts}
        later = [s for s in now.structures if s.id not in step.known]
        for name, value in step.facts.items():
            setattr(now, name, value)
        if "structures" in step.facts:
            now.structures = step.facts["structures"] + [
                s for s in later if s not in step.facts["structures"]
            ]
        if step.facts.keys() - set(FACTS):  # the classes are others, or what is corrected
            now.recount()
        for z, (labels, marks) in step.slices.items():
            now.put(z, *(None if part is None else part.array() for part in (labels, marks)))
        step.facts, step.slices = facts, changed
        self._raw.extend((step, z) for z in changed)
        target.append(step)
        return set(changed)
