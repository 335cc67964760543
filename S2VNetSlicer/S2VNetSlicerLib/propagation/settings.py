"""Every number that changes a mask, a stage each, in one frozen tree. Knows no torch.

Numbers that the weights were trained with stand in :class:`~..network.configuration`; constants
elsewhere only say how much is computed at once.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Any

from ..annotation.next_slice import NextSliceSettings
from ..network.settings import PatchMatchingSettings, PixelClassifierSettings


@dataclass(frozen=True)
class GridSettings:
    """The in-plane resolution that the network sees (``inference_grid``)."""

    side: int = 256
    """Pixels of the longer side."""
    max_enlarged: float = 3.0
    """A pixel of a slice becomes so many along each axis at most."""
    keep_scale: tuple[float, float] = (0.8, 1.25)
    """Scales in this range are not worth a resampling: the slice is taken as it is."""
    crop: bool = True
    """Whether the air around the body is left out."""
    air: float = 25.0
    """What is darker, of 0..255 in the window, is no body."""
    margin: int = 8
    """Pixels around the body that belong to the box."""
    specks: float = 0.002
    """A row with a smaller share of pixels of the body is noise."""
    min_saved: float = 0.25
    """Share of a slice that a box must save."""


@dataclass(frozen=True)
class PropagationSettings:
    """Runs from prompted slices outward (``slice_propagator``)."""

    max_remembered: int = 4
    """Prompted slices whose centres are read: the nearest ones (after SAM 2's memory)."""
    meeting: float = 0.75
    """Share of the gap to the next prompted slice that a pass covers: beyond it hardly weighs, so
    the rest would only take time."""
    near_steps: int = 3
    """Steps after which a pass goes faster, if all is known by name: it has little say far off."""
    far_stride: int = 3
    """How many times faster."""
    min_mask: float = 0.3
    """A mask (0..1) grows from cells above this: where classes compete, none may reach one half."""


@dataclass(frozen=True)
class FusionSettings:
    """The two directions and what earlier passes left (``fusion``), after MiVOS' linear blend."""

    distance_offset: float = 0.1
    """Added to the distance, in slices."""
    earlier_share: float = 0.7
    """Far away a pass leaves this share of an earlier mask."""
    earlier_slices: float = 5.0
    """So many slices away half as much."""


@dataclass(frozen=True)
class ComponentSettings:
    """Connected components that nothing prompted (``components``)."""

    remove: bool = True
    min_mask: float = 0.3
    """Cells above this (0..1) hang together."""


@dataclass(frozen=True)
class RefinementSettings:
    """The second network on corrected slices (``prompt_refinement``)."""

    use: bool = True
    weight: float = 0.7
    """What it counts; the rest is the network of the passes."""
    trimmed_weights: tuple[float, float] = (0.3, 0.3)
    """What it and the mask until now count for a structure that was trimmed."""
    core: float = 0.85
    """Cells so deep, of the deepest, are the middle of a structure."""
    erased: float = 0.1
    """With this share of the middle marked a structure may be erased."""
    caution: float = 1.5
    """What is taken from the logit of what joins a structure far from strokes."""
    caution_cells: tuple[int, int] = (2, 6)
    """Distance from strokes where that begins and where it is whole, in cells of stride 2."""
    absent_below: float = 0.1
    """A class without marks is there if its presence score (0..1) is not lower."""
    min_probability: float = 1e-3
    """Probabilities below this are alike."""


@dataclass(frozen=True)
class OrthogonalSettings:
    """Planes across the slices (``orthogonal_planes``); 24 of the 47 tasks were looked at."""

    spacing_mm: float = 3.0
    """Between planes; what lies between two is interpolated."""
    max_planes: int = 16
    """That cross a structure one way, if it is larger."""
    margin_mm: float = 20.0
    """Around a structure that is looked at."""
    sure: float = 0.95
    """Cells of a prompted slice that are likely (0..1) of their class are marks of planes."""
    max_enlarged: float = 6.0
    """Thicker slices, in pixels of the work grid, stay flat in the planes."""
    near_weight: float = 0.5
    """What a plane counts beside a pass at a prompted slice."""
    far_weight: float = 4.0
    """And far from it."""
    decay_mm: float = 30.0
    """Most of the way between both."""
    lost_weight: float = 5.0
    """It counts so many times that where the pass shows nothing: silence says little."""
    remove_unattached: bool = True
    """Whether components go that hang together with nothing a prompted slice shows."""


@dataclass(frozen=True)
class InitialSettings:
    """A result of another method that is corrected (``initial_segmentation``)."""

    default_dice: float = 0.7
    """Expected Dice of a result that comes without one."""
    prompt_trimmed: bool = True
    """Whether a structure that only lost to others in a slice is prompted with what is left."""
    local: bool = True
    """Whether passes change only what hangs together with what marks changed, see
    ``local_changes``."""
    restored_distance: int = 1000
    """Slices from which labels of a restored session count: whatever a pass finds replaces them."""


@dataclass(frozen=True)
class PriorSettings:
    """Structures that the weights know by name (``recognition``); chosen on one brain and on
    Dataset111."""

    inside: float = 0.4
    """A structure is the classes that hold this share of its first marks,"""
    each: float = 0.05
    """each of them this share,"""
    denied: float = 0.2
    """and at most this share of all other marks,"""
    agrees: float = 0.4
    """if their slices agree so well (Dice) with what the network makes of the marks,"""
    gains: float = 0.04
    """each class adding so much to that."""
    later: float = 0.2
    """Share of all marks that another class of a known structure must hold,"""
    different: float = 0.35
    """and this share of first or later marks if it is another organ, not the other side of one."""
    better: float = 0.1
    """A name is given up where passes knew corrected slices so much better (Dice),"""
    untouched_mm: float = 10.0
    """those that are so far from all others that were marked."""
    weight: float = 3.0
    """What the logit of a class counts whose pixels are, on average, ``trusted``,"""
    trusted: float = 0.65
    """a probability;"""
    doubtful: float = 0.5
    """it counts nothing where they are as likely as this."""
    decay_mm: float = 20.0
    """In so many mm from its prompted slice a pass's say falls to a third."""
    max_logit: float = 3.0
    """Of a pass."""
    max_seen_logit: float = 4.0
    """Of what was seen."""
    unseen: float = 0.02
    """Probability of a class in pixels of no class."""
    orientation_slices: int = 5
    """That tell how a volume lies."""


@dataclass(frozen=True)
class AutomaticSettings:
    """Predefined classes without marks (``automatic``, ``reading``)."""

    probe_slices: int = 24
    """About so many tell whether a volume shows the predefined classes at all."""
    thick_ratio: float = 2.0
    """Slices that are so many times thicker than others are the only ones that are read; where none
    are, axial and coronal ones are."""
    min_view_mm: float = 80.0
    """Slices that show less than classes were learned on are only read where there are no others:
    coronal ones of a thin slab."""
    side: int = 176
    """Pixels of the longer side of the body: classes are learned on whole heads of this size."""
    spacing_mm: float = 2.0
    """Thinner slices are not all read."""
    min_probability: float = 1e-3
    """Probabilities below this are alike."""
    min_component: float = 0.1
    """Smaller components than this share of the largest one of their class are crumbs."""


@dataclass(frozen=True)
class ConfidenceSettings(NextSliceSettings):
    """Expected Dice and the next slice (``expected_dice``): least squares through 5,038 slices of
    simulated sessions (five rounds, with planes, corrections on the worst slice) on Dataset001 and
    002."""

    offset: float = -0.09
    judged: float = 0.17
    """Of what the network expects of its own step."""
    clear: float = 0.82
    """Of how little a mask is blurred."""
    near: float = 0.08
    """Of nearness to a prompted slice."""
    decay_mm: float = 60.0
    """In so many mm what that vouches for falls to a third."""


@dataclass(frozen=True)
class MarkingSettings:
    """What users mean by clicks and outlines (``workflow.outlines``)."""

    reach: float = 20.0
    """mm around a first click within which what looks the same is meant as well: on the slice of
    the click it found more of eight structures of Dataset101 than 10 mm, or than discs."""
    tolerance_ct: float = 40.0
    """HU by which it may differ..."""
    tolerance_mr: float = 0.08
    """... and in MR the share of what lies between the darkest and the brightest percent."""
    core: float = 0.5
    """What lies within an outline deeper than this share of its largest depth is of the class."""
    ring: int = 1
    """So many voxels beyond an outline background begins."""
    smoothing: float = 3.0
    """mm of the median that smooths a class, as in Slicer's Smoothing effect."""


@dataclass(frozen=True)
class SessionSettings:
    """What a session does, and how: what users choose, then a branch for each stage."""

    device: str = "auto"
    feature_bytes: int = 1_000_000_000
    """Features beyond this are kept on disk."""
    absent_below: float = 0.5
    """A class with a lower presence score (0..1) has no mask in a slice."""
    max_empty_slices: int | None = 3
    """A pass ends after so many slices without any class."""
    growth: float | None = 1.0
    """From one slice to the next a mask grows by so many mm per mm at most (None: anywhere)."""
    slice_stride_mm: float = 3.0
    """Runs go so many mm at a time where slices are thinner; what lies between is blended."""
    max_slice_stride: int = 4
    """They go so many slices at a time at most."""
    least_slice: float = 0.5
    """Thinner slices, mm, count as so thick in all that is set in mm but the recognition..."""
    least_pixel: float = 0.1
    """... and smaller pixels, mm, as so large, with the slices in proportion: micro-CT."""
    recognise: bool = True
    """Whether a mark in a structure that the weights know by name finds all of it."""
    refine_across_planes: bool = True
    """Whether planes across the slices settle what passes made of them."""
    trust: int = 10
    """A correction reaches so many slices into a loaded result, and fades on the way."""

    grid: GridSettings = field(default_factory=GridSettings)
    propagation: PropagationSettings = field(default_factory=PropagationSettings)
    patch_matching: PatchMatchingSettings = field(default_factory=PatchMatchingSettings)
    refinement: RefinementSettings = field(default_factory=RefinementSettings)
    fusion: FusionSettings = field(default_factory=FusionSettings)
    initial: InitialSettings = field(default_factory=InitialSettings)
    prior: PriorSettings = field(default_factory=PriorSettings)
    orthogonal: OrthogonalSettings = field(default_factory=OrthogonalSettings)
    pixel_classifier: PixelClassifierSettings = field(default_factory=PixelClassifierSettings)
    components: ComponentSettings = field(default_factory=ComponentSettings)
    automatic: AutomaticSettings = field(default_factory=AutomaticSettings)
    confidence: ConfidenceSettings = field(default_factory=ConfidenceSettings)
    marking: MarkingSettings = field(default_factory=MarkingSettings)

    def to_dict(self) -> dict[str, Any]:
        """All that changes a mask, as JSON holds it; not where it is made, in how much memory."""
        values = json.loads(json.dumps(asdict(self)))
        return {name: v for name, v in values.items() if name not in ("device", "feature_bytes")}

    def changed(self) -> dict[str, Any]:
        """What of :meth:`to_dict` differs from the default, by ``stage.field``."""
        return _differing(self.to_dict(), SessionSettings().to_dict())

    def digest(self) -> str:
        """Twelve hexadecimal digits, the same for the same :meth:`to_dict`."""
        text = json.dumps(self.to_dict(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]


def _differing(values: dict[str, Any], others: dict[str, Any], above: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            found |= _differing(value, others[name], f"{above}{name}.")
        elif value != others[name]:
            found[above + name] = value
    return found
