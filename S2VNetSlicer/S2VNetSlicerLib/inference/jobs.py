"""What is done with a session or the network instead of a propagation; their data can be sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..library.learned import LearnedClass, Orientation
from ..texts import joined, texts
from ..volumes.layers import Layer, planes
from .messages import Phase, Stopped

_ = texts(__name__)
_CANCELLED = _("{name} is as it was: fine-tuning was cancelled.")

FINDING, TUNING, CONVERTING = "Finding", "Tuning", "Converting"
"""The phases in which classes are looked for and fine-tuned, and a result is brought onto the
volume's grid."""


@dataclass(frozen=True, eq=False)
class Found:
    """The search ended; of these structures (1..K) there is nothing, and ``why`` if it is known.
    ``confidence`` [slices, K] of the session's classes (None: nothing was found)."""

    missing: tuple[int, ...]
    why: str
    confidence: np.ndarray | None


@dataclass(frozen=True)
class Notice:
    """A sentence for the user."""

    text: str


@dataclass(frozen=True, eq=False)
class Outcome:
    """What fine-tuning made, and the ``question`` whether to keep it."""

    tuned: Any
    question: str


@dataclass(frozen=True, eq=False)
class Converted:
    """A result on the volume's grid, and the lowest label that takes voxels of others (0: none)."""

    labels: np.ndarray
    clash: int


@dataclass(frozen=True, eq=False)
class Find:
    """Look for classes without marks: by structure (1..K) a predefined class's index or a learned
    class."""

    wanted: Mapping[int, LearnedClass | int]
    orientation: Orientation

    def run(
        self, session: Any, model: Any, card: dict[str, Any], stopped: Stopped
    ) -> Iterator[Any]:
        from ..library.finding import find_all

        yield Phase(FINDING, 0, session.slices)
        done: set[int] = set()
        notes: list[str] = []
        search = find_all(
            session, self.wanted, card=card, orientation=self.orientation, tell=notes.append
        )
        with closing(search) as found:  # what was found until it stops is a result
            for result in found:
                done.add(result.z)
                yield result
                yield Phase(FINDING, len(done), session.slices)
                if stopped():
                    break
        initial = session.state.initial
        missing = tuple(n for n in self.wanted if not (session.labels == n).any())
        yield Found(missing, joined(" ", notes), initial and initial.confidence)


@dataclass(frozen=True)
class Learn:
    """Store the structure ``number`` as one more example of the class ``name`` in ``library``."""

    number: int
    name: str
    colour: tuple[float, float, float]
    orientation: Orientation
    library: Path

    def run(
        self, session: Any, model: Any, card: dict[str, Any], stopped: Stopped
    ) -> Iterator[Any]:
        from ..library import store
        from ..library.learning import learn

        for _ in session.recognise(card, self.orientation.axes, self.orientation.grows):
            if stopped():
                return
            yield Phase(FINDING)
        learned = learn(
            session,
            self.number,
            self.name,
            weights=str(card.get("name", "unknown")),
            colour=self.colour,
            orientation=self.orientation,
        )
        if not stopped():
            yield Notice(store.add(learned, self.library).told())


@dataclass(frozen=True)
class Tune:
    """Fine-tune the learned class ``name`` of ``library`` on ``device``; nothing is stored."""

    name: str
    device: str
    library: Path

    def run(self, model: Any, card: dict[str, Any], stopped: Stopped) -> Iterator[Any]:
        from ..library.tuning import Tuned, tune
        from ..propagation.devices import choose_device

        yield Phase(TUNING)
        weights, device = str(card.get("name", "unknown")), choose_device(self.device)
        for step in tune(model, self.name, self.library, weights=weights, device=device):
            if isinstance(step, Tuned):
                yield Outcome(step, step.question())
            elif stopped():
                yield Notice(_CANCELLED.format(name=self.name))
                return
            else:
                yield Phase(TUNING, step.done, step.total)


@dataclass(frozen=True, eq=False)
class Convert:
    """Bring ``layers`` onto a volume's grid of ``shape`` [k, j, i]."""

    layers: list[Layer]
    shape: tuple[int, int, int]

    def run(self, stopped: Stopped) -> Iterator[Any]:
        labels, lowest = np.zeros(self.shape, np.uint8), 0
        for k, (plane, clash) in enumerate(planes(self.layers, self.shape)):
            labels[k] = plane
            lowest = min(lowest, clash) if lowest and clash else lowest or clash
            if stopped():
                return
            if k % 8 == 7:
                yield Phase(CONVERTING, k + 1, self.shape[0])
        yield Converted(labels, lowest)
