"""What the tests of the propagation share: a small volume, marks and sessions."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from S2VNetSlicerLib.propagation.records import SessionSettings
from S2VNetSlicerLib.propagation.session import Session

SHAPE = (12, 48, 64)
SPACING = (3.0, 1.0, 1.0)


@pytest.fixture
def image() -> np.ndarray:
    """An MR [k, j, i] with two bright balls."""
    image = np.random.default_rng(1).normal(100, 20, SHAPE).astype(np.float32)
    z, y, x = np.indices(SHAPE)
    for centre_y, centre_x in ((20, 30), (36, 52)):
        ball = (y - centre_y) ** 2 + (x - centre_x) ** 2 + (3 * (z - 5)) ** 2 < 130
        image[ball] += 100
    return image


def draw(seed: int = 0, structures: int = 2) -> np.ndarray:
    """Strokes on the background and each structure, somewhere; uint8 [rows, columns]."""
    random = np.random.default_rng(seed)
    marks = np.zeros(SHAPE[1:], np.uint8)
    for value in range(1, structures + 2):
        y, x = random.integers(0, 42), random.integers(0, 56)
        marks[y : y + 5, x : x + 7] = value
    for value in range(1, structures + 2):  # none hidden beneath another
        marks[random.integers(0, 48), random.integers(0, 64)] = value
    return marks


@pytest.fixture
def marks() -> Callable[..., np.ndarray]:
    """``draw``."""
    return draw


@pytest.fixture(scope="session")
def shared_network(make_network: Callable[..., Any]) -> Callable[[int], Any]:
    """The fused network of a seed, which all sessions share as those of an engine do."""
    return cache(lambda seed: make_network(seed=seed).fuse())


@pytest.fixture
def make_session(
    shared_network: Callable[[int], Any], image: np.ndarray, small_slices: Callable[[int], None]
) -> Callable[..., Session]:
    """Builds sessions on ``image``; the seed is that of a network which uses every class."""
    small_slices(64)  # taken as they are, to be fast

    def make(structures: Any = 2, seed: int = 9, network: Any = None, **options: Any) -> Session:
        options.setdefault("growth", None)  # an untrained network's masks are anywhere
        options.setdefault("absent_below", 0.2)  # and its presence scores low
        return Session(
            network or shared_network(seed),
            options.pop("image", image),
            options.pop("spacing", SPACING),
            options.pop("modality", "MR"),
            structures,
            axis=options.pop("axis", 0),
            settings=SessionSettings(**options),
        )

    return make


@pytest.fixture
def finish() -> Callable[..., list[int]]:
    """Propagates to the end; the slices in the order in which they came."""

    def run(session: Session, *limits: Any) -> list[int]:
        return [result.z for result in session.propagate(*limits)]

    return run
