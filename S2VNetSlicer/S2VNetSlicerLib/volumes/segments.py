"""The segments of a file that 3D Slicer saved (.seg.nrrd): names, values, layers, colours.

Source of the keys: Slicer, Libs/MRML/Core/vtkMRMLSegmentationStorageNode.cxx.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..errors import UserError
from .seeds import (
    BACKGROUND,
    FIRST_STRUCTURE,
    LARGEST_LABEL,
    UNMARKED,
    Colour,
    Seeds,
    default_colour,
    is_background,
)


@dataclass(frozen=True)
class Segment:
    """``name`` (empty if it has none), its ``value`` in its ``layer``, and its colour if stated."""

    name: str
    value: int
    layer: int
    colour: Colour | None = None

    def mask(self, array: np.ndarray) -> np.ndarray:
        """Where it is: bool [k, j, i] of an array [k, j, i] or, of several layers, [k, j, i, l]."""
        return (array if array.ndim == 3 else array[..., self.layer]) == self.value


def segments_of(metadata: Mapping[str, str], name: str) -> list[Segment]:
    """The segments in order; none where the metadata is not that of a segmentation.

    ``name`` is for messages. Raises UserError for values that are no numbers.
    """
    found = []
    keys = (re.fullmatch(r"Segment(\d+)_(?:ID|Name|LabelValue)", key) for key in metadata)
    for number in sorted({int(key[1]) for key in keys if key}):
        own = {
            field: metadata.get(f"Segment{number}_{field}", "")
            for field in ("Name", "LabelValue", "Layer", "Color")
        }
        try:
            colour = [float(part) for part in own["Color"].split()]
            known = len(colour) == 3 and all(0 <= part <= 1 for part in colour)
            found.append(
                Segment(
                    own["Name"].strip(),
                    int(own["LabelValue"] or 1),
                    int(own["Layer"] or 0),
                    (colour[0], colour[1], colour[2]) if known else None,
                )
            )
        except ValueError as error:
            raise UserError(
                "{name} has a damaged description of segment {number}",
                error,
                name=name,
                number=number,
            ) from error
    return found


def unnamed(array: np.ndarray, name: str) -> list[Segment]:
    """A segment for each value of a label map [k, j, i] but 0; ``name`` is for messages.

    Raises UserError for what is no label map, and for more structures than a result can have.
    """
    values = np.unique(array)
    if array.ndim != 3 or values[0] < 0 or (values != np.round(values)).any():
        raise UserError(
            "{name} is no label map: give one of whole numbers, 0 the background.", name=name
        )
    values = values[values > 0]
    if len(values) > LARGEST_LABEL:
        raise UserError(
            "{name} holds {count} structures: {largest_label} are possible.",
            name=name,
            count=len(values),
            largest_label=LARGEST_LABEL,
        )
    return [Segment(f"structure {int(value)}", int(value), 0) for value in values]


def seeds_of(segments: list[Segment], array: np.ndarray, name: str) -> Seeds:
    """The segments as marks: those called background (or bg) are it, the others are structures.

    Order and label values do not matter; segments of one name are one structure. Raises UserError
    for voxels in two structures, empty segments, and as ``Seeds.check``.
    """
    layers = 1 if array.ndim == 3 else array.shape[3]
    names: list[str] = []
    colours: list[Colour] = []
    labels = np.zeros(array.shape[:3], np.uint8)
    for segment in segments:
        called = segment.name or f"structure {len(names) + 1}"
        mask = segment.mask(array) if segment.layer < layers else np.zeros(labels.shape, bool)
        if is_background(called):
            value, called = BACKGROUND, "background"
        else:
            if not mask.any():
                raise UserError(
                    "{name} marks {called} nowhere: draw it or delete the segment.",
                    name=name,
                    called=called,
                )
            if called not in names:
                names.append(called)
                colours.append(segment.colour or default_colour(len(names) - 1))
            value = FIRST_STRUCTURE + names.index(called)
        if value > LARGEST_LABEL:
            raise UserError(
                "{name} marks more than {largest_label} structures.",
                name=name,
                largest_label=LARGEST_LABEL - BACKGROUND,
            )
        taken = mask & (labels != UNMARKED) & (labels != value)
        if taken.any():
            other = int(labels[taken][0])
            rival = "background" if other == BACKGROUND else names[other - FIRST_STRUCTURE]
            raise UserError(
                "{name} marks {count} voxels both as {rival} and as {called}: take "
                "them out of one of the two segments.",
                name=name,
                count=np.count_nonzero(taken),
                rival=rival,
                called=called,
            )
        labels[mask] = value
    notes = [] if (labels == BACKGROUND).any() else [f"{name} marks no background."]
    seeds = Seeds(labels, names, colours, notes)
    seeds.check(name)
    return seeds


def number(segments: list[Segment], array: np.ndarray, name: str) -> np.ndarray:
    """A label map int32 [k, j, i]: 1 in the first segment, 2 in the second, ...

    Raises UserError, about ``name``, for voxels in two segments.
    """
    labels = np.zeros(array.shape[:3], np.int32)
    for value, segment in enumerate(segments, 1):
        mask = segment.mask(array)
        if (mask & (labels > 0)).any():
            raise UserError(
                "{name} has voxels in several segments: make them not overlap.", name=name
            )
        labels[mask] = value
    return labels
