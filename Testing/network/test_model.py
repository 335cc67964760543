"""The network as a whole: every part has its influence, and only that."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from S2VNetSlicerLib.network.configuration import NetworkConfiguration
from S2VNetSlicerLib.network.encoder import position_encoding
from S2VNetSlicerLib.network.model import (
    RecurrentState,
    S2VNet,
    _own_and_rival,
    _with_background,
)
from torch import Tensor, nn
from torch.nn import functional as F

B, K, H, W = 2, 2, 64, 96


# ---- parts ---------------------------------------------------------------------------------------


def test_centre_logits_are_the_product_of_centres_and_the_finest_features(
    make_network, random_input
):
    model = make_network()
    features, recurrent, marks = random_input(model)
    output = model.step(features, recurrent, marks)
    centroids = model.to_mask(output.centroids) / model.configuration.mask_dim**0.5
    product = torch.einsum("bkmc,bchw->bkmhw", centroids, features.mask)
    assert torch.allclose(output.centroid_logits, product.logsumexp(2), atol=1e-4)


def test_all_structures_begin_alike(make_network, rng):
    model = make_network()
    features = model.encode(torch.rand(2, H, W, generator=rng) * 255)
    centroids = model.initial_state(3, features).centroids
    assert centroids.shape[:2] == (2, 4)
    for item in centroids:
        assert torch.equal(item[0], model.generic_queries[0])
        assert all(torch.equal(structure, model.generic_queries[1]) for structure in item[1:])


def test_classes_of_one_name_are_one_class_of_all_parts_of_the_body(make_network):
    model = make_network(classes=("brain_stem", "cord"))
    model.semantic_heads["torso"] = make_network(classes=("liver", "cord", "aorta")).semantic_head
    assert model.classes == ("brain_stem", "cord", "liver", "aorta")
    assert [part.name for part in model.body_parts] == ["", "torso"]
    assert [part.numbers for part in model.body_parts] == [(1, 2), (3, 2, 4)]
    assert make_network().body_parts == []


def test_marks_count_and_the_background_is_a_class_of_marks(close, make_network, random_input):
    model = make_network()
    features, recurrent, marks = random_input(model)
    nothing = model.step(features, recurrent)
    unmarked = model.step(features, recurrent, torch.zeros_like(marks))
    assert close(nothing, unmarked, 1e-5)
    background = torch.where(marks == 1, marks, 0)
    assert not close(nothing, model.step(features, recurrent, background), 1e-3)


def test_own_and_rival_of_ties_and_leaders():
    maps = torch.tensor([[[3.0, 1, 2]], [[1.0, 1, 5]], [[2.0, 0, 5]]])[None]
    own, rival = _own_and_rival(maps)
    assert torch.equal(own[0, :, 0], torch.tensor([[1.0, 1, 5], [2, 0, 5]]))
    assert torch.equal(rival[0, :, 0], torch.tensor([[3.0, 1, 5], [3, 1, 5]]))


def test_local_prototypes_are_window_means_of_the_slice_before(make_network, random_input):
    model = make_network()
    features, recurrent, _ = random_input(model)
    h, w = H // 8, W // 8
    own = torch.zeros(B, K, H // 4, W // 4)
    own[:, 0, :8, :8] = 1
    own[:, 1, 10:, 16:] = 0.5
    previous = _with_background(own, recurrent.has_previous)
    local = model._local(features, recurrent, previous)
    weights = F.avg_pool2d(own, 2)
    for y, x, k in [(0, 0, 0), (3, 5, 0), (7, 11, 1), (4, 6, 1), (7, 0, 1)]:
        side = model.configuration.prototype_window
        reach = side // 2
        window = (slice(max(0, y - reach), y + reach + 1), slice(max(0, x - reach), x + reach + 1))
        for kind, weight in enumerate((weights[0, k], 1 - weights[0, k])):
            part = weight[window]
            total = (recurrent.match[0][:, *window] * part).sum((1, 2)) / side**2
            prototype = total / (part.sum() / side**2 + 1e-2)
            expected = float(prototype @ features.match[0, :, y, x])
            assert float(local[0, k, kind, y, x]) == pytest.approx(expected, abs=1e-5)
    assert float(local[0, 1, 0, 0, 0]) == 0
    assert local.shape == (B, K, 2, h, w)


def test_nothing_known_means_no_previous_mask_of_any_class():
    previous = torch.rand(2, 3, 4, 4) / 3
    maps = _with_background(previous, torch.tensor([1.0, 0.0]))
    assert torch.allclose(maps[0].sum(0), torch.ones(4, 4))
    assert torch.equal(maps[0, 1:], previous[0])
    assert not maps[1].any()


def test_probabilities_are_a_softmax_and_absent_classes_have_none(make_network, random_input):
    model = make_network()
    features, recurrent, marks = random_input(model)
    output = model.step(features, recurrent, marks)
    output.presence = torch.tensor([[-5.0, 5.0], [5.0, -5.0]])
    everything = output.probabilities()
    whole = torch.cat([torch.zeros(B, 1, H // 2, W // 2), output.logits], 1).softmax(1)
    assert torch.allclose(everything, whole[:, 1:])
    some = output.probabilities(0.2)
    assert not some[0, 0].any()
    assert not some[1, 1].any()
    assert torch.allclose(some[0, 1], output.logits[0, 1].sigmoid(), atol=1e-6)


def test_the_next_slice_receives_what_this_one_computed(make_network, random_input):
    """Gradients flow through the centres, not the mask."""
    with torch.enable_grad():
        model = make_network()
        features, recurrent, marks = random_input(model)
        output = model.step(features, recurrent, marks)
        handed = output.next_state(features, recurrent, 0.0)
    assert torch.equal(handed.previous, output.probabilities())
    assert handed.centroids is output.centroids
    assert handed.history is output.history
    assert handed.prompt_memory is recurrent.prompt_memory
    assert not handed.previous.requires_grad
    assert handed.centroids.requires_grad
    assert bool(handed.has_previous.all())
    assert handed.match is features.match


# ---- symmetries ----------------------------------------------------------------------------------


def permuted(
    recurrent: RecurrentState, marks: Tensor, order: list[int]
) -> tuple[RecurrentState, Tensor]:
    """Structures in another order; ``order[i]`` is the old number (from 1) of the new i + 1."""
    whole = [0, *order]
    other = replace(
        recurrent,
        previous=recurrent.previous[:, [o - 1 for o in order]],
        appearance=recurrent.appearance[:, [o - 1 for o in order]],
        **{
            n: getattr(recurrent, n)[:, whole]
            for n in ("centroids", "history", "prompt_memory", "prompt_memory_mask")
        },
    )
    renamed = marks.clone()
    for new, old in enumerate(order, 2):
        renamed[marks == old + 1] = new
    return other, renamed


@pytest.mark.parametrize("order", [[2, 1, 3], [3, 1, 2]])
def test_classes_do_not_depend_on_their_order(make_network, random_input, order):
    model = make_network()
    features, recurrent, marks = random_input(model, k=3)
    expected = model.step(features, recurrent, marks)
    found = model.step(features, *permuted(recurrent, marks, order))
    structures = [o - 1 for o in order]
    assert torch.allclose(found.logits, expected.logits[:, structures], atol=1e-3)
    assert torch.allclose(found.quality, expected.quality[:, structures], atol=1e-3)
    assert torch.allclose(found.centroids, expected.centroids[:, [0, *order]], atol=1e-3)


def test_batch_items_do_not_influence_each_other(make_network, random_input, rng):
    model = make_network()
    features, recurrent, marks = random_input(model)
    both = model.step(features, recurrent, marks)
    for item in range(B):
        index = torch.tensor([item])
        alone = model.step(
            features.map(lambda t, i=index: t[i]), recurrent.select(index), marks[index]
        )
        assert torch.allclose(alone.logits[0], both.logits[item], atol=1e-3)
        assert torch.allclose(alone.presence[0], both.presence[item], atol=1e-3)
        assert torch.allclose(alone.centroids[0], both.centroids[item], atol=1e-3)
    image = torch.rand(2, H, W, generator=rng) * 255
    one, two = model.encode(image), model.encode(image * torch.tensor([1, 0.5])[:, None, None])
    for a, b in zip(one.tensors(), two.tensors(), strict=True):
        assert torch.equal(a[0], b[0])
        assert not torch.equal(a[1], b[1])


def test_joined_rows_are_the_whole(make_network, random_input):
    _, recurrent, _ = random_input(make_network())
    parts = [recurrent.select(torch.tensor([item])) for item in range(B)]
    joined = RecurrentState.join(parts)
    assert all(torch.equal(getattr(joined, n), value) for n, value in vars(recurrent).items())


@pytest.mark.parametrize("k", [1, 2, 5])
def test_any_number_of_structures(make_network, random_input, k):
    model = make_network()
    output = model.step(*random_input(model, k=k))
    assert output.logits.shape == (B, k, H // 2, W // 2)
    assert output.presence.shape == output.quality.shape == (B, k)
    assert output.logits.isfinite().all()


def test_a_place_has_the_same_code_at_every_stride():
    coarse = position_encoding(4, 6, 16, torch.device("cpu"))
    fine = position_encoding(12, 18, 16, torch.device("cpu"))
    assert torch.allclose(coarse, fine[:, 1::3, 1::3], atol=1e-5)
    flat = coarse.flatten(1).T
    assert torch.cdist(flat, flat).add(torch.eye(24)).min() > 0.1


# ---- shapes and precision ------------------------------------------------------------------------


@settings(max_examples=5, deadline=None)
@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 3), st.integers(1, 5), st.booleans())
def test_shapes_of_any_size_in_either_precision(rows, columns, b, k, half):
    """On the meta device, which computes shapes and types alone."""
    height, width = 32 * rows, 32 * columns
    configuration: dict[str, Any] = {"widths": (8, 8, 16, 16), "dim": 16, "centres_per_class": 4}
    with torch.device("meta"):
        model = S2VNet(NetworkConfiguration(**configuration)).eval()
        model = model.half() if half else model
        dtype = torch.float16 if half else torch.float32
        features = model.encode(torch.zeros(b, height, width, dtype=dtype))
        recurrent = model.initial_state(k, features)
        output = model.step(features, recurrent)
        output = model.step(features, output.next_state(features, recurrent, 0.2))
    assert {t.dtype for t in features.tensors()} == {dtype}
    assert output.logits.shape == (b, k, height // 2, width // 2)
    assert output.centroid_logits.shape == (b, k + 1, height // 4, width // 4)
    assert output.centroids.dtype == output.logits.dtype == output.presence.dtype == dtype


def test_half_precision_computes_nearly_the_same(make_network, random_input):
    """Every tensor that meets another is of one type, as on a GPU."""
    model = make_network()
    features, recurrent, marks = random_input(model)
    expected = model.step(features, recurrent, marks)
    half = model.half()
    narrow = RecurrentState(
        **{n: v.half() if v.is_floating_point() else v for n, v in vars(recurrent).items()}
    )
    output = half.step(features.map(lambda t: t.half()), narrow, marks)
    assert output.logits.dtype == torch.float16
    near = (output.logits.float() - expected.logits).abs() < 0.1
    assert near.float().mean() > 0.95  # a pixel may be assigned to another centre


def test_fused_batch_norms_keep_the_output(make_network, random_input, rng):
    model = make_network()
    image = torch.rand(B, H, W, generator=rng) * 255
    _, recurrent, marks = random_input(model)
    features = model.encode(image)
    expected = model.step(features, recurrent, marks)
    fused = model.fuse()
    assert not any(isinstance(m, nn.BatchNorm2d) for m in fused.modules())
    again = fused.encode(image)
    for a, b in zip(again.tensors(), features.tensors(), strict=True):
        assert torch.allclose(a, b, atol=1e-3)
    assert torch.allclose(fused.step(again, recurrent, marks).logits, expected.logits, atol=2e-2)


def test_a_configuration_survives_json():
    import json

    configuration = NetworkConfiguration(classes=("spleen", "liver"), memory=False)
    values: dict[str, Any] = json.loads(json.dumps(configuration.to_dict()))
    assert NetworkConfiguration.from_dict(values) == configuration
    with pytest.raises(TypeError):
        NetworkConfiguration.from_dict({**values, "unknown": 1})
