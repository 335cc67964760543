"""The presenter's commands that concern predefined and learned classes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from ..errors import UserError
from ..propagation.records import Made
from .class_commands import ClassCommands
from .commands import command
from .engine import Job, Phase, Task
from .environment import torch_missing
from .picture import colour_of

FINDING = "Finding"
"""The phase in which classes are looked for."""
Wanted = Mapping[int, Any]
"""What is looked for, by structure (1..K): a predefined class's index or a learned class."""


@dataclass(frozen=True)
class Found:
    """The search ended; of these structures (1..K) there is nothing."""

    missing: tuple[int, ...]


@dataclass(frozen=True)
class Notice:
    """A sentence for the user."""

    text: str


class LibraryCommands(ClassCommands):
    """Finding classes without marks, learning and forgetting them."""

    @command
    def find_classes(self, names: Sequence[str]) -> None:
        """Segment these predefined or learned classes without marks, as classes that are added."""
        annotation, canvas, history = self.work()
        self._check_free()
        from ..library.learned import Orientation
        from ..library.store import split

        if not names:
            raise UserError("No class is chosen: choose what to look for.")
        volume, orientation = self.read_volume(), Orientation.of(self.grid().ijk_to_ras)
        kinds = split(names, self.predefined)
        annotation.check_room(len(names))
        axes = {orientation.axes.index(k.axis) for k in kinds if not isinstance(k, int)}
        for learned in (k for k in kinds if not isinstance(k, int)):
            learned.check(volume.modality, str(self.card.get("name", learned.weights)))
        if self.axis is None and len(axes) < 2:
            thick = int(np.argmax(np.round(volume.geometry.spacing, 3)))
            self.fix_axis(axes.pop() if axes else thick)
        created = []
        for n, (name, kind) in enumerate(
            zip(names, kinds, strict=True), len(annotation.structures)
        ):
            colour = colour_of(n) if isinstance(kind, int) else kind.colour
            created.append(canvas.new_segment(name, colour))
        history.begin("structures", "loaded", coming=[s.id for s in created])
        annotation.changing(None)
        first = len(annotation.structures) + 1
        annotation.structures = [*annotation.structures, *created]
        self.selected = created[0].id
        self._begin(partial(_find, dict(enumerate(kinds, first)), orientation), FINDING)

    @command
    def learn_class(self, class_id: str) -> None:
        """Store a structure with accepted slices in the library, one more example of its name."""
        from ..library.learned import Orientation

        annotation, _, _ = self.work()
        number = annotation.number(class_id)
        self._check_free()
        structure, slices = annotation.structures[number - 1], range(annotation.slices)
        accepted = [z for z in slices if annotation.made[z] == Made.ACCEPTED]
        if not any((annotation.slice(z) == number).any() for z in accepted):
            raise UserError(
                f"{structure.name} cannot be learned yet: accept a slice in which it is right, "
                "better three."
            )
        orientation = Orientation.of(self.grid().ijk_to_ras)
        job = partial(_learn, number, structure.name, structure.colour, orientation)
        self._begin(job, "Learning")

    @command
    def forget_learned(self, name: str) -> None:
        """Remove a learned class from the library; segments stay."""
        from ..library.store import remove

        remove(name)

    # ---- inside --------------------------------------------------------------------------------

    def _check_free(self) -> None:
        if missing := torch_missing():
            raise UserError(missing)
        if self.running is not None:
            raise UserError("Something runs already: wait until it has ended or cancel it.")

    def _begin(self, job: Job, phase: str) -> None:
        """Let the worker do ``job`` with a session that holds all that is here."""
        annotation, volume = self.needed(), self.read_volume()
        self.abandon()  # reading ahead, at most
        source = self._source_for(volume, annotation.axis)
        locked = tuple(s.id in annotation.locked for s in annotation.structures)
        task = Task(source, annotation.snapshot(), locked=locked, job=job)
        self._reach, self._reached, self._began = set(), set(), None
        self._apart = True
        self._running, self.phase = (0, annotation.slices - 1), Phase(phase)
        self.unfollow()
        self.runner.start(partial(self._engine.run, task))

    def _take(self, item: Any) -> None:
        super()._take(item)
        annotation = self.annotation
        if isinstance(item, Notice):
            self.message = item.text
        elif isinstance(item, Found) and annotation is not None:
            annotation.loaded = annotation.labels.copy()
            annotation.recount()
            self.unfollow()
            names = [annotation.structures[n - 1].name for n in item.missing]
            if names:
                self.message = f"Not found in this volume: {', '.join(names)}."


def _find(
    wanted: Wanted, orientation: Any, session: Any, model: Any, card: dict[str, Any], stopped: Any
) -> Iterator[Any]:
    from ..library.finding import find_all

    yield Phase(FINDING, 0, session.slices)
    done: set[int] = set()
    weights = str(card.get("name", "unknown"))
    for result in find_all(session, wanted, weights=weights, orientation=orientation):
        done.add(result.z)
        yield result
        yield Phase(FINDING, len(done), session.slices)
        if stopped():
            break
    yield Found(tuple(n for n in wanted if not (session.labels == n).any()))


def _learn(
    number: int,
    name: str,
    colour: tuple[float, float, float],
    orientation: Any,
    session: Any,
    model: Any,
    card: dict[str, Any],
    stopped: Any,
) -> Iterator[Any]:
    from ..library import store
    from ..library.learning import learn

    weights = str(card.get("name", "unknown"))
    learned = learn(session, number, name, weights=weights, colour=colour, orientation=orientation)
    if stopped():
        return
    count = len(store.add(learned).examples)
    yield Notice(f"{name} is learned from {count} example{'s' * (count > 1)}.")
