"""What the tests of the network share."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from S2VNetSlicerLib.network.model import Output
from torch.nn import functional as F

sys.path.insert(0, str(Path(__file__).parent))  # for what the tests share

SIZE = (64, 96)


@pytest.fixture(autouse=True)
def _no_gradients() -> Iterator[None]:
    with torch.no_grad():
        yield


@pytest.fixture
def close() -> Callable[..., bool]:
    """Whether two outputs are equal but for rounding."""

    def compare(a: Output, b: Output, atol: float = 1e-4) -> bool:
        return all(
            torch.allclose(getattr(a, name), getattr(b, name), atol=atol)
            for name in ("logits", "presence", "quality", "centroids", "history", "centroid_logits")
        )

    return compare


@pytest.fixture
def random_input(rng: torch.Generator) -> Callable[..., Any]:
    """Makes the input of a step for B items and K structures."""

    def make(model: Any, b: int = 2, k: int = 2) -> Any:
        """Features, what a slice before handed on, and marks of every class."""
        features = model.encode(torch.rand(b, *SIZE, generator=rng) * 255)
        begin = model.initial_state(k, features)
        m, dim = begin.centroids.shape[2:]
        recurrent = replace(
            begin,
            centroids=begin.centroids + torch.randn(begin.centroids.shape, generator=rng),
            history=torch.randn(begin.history.shape, generator=rng),
            previous=torch.rand(begin.previous.shape, generator=rng) / k,
            has_previous=torch.ones(b),
            match=F.normalize(torch.randn(features.match.shape, generator=rng), dim=1),
            prompt_memory=torch.randn(b, k + 1, 2 * m, dim, generator=rng),
            prompt_memory_mask=torch.ones(b, k + 1, 2 * m, dtype=torch.bool),
            appearance=torch.randn(begin.appearance.shape, generator=rng) * 0.3,
        )
        marks = torch.zeros(b, *SIZE, dtype=torch.uint8)
        for value in range(1, k + 2):
            marks[:, 8 * value : 8 * value + 5, 10 * value : 10 * value + 7] = value
        return features, recurrent, marks

    return make
