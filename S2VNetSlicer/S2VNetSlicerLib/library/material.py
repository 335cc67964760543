"""What there is to fine-tune a class on, and how long that takes; knows no torch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..errors import UserError
from ..texts import texts
from . import cases, store
from .learned import Case, Example

_ = texts(__name__)

STEPS, BATCH = 60, 4
"""Steps of one tuning and slices of a step."""
SECONDS = 0.03
"""About what a slice of 256 x 256 pixels takes, there and back, on one core."""


@dataclass(frozen=True)
class Estimate:
    """What fine-tuning takes: ``slices`` of so many ``volumes``; about so many ``seconds``."""

    name: str
    volumes: int
    slices: int
    seconds: float

    def question(self) -> str:
        """What to ask before it begins."""
        minutes = max(1, round(self.seconds / 60))
        return _(
            "Fine-tune {name} on its {slices} accepted slices of {volumes} volumes (about "
            "{minutes} min on a processor)? Nothing is kept before you see the result."
        ).format(name=self.name, slices=self.slices, volumes=self.volumes, minutes=minutes)


@dataclass(frozen=True, eq=False)
class Known:
    """An example with its case."""

    example: Example
    case: Case


class Material:
    """The cases of the class ``name``; UserError unless they are of two volumes at least."""

    def __init__(self, name: str, folder: Path | None = None) -> None:
        self.learned, path = store.load(name, folder), store.path_of(name, folder)
        learned, stored = self.learned, cases.load(path, self.learned.name)
        self.known = [Known(e, stored[e.key]) for e in learned.examples if e.key in stored]
        for item in self.known:
            if item.case.centres.shape != item.example.centres.shape:
                raise UserError(
                    "{file} does not belong to {path}.",
                    file=cases.path_of(path),
                    path=path.name,
                )
        self.volumes = list(dict.fromkeys(item.case.volume for item in self.known))
        if len(self.volumes) < 2:
            raise UserError(
                "{name} cannot be fine-tuned yet, it has accepted slices of {count} volume: accept "
                "it in another volume first and learn it there."
                if self.volumes
                else "{name} cannot be fine-tuned yet, it has no accepted slices: accept it in two "
                "volumes and learn it there.",
                name=learned.name,
                count=len(self.volumes),
            )

    @property
    def slices(self) -> int:
        """Accepted slices in all."""
        return sum(len(item.case.image) for item in self.known)

    def work(self) -> int:
        """Slices to go through: each is met, tested twice and taught for every held-out volume."""
        return 3 * self.slices + (len(self.volumes) + 1) * STEPS * BATCH

    def estimate(self) -> Estimate:
        """What fine-tuning takes."""
        pixels = sum(item.case.image.size for item in self.known) / self.slices
        seconds = SECONDS * self.work() * pixels / 256**2
        return Estimate(self.learned.name, len(self.volumes), self.slices, seconds)


def estimate(name: str, folder: Path | None = None) -> Estimate:
    """What fine-tuning the class ``name`` takes; UserError when it cannot be done."""
    return Material(name, folder).estimate()
