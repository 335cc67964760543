"""What the tests of the network share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch.nn import functional as F

SIZE = (64, 96)


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def rng() -> torch.Generator:
    """Random numbers, the same in every test."""
    return torch.Generator().manual_seed(7)


@pytest.fixture
def random_input(rng: torch.Generator) -> Callable[..., Any]:
    """Makes the input of a step for B items and K structures."""

    def make(model: Any, b: int = 2, k: int = 2) -> Any:
        """Features, what a slice before handed on, and marks of every class."""
        features = model.encode(torch.rand(b, *SIZE, generator=rng) * 255)
        begin = model.begin(torch.full((b, k), -1), features)
        m, dim = begin.centres.shape[2:]
        carried = replace(
            begin,
            centres=begin.centres + torch.randn(begin.centres.shape, generator=rng),
            history=torch.randn(begin.history.shape, generator=rng),
            previous=torch.rand(begin.previous.shape, generator=rng) / k,
            known=torch.ones(b),
            match=F.normalize(torch.randn(features.match.shape, generator=rng), dim=1),
            memory=torch.randn(b, k + 1, 2 * m, dim, generator=rng),
            remembered=torch.ones(b, k + 1, 2 * m, dtype=torch.bool),
        )
        marks = torch.zeros(b, *SIZE, dtype=torch.uint8)
        for value in range(1, k + 2):
            marks[:, 8 * value : 8 * value + 5, 10 * value : 10 * value + 7] = value
        return features, carried, marks

    return make
