"""What a learned class is made of; knows no torch, so that any front end may list them."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field
from itertools import permutations
from typing import Any

import numpy as np

from ..errors import UserError
from ..propagation.records import SliceStatus
from ..texts import texts

_ = texts(__name__)

MOST_EXAMPLES = 8
"""A class keeps so many examples; the oldest go."""
AXES = (_("left-right"), _("back-front"), _("down-up"))
ARRAYS = ("centres", "x", "y", "offset", "weight")
"""The arrays of an example, as its file names them."""
Range = tuple[float, float]


@dataclass(frozen=True)
class Orientation:
    """For each of the array's axes (k, j, i) the anatomical one (index of ``AXES``) that it
    follows, and whether it ``grows`` towards right, front and up."""

    axes: tuple[int, int, int] = (2, 1, 0)
    grows: tuple[bool, bool, bool] = (True, True, True)

    @classmethod
    def of(cls, ijk_to_ras: np.ndarray) -> Orientation:
        """The nearest one to the axes of ``ijk_to_ras`` [4, 4]."""
        directions = ijk_to_ras[:3, 2::-1].T
        directions = directions / np.linalg.norm(directions, axis=1, keepdims=True)
        best = max(
            permutations(range(3)),
            key=lambda p: sum(abs(directions[a, ras]) for a, ras in enumerate(p)),
        )
        grows = [bool(directions[a, ras] > 0) for a, ras in enumerate(best)]
        return cls((best[0], best[1], best[2]), (grows[0], grows[1], grows[2]))


@dataclass(frozen=True)
class Statistics:
    """What is remembered of the structure in its volume.

    ``spacing`` mm (k, j, i); ``axis`` is the anatomical axis of the slices; ``mean`` and ``sd`` of
    the normalised intensity (0..255) inside; ``ml``; per anatomical axis its ``extent`` in mm and
    the ``place`` from .. to in 0..1 of the body's extent; of a typical slice the ``area`` in mm2
    and the share of its largest ``piece``.
    """

    spacing: tuple[float, float, float]
    axis: int
    mean: float
    sd: float
    ml: float
    extent: tuple[float, float, float]
    place: tuple[Range, Range, Range]
    area: float
    piece: float


@dataclass(frozen=True, eq=False)
class Case:
    """The accepted slices of an example, for fine-tuning alone; kept in a file of their own.

    ``image`` uint8 [A, H, W], normalised, and ``marks`` uint8 [A, H, W] (0 outside the slice, 1
    background, 2 structure) on the work grid; ``centres`` [A, 2, M, C] as they were learned;
    ``volume``: the same for all cases of one volume.
    """

    volume: str
    image: np.ndarray
    marks: np.ndarray
    centres: np.ndarray


@dataclass(frozen=True, eq=False)
class Example:
    """One volume: ``centres`` [A, 2, M, C] (background, structure) of its accepted slices, which
    lie ``along`` [A] (0..1) the structure; the evidence ``x`` [n, features], ``y``, ``offset``,
    ``weight`` [n] of ``network.logistic_regression``; ``known_as``: the predefined class that the
    weights took the structure for ("": none). No image data: the ``case`` it was just
    learned from is stored apart."""

    statistics: Statistics
    along: tuple[float, ...]
    centres: np.ndarray
    x: np.ndarray
    y: np.ndarray
    offset: np.ndarray
    weight: np.ndarray
    case: Case | None = field(default=None, repr=False)
    known_as: str = ""

    def arrays(self) -> dict[str, np.ndarray]:
        """All arrays by name."""
        return {name: getattr(self, name) for name in ARRAYS}

    @property
    def key(self) -> str:
        """What tells it from other examples, before and after tuning."""
        return digest(*(part for name, part in self.arrays().items() if name != "centres"))


@dataclass(frozen=True)
class LearnedClass:
    """A class that a user defined by ``examples``, oldest first; ``weights``: the name of those
    whose centres these are."""

    name: str
    colour: tuple[float, float, float]
    modality: str
    weights: str
    examples: tuple[Example, ...] = field(default=(), repr=False)

    @property
    def known_as(self) -> str:
        """The predefined class that the weights took it for in every example ("": none)."""
        names = {example.known_as for example in self.examples}
        return names.pop() if len(names) == 1 else ""

    @property
    def axis(self) -> int:
        """The anatomical axis (index of ``AXES``) of the slices it was learned on."""
        return self.examples[-1].statistics.axis

    def with_example(self, other: LearnedClass) -> LearnedClass:
        """This class with the examples of ``other`` as well; UserError when they do not fit."""
        self.check(other.modality, other.weights)
        if self.axis != other.axis:
            raise UserError(
                "{name} was learned on slices along {axes}: accept slices of that "
                "direction, or choose another name.",
                name=self.name,
                axes=AXES[self.axis],
            )
        examples = (*self.examples, *other.examples)[-MOST_EXAMPLES:]
        return LearnedClass(other.name, other.colour, self.modality, self.weights, examples)

    def told(self) -> str:
        """That it was learned, in one sentence."""
        count = len(self.examples)
        told = _("{name} is learned from 1 example.")
        many = _("{name} is learned from {count} examples.")
        return (told if count == 1 else many).format(name=self.name, count=count)

    def check(self, modality: str, weights: str) -> None:
        """Raise UserError when it was learned in another modality or with other weights."""
        if modality != self.modality:
            raise UserError(
                "{name} was learned in {modality}, this volume is {this}: learn it "
                "in {this} under another name.",
                name=self.name,
                modality=self.modality,
                this=modality,
            )
        if weights != self.weights:
            raise UserError(
                "{name} was learned with the weights {weights}, not {used}: use "
                "those, or learn it again.",
                name=self.name,
                weights=self.weights,
                used=weights,
            )

    def header(self) -> dict[str, Any]:
        """Everything but the arrays, JSON-able."""
        return {
            "name": self.name,
            "colour": list(self.colour),
            "modality": self.modality,
            "weights": self.weights,
            "examples": [
                {
                    "statistics": asdict(e.statistics),
                    "along": list(e.along),
                    "known_as": e.known_as,
                }
                for e in self.examples
            ],
        }

    @classmethod
    def from_header(cls, header: dict[str, Any], arrays: dict[str, np.ndarray]) -> LearnedClass:
        """The inverse of :meth:`header`; ``arrays`` by "NUMBER.NAME". KeyError, TypeError or
        ValueError when anything is missing."""
        examples = []
        for n, found in enumerate(header["examples"]):
            facts = dict(found["statistics"])
            place = tuple((float(low), float(high)) for low, high in facts.pop("place"))
            spacing, extent = tuple(facts.pop("spacing")), tuple(facts.pop("extent"))
            statistics = Statistics(spacing=spacing, extent=extent, place=place, **facts)  # type: ignore[arg-type]
            parts: dict[str, Any] = {name: arrays[f"{n}.{name}"] for name in ARRAYS}
            if not all(np.isfinite(part).all() for part in parts.values()):
                raise ValueError(f"example {n} is not finite")
            parts["known_as"] = str(found.get("known_as", ""))  # earlier files do not tell
            examples.append(Example(statistics, tuple(map(float, found["along"])), **parts))
        red, green, blue = (float(c) for c in header["colour"])
        return cls(
            str(header["name"]),
            (red, green, blue),
            str(header["modality"]),
            str(header["weights"]),
            tuple(examples),
        )


def teaching_slices(
    labels: np.ndarray, slice_status: np.ndarray, structure: int, name: str
) -> list[int]:
    """The accepted slices of ``labels`` [slices, rows, columns] that show ``structure``.

    ``slice_status`` [slices] as in a session. UserError where there is none.
    """
    accepted = np.flatnonzero(slice_status == SliceStatus.ACCEPTED).tolist()
    found = [z for z in accepted if (labels[z] == structure).any()]
    if not found:
        raise UserError(
            "{name} cannot be learned yet: accept a slice in which it is right, better three.",
            name=name,
        )
    return found


def digest(*arrays: np.ndarray) -> str:
    """The same for the same ``arrays``, and nothing that could be turned back into them."""
    found = hashlib.blake2b(digest_size=16)
    for array in arrays:
        found.update(str((array.shape, array.dtype.str)).encode())
        found.update(np.ascontiguousarray(array).tobytes())
    return found.hexdigest()
