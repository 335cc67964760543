"""The same picture with other voxel sizes, also those of micro-CT, gives nearly the same mask."""

from __future__ import annotations

import numpy as np
import pytest
from S2VNetSlicerLib.network.weights import default_weights, load_model
from S2VNetSlicerLib.propagation.session import Session
from S2VNetSlicerLib.propagation.settings import SessionSettings

SHAPE = (44, 48, 56)


def phantom() -> tuple[np.ndarray, np.ndarray]:
    """A CT of an organ in a body, HU [k, j, i], and the organ."""
    k, j, i = (
        (np.arange(n) / n - 0.5).reshape([-1 if a == b else 1 for b in range(3)])
        for a, n in enumerate(SHAPE)
    )
    body = np.broadcast_to((j / 0.42) ** 2 + (i / 0.44) ** 2 < 1, SHAPE)
    organ = ((k + 0.1) / 0.28) ** 2 + ((j + 0.08) / 0.16) ** 2 + ((i + 0.17) / 0.13) ** 2 < 1
    image = np.where(organ, 140, np.where(body, 20, -1000))
    noise = np.random.default_rng(0).normal(0, 12, SHAPE)
    return (image + noise).astype(np.int16), organ


def marks(organ: np.ndarray) -> tuple[int, np.ndarray]:
    z = int(organ.sum((1, 2)).argmax())
    rows, columns = np.nonzero(organ[z])
    plane = np.zeros(SHAPE[1:], np.uint8)
    row, middle = int(rows.mean()), int(columns.mean())
    plane[row - 1 : row + 2, middle - 3 : middle + 4] = 2
    plane[rows.max() + 4, middle - 3 : middle + 4] = 1
    plane[row - 2 : row + 3, columns.max() + 4] = 1
    return z, plane


def segmented(model, spacing: float) -> list[np.ndarray]:
    """The organ as it is found from slice to slice, and as planes settled it."""
    image, organ = phantom()
    settings = SessionSettings(device="cpu")
    session, found = Session(model, image, (spacing,) * 3, "CT", 1, settings=settings), []
    session.mark(*marks(organ))
    for run in (session.propagate, session.refine_across_planes):
        for _ in run():
            pass
        found.append(session.labels > 0)
    session.close()
    return found


@pytest.mark.skipif(not default_weights().is_file(), reason="the weights are not shipped")
def test_dice_hardly_depends_on_the_size_of_the_voxels() -> None:
    model, _ = load_model(None)
    _, organ = phantom()
    found = [segmented(model, spacing) for spacing in (0.05, 0.5, 1.0, 5.0)]
    for alike in zip(*found, strict=True):
        dice = [2 * (labels & organ).sum() / (labels.sum() + organ.sum()) for labels in alike]
        assert min(dice) > 0.9, dice
        assert max(dice) - min(dice) <= 0.02, dice


def test_below_the_least_size_nothing_depends_on_it(make_network) -> None:
    model = make_network(seed=8)
    np.testing.assert_array_equal(segmented(model, 0.05), segmented(model, 0.01))
