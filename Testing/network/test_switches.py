"""Every part of the network has its influence, and none where its switch is off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from S2VNetSlicerLib.network.encoder import position_encoding
from S2VNetSlicerLib.network.model import S2VNet, _own_and_rival, _with_background
from torch import nn
from torch.nn import functional as F

B, K, H, W = 2, 2, 64, 96


def influence(model: S2VNet, random_input: Callable[..., Any], field: str) -> float:
    """The largest change of the logits when ``field`` of what is handed on changes."""
    features, recurrent, marks = random_input(model)
    other = getattr(recurrent, field).roll(1, 0) * 0.7
    before = model.step(features, recurrent, marks)
    after = model.step(features, replace(recurrent, **{field: other}), marks)
    return float((before.logits - after.logits).abs().max())


@pytest.mark.parametrize(
    ("switch", "field"),
    [
        ("aggregation", "history"),
        ("memory", "prompt_memory"),
        ("matching", "match"),
        ("appearance", "appearance"),
    ],
)
def test_what_is_handed_on_counts_only_while_its_switch_is_on(
    make_network, random_input, switch, field
):
    assert influence(make_network(), random_input, field) > 1e-3
    assert influence(make_network(**{switch: False}), random_input, field) == 0


@pytest.mark.parametrize("field", ["centroids", "previous", "has_previous"])
def test_centres_and_the_previous_mask_always_count(make_network, random_input, field):
    model = make_network(aggregation=False, memory=False, matching=False, dense_maps=False)
    features, recurrent, _ = random_input(model)
    other = replace(recurrent, **{field: getattr(recurrent, field) * 0.3})
    before, after = model.step(features, recurrent), model.step(features, other)
    assert not torch.allclose(before.logits, after.logits, atol=1e-4)


def test_aggregation_is_the_only_way_history_changes(make_network, random_input):
    for on in (True, False):
        model = make_network(aggregation=on)
        features, recurrent, marks = random_input(model)
        history = model.step(features, recurrent, marks).history
        assert torch.equal(history, recurrent.history) is not on


def test_history_is_recalled_and_read_as_a_token(make_network, random_input):
    model = make_network()
    features, recurrent, marks = random_input(model)
    other = replace(recurrent, history=recurrent.history * 0.5)
    for parameter in model.history_projection.parameters():
        parameter.zero_()
    before, after = (model.step(features, each, marks).centroids for each in (recurrent, other))
    assert (before - after).abs().max() > 1e-3


def test_forgotten_tokens_do_not_count(close, make_network, random_input):
    model = make_network()
    features, recurrent, _ = random_input(model)
    forgotten = replace(
        recurrent, prompt_memory_mask=torch.zeros_like(recurrent.prompt_memory_mask)
    )
    none = replace(
        recurrent,
        prompt_memory=recurrent.prompt_memory[:, :, :0],
        prompt_memory_mask=recurrent.prompt_memory_mask[:, :, :0],
    )
    assert close(model.step(features, forgotten), model.step(features, none))
    assert not close(model.step(features, recurrent), model.step(features, none))


@pytest.mark.parametrize("on", [True, False])
def test_keys_carry_positions_only_when_switched_on(make_network, on):
    model = make_network(positions=on)
    for key in model.encoder.keys:
        nn.init.zeros_(key.weight)
        nn.init.zeros_(key.bias)
    for key in model.encode(torch.rand(1, H, W) * 255).keys:
        expected = position_encoding(*key.shape[2:], key.shape[1], key.device) if on else 0 * key[0]
        assert torch.equal(key[0], expected)


def test_without_dense_maps_the_product_of_centres_and_features_is_the_mask(
    make_network, random_input
):
    model = make_network(dense_maps=False, appearance=False)
    features, recurrent, marks = random_input(model)
    output = model.step(features, recurrent, marks)
    own, rival = _own_and_rival(output.centroid_logits)
    margin = F.interpolate(own - rival, scale_factor=2.0, mode="bilinear")
    assert torch.equal(output.logits, margin)
    for parameter in model.dense.parameters():
        parameter.add_(1)
    changed = model.step(features, recurrent, marks)
    assert torch.equal(output.logits, changed.logits)
    assert torch.equal(output.presence, changed.presence)


def test_the_recogniser_knows_classes_apart_from_what_serves_marks(make_network, random_input):
    slices = torch.rand(B, H, W) * 255
    model = make_network(classes=("spleen", "liver"))
    before = model.semantic_head(slices)[0]
    assert before.shape == (B, 3, H // 2, W // 2)
    features, recurrent, marks = random_input(model)
    segmented = model.step(features, recurrent, marks).logits
    with torch.no_grad():
        for parameter in model.encoder.parameters():
            parameter.mul_(0.5)
    assert torch.equal(model.semantic_head(slices)[0], before)
    assert torch.equal(model.step(features, recurrent, marks).logits, segmented)


@pytest.mark.parametrize("part", ["features", "previous", "marks", "similarity", "local"])
def test_the_dense_decoder_sees_each_of_its_inputs(make_network, random_input, rng, part):
    """Their influence on the correction that it adds to the margin of the centres."""
    model = make_network()
    features, recurrent, marks = random_input(model)
    centroid_logits = torch.randn(B, K + 1, H // 4, W // 4, generator=rng)
    previous = F.avg_pool2d(_with_background(recurrent.previous, recurrent.has_previous), 2)
    marked = F.max_pool2d((marks[:, None] == torch.tensor([1, 2, 3])[:, None, None]).float(), 4)
    before, _ = model._dense(features, recurrent, centroid_logits, previous, marked, True)
    if part == "features":
        features = replace(features, dense=tuple(d * 0.5 for d in features.dense))
    elif part == "previous":
        previous = previous.flip(3)
        model = without_local(model)
        before, _ = model._dense(
            features, recurrent, centroid_logits, previous.flip(3), marked, True
        )
    elif part == "marks":
        marked = marked.flip(3)
    elif part == "similarity":
        recurrent = replace(recurrent, prompt_memory=recurrent.prompt_memory.flip(3))
    else:
        recurrent = replace(recurrent, match=recurrent.match.flip(3))
    after, _ = model._dense(features, recurrent, centroid_logits, previous, marked, True)
    assert (before - after).abs().max() > 1e-3


def without_local(model: S2VNet) -> S2VNet:
    model._local = lambda features, recurrent, previous: torch.zeros(  # type: ignore[method-assign]
        B, K, 2, H // 8, W // 8
    )
    return model


def test_every_parameter_learns(make_network, random_input):
    """A part that is not connected has no gradient."""
    with torch.enable_grad():
        model = make_network(classes=("spleen",)).train()
        features, recurrent, marks = random_input(model)
        begin = model.initial_state(2, features)
        recurrent = replace(recurrent, centroids=begin.centroids, match=features.match.flip(0))
        first = model.step(features, recurrent, marks)
        second = model.step(features, first.next_state(features, recurrent, 0.0))
        loss = sum(
            part.square().mean()
            for output in (first, second)
            for part in (
                *(output.logits, output.presence, output.quality, output.centroid_logits),
                *output.assignments,  # the only way in which queries and keys learn
            )
        )
        known, assignments = model.semantic_head(torch.rand(B, H, W) * 255)
        loss = loss + sum(part.square().mean() for part in (known, *assignments))
        loss.backward()
    without = [n for n, p in model.named_parameters() if p.grad is None or not p.grad.any()]
    unused = [f"semantic_head.layers.{n}.previous_mask_bias" for n in range(4)]  # no slice before
    assert [name for name in without if name not in unused] == []
