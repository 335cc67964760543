"""Training episodes: short blocks of slices with one to several structures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from ..errors import UserError
from . import shapes
from .body_maps import BodyMapSource
from .brain_classes import NAMES
from .cases import Case, Found, FoundWhole, plain
from .heads import HeadSource
from .labelled import LabelledSource
from .maps import LabelMapSource
from .volumes import VolumeSource


@dataclass
class Episode:
    """``image`` float32 [D, H, W] 0..255, ``labels`` uint8 of that shape (0 background, then so
    many ``structures``, ``cases.UNKNOWN``), ``source``: its kind; if "automatic", the structures
    are the predefined classes, and ``drawn`` (bool [structures]; None: all) tells which of them
    ``UNKNOWN`` places cannot be."""

    image: np.ndarray
    labels: np.ndarray
    structures: int
    source: str
    drawn: np.ndarray | None = None


@dataclass(frozen=True)
class EpisodeSettings:
    """Share of each source among the interactive episodes (sources the cache lacks drop out), of
    ``coronal`` slices among the automatic ones, and what is done to real volumes: see
    :class:`~.volumes.VolumeSource`."""

    drawn: float = 0.3
    supervoxels: float = 0.2
    heads: float = 0.1
    maps: float = 0.3
    shapes: float = 0.1
    coronal: float = 0.35
    crosswise: float = 0.1
    repainted: float = 0.0


class EpisodeSampler:
    """Draws episodes from a cache that ``prepare_dataset`` filled.

    Cheap to construct and to send to a worker process: arrays are opened when first used, and all
    chance comes from the generator given to each call. Raises UserError if the cache is empty.
    """

    tries = 40

    def __init__(
        self,
        cache_dir: Path,
        settings: EpisodeSettings | None = None,
        classes: Sequence[str] = NAMES,
    ) -> None:
        """``classes``: names of the predefined ones, which automatic episodes show."""
        self.settings = settings or EpisodeSettings()
        self.classes = tuple(classes)
        cases = [Case(p.parent) for p in sorted(Path(cache_dir).glob("*/[!.]*/meta.json"))]
        if not cases:
            raise UserError(f"{cache_dir} holds no prepared case: prepare a data set first.")
        volumes = [c for c in cases if (c.folder / "image.npy").is_file()]
        painted = [c for c in cases if not (c.folder / "image.npy").is_file()]
        heads = [c for c in painted if not c.meta["classes"]]
        maps = [c for c in painted if c.meta["classes"]]
        s = self.settings
        self.volumes = VolumeSource(volumes, s.crosswise, s.repainted) if volumes else None
        self.heads = HeadSource(heads, self.classes) if heads else None
        self.maps = LabelMapSource(maps) if maps else None
        brain = self.heads if set(self.classes) <= set(NAMES) else None
        teachers = (
            LabelledSource(volumes, self.classes),
            BodyMapSource(maps, self.classes),
        )
        self.whole = [s for s in (brain, *teachers) if s is not None and s.cases]

    def sample(
        self, rng: np.random.Generator, slices: int = 8, size: int = 128, structures: int = 1
    ) -> Episode:
        """An interactive episode of ``structures`` (1..4) unnamed structures, each seen well on
        some slice, mostly all of them on a common one."""
        name = self._source(rng)
        draw = self._draw(name)
        for _ in range(self.tries):
            found = draw(rng, slices, size, structures)
            if found is not None:
                image, labels = (np.ascontiguousarray(a) for a in found)
                return Episode(image, labels, structures, name)
        # Not every source can show so many structures at this size.
        while (found := self._shapes(rng, slices, size, structures)) is None:
            continue
        return Episode(*found, structures, "shapes")

    def sample_automatic(
        self, rng: np.random.Generator, slices: int = 8, size: int = 160
    ) -> Episode:
        """Whole slices of a volume in which all predefined classes are labelled.

        Raises UserError where the cache teaches these classes nowhere, or if no block shows enough.
        """
        if not self.whole:
            raise UserError(
                f"No prepared data set labels all {len(self.classes)} classes ({self.classes[0]}, "
                "...): prepare the one that they are from."
            )
        source = self.whole[rng.integers(len(self.whole))]
        for _ in range(self.tries * 5):
            found = source.sample_automatic(rng, slices, size, self.settings.coronal)
            if found is not None:
                image, labels, drawn = FoundWhole(*found)
                image, labels = (np.ascontiguousarray(a) for a in (image, labels))
                return Episode(image, labels, len(self.classes), "automatic", drawn)
        raise UserError(f"No block of {slices} slices shows a body: ask for fewer.")

    def _source(self, rng: np.random.Generator) -> str:
        """The kind of the next episode."""
        weights = self.shares()
        share = np.array(list(weights.values()))
        return str(rng.choice(list(weights), p=share / share.sum()))

    def shares(self) -> dict[str, float]:
        """How often an interactive episode comes from each source that there is."""
        s = self.settings
        weights = {"shapes": s.shapes}
        if self.volumes:
            weights |= {"drawn": s.drawn, "supervoxels": s.supervoxels}
        if self.heads:
            weights["heads"] = s.heads
        if self.maps:
            weights["maps"] = s.maps
        return weights

    def _draw(self, name: str) -> Callable[..., Found | None]:
        """What draws image and labels from a source of :meth:`shares`."""
        if name == "shapes":
            return self._shapes
        if name in ("drawn", "supervoxels"):
            assert self.volumes
            return partial(self.volumes.sample, drawn=name == "drawn")
        source = self.heads if name == "heads" else self.maps
        assert source
        return source.sample

    def _shapes(
        self, rng: np.random.Generator, slices: int, size: int, structures: int
    ) -> tuple[np.ndarray, np.ndarray] | None:
        shape = (slices, size, size)
        labels, parts, count = shapes.invent(rng, shape, structures)
        if not plain(labels, structures, 9):
            return None
        real = None
        if self.volumes and rng.random() < 0.5:
            draw = self.volumes.patch
            real = draw(rng, slices, size), draw(rng, slices, size)
        return shapes.paint(rng, parts, count, structures, real), labels
