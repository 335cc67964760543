"""How a case is segmented; a further way is a further class with ``segment``.

Strategies travel to other processes and their ``repr`` tells one setting from another: keep them
small frozen dataclasses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from ..volumes.seeds import Colour, default_colour
from ..volumes.volume import Volume
from .cases import Case
from .report import file_digest

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


Weights = tuple["S2VNet", Mapping[str, Any]]
"""A network and its card."""


class Strategy(Protocol):
    """``mode`` names it in the report."""

    mode: ClassVar[str]

    def segment(
        self, weights: Weights, volume: Volume, case: Case, settings: SessionSettings
    ) -> Found:
        """Segment ``volume`` of ``case``; raises UserError."""
        ...


@dataclass(frozen=True)
class FromSeeds:
    """From the marks that lie beside the volume."""

    mode: ClassVar[str] = "seeds"

    def segment(
        self, weights: Weights, volume: Volume, case: Case, settings: SessionSettings
    ) -> Found:
        from ..segmenting import segment

        model, card = weights
        seeds = case.read_seeds(volume)
        found = segment(model, volume, seeds, settings=settings, card=card)
        return Found(found, seeds.names, seeds.colours)


@dataclass(frozen=True)
class Automatic:
    """Predefined ``classes`` of the weights, empty for those of the part of the body that a volume
    shows, and learned ones of the ``library``; ``learned``: digests of their files, so that what
    was learned since is another setting."""

    classes: tuple[str, ...] = ()
    learned: tuple[str, ...] = ()
    library: Path | None = field(default=None, repr=False)
    mode: ClassVar[str] = "automatic"

    def segment(
        self, weights: Weights, volume: Volume, case: Case, settings: SessionSettings
    ) -> Found:
        from ..segmenting import segment_automatically

        model, card = weights
        asked = self.classes or None
        found = segment_automatically(
            model, volume, asked, settings=settings, card=card, library=self.library
        )
        names = found.names
        return Found(found, names, [default_colour(n) for n in range(len(names))])


def automatic(classes: tuple[str, ...], weights: Path) -> Automatic:
    """The automatic mode with these classes, for processes that may not have this user's library.

    Raises UserError for a class that neither the ``weights`` nor the library know, and for one
    that was learned with other weights.
    """
    from ..library import store
    from ..network.weights import read_card, read_classes

    card = read_card(weights)
    kinds = store.split(classes, read_classes(weights))
    learned = [kind for kind in kinds if not isinstance(kind, int)]
    for kind in learned:
        kind.check(kind.modality, str(card.get("name", "unknown")))
    digests = tuple(file_digest(store.path_of(kind.name)) for kind in learned)
    folder = store.default_folder().absolute() if learned else None
    return Automatic(classes, digests, folder)


def choose(case: Case, *, auto: bool, automatic: Automatic, need_seeds: bool) -> Strategy:
    """Marks where there are some, else the automatic mode; ``auto`` and ``need_seeds`` insist."""
    if not auto and (need_seeds or case.seeds is not None):
        return FromSeeds()
    return automatic
