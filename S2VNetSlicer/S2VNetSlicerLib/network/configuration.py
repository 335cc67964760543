"""What a network is made of: sizes, and one switch for every part that an ablation turns off."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from .settings import GeodesicSettings, OnlineClassifierSettings

RETIRED = {"recogniser"}
"""Switches that earlier releases wrote and that are always on now."""


@dataclass(frozen=True)
class NetworkConfiguration:
    """Sizes and switches of an S2VNet; stored with its weights.

    The method's own parts (backbone, pixel decoder, k-means decoder, sampled and learned centres,
    hand-over from slice to slice) are always there. ``aggregation`` is the paper's recurrent
    centroid aggregation; the remaining switches go beyond the paper.
    """

    stem: int = 16
    """Channels at stride 2."""
    widths: tuple[int, int, int, int] = (40, 64, 96, 128)
    """Backbone channels at strides 4, 8, 16 and 32."""
    blocks: tuple[int, int, int, int] = (1, 2, 2, 2)
    """Residual blocks at these strides."""
    dim: int = 48
    """Length of a centre and of the keys and values it meets."""
    mask_dim: int = 32
    """Channels of the finest features (stride 4) whose product with the centres is the mask."""
    dense_widths: tuple[int, int, int, int] = (24, 32, 48, 64)
    """Channels of the dense decoder at strides 4, 8, 16 and 32."""
    heads: int = 4
    centres_per_class: int = 6
    classes: tuple[str, ...] = ()
    """Names of the predefined classes, each with learned centres (automatic mode)."""

    aggregation: bool = True
    """Recurrent centroid aggregation: one vector a class remembers the slices before."""
    positions: bool = True
    """Keys and sampled centres carry their position in the slice."""
    dense_maps: bool = True
    """A U-shaped decoder sees dense maps of marks, similarities and the previous mask."""
    memory: bool = True
    """Immutable centres of the user's own slices stand beside the handed-over ones."""
    matching: bool = True
    """Local prototypes of the previous slice are compared with this slice."""
    spread: bool = True
    """Geodesic nearness to marks and last mask, and brightness, are inputs of the dense decoder."""
    appearance: bool = True
    """A classifier fitted to the marks of the volume adds its logits."""
    retouching: bool = True
    """Borders are retouched by a second classifier, on what pixels look like and where they are."""
    transport: bool = True
    """Masks of anchors are also carried by what pixels look like alone, beside the network's."""
    symmetric: bool = False
    """In a mirror left and right classes change places and all others stay: heads, not bellies."""
    presence: bool = True
    """A class whose presence score is low has no mask in that slice."""

    mark_bias: float = 30.0
    """Added to the assignment logit of a class where the user marked that class."""
    prototype_window: int = 7
    """Side of the window of a local prototype, in cells of stride 8."""
    max_logit: float = 8.0
    """Of centres and memory, as the dense decoder sees them."""
    look_scales: tuple[int, ...] = (1, 2, 4, 8)
    """Standard deviations, in cells of stride 2, of the smoothed slices of ``pixel_features``."""
    geodesic: GeodesicSettings = field(default_factory=GeodesicSettings)
    online_classifier: OnlineClassifierSettings = field(default_factory=OnlineClassifierSettings)

    def to_dict(self) -> dict[str, Any]:
        """All fields as JSON-able values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> NetworkConfiguration:
        """The inverse of :meth:`to_dict`; raises TypeError on an unknown field."""
        fields: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in values.items()
            if name not in RETIRED
        }
        branches = {"geodesic": GeodesicSettings, "online_classifier": OnlineClassifierSettings}
        for name, branch in branches.items():
            if name in fields:
                fields[name] = branch(**fields[name])
        return cls(**fields)
