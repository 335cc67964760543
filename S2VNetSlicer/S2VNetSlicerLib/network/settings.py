"""Every number of the network's own steps that changes a mask and is no size of a layer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class GeodesicSettings:
    """Nearness through even tissue (``geodesic_maps``); the dense decoder was trained with
    these."""

    sweeps: int = 3
    """Passes along both axes (Toivanen 1996); more change hardly anything."""
    bins: int = 24
    """Of the brightness histogram of a class."""
    flat_cost: float = 0.02
    """Of a way through one cell of even tissue."""
    edge_cost: float = 0.1
    """Added to it, times the square of the edge there (1: as strong as the mean of the slice)."""
    unreached: float = 12.0
    """Cost where nothing starts; nearness is exp(-cost)."""


@dataclass(frozen=True)
class OnlineClassifierSettings:
    """The ridge logistic regression fitted to marks at stride 4 (``online_classifier``), after
    ilastik; numbers chosen on Dataset001 and 002."""

    bins: int = 16
    """Of brightness, of cells and of their neighbourhoods; the length of its weights."""
    ridge: float = 30.0
    newton_steps: int = 6
    max_logit: float = 6.0
    max_marked: int = 256
    """Marked cells of a class that a slice contributes."""
    max_unmarked: int = 300
    """Unmarked cells that a slice contributes."""
    unmarked_weight: float = 0.1
    """What the network says of one of these counts beside a marked one."""


@dataclass(frozen=True)
class PixelClassifierSettings:
    """The classifier on what pixels look like, at stride 2 (``pixel_classifier``), after ilastik;
    numbers chosen on Dataset001 and 002."""

    hidden: int = 128
    """Random features between looks and classes."""
    bend: float = 1.5
    """How strongly these bend (standard deviation of their weights)."""
    place: float = 2.0
    """How much more places bend them than looks do."""
    ridge: float = 10.0
    newton_steps: int = 5
    max_logit: float = 4.0
    max_marked: int = 256
    """Marked cells of a class that a slice contributes."""
    max_sure: int = 250
    """Unmarked cells near the structure that a slice contributes, if the network is sure."""
    sure: float = 0.97
    """From this probability on it is."""
    sure_weight: float = 0.2
    """What such a cell counts beside a marked one."""
    near: int = 15
    """Cells around a structure in which the background is of interest."""
    weight: float = 0.7
    """What the classifier's logit counts beside that of the mask."""
    settled: float = 0.9
    """Cells whose class is likelier than this stay; classes excluded as surely stay excluded."""
    beyond: int = 2
    """Cells around what a mask shows in which the classifier may add to it."""


@dataclass(frozen=True)
class PatchMatchingSettings:
    """Masks carried to the next slice by what pixels look like alone (``patch_matching``); numbers
    chosen while looking at the benchmark's tasks."""

    maps: tuple[int, ...] = (0, 1, 2, 4)
    """The maps of ``pixel_features`` that are compared: brightness, smoothed once and twice, and
    edges."""
    shifts: tuple[int, ...] = (-3, -1, 0, 1, 3)
    """Where a cell's mask may come from, in cells along rows and along columns."""
    alike: float = 0.07
    """How alike places are that count, in variances of the slice."""
    near: float = 4.0
    """How near they are, in cells."""
    min_mask: float = 0.02
    """Where a mask (0..1) begins."""
    weight: float = 1.5
    """What the carried mask's logit counts beside the network's."""
    decay_mm: float = 60.0
    """In so many mm from the prompted slice that falls to a third."""
    max_logit: float = 5.0
    """Of the network's mask."""
    max_carried_logit: float = 4.0
    """Of the carried mask."""

    @property
    def reach(self) -> int:
        """Cells that a mask moves from one slice to the next at most."""
        return max(self.shifts)
