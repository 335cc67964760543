"""One whole piece of work with the shipped weights: mark, run, cancel, correct, save, go on."""

from __future__ import annotations

import numpy as np
import pytest
from S2VNetSlicerLib.volumes.geometry import Geometry
from S2VNetSlicerLib.volumes.volume import Volume

SHAPE = (18, 96, 96)
BALLS = ((35, 36, 22), (64, 66, 16))
"""Row, column and radius in pixels."""


@pytest.fixture
def truth() -> np.ndarray:
    z, y, x = np.indices(SHAPE)
    labels = np.zeros(SHAPE, np.uint8)
    for n, (row, column, radius) in enumerate(BALLS, 1):
        labels[(y - row) ** 2 + (x - column) ** 2 + (2.5 * (z - 9)) ** 2 < radius**2] = n
    return labels


@pytest.fixture
def node(scene, truth):
    from S2VNetSlicerLib.scene.volumes import volume_to_node

    array = np.random.default_rng(2).normal(-60, 12, SHAPE)
    array[truth == 1] += 100
    array[truth == 2] += 190
    affine = np.diag([-0.8, -0.8, 2.0, 1.0])
    volume = Volume(array.astype(np.int16), Geometry(SHAPE, affine), "CT", name="phantom")
    return volume_to_node(volume, scene)


@pytest.fixture(autouse=True)
def _small(small_slices):
    small_slices(96)  # taken as it is, to be fast


def test_a_whole_session(
    shipped, node, truth, draw, check, dice, interrupted, there_and_back, reopen, tmp_path
):
    presenter = shipped()
    presenter.runs.configure(live=False)
    assert presenter.choose_volume(node.GetID())
    assert presenter.state.modality == "CT"
    liver, kidney = presenter.add_class("liver"), presenter.add_class("kidney")
    presenter.select_class(liver)
    draw(presenter, 9, (25, 30), (42, 44), radius=3)
    presenter.select_class(kidney)
    draw(presenter, 9, (58, 60), (70, 70), radius=3)
    draw(presenter, 9, (6, 6), (6, 90), (90, 90), (60, 20), radius=2, negative=True)
    presenter.wait()
    assert presenter.state.message == ""
    assert dice(presenter.annotation.labels[9] == 1, truth[9] == 1) > 0.8

    interrupted(presenter, done=3)
    found = [dice(presenter.annotation.labels == n, truth == n) for n in (1, 2)]
    print(found)
    assert min(found) > 0.6
    assert "PyTorch" in presenter.state.environment
    assert "for this volume" in presenter.state.environment

    presenter.runs.configure(live=True)
    assert presenter.state.worst is not None
    assert presenter.go_to(12)
    presenter.select_class(liver)

    def correct() -> None:
        assert 12 not in presenter.annotation.marks
        draw(presenter, 12, (35, 36), (30, 30), radius=3)
        presenter.wait()

    corrected = there_and_back(presenter, correct, 12)
    path = tmp_path / "session.mrb"
    assert presenter.save_scene(path), presenter.state.message

    def go_on(now) -> np.ndarray:
        now.select_class(now.state.classes[1].id)
        draw(now, 6, (64, 66), radius=3)
        now.wait()
        assert now.state.message == ""
        check(now)
        assert np.array_equal(now.annotation.labels[12], corrected[12])
        return now.annotation.labels.copy()

    without_a_break = go_on(presenter)
    presenter.close()
    reopened = reopen(path, ["liver", "kidney"], corrected, 12)
    assert np.array_equal(go_on(reopened), without_a_break)
