"""What the scripts in Benchmark/ compute, without the shared data."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import SimpleITK as sitk
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Benchmark"))

import ablation
import correlation
import failure_kinds
import failures_benchmark
import leave_one_out
import review_benchmark
import variants
import watched
from S2VNetSlicerLib.network.configuration import NetworkConfiguration
from S2VNetSlicerLib.network.model import S2VNet
from variants import Variant

SHAPE = (12, 24, 24)


def block(first: int, last: int, low: int = 6, high: int = 18) -> np.ndarray:
    mask = np.zeros(SHAPE, bool)
    mask[first:last, low:high, low:high] = True
    return mask


def measured(result: np.ndarray) -> failure_kinds.Measures:
    truth = block(2, 10)
    image = np.where(truth, 200, 50) + np.random.default_rng(1).normal(0, 5, SHAPE)
    return failure_kinds.measure(truth, result, image, (0.2, 0.9, 0.3))


def test_each_kind_of_failure_is_told_from_the_others():
    whole = measured(block(2, 10))
    assert whole.dice == 1
    assert whole.contrast > 10
    assert set(whole.kinds) == {"small structure", "spoiled by marks"}
    short = measured(block(2, 7))
    assert short.extent == 3 / 8
    assert "missed extent" in short.kinds
    assert short.lost_by == (0, 1, 0)
    gap = block(2, 10)
    gap[5] = False
    assert measured(gap).gaps == 1
    assert measured(gap).extent == 0
    gap[6] = False
    assert measured(gap).gaps == 0, "two missing slices are no single gap"
    leak = measured(block(2, 10, 2, 22))
    assert leak.leak == pytest.approx(1 - 144 / 400)
    assert "leak" in leak.kinds
    thin = measured(block(2, 10, 9, 15))
    assert thin.within == pytest.approx(0.75)
    assert "missed within slices" in thin.kinds
    assert measured(np.zeros(SHAPE, bool)).extent == 1


def test_tables_name_every_kind():
    found = [measured(block(2, 10)), measured(block(2, 5))]
    text = failure_kinds.kinds_table(found)
    assert all(kind in text for kind in failure_kinds.KINDS)
    assert "2 of 2" in text
    assert failure_kinds.worst_table(["a", "b"], found).count("\n") == 4


@settings(deadline=None)
@given(st.permutations("LPS"), st.tuples(*[st.booleans()] * 3), st.sampled_from([0, 1, 2]))
def test_planes_lie_as_radiologists_read_them(tmp_path_factory, order, flipped, axis):
    """Beside SimpleITK's own reorientation of the volume."""
    opposite = {"L": "R", "P": "A", "S": "I"}
    code = "".join(opposite[c] if f else c for c, f in zip(order, flipped, strict=True))
    array = np.arange(2 * 3 * 4, dtype=np.int16).reshape(2, 3, 4)
    file = tmp_path_factory.mktemp("planes") / "volume.nii.gz"
    sitk.WriteImage(sitk.DICOMOrient(sitk.GetImageFromArray(array), code), file)
    stored = sitk.GetArrayFromImage(sitk.ReadImage(file))
    # Of the axes S, P, L which one runs through the slices of the file.
    through = "SPL".index(order[2 - axis])
    straight = np.moveaxis(
        sitk.GetArrayFromImage(sitk.DICOMOrient(sitk.ReadImage(file), "LPI")), through, 0
    )
    planes = [watched.upright(file, axis, plane) for plane in np.moveaxis(stored, axis, 0)]
    ways = sorted(range(len(planes)), key=lambda n: planes[n].min())
    expected = sorted(straight, key=lambda plane: plane.min())
    for n, plane in zip(ways, expected, strict=True):
        np.testing.assert_array_equal(planes[n], plane)


@given(
    st.tuples(st.integers(0, 19), st.integers(0, 29)),
    st.tuples(st.integers(1, 12), st.integers(1, 12)),
    st.tuples(st.floats(0.3, 5), st.floats(0.3, 5)),
)
def test_a_panel_is_a_square_that_shows_all_of_the_structure(at, size, spacing):
    mask = np.zeros((20, 30), bool)
    mask[at[0] : at[0] + size[0], at[1] : at[1] + size[1]] = True
    box = failures_benchmark.square(mask, spacing)
    shown = failures_benchmark.cut_out(mask, box)
    assert shown.sum() == mask.sum()
    height, width = (n * s for n, s in zip(shown.shape, spacing, strict=True))
    assert abs(height - width) <= sum(spacing)


def test_correlation_and_calibration():
    rng = np.random.default_rng(1)
    x = rng.random(200)
    assert correlation.pearson(x, 3 * x + 1) == pytest.approx(1)
    assert correlation.spearman(x, -np.exp(9 * x)) == pytest.approx(-1)
    assert abs(correlation.pearson(x, rng.random(200))) < 0.2
    assert np.isnan(correlation.pearson(x, np.ones(200)))
    bins = correlation.calibration(np.array([0.1, 0.3, 1.0]), np.array([0.0, 0.5, 1.0]))
    assert [count for _, count, _ in bins] == [1, 1, 0, 0, 1]
    assert bins[1][2] == 0.5
    assert correlation.found_share(np.array([0, 3, 1]), np.array([8, 2, 0])) == 0.25


def test_slice_dice_is_nan_where_both_are_empty():
    truth, labels = block(2, 6).astype(np.uint8), block(4, 8).astype(np.uint8)
    found = correlation.slice_dice(truth, labels, 1)
    np.testing.assert_array_equal(found[:8], [np.nan, np.nan, 0, 0, 1, 1, 0, 0])
    assert np.isnan(found[8:]).all()


class Asked:
    """A session that suggests 3, then 5."""

    def __init__(self) -> None:
        self.left, self.accepted = [3, 5], []

    def suggest_next_slice(self) -> int | None:
        return self.left[0] if self.left else None

    def accept(self, z: int) -> None:
        self.accepted.append(z)
        self.left.remove(z)


def test_a_correction_is_drawn_on_the_suggested_slice_alone():
    truth = block(2, 10).astype(np.uint8)
    shown = truth.copy()
    shown[5:8] = 0

    def draw(rng, truth, shown, seeds, n):
        wrong = (truth != shown).sum((1, 2))
        z = int(wrong.argmax())
        return z, (truth[z] * 2 if wrong.any() else truth[z] * 0)

    session = Asked()
    watch = SimpleNamespace(session=session, current=SimpleNamespace(shown=[None]))
    suggested = review_benchmark.Suggested(SimpleNamespace(correction=draw), watch)
    rng, seeds = np.random.default_rng(1), np.zeros(SHAPE, np.uint8)
    z, marks = suggested(rng, truth, shown, seeds, 1)
    assert (z, session.accepted) == (5, [3]), "slice 3 is right, 5 is not"
    assert marks.any()
    assert (suggested.accepted, suggested.corrected) == (1, 1)
    watch.current.shown *= watched.ROUNDS
    assert not suggested(rng, truth, shown, seeds, 1)[1].any(), "after the last round"


@pytest.mark.parametrize("name", variants.TRAINED)
def test_every_trained_variant_is_a_network_and_a_schedule(name):
    variant = variants.TRAINED[name]
    model = S2VNet(variant.configuration()).eval()
    with torch.inference_mode():
        features = model.encode(torch.zeros(1, 64, 64))
        carried = model.initial_state(1, features)
        assert model.step(features, carried).logits.shape == (1, 1, 32, 32)
    assert variant.schedule(400, 7).decay_from == 200
    assert variant.schedule(400, 7).seed == 7
    changed = variant.network or variant.training or variant.episodes
    assert bool(changed) == (name not in (variants.BASE, "another_seed"))
    assert variant.sources() == variants.TRAINED[variants.BASE].sources() or variant.episodes


@pytest.mark.parametrize("name", variants.SESSION)
def test_every_session_variant_names_what_exists(name):
    variant = variants.SESSION[name]
    told = json.loads(json.dumps(variant.settings))
    assert variant.session().changed() == told
    assert {k: getattr(variant.configuration(), k) for k in variant.network} == variant.network
    assert len(variant.settings) + len(variant.network) + len(variant.companions) == (
        name != variants.BASE
    )


NEEDED = {"symmetric", "recogniser", "spread", "positions", "dense_maps"}
"""Switches of the network that its weights were trained with, and need."""
OPTIONAL = {"max_empty_slices", "growth"}
"""Settings that may be None."""


def test_every_switch_has_a_variant_that_is_without_it():
    settings, network = variants.SESSION[variants.BASE].session(), NetworkConfiguration()
    switches = {name for name, value in asdict(network).items() if value is True}
    for name, value in asdict(settings).items():
        branch = value if isinstance(value, dict) else {}
        switches |= {f"{name}.{inner}" for inner, v in branch.items() if v is True}
        switches |= {name} if value is True or name in OPTIONAL else set()
    switched = {k for v in variants.LEAVE_ONE_OUT.values() for k in (*v.network, *v.settings)}
    assert switches - switched - NEEDED == set()


def test_parts_that_are_switched_off_leave_the_network_as_it_was():
    model = S2VNet(NetworkConfiguration())
    model.planes = model.corrections = S2VNet(NetworkConfiguration(classes=("liver",)))
    other = Variant("", {"memory": False, "mark_bias": 0.0}, companions=("planes",)).switched(model)
    assert not other.configuration.memory
    assert [layer.mark_bias for layer in other.layers] == [0.0] * len(other.layers)
    assert model.configuration.memory
    assert other.planes is None
    assert other.corrections is model.corrections
    for name, tensor in model.state_dict().items():
        if not name.startswith(("planes", "corrections")):
            torch.testing.assert_close(other.state_dict()[name], tensor)


TASK = leave_one_out.Task("Dataset101_T", "case", "3")


def one_row(*dice: float) -> dict:
    each = [{"dice": [d], "surface_dice_2mm": [d], "latency_s": 1.0} for d in dice]
    return {"rounds": each}


def test_what_was_played_with_the_same_settings_is_not_played_again(tmp_path):
    path, keys = tmp_path / "some.csv", {"base": "a", "no_planes": "b"}
    store = leave_one_out.Store(path, keys)
    store.add("base", TASK, one_row(0.5, 0.7, 1.0), 2.0, "c0")
    again = leave_one_out.Store(path, keys)
    assert again.has("base", TASK)
    assert not again.has("no_planes", TASK)
    assert not leave_one_out.Store(path, {**keys, "base": "x"}).has("base", TASK)
    (lines,) = again.rows().values()
    assert [float(line["dice"]) for line in lines] == [0.5, 0.7, 1.0, 1.0, 1.0], "an early end"
    with path.open("a") as file:
        file.write("no_planes,Dataset101_T,case,3,1,0.4,0.")  # killed here
    again = leave_one_out.Store(path, keys)
    assert not again.has("no_planes", TASK)
    again.add("no_planes", TASK, one_row(0.4), 2.0, "c0")
    again.add("no_planes", TASK._replace(case="other"), one_row(0.9), 2.0, "c0")
    rows = leave_one_out.Store(path, keys).rows()
    assert len(rows) == 3
    text = leave_one_out.table(rows)
    assert "no planes across the slices | 1 | 0.400" in text, "the base did not play the other"
    assert "## training" not in text
    several = TASK._replace(structures="3+7")
    again.add("base", several, one_row(0.6), 2.0, "c0")
    again.add("no_planes", several, one_row(0.8), 2.0, "c0")
    alone, together = leave_one_out.table(leave_one_out.Store(path, keys).rows()).split(
        "## several structures at once"
    )
    assert "no planes across the slices | 1 | 0.400" in alone
    assert "no planes across the slices | 1 | 0.800" in together


def test_names_of_settings_do_not_change_what_counts_as_the_same():
    tree = {"a": {"b": 1, "c": [2]}}
    assert leave_one_out.values(tree) == leave_one_out.values({"x": {"y": 1, "z": [2]}})
    assert leave_one_out.values(tree) != leave_one_out.values({"x": {"y": 2, "z": [2]}})


def rows(*dice: float) -> list[dict]:
    return [
        {
            "dataset": "D",
            "case": str(n),
            "structures": ["s"],
            "rounds": [{"dice": [d], "surface_dice_2mm": [d], "latency_s": 1.0}],
        }
        for n, d in enumerate(dice)
    ]


def test_the_table_compares_the_same_tasks():
    stated = dict.fromkeys(("weights", "commit", "machine", "threads", "torch"), "x")
    content = {"about": "", "parameters": 1_000_000, "facts": stated}
    found = {
        "base": {**content, "rows": rows(0.4, 0.6, 0.8)},
        "other": {**content, "rows": rows(0.5, 0.6)},
    }
    lines = ablation.summary(found)
    assert lines[0]["Dice, round 1"] == "0.600"
    assert lines[1]["change, round 5"] == "+0.050 ± 0.050", "the third task is not compared"
    text = ablation.markdown(lines)
    assert "commit: x" in text
    assert text.count("\n| ") == 3
