"""The training run: it learns, resumes exactly, survives being killed, and works in a group."""

from __future__ import annotations

import csv
import itertools
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from S2VNetSlicerLib.errors import UserError
from S2VNetSlicerLib.network.encoder import Features
from S2VNetSlicerLib.network.model import S2VNet
from S2VNetSlicerLib.network.weights import FORMAT, load_model, save_tensors
from S2VNetSlicerLib.training import loop
from S2VNetSlicerLib.training.checkpoint import load_checkpoint
from S2VNetSlicerLib.training.losses import mask_loss, slice_loss, soft_dice, soft_targets
from S2VNetSlicerLib.training.rounds import Encoded, play, spoiled

sys.path.insert(0, str(Path(__file__).parent))
import toy_training
from toy_training import NETWORK, TRAINING, toy_batch

SCRIPT = Path(toy_training.__file__)


@pytest.fixture(autouse=True)
def _one_thread():
    before, real = torch.get_num_threads(), loop.batches
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
    loop.batches = real


def state(folder: Path) -> dict[str, torch.Tensor]:
    return load_checkpoint(folder / loop.CHECKPOINT)[0].state_dict()


def same(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(a[name], b[name]) for name in a)


def test_training_learns_the_toy(tmp_path):
    toy_training.run(tmp_path, 60)
    rows = list(csv.DictReader((tmp_path / loop.LOG).open()))
    assert [int(r["step"]) for r in rows] == [20, 40, 60]
    assert float(rows[-1]["loss"]) < float(rows[0]["loss"])
    assert float(rows[-1]["dice_1"]) > float(rows[0]["dice_1"]) + 0.05
    model, card = load_model(tmp_path / loop.WEIGHTS)
    assert model.configuration == NETWORK
    assert card["step"] == 60


def test_a_resumed_run_is_the_uninterrupted_one(tmp_path):
    toy_training.run(tmp_path / "whole", 6)
    toy_training.run(tmp_path / "parts", 3)
    run = toy_training.run(tmp_path / "parts", 6)
    assert run.step == 6
    assert same(state(tmp_path / "whole"), state(tmp_path / "parts"))


def test_another_seed_is_another_run(tmp_path):
    first = toy_training.run(tmp_path / "a", 2).model.state_dict()
    loop.batches = toy_training.toy_batches
    other = loop.train(
        tmp_path / "b", Path(), NETWORK, TRAINING.model_copy(update={"seed": 2}), steps=2
    )
    assert not same(first, other.model.state_dict())


def test_weights_alone_start_a_run(tmp_path):
    trained = toy_training.run(tmp_path / "a", 2)
    begun = toy_training.run(tmp_path / "b", 0, weights=tmp_path / "a" / loop.WEIGHTS)
    average = {name: t.half().float() for name, t in trained.average.items()}
    assert all(torch.allclose(begun.model.state_dict()[n].float(), t) for n, t in average.items())


def test_a_killed_run_loses_only_what_came_after_its_checkpoint(tmp_path):
    process = subprocess.Popen([sys.executable, SCRIPT, tmp_path, "100000"])
    try:
        for _ in range(600):
            if (tmp_path / loop.LOG).exists():
                break
            time.sleep(0.1)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    reached = load_checkpoint(tmp_path / loop.CHECKPOINT)[3]["step"]
    assert reached >= 19
    assert toy_training.run(tmp_path, reached + 1).step == reached + 1


def test_a_damaged_checkpoint_is_named(tmp_path):
    toy_training.run(tmp_path, 1)
    checkpoint = tmp_path / loop.CHECKPOINT
    checkpoint.write_bytes(checkpoint.read_bytes()[:1000])
    with pytest.raises(UserError, match="checkpoint"):
        toy_training.run(tmp_path, 2)


def test_a_checkpoint_of_another_network_is_named(tmp_path):
    run = toy_training.run(tmp_path, 1)
    run.average["surplus"] = run.average.pop("generic_queries")
    tensors = {f"model.{name}": t for name, t in run.average.items()}
    header = {"configuration": "{}", "progress": "{}", "format": FORMAT}
    save_tensors(tmp_path / loop.CHECKPOINT, tensors, header)
    with pytest.raises(UserError, match=r"checkpoint .* cannot be read"):
        toy_training.run(tmp_path, 2)


def two_processes(*words: object) -> None:
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc_per_node=2", "--standalone"]
    env = {**os.environ, "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"}
    subprocess.run([*command, SCRIPT, *map(str, words)], check=True, timeout=120, env=env)


def test_processes_whose_clocks_differ_end_with_the_same_step(tmp_path):
    two_processes(tmp_path, "clock")
    _, card = load_model(tmp_path / loop.WEIGHTS)
    assert card["processes"] == 2


def test_two_processes_train_one_model(tmp_path):
    two_processes(tmp_path / "two", 3, tmp_path / "whole", 4)
    toy_training.run(tmp_path / "one", 3)
    two, one = state(tmp_path / "two"), state(tmp_path / "one")
    assert not same(two, one), "the second process's episodes had no part"
    two_processes(tmp_path / "two", 4)
    assert same(state(tmp_path / "two"), state(tmp_path / "whole")), "resumed is not the same"
    _, card = load_model(tmp_path / "two" / loop.WEIGHTS)
    assert card["processes"] == 2


def test_gradients_and_statistics_of_processes_are_averaged(monkeypatch):
    from S2VNetSlicerLib.training import distributed

    model = torch.nn.BatchNorm1d(3)
    model.weight.grad = torch.tensor([2.0, 4.0, 6.0])
    model.running_mean.copy_(torch.tensor([0.0, 2.0, 8.0]))
    monkeypatch.setattr(distributed.dist, "is_initialized", lambda: True)
    monkeypatch.setattr(distributed.dist, "get_world_size", lambda: 2)
    monkeypatch.setattr(distributed.dist, "all_reduce", lambda flat: flat.add_(2.0))
    distributed.average_processes(model)
    assert model.weight.grad.tolist() == [2, 3, 4]
    assert model.bias.grad.tolist() == [1, 1, 1]
    assert model.running_mean.tolist() == [1, 2, 5]
    assert model.num_batches_tracked == 0


def test_gathered_gradients_are_those_of_plain_indexing():
    torch.manual_seed(0)
    model = S2VNet(NETWORK).eval()
    images = torch.rand(3, 32, 32) * 255
    index = [torch.tensor([0, 2]), torch.tensor([2, 1])]

    def loss(take) -> torch.Tensor:
        return sum((n + 1) * t.square().sum() for n, i in enumerate(index) for t in take(i))

    encoded = Encoded(model.encode(images))
    loss(lambda i: encoded.take(i).tensors()).backward()
    encoded.gather()
    encoded.backward()
    ours = [p.grad.clone() for p in model.encoder.parameters()]
    model.zero_grad()
    plain: Features = model.encode(images)
    loss(lambda i: [t[i] for t in plain.tensors()]).backward()
    for mine, parameter in zip(ours, model.encoder.parameters(), strict=True):
        torch.testing.assert_close(mine, parameter.grad, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("structures", [1, 3])
def test_every_part_of_the_network_is_trained(structures):
    torch.manual_seed(0)
    model = S2VNet(NETWORK)
    # What starts at zero would keep the parameters behind it from being seen.
    torch.nn.init.normal_(model.history_projection.weight)
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.ones_(module.weight)
    batch = toy_batch(np.random.default_rng(3), structures)
    played = play(model, batch, 2, np.random.default_rng(0))
    assert len(played.dice) == 2
    named = replace(batch, labels=batch.labels.clamp(max=1), structures=1, automatic=True)
    assert len(play(model, named, 1, np.random.default_rng(0)).dice) == 1
    untrained = [n for n, p in model.named_parameters() if p.grad is None or not p.grad.any()]
    unused = [f"semantic_head.layers.{n}.previous_mask_bias" for n in range(4)]  # no slice before
    assert [name for name in untrained if name not in unused] == []


def test_losses_and_hand_over_stay_on_the_device_of_the_batch():
    """Tensors of the meta device refuse to meet those of the CPU, as a GPU's do."""
    with torch.device("meta"):
        model = S2VNet(NETWORK).train()
        labels = torch.zeros(2, 64, 64, dtype=torch.uint8)
        images = torch.rand(2, 64, 64)
    features = model.encode(images)
    begin = model.initial_state(2, features)
    output = model.step(features, begin)
    loss, dice = slice_loss(output, soft_targets(labels, 2))
    handed = output.next_state(features, begin, 0.2)
    bad = spoiled(handed.previous, np.random.default_rng(1))
    loss.mean().backward()
    assert {t.device.type for t in (loss, dice, bad, handed.centroids)} == {"meta"}


def test_losses_know_right_from_wrong():
    labels = torch.zeros(1, 16, 16, dtype=torch.uint8)
    labels[:, 4:10, 4:10] = 1
    target = soft_targets(labels, 2)
    assert target.shape == (1, 3, 8, 8)
    assert torch.allclose(target.sum(1), torch.ones(1, 8, 8))
    right, wrong = 20 * target, 20 * target.roll(3, 2)
    assert mask_loss(right, target).item() < 0.05 < 1 < mask_loss(wrong, target).item()
    assert soft_dice(target[:, 1], target[:, 1]).item() == pytest.approx(1)
    assert soft_dice(target[:, 1], 1 - target[:, 1]).item() < 0.1


def test_the_learning_rate_rises_stays_and_falls():
    plan = TRAINING.model_copy(
        update={"warm_up": 10, "decay_from": 100, "decay_steps": 50, "learning_rate": 1.0}
    )
    rates = [loop.learning_rate(step, plan) for step in range(200)]
    assert rates[:10] == pytest.approx([0.1 * (i + 1) for i in range(10)])
    assert set(rates[10:100]) == {1.0}
    assert all(a >= b for a, b in itertools.pairwise(rates[100:]))
    assert rates[-1] == pytest.approx(0, abs=1e-12)
