"""What several say of a slice, and what marks changed in it."""

from __future__ import annotations

import pytest
import torch
from S2VNetSlicerLib.propagation.fusion import FAR, fuse_directions
from S2VNetSlicerLib.propagation.local_changes import changed_by_marks


def fuse(masks: list[float], distance: list[float]) -> float:
    about = torch.tensor(masks).view(2, 1, 1, 1, 1), torch.tensor(distance).view(2, 1, 1)
    return float(fuse_directions(*about))


def test_marks_change_the_components_that_they_touch():
    before = torch.zeros(1, 2, 8, 8)
    before[:, 0, :3, :3] = 1
    masks = torch.zeros_like(before)
    masks[:, 0, 5:, 5:] = 1
    masks[:, 1, 6, :2] = 1
    said = torch.zeros(1, 3, 8, 8)
    said[:, 0, 6, 6] = said[:, 2, 4, 0] = 0.5
    changed = changed_by_marks(masks, before, said)
    expected = masks[:, :1].expand(1, 2, 8, 8) > 0
    expected = expected & torch.tensor([True, False])[None, :, None, None]
    expected[:, :, 4, 0] = expected[:, :, 6, 6] = True
    assert torch.equal(changed, expected), "not what was lost elsewhere"


def test_equal_runs_weigh_the_same():
    assert fuse([0.2, 0.8], [3, 3]) == pytest.approx(0.5)


def test_the_nearer_run_weighs_more():
    assert fuse([0.0, 1.0], [1, 4]) < 0.25


def test_a_run_that_is_not_there_does_not_count():
    assert fuse([0.3, 0.0], [5, FAR]) == pytest.approx(0.3, abs=1e-3)
    assert fuse([0.0, 0.0], [FAR, FAR]) == 0


def test_an_anchor_outweighs_a_run_that_reaches_it():
    assert fuse([1.0, 0.0], [0, 6]) > 0.98


def test_each_class_is_weighed_by_itself():
    masks = torch.tensor([[1.0, 1.0], [0.0, 0.0]]).view(2, 2, 1, 1)
    fused = fuse_directions(masks, torch.tensor([[0.0, 5.0], [5.0, 0.0]])).flatten()
    assert fused[0] > 0.9
    assert fused[1] < 0.1
