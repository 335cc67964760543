"""Planes from which structures are completed: their lines, what runs left, and the network."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from S2VNetSlicerLib.errors import UserError
from S2VNetSlicerLib.network.model import S2VNet
from S2VNetSlicerLib.network.weights import COMPANIONS, load_model, save_model
from S2VNetSlicerLib.training import loop
from S2VNetSlicerLib.training import planes as planes_module
from S2VNetSlicerLib.training.annotator import first_marks
from S2VNetSlicerLib.training.configuration import TrainingConfiguration
from S2VNetSlicerLib.training.episodes import EpisodeSampler
from S2VNetSlicerLib.training.fields import low_resolution
from S2VNetSlicerLib.training.losses import soft_targets
from S2VNetSlicerLib.training.planes import (
    LESSONS,
    SLICES,
    Planes,
    draw_planes,
    line_marks,
    line_rows,
    lined,
    play_planes,
    run_masks,
    schedule,
    stroked,
)
from S2VNetSlicerLib.training.synthesis import repaint
from toy_training import NETWORK, toy_batch

SMALL = TrainingConfiguration(
    companion="corrections", pixels=8 * 64 * 64, sizes=(64,), checkpoint_seconds=1e9
)
SEEDS = st.integers(0, 10_000)


def discs(seed: int, structures: int = 2, side: int = 64) -> np.ndarray:
    """A truth [side, side] with some of the structures."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:side, :side]
    truth = np.zeros((side, side), np.uint8)
    for k in range(1, structures + 1):
        cy, cx = rng.uniform(8, side - 8, 2)
        truth[(y - cy) ** 2 + (x - cx) ** 2 < rng.uniform(4, 14) ** 2] = k
    return truth


def dice(a: np.ndarray, b: np.ndarray) -> float:
    return 2 * float((a & b).sum()) / max(1, float(a.sum() + b.sum()))


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_every_structure_meets_a_line(seed):
    truth = discs(seed, 3)
    rows = line_rows(np.random.default_rng(seed), truth, 3)
    assert ((rows >= 0) & (rows < len(truth))).all()
    assert set(np.unique(truth)) - {0} <= set(np.unique(truth[rows]))


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_lines_are_thin_and_nearly_right(seed):
    truth, rng = discs(seed), np.random.default_rng(seed)
    rows = line_rows(rng, truth, 2)
    marks = line_marks(rng, truth, rows)
    marked = np.flatnonzero((marks > 0).any(1))
    assert len(marked)
    assert (np.abs(marked[:, None] - rows).min(1) <= 5).all()
    assert marks.max() <= 3
    drawn = marks > 0
    assert (marks[drawn] - 1 == truth[drawn]).mean() > 0.75


def test_what_runs_left_is_worse_far_from_anchors():
    near, far = [], []
    for seed in range(60):
        truth = discs(seed, 1)
        for away, found in ((1.0, near), (60.0, far)):
            rng = np.random.default_rng(seed)
            masks = run_masks(rng, truth, np.full(len(truth), away), 1)
            assert masks.shape == (1, 32, 32)
            assert masks.dtype == np.float32
            assert 0 <= masks.min() <= masks.max() <= 1
            found.append(dice(masks[0] > 0.4, truth[::2, ::2] == 1))
    assert np.mean(near) > 0.85
    assert np.mean(far) < np.mean(near) - 0.15


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_masks_of_runs_do_not_overlap(seed):
    masks = run_masks(np.random.default_rng(seed), discs(seed, 3), np.full(64, 30.0), 3)
    assert masks.sum(0).max() <= 1


@pytest.mark.parametrize("make", [partial(lined, runs=0.4), stroked])
def test_what_is_not_known_is_empty(make):
    kinds = set()
    for seed in range(30):
        marks, masks, known = make(np.random.default_rng(seed), discs(seed), 2)
        assert (marks > 0).any()
        assert known in (0, 1)
        assert known or not masks.any()
        kinds.add(float(known))
    assert kinds == {0.0, 1.0}


def test_batches_are_whole_and_repeatable(cache: Path):
    sampler = EpisodeSampler(cache, LESSONS["corrections"].episodes, ())
    one, same, other = (draw_planes(sampler, SMALL, np.random.default_rng(s)) for s in (3, 3, 4))
    k = one.previous.shape[1]
    assert one.images.shape == one.labels.shape == one.marks.shape == (8, 64, 64)
    assert one.previous.shape == (8, k, 32, 32)
    assert one.known.shape == (8,)
    assert one.across % SLICES == 0
    assert len(one.stroked().images) == 8 - one.across
    assert one.labels.max() <= k
    assert (one.labels > 0).flatten(1).any(1).all()
    assert 0 <= one.images.min() < one.images.max() <= 255
    assert torch.equal(one.images, same.images)
    assert torch.equal(one.marks, same.marks)
    assert not torch.equal(one.images, other.images)


def toy_planes(seed: int) -> Planes:
    """Planes across the slices."""
    batch = toy_batch(np.random.default_rng(seed))
    labels = batch.labels.flatten(0, 1)
    some = (labels > 0).flatten(1).any(1)
    images, labels = batch.images.flatten(0, 1)[some], labels[some]
    rng = np.random.default_rng(seed)
    shown = [lined(rng, truth, 1, 0.2) for truth in labels.numpy()]
    marks, masks, known = (torch.from_numpy(np.stack(part)) for part in zip(*shown, strict=True))
    return Planes(images, labels, marks, masks, known, len(images))


def toy_slices(seed: int) -> Planes:
    """Slices with first marks, of two places."""
    rng = np.random.default_rng(seed)
    truth = np.stack([discs(seed + n // SLICES, 2) for n in range(2 * SLICES)])
    images = (40 + 80 * truth + rng.normal(0, 8, truth.shape)).clip(0, 255).astype(np.float32)
    marks = np.stack([first_marks(rng, t, 2) for t in truth])
    previous, known = np.zeros((len(truth), 2, 32, 32), np.float32), np.zeros(len(truth))
    parts = (images, truth, marks, previous, known.astype(np.float32))
    return Planes(*(torch.from_numpy(part) for part in parts))


def test_a_network_learns_to_complete_lines():
    torch.manual_seed(0)
    model = S2VNet(NETWORK).train()
    optimiser = torch.optim.AdamW(model.parameters(), 3e-3)
    played = []
    for seed in range(40):
        optimiser.zero_grad()
        played.append(play_planes(model, toy_planes(seed), np.random.default_rng(seed), SMALL))
        optimiser.step()
    dice_by_step = np.array([p.dice[0] for p in played])
    assert dice_by_step[-8:].mean() > dice_by_step[:8].mean() + 0.2
    untouched = {n.partition(".")[0] for n, p in model.named_parameters() if p.grad is None}
    assert untouched <= {"semantic_head", "aggregation"}  # nothing is named, and nothing comes next


def test_slices_are_corrected_as_often_as_rounds_say(monkeypatch):
    seen: list[Planes] = []
    corrected = planes_module._corrected

    def watched(planes: Planes, masks: torch.Tensor, rng: np.random.Generator) -> Planes:
        seen.append(corrected(planes, masks, rng))
        return seen[-1]

    monkeypatch.setattr(planes_module, "_corrected", watched)
    torch.manual_seed(0)
    model, first = S2VNet(NETWORK).train(), toy_slices(0)
    played = play_planes(model, first, np.random.default_rng(0), SMALL)
    assert len(played.dice) == len(seen) + 1 == 3
    assert played.slices == len(first.images)
    assert model.training
    before = first.marks
    for now in seen:
        assert now.known.all()
        assert (now.marks[before > 0] == before[before > 0]).all()
        assert (now.marks > 0).sum() > (before > 0).sum()
        drawn = now.marks > 0
        assert (now.marks[drawn] - 1 == first.labels[drawn]).all()
        before = now.marks
    assert len(play_planes(model, toy_planes(0), np.random.default_rng(0), SMALL).dice) == 1


def test_strokes_correct_what_is_wrong():
    planes = toy_slices(3)
    right = soft_targets(planes.labels, 2)[:, 1:]
    unmarked = replace(planes, marks=torch.zeros_like(planes.marks))
    missing = right * torch.tensor([1.0, 0.0])[:, None, None]
    found = planes_module._corrected(unmarked, missing, np.random.default_rng(0))
    assert torch.equal(found.previous, missing)
    assert (found.marks == 3).flatten(1).any(1).all()  # the second structure is missed in all
    wrong = found.marks == 2
    assert not (wrong & (planes.labels == 2)).any()


def test_what_lies_beside_a_plane_is_of_its_place():
    number = torch.arange(2.0 * SLICES)
    beside = planes_module._beside(number)
    assert torch.equal(beside // SLICES, number // SLICES)
    assert (beside != number).all()


def test_a_wider_network_begins_as_the_smaller_one():
    torch.manual_seed(1)
    small = S2VNet(NETWORK).train()
    # Statistics of the norms that are not those of chance.
    play_planes(small, toy_planes(0), np.random.default_rng(0), SMALL)
    wider = replace(NETWORK, blocks=(1, 3, 2, 3), dense_widths=(12, 8, 16, 8), classes=())
    wide = loop.grown(small, wider).eval()
    small.eval()
    planes = toy_planes(2)
    outputs = []
    for model in (small, wide):
        features = model.encode(planes.images)
        begin = model.initial_state(1, features)
        outputs.append(model.step(features, begin, planes.marks).logits)
    assert torch.allclose(*outputs, atol=1e-4)
    assert len(list(wide.encoder.parameters())) > len(list(small.encoder.parameters()))


def test_a_run_for_planes_resumes_and_begins_from_weights_alone(cache: Path, tmp_path: Path):
    save_model(tmp_path / "net.safetensors", S2VNet(NETWORK), {})
    options = {"steps": 2, "workers": 0, "device": "cpu"}
    first = loop.train(
        tmp_path / "a", cache, NETWORK, SMALL, weights=tmp_path / "net.safetensors", **options
    )
    assert first.step == 2
    model, card = load_model(tmp_path / "a" / loop.WEIGHTS)
    assert card["training"]["companion"] == "corrections"
    assert loop.start(tmp_path / "a", NETWORK, SMALL).step == 2
    with pytest.raises(UserError, match="--companion corrections"):
        loop.start(tmp_path / "a", NETWORK, TrainingConfiguration())
    again = loop.start(tmp_path / "b", NETWORK, SMALL, tmp_path / "a" / loop.WEIGHTS)
    whole = model.state_dict()
    assert all(torch.equal(t, whole[n]) for n, t in again.model.state_dict().items())


def test_the_command_trains_the_network_for_planes(cache: Path, tmp_path: Path, monkeypatch, call):
    monkeypatch.setattr(planes_module, "NETWORK", NETWORK)
    monkeypatch.setattr(planes_module, "schedule", lambda *how: SMALL)
    words = (
        "train",
        "--companion",
        "corrections",
        "--data",
        tmp_path,
        "--cache",
        cache,
        "--workers",
        0,
    )
    code, _, err = call(*words, "--output", tmp_path / "run", "--steps", 1, "--device", "cpu")
    assert code == 0, err
    assert load_model(tmp_path / "run" / loop.WEIGHTS)[1]["training"]["companion"] == "corrections"
    for classes in (("--automatic", 0.5), ("--classes-from", "Dataset001_X")):
        code, _, err = call(*words, "--output", tmp_path / "other", *classes)
        assert (code, err.count("\n")) == (2, 1)
        assert "learns no classes" in err
    code, _, err = call(*words, "--output", tmp_path / "other", "--companion", "lines")
    assert (code, err.count("\n")) == (2, 1)
    assert "planes, corrections" in err


def test_wider_weights_are_refused(tmp_path: Path):
    save_model(tmp_path / "wide.safetensors", S2VNet(replace(NETWORK, stem=12)), {})
    with pytest.raises(UserError, match=r"wide\.safetensors are weights of another or wider"):
        loop.start(tmp_path, NETWORK, SMALL, tmp_path / "wide.safetensors")


@pytest.mark.parametrize("name", COMPANIONS)
def test_the_shipped_companions_are_those_that_are_trained(name):
    assert name in LESSONS
    assert getattr(load_model()[0], name).configuration == planes_module.NETWORK


def test_regions_are_repainted_and_keep_their_texture():
    rng = np.random.default_rng(0)
    regions = np.zeros((3, 32, 32), np.int64)
    regions[:, :, 10:], regions[:, :, 20:] = 4, 9
    image = (60 + 10 * regions + rng.normal(0, 5, regions.shape)).astype(np.float32)
    one, same = (repaint(image, regions, np.random.default_rng(3)) for _ in range(2))
    assert np.array_equal(one, same)
    inner = (slice(None), slice(None), slice(13, 17))
    moved = [float((one - image)[regions == n].mean()) for n in (0, 4, 9)]
    assert max(np.abs(moved)) > 15
    assert np.corrcoef(one[inner].ravel(), image[inner].ravel())[0, 1] > 0.9


def test_blur_in_one_direction():
    image = np.random.default_rng(0).normal(0, 1, (1, 32, 32)).astype(np.float32)
    coarse = low_resolution(image, 4.0, (1,))
    down, across = (float(np.abs(np.diff(coarse, axis=n)).mean()) for n in (1, 2))
    assert down < 0.5 * across


def test_the_rate_of_planes_falls_from_the_first_step_on_or_in_the_last_ones():
    falling = schedule(1, 1000, "planes", torch.device("cpu"))
    rates = [loop.learning_rate(step, falling) for step in (10, 200, 600, 999)]
    assert rates[0] < rates[1] > rates[2] > rates[3] > 0
    late = schedule(1, 1000, "planes", torch.device("cuda"), 1e-4, 300)
    rates = [loop.learning_rate(step, late) for step in (200, 700, 850, 999)]
    assert rates[0] == rates[1] == 1e-4 > rates[2] > rates[3] > 0
    assert late.pixels > falling.pixels
