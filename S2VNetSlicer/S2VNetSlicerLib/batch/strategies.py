"""How a case is segmented; a further way is a further class with ``segment``.

Strategies travel to other processes and their ``repr`` tells one setting from another: keep them
small frozen dataclasses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol

from ..volumes.seeds import Colour, default_colour
from ..volumes.volume import Volume
from .cases import Case

if TYPE_CHECKING:
    from ..network.model import S2VNet
    from ..propagation.session import SessionSettings
    from ..segmenting import Segmentation


@dataclass
class Found:
    """A segmentation with the name and colour of each of its structures."""

    segmentation: Segmentation
    names: list[str]
    colours: list[Colour]


class Strategy(Protocol):
    """``mode`` names it in the report."""

    mode: ClassVar[str]

    def segment(
        self, model: S2VNet, volume: Volume, case: Case, settings: SessionSettings
    ) -> Found:
        """Segment ``volume`` of ``case``; raises UserError."""
        ...


@dataclass(frozen=True)
class FromSeeds:
    """From the marks that lie beside the volume."""

    mode: ClassVar[str] = "seeds"

    def segment(
        self, model: S2VNet, volume: Volume, case: Case, settings: SessionSettings
    ) -> Found:
        from ..segmenting import segment

        seeds = case.read_seeds(volume)
        found = segment(model, volume, seeds, settings=settings)
        return Found(found, seeds.names, seeds.colours)


@dataclass(frozen=True)
class Automatic:
    """From the learned centres of predefined ``classes``; empty: all that the network knows."""

    classes: tuple[str, ...] = ()
    mode: ClassVar[str] = "automatic"

    def segment(
        self, model: S2VNet, volume: Volume, case: Case, settings: SessionSettings
    ) -> Found:
        from ..segmenting import segment_automatically

        names = list(self.classes or model.configuration.classes)
        found = segment_automatically(model, volume, names, settings=settings)
        return Found(found, names, [default_colour(n) for n in range(len(names))])


def choose(case: Case, *, auto: bool, classes: tuple[str, ...], need_seeds: bool) -> Strategy:
    """Marks where there are some, else the automatic mode; ``auto`` and ``need_seeds`` insist."""
    if not auto and (need_seeds or case.seeds is not None):
        return FromSeeds()
    return Automatic(classes)
