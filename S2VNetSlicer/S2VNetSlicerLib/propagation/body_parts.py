"""Which parts of the body a volume shows: only there are their classes looked for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from ..network.semantic_head import BodyPart
from .automatic import AnatomicalOrientation, presence_confidence
from .volume import InferenceVolume


@dataclass(frozen=True)
class PartPresence:
    """How surely (0..1) a volume shows a ``part`` of the body, and how sure that must be at
    ``least`` (0: its classes are looked for in any volume)."""

    part: BodyPart
    sure: float
    least: float

    @property
    def shown(self) -> bool:
        """Whether it is sure enough."""
        return self.sure >= self.least


def part_facts(card: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """What the ``card`` of the weights (see ``network.weights.load_model``) says of a part of the
    body: the ``least_confidence`` to look for its classes, that ``for_names`` of marked structures
    if it is another, and the ``modality`` if it was learned in one alone."""
    return card.get("body_parts", {}).get(name, {}) if name else card.get("recogniser", {})


def learned_here(
    volume: InferenceVolume, card: Mapping[str, Any], numbers: Collection[int] | None = None
) -> list[BodyPart]:
    """The parts of the body that were learned in the modality of ``volume`` and, unless None, have
    one of the classes ``numbers`` (from 1)."""
    return [
        part
        for part in volume.model.body_parts
        if part_facts(card, part.name).get("modality", volume.modality) == volume.modality
        and (numbers is None or set(part.numbers) & set(numbers))
    ]


def presence(
    part: BodyPart,
    volume: InferenceVolume,
    card: Mapping[str, Any],
    anatomy: AnatomicalOrientation,
    probes: int | None = None,
) -> PartPresence:
    """How surely about so many slices of ``volume`` show ``part``."""
    settings, least = volume.settings, float(part_facts(card, part.name).get("least_confidence", 0))
    about = volume.image, volume.window, anatomy, volume.device, probes
    sure = presence_confidence(part.head, *about, settings.automatic, settings.grid)
    return PartPresence(part, sure, least)
