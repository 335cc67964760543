"""Cluster centres: sampled from marks, assigned and moved by k-means, remembered."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from S2VNetSlicerLib.network.configuration import NetworkConfiguration
from S2VNetSlicerLib.network.encoder import Features
from S2VNetSlicerLib.network.kmeans_decoder import (
    CentroidAggregation,
    CentroidSampler,
    KMeansLayer,
    class_maps,
)
from torch import Tensor, nn

DIM, MASK, CENTRES, H, W = 16, 8, 4, 16, 24
CONFIGURATION = NetworkConfiguration(dim=DIM, mask_dim=MASK, heads=2, centres_per_class=CENTRES)


def features(rng: torch.Generator | None, height: int = H, width: int = W) -> Features:
    """Features of two slices, random or (without ``rng``) the same everywhere."""

    def maps(channels: int, stride: int) -> Tensor:
        shape = (2, channels, height // stride, width // stride)
        return torch.ones(shape) if rng is None else torch.randn(shape, generator=rng)

    scales = tuple(maps(DIM, s) for s in (8, 4, 2))
    return Features(
        maps(MASK, 1), scales, scales, (), maps(8, 1), maps(MASK, 2), maps(2, 1), maps(0, 1)
    )


def test_one_marked_pixel_survives_in_its_cell_and_class():
    marks = torch.zeros(1, 64, 96, dtype=torch.uint8)
    marks[0, 33, 50] = 3
    maps = class_maps(marks, 2, (16, 24))
    assert maps.shape == (1, 3, 16, 24)
    assert maps.sum() == 1
    assert maps[0, 2, 8, 12] == 1


@pytest.mark.parametrize("marked_class", [0, 1, 2])
def test_a_click_changes_only_the_first_half_of_its_class(rng, marked_class):
    sampler, centroids = (
        CentroidSampler(CONFIGURATION),
        torch.randn(2, 3, CENTRES, DIM, generator=rng),
    )
    maps = torch.zeros(2, 3, H, W)
    maps[1, marked_class, 5, 6] = 1
    fresh = sampler(features(rng), maps, centroids)
    changed = (fresh != centroids).any(-1)
    expected = torch.zeros_like(changed)
    expected[1, marked_class, : CENTRES // 2] = True
    assert torch.equal(changed, expected)


def test_no_marks_change_no_centres(rng):
    centroids = torch.randn(2, 3, CENTRES, DIM, generator=rng)
    fresh = CentroidSampler(CONFIGURATION)(features(rng), torch.zeros(2, 3, H, W), centroids)
    assert torch.equal(fresh, centroids)


@pytest.mark.parametrize("count", [1, 2, 3, 7, H * W])
def test_samples_are_features_of_marked_cells_evenly_spaced(rng, count):
    sampler, found = CentroidSampler(CONFIGURATION), features(rng)
    sampler.positions = False
    places = np.sort(np.random.default_rng(count).choice(H * W, count, replace=False))
    maps = torch.zeros(2, 2, H * W)
    maps[:, 1, places] = 1
    fresh = sampler(found, maps.view(2, 2, H, W), torch.zeros(2, 2, CENTRES, DIM))
    for sample in range(CENTRES // 2):
        place = places[int(count * (sample + 0.5) / (CENTRES // 2))]
        y, x = divmod(int(place), W)
        parts = [found.mask[0, :, y, x], *(v[0, :, y // s, x // s] for v, s in scales(found))]
        expected = sampler.project(torch.cat(parts))
        assert torch.allclose(fresh[0, 1, sample], expected, atol=1e-5)


def scales(found: Features) -> list[tuple[Tensor, int]]:
    return list(zip(found.values[1:], (4, 2), strict=True))


@pytest.mark.parametrize("positions", [False, True])
def test_samples_know_their_place_only_with_positions(positions):
    sampler = CentroidSampler(
        NetworkConfiguration(**{**CONFIGURATION.to_dict(), "positions": positions})
    )

    def click(y: int, x: int) -> Tensor:
        maps = torch.zeros(2, 2, H, W)
        maps[:, 1, y, x] = 1
        return sampler(features(None), maps, torch.zeros(2, 2, CENTRES, DIM))

    assert torch.equal(click(2, 3), click(9, 14)) is not positions


def test_samples_in_different_places_differ_by_their_features(rng):
    sampler, found = CentroidSampler(CONFIGURATION), features(rng)
    sampler.positions = False
    maps = torch.zeros(2, 2, H, W)
    maps[0, 1, 2, 3] = maps[1, 1, 9, 14] = 1
    same = Features(**{k: _first_twice(v) for k, v in vars(found).items()})
    fresh = sampler(same, maps, torch.zeros(2, 2, CENTRES, DIM))
    assert not torch.allclose(fresh[0, 1, 0], fresh[1, 1, 0], atol=1e-3)


def _first_twice(value: Tensor | tuple[Tensor, ...]) -> Tensor | tuple[Tensor, ...]:
    if isinstance(value, tuple):
        return tuple(t[[0, 0]] for t in value)
    return value[[0, 0]]


@pytest.fixture
def bare(rng):
    """A layer that only adds the mean value of its pixels to a centre, and its input.

    The values of 4 x 4 pixels are unit vectors, so the change of a centre lists its pixels.
    """
    layer = KMeansLayer(CONFIGURATION)
    layer.norms = nn.ModuleList(nn.Identity() for _ in range(3))
    with torch.no_grad():
        layer.update.weight.copy_(torch.eye(DIM))
        for part in (layer.update.bias, *layer.out.parameters(), *layer.ffn[2].parameters()):
            part.zero_()
        layer.previous_mask_bias.fill_(0)
    centroids = torch.randn(1, 3, CENTRES, DIM, generator=rng)
    key = torch.randn(1, DIM, 4, 4, generator=rng)
    value = torch.eye(DIM).view(1, DIM, 4, 4)

    def assigned(previous: Tensor, marks: Tensor) -> tuple[Tensor, Tensor]:
        past, valid = torch.zeros(1, 3, 0, DIM), torch.zeros(1, 3, 0, dtype=torch.bool)
        with torch.no_grad():
            moved, logits = layer(centroids, key, value, previous, marks, past, valid)
        return (moved - centroids)[0], logits[0]

    return layer, centroids, key, assigned


def test_centres_move_by_the_mean_value_of_their_pixels(bare):
    layer, centroids, key, assigned = bare
    moved, logits = assigned(torch.zeros(1, 3, 4, 4), torch.zeros(1, 3, 4, 4))
    similar = layer.query(centroids[0]).flatten(0, 1) @ key[0].flatten(1) / DIM**0.5
    best = similar.argmax(0)
    assert len(best.unique()) > 2
    expected = torch.stack(
        [(best == n).float() / max((best == n).sum(), 1) for n in range(3 * CENTRES)]
    )
    assert torch.allclose(moved.flatten(0, 1), expected, atol=1e-5)
    by_class = similar.view(3, CENTRES, 4, 4).logsumexp(1)
    assert torch.allclose(logits, by_class, atol=1e-5)


def test_marked_pixels_go_to_their_class(bare, rng):
    assigned = bare[-1]
    classes = torch.randint(0, 3, (4, 4), generator=rng)
    marks = nn.functional.one_hot(classes, 3).permute(2, 0, 1)[None].float()
    moved, logits = assigned(torch.zeros(1, 3, 4, 4), marks)
    owner = (moved > 1e-6).any(1).view(3, 4, 4)
    assert torch.equal(owner.float(), marks[0])
    assert torch.equal(logits.argmax(0), classes)


def test_the_previous_mask_draws_pixels_as_strongly_as_learned(bare, rng):
    layer, *_, assigned = bare
    classes = torch.randint(0, 3, (4, 4), generator=rng)
    previous = nn.functional.one_hot(classes, 3).permute(2, 0, 1)[None].float()
    ignored, _ = assigned(previous, torch.zeros(1, 3, 4, 4))
    nothing, _ = assigned(torch.zeros(1, 3, 4, 4), torch.zeros(1, 3, 4, 4))
    assert torch.equal(ignored, nothing)
    with torch.no_grad():
        layer.previous_mask_bias.fill_(20)
    drawn, _ = assigned(previous, torch.zeros(1, 3, 4, 4))
    assert torch.equal((drawn > 1e-6).any(1).view(3, 4, 4).float(), previous[0])


def test_only_valid_tokens_of_the_past_are_read(rng):
    layer = KMeansLayer(CONFIGURATION)
    centroids = torch.randn(1, 2, CENTRES, DIM, generator=rng)
    key, value = torch.randn(2, 1, DIM, 4, 4, generator=rng)
    maps = torch.zeros(1, 2, 4, 4)

    def result(token: float, valid: bool) -> Tensor:
        past = torch.full((1, 2, 1, DIM), token)
        known = torch.full((1, 2, 1), valid)
        return layer(centroids, key, value, maps, maps, past, known)[0]

    empty = torch.zeros(1, 2, 0, DIM), torch.zeros(1, 2, 0, dtype=torch.bool)
    alone = layer(centroids, key, value, maps, maps, *empty)[0]
    assert torch.allclose(result(5.0, False), alone, atol=1e-6)
    assert not torch.allclose(result(5.0, True), alone, atol=1e-3)


def test_kinship_prefers_tokens_of_the_own_class(rng):
    layer = KMeansLayer(CONFIGURATION)
    centroids = torch.randn(1, 2, CENTRES, DIM, generator=rng)
    other = centroids.clone()
    other[:, 1] += torch.randn(CENTRES, DIM, generator=rng)
    past, valid = torch.zeros(1, 2, 0, DIM), torch.zeros(1, 2, 0, dtype=torch.bool)

    def influence() -> float:
        change = layer._attend(centroids, past, valid) - layer._attend(other, past, valid)
        return float(change[:, 0].abs().max())

    with torch.no_grad():
        layer.same_class_bias.fill_(0)
        free = influence()
        layer.same_class_bias.fill_(30)
        apart = influence()
    assert free > 1e-3
    assert apart < 1e-5


def test_aggregation_stays_between_history_and_now(rng):
    gate, history = CentroidAggregation(DIM), torch.randn(1, 2, DIM, generator=rng)
    centroids = torch.randn(1, 2, CENTRES, DIM, generator=rng)
    now = centroids.mean(2)
    fused = gate(history, centroids)
    assert (fused >= torch.minimum(history, now) - 1e-6).all()
    assert (fused <= torch.maximum(history, now) + 1e-6).all()
    with torch.no_grad():
        gate.gate.weight.zero_()
        gate.gate.bias.fill_(50)
        assert torch.allclose(gate(history, centroids), history)
        gate.gate.bias.fill_(-50)
        assert torch.allclose(gate(history, centroids), now)
