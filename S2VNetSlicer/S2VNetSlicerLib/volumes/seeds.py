"""The user's marks: which voxels are background and which belong to each structure."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..errors import UserError

UNMARKED, BACKGROUND, FIRST_STRUCTURE = 0, 1, 2
LARGEST_LABEL = 254

# Kelly's colours of maximum contrast (Color Engineering 3, 1965), without those hard to tell
# from each other or from the grey of an image.
_COLOURS = bytes.fromhex(
    "F3C300 875692 F38400 A1CAF1 BE0032 008856 E68FAC 0067A5 F99379 604E97 B3446C 882D17 8DB600"
)

Colour = tuple[float, float, float]


def default_colour(index: int) -> Colour:
    """The colour (red, green, blue in 0..1) of structure ``index``, counted from 0."""
    start = 3 * index % len(_COLOURS)
    red, green, blue = _COLOURS[start : start + 3]
    return red / 255, green / 255, blue / 255


def is_background(name: str) -> bool:
    """Whether marks of this name are the background's."""
    return name.strip().lower() in ("background", "bg")


def whole_numbers(labels: np.ndarray, name: str, meaning: str = "") -> np.ndarray:
    """A label map [k, j, i] of any type as uint8; ``name`` is for messages.

    Raises UserError, which says what the numbers mean, for values outside 0..254 or fractions.
    """
    lowest, highest = labels.min(), labels.max()
    if not (lowest >= 0 and highest <= LARGEST_LABEL):
        raise UserError(
            "{name} holds labels from {lowest} to {highest}: use {meaning}.",
            name=name,
            lowest=lowest,
            highest=highest,
            meaning=meaning or f"0 for background and 1 to {LARGEST_LABEL} for the structures",
        )
    found = labels.astype(np.uint8)
    if not np.array_equal(found, labels):
        raise UserError("{name} holds fractions: give a label map of whole numbers.", name=name)
    return found


@dataclass
class Seeds:
    """Marks on a volume's grid.

    ``labels`` uint8 [k, j, i]: 0 unmarked, 1 background, 2 the first structure, 3 the second, ...
    ``names`` and ``colours`` (red, green, blue in 0..1) hold one entry for each structure; left
    out, they are "structure 1", "structure 2", ... in well-distinguishable colours. ``notes``:
    sentences for the user about how they were read.
    """

    labels: np.ndarray
    names: list[str] = field(default_factory=list)
    colours: list[Colour] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        count = max(int(self.labels.max(initial=0)) - BACKGROUND, 0)
        self.names = self.names or [f"structure {n + 1}" for n in range(count)]
        self.colours = self.colours or [default_colour(n) for n in range(count)]

    @classmethod
    def from_label_map(cls, labels: np.ndarray, name: str) -> Seeds:
        """Seeds of a label map [k, j, i] of whole numbers of any type; ``name`` is for messages.

        Raises UserError for values outside 0..254 or fractions, and as ``check``.
        """
        meaning = f"0 for unmarked, 1 for background and 2 to {LARGEST_LABEL} for the structures"
        seeds = cls(whole_numbers(labels, name, meaning))
        seeds.check(name)
        return seeds

    def check(self, name: str) -> None:
        """Raise UserError unless at least one structure, and each up to the last, is marked."""
        counts = (np.bincount(block.ravel(), minlength=256) for block in self.labels)
        present = np.flatnonzero(np.sum(list(counts), axis=0))
        if not (present > UNMARKED).any():
            raise UserError(
                "{name} holds no marks: mark the structure, and best the background.", name=name
            )
        if not (present > BACKGROUND).any():
            raise UserError(
                "{name} marks only background (label 1): mark at least one structure with label 2.",
                name=name,
            )
        for label in range(FIRST_STRUCTURE, int(present.max())):
            if label not in present:
                raise UserError(
                    "{name} has no mark with label {label}: number the structures 2, 3, ... "
                    "without gaps.",
                    name=name,
                    label=label,
                )
        if not len(self.names) == len(self.colours) == present.max() - BACKGROUND:
            raise UserError(
                "{name} needs one name and one colour for each marked structure.", name=name
            )
