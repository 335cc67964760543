"""Geodesic nearness and brightness: what even tissue carries, walls stop."""

from __future__ import annotations

import heapq

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from S2VNetSlicerLib.network.geodesic_maps import (
    dilate_box,
    geodesic,
    geodesic_maps,
    tissue_of,
)
from S2VNetSlicerLib.network.settings import GeodesicSettings
from torch.nn import functional as F

HOW = GeodesicSettings()


def dijkstra(start: np.ndarray, edge: np.ndarray) -> np.ndarray:
    """The exact distance over the four neighbours."""
    cost = HOW.flat_cost + HOW.edge_cost * edge**2
    distance = start.astype(float).copy()
    heap = [(d, i) for i, d in np.ndenumerate(distance)]
    heapq.heapify(heap)
    while heap:
        d, (y, x) = heapq.heappop(heap)
        if d > distance[y, x]:
            continue
        for v, u in ((y + 1, x), (y - 1, x), (y, x + 1), (y, x - 1)):
            if 0 <= v < edge.shape[0] and 0 <= u < edge.shape[1]:
                new = d + (cost[y, x] + cost[v, u]) / 2
                if new < distance[v, u] - 1e-9:
                    distance[v, u] = new
                    heapq.heappush(heap, (new, (v, u)))
    return distance


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**31), st.integers(2, 12), st.integers(2, 12))
def test_sweeps_are_never_shorter_than_the_shortest_way_and_rarely_longer(seed, height, width):
    random = np.random.default_rng(seed)
    edge = random.uniform(0, 3, (height, width))
    start = np.full((height, width), HOW.unreached)
    start[random.integers(height), random.integers(width)] = 0
    found = geodesic(torch.tensor(start)[None, None], torch.tensor(edge)[None, None])[0, 0].numpy()
    exact = dijkstra(start, edge)
    assert (found >= exact - 1e-4).all()
    assert found.mean() <= exact.mean() * 1.25 + 1e-4


def test_a_straight_way_is_exact_in_every_direction():
    edge = torch.rand(1, 1, 9, 11)
    start = torch.full((1, 1, 9, 11), HOW.unreached)
    start[0, 0, 4, 5] = 0
    found = geodesic(start, edge * 0)[0, 0]
    y, x = torch.meshgrid(torch.arange(9), torch.arange(11), indexing="ij")
    assert torch.allclose(found, HOW.flat_cost * ((y - 4).abs() + (x - 5).abs()), atol=1e-5)


def scene(contrast: float = 120.0) -> torch.Tensor:
    """A bright block, closed by its border, in a dark slice; uint8-like [1, 1, 64, 96]."""
    image = torch.full((1, 1, 64, 96), 40.0)
    image[..., 16:48, 24:64] += contrast
    return image


def block(margin: int = 0) -> torch.Tensor:
    """Where the block is, and ``margin`` cells around."""
    inside = torch.zeros(16, 24, dtype=torch.bool)
    inside[4 - margin : 12 + margin, 6 - margin : 16 + margin] = True
    return inside


def marks() -> torch.Tensor:
    marked = torch.zeros(1, 2, 16, 24)
    marked[0, 1, 8, 10] = 1
    marked[0, 0, 2, 3] = 1
    return marked


@pytest.mark.parametrize("contrast", [30.0, 120.0, -35.0])
def test_a_mark_fills_its_block_and_stops_at_the_wall(contrast):
    near, _, share = geodesic_maps(tissue_of(scene(contrast)), torch.zeros(1, 2, 16, 24), marks())
    inside, outside = block(), ~block(1)
    inside[11], inside[:, 15] = False, False  # cells with the wall itself
    assert (near[0, 1] > near[0, 0])[inside].all()
    assert (near[0, 1] < near[0, 0])[outside].all()
    assert (share[0, 1][inside] > 0.3).all()
    assert (share[0, 1][outside] < -0.3).all()


def test_without_marks_the_last_mask_spreads_and_nothing_else():
    previous = torch.zeros(1, 2, 16, 24)
    previous[0, 1, 6:10, 8:12] = 1
    previous[0, 0] = 1 - previous[0, 1]
    near_mark, near_mask, _ = geodesic_maps(
        tissue_of(scene()), previous, torch.zeros(1, 2, 16, 24), with_marks=False
    )
    assert not near_mark.any()
    assert (near_mask[0, 1][4:11, 6:15] > 0.6).all()
    assert (near_mask[0, 1][~block(1)] < 0.2).all()


def test_where_nothing_is_known_nothing_is_near():
    generic_queries = torch.zeros(1, 3, 16, 24)
    for found in geodesic_maps(tissue_of(scene()), generic_queries, generic_queries):
        assert found.abs().max() < 1e-4


def test_brightness_and_noise_of_the_slice_do_not_change_its_edges_much():
    edges = [tissue_of(scene(c))[0, 1] for c in (60.0, 120.0)]
    assert torch.allclose(edges[0], edges[1], rtol=0.6)
    assert tissue_of(scene()).shape == (1, 2, 16, 24)
    assert edges[0][~block()].max() > 1
    assert edges[0].max() <= 6


@given(st.integers(0, 2**32 - 1), st.integers(1, 12))
def test_widened_is_a_square_maximum(seed, reach):
    chance = torch.Generator().manual_seed(seed)
    cells = torch.rand(2, 3, 17, 9, generator=chance) > 0.97
    square = F.max_pool2d(F.pad(cells.float(), 4 * [reach]), 2 * reach + 1, 1) > 0
    assert torch.equal(dilate_box(cells, reach), square)
