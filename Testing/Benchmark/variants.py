"""One switch at a time: what each variant of an ablation changes, and how it is switched."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any

from facts import shared_benchmark, task_options
from S2VNetSlicerLib.network.configuration import NetworkConfiguration
from S2VNetSlicerLib.network.model import S2VNet
from S2VNetSlicerLib.network.settings import OnlineClassifierSettings
from S2VNetSlicerLib.network.weights import COMPANIONS, load_model
from S2VNetSlicerLib.propagation.records import SessionSettings
from S2VNetSlicerLib.training.configuration import TrainingConfiguration
from S2VNetSlicerLib.training.episodes import EpisodeSettings

Values = dict[str, Any]


@dataclass(frozen=True)
class Variant:
    """``about`` says what differs from the base. Trained variants change fields of the network, the
    training or the episodes; the others take trained weights and change the session: its settings
    (``stage.field`` or ``field``), the ``companions`` of the network that it goes without, and
    switches of the network that need no other weights."""

    about: str
    network: Values = field(default_factory=dict)
    training: Values = field(default_factory=dict)
    episodes: Values = field(default_factory=dict)
    settings: Values = field(default_factory=dict)
    companions: tuple[str, ...] = ()

    def configuration(self) -> NetworkConfiguration:
        """The network to train. No predefined classes: every step goes to what is measured."""
        return replace(NetworkConfiguration(), **self.network)

    def schedule(self, steps: int, seed: int) -> TrainingConfiguration:
        """A whole schedule in few steps: true masks are handed on at first, the rate falls in the
        second half, the average follows quickly."""
        short = {
            "seed": seed,
            "warm_up": max(1, steps // 10),
            "decay_from": steps // 2,
            "decay_steps": max(1, steps - steps // 2),
            "taught_steps": max(1, steps // 2),
            "average": 0.98,
        }
        return TrainingConfiguration.model_validate({**short, **self.training})

    def sources(self) -> EpisodeSettings:
        """The shares of the kinds of episodes."""
        return replace(EpisodeSettings(), **self.episodes)

    def session(self) -> SessionSettings:
        """The settings to score with."""
        found = SessionSettings()
        for name, value in self.settings.items():
            stage, _, field_ = name.rpartition(".")
            if stage:
                value = replace(getattr(found, stage), **{field_: value})
            found = replace(found, **{stage or field_: value})
        return found

    def switched(self, model: S2VNet) -> S2VNet:
        """A copy of ``model`` with the switches of a variant that is not trained."""
        other = S2VNet(replace(model.configuration, **self.network))
        # Parts that are switched off have no weights.
        missing, _ = other.load_state_dict(model.state_dict(), strict=False)
        assert not missing, missing
        for name in COMPANIONS:
            kept = None if name in self.companions else getattr(model, name)
            setattr(other, name, kept)
        other.semantic_heads = model.semantic_heads
        return other.eval()


def _widths(factor: float) -> Values:
    base = NetworkConfiguration()

    def scaled(values: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(8 * max(1, round(v * factor / 8)) for v in values)

    return {
        "stem": scaled((base.stem,))[0],
        "widths": scaled(base.widths),
        "dim": scaled((base.dim,))[0],
        "mask_dim": scaled((base.mask_dim,))[0],
        "dense_widths": scaled(base.dense_widths),
    }


def _without(name: str) -> Values:
    return {name: False}


BASE = "base"
SWITCHES = {
    "positions": "positions in keys and centres",
    "dense_maps": "dense decoder",
    "aggregation": "recurrent centroid aggregation",
    "memory": "centres of the user's own slices",
    "matching": "local prototypes of the slice before",
    "spread": "geodesic nearness and brightness",
    "appearance": "classifier fitted to the marks",
    "presence": "presence score",
}
"""Fields of NetworkConfiguration."""
TRAINED = {
    BASE: Variant("as it is"),
    "another_seed": Variant("seed + 1: what chance alone changes"),
    **{f"no_{name}": Variant(f"no {what}", _without(name)) for name, what in SWITCHES.items()},
    **{
        f"centres_{n}": Variant(f"{n} centres a class", {"centres_per_class": n})
        for n in (1, 3, 12)
    },
    "narrow": Variant("half of all widths", _widths(0.5)),
    "wide": Variant("1.5 of all widths", _widths(1.5)),
    "no_supervoxels": Variant("no supervoxels as structures", episodes={"supervoxels": 0.0}),
    "no_synthesis": Variant("no images synthesised from label maps", episodes={"heads": 0.0}),
    "no_shapes": Variant("no invented shapes", episodes={"shapes": 0.0}),
    "no_drawn": Variant("no drawn labels", episodes={"drawn": 0.0}),
    "one_round": Variant("no corrections in training", training={"rounds": 1}),
}
"""Trained at equal steps from chance."""
NO_WEIGHTS = ("aggregation", "memory", "matching", "appearance", "presence")
"""Switches that trained weights can do without, as far as loading goes."""
LEAVE_ONE_OUT = {
    BASE: Variant("as it is"),
    **{f"no_{name}": Variant(f"no {SWITCHES[name]}", _without(name)) for name in NO_WEIGHTS},
    # What the network is shown.
    "whole_slice": Variant("the work grid shows the air, too", settings={"grid.crop": False}),
    "not_enlarged": Variant("small slices are not enlarged", settings={"grid.max_enlarged": 1.0}),
    "always_resampled": Variant(
        "slices that nearly fit are resampled, too", settings={"grid.keep_scale": (1.0, 1.0)}
    ),
    # Prompted slices.
    "marks_bias_nothing": Variant("marks do not bias the assignment", {"mark_bias": 0.0}),
    "only_marks_teach": Variant(
        "unmarked cells teach the classifier on features nothing",
        {"online_classifier": OnlineClassifierSettings(max_unmarked=0)},
    ),
    "no_memory_of_others": Variant(
        "centres of the nearest prompted slice only", settings={"propagation.max_remembered": 1}
    ),
    "all_components": Variant(
        "prompted slices keep components without marks", settings={"components.remove": False}
    ),
    "no_corrections": Variant("no network for corrections", settings={"refinement.use": False}),
    "corrections_alone": Variant(
        "the network for corrections alone corrects", settings={"refinement.weight": 1.0}
    ),
    "no_trimming": Variant("what is trimmed may be erased", settings={"refinement.erased": 0.0}),
    "not_local": Variant(
        "passes change all of a loaded result that they reach",
        settings={"initial.local": False},
    ),
    "no_trimmed_prompts": Variant(
        "what is left of a trimmed structure of a loaded result prompts nothing",
        settings={"initial.prompt_trimmed": False},
    ),
    "no_caution": Variant("corrections add anywhere", settings={"refinement.caution": 0.0}),
    # Passes.
    "no_transport": Variant("no masks carried by pixels alone", _without("transport")),
    "whole_gaps": Variant(
        "passes go up to the next prompted slice", settings={"propagation.meeting": 1.0}
    ),
    "growth_none": Variant("masks grow anywhere", settings={"growth": None}),
    "patience_none": Variant("passes never end", settings={"max_empty_slices": None}),
    "every_slice": Variant("thin slices are not passed over", settings={"slice_stride_mm": 0.0}),
    "no_hurry": Variant(
        "no longer steps where all is known by name", settings={"propagation.far_stride": 1}
    ),
    # Both directions as one.
    "nothing_lasts": Variant(
        "a pass leaves nothing of earlier masks", settings={"fusion.earlier_share": 0.0}
    ),
    # Structures by name.
    "no_names": Variant("marks only, no structures by name", settings={"recognise": False}),
    # Planes across the slices.
    "no_planes": Variant("no planes across the slices", settings={"refine_across_planes": False}),
    "planes_by_main": Variant("the main network completes planes", companions=("planes",)),
    "planes_weigh_alike": Variant(
        "planes count the same near and far", settings={"orthogonal.near_weight": 4.0}
    ),
    "lost_as_others": Variant(
        "planes count the same where a pass shows nothing", settings={"orthogonal.lost_weight": 1.0}
    ),
    "planes_keep_all": Variant(
        "components that touch no prompted slice stay",
        settings={"orthogonal.remove_unattached": False},
    ),
    # Pixels in doubt.
    "no_retouching": Variant("no pixel classifier", _without("retouching")),
    "no_places": Variant("pixels have no place", settings={"pixel_classifier.place": 0.0}),
    "linear_pixels": Variant("no random features", settings={"pixel_classifier.bend": 0.0}),
    "sure_teach_nothing": Variant(
        "unmarked pixels teach nothing", settings={"pixel_classifier.max_sure": 0}
    ),
    "all_pixels": Variant(
        "pixels that are not in doubt, too", settings={"pixel_classifier.settled": 1.0}
    ),
    "pixels_anywhere": Variant(
        "the pixel classifier adds anywhere", settings={"pixel_classifier.beyond": 1000}
    ),
}
"""The shipped weights, one mechanism at a time switched off. Not among them: what the weights were
trained with and need (positions, dense maps, geodesic maps: ``TRAINED``), and what these tasks do
not have (a result to correct, predefined classes without marks, voxels of micro-CT)."""
NUMBERS = {
    **{
        f"growth_{name}": Variant(f"growth {value} mm per mm", settings={"growth": value})
        for name, value in (("half", 0.5), ("2", 2.0), ("4", 4.0))
    },
    **{
        f"presence_{int(100 * value)}": Variant(
            f"absent below {value}", settings={"absent_below": value}
        )
        for value in (0.1, 0.3, 0.7)
    },
    "patience_1": Variant("a pass ends after one empty slice", settings={"max_empty_slices": 1}),
    "pace_4": Variant("passes go 4 mm at a time", settings={"slice_stride_mm": 4.0}),
    **{
        f"side_{n}": Variant(f"work grid of {n} pixels", settings={"grid.side": n})
        for n in (192, 320)
    },
}
"""The shipped weights with another number."""
SESSION = LEAVE_ONE_OUT | NUMBERS
"""Scored on weights that are there."""


def one_variant(about: str | None) -> tuple[argparse.Namespace, ModuleType, S2VNet]:
    """Options of a script that plays one of ``SESSION``, the shared benchmark, and the network of
    the ``variant`` that was chosen."""
    parser = task_options(about)
    parser.add_argument("--variant", default="base", choices=SESSION)
    chosen = parser.parse_args()
    benchmark, _ = shared_benchmark(chosen.shared)
    model, _ = load_model(chosen.weights)
    return chosen, benchmark, SESSION[chosen.variant].switched(model)
