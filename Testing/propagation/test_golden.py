"""The method changes only on purpose: the labels of scripted sessions stay what they were.

The shipped weights with the shipped settings, on real volumes: see ``scripted``.
"""

from __future__ import annotations

import os
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

sys.path.append(str(Path(__file__).parent))
import scripted

EXACT = "S2VNET_GOLDEN"
"""Set to "exact", everything that a session says must be the same to the bit."""
MOST_CHANGED = 1e-4
"""Share of voxels that another processor may label otherwise."""


@pytest.mark.parametrize("name", scripted.SCRIPTS)
def test_labels_stay_what_they_were(name):
    if name.startswith("icbm"):
        pytest.importorskip("nilearn", reason="nilearn is not installed")
    elif not scripted.DATA.is_dir():
        pytest.skip("../shared is not there")
    before, digests = scripted.read(name)
    found = list(scripted.play(name))
    assert len(found) == len(before)
    for number, (labels, digest) in enumerate(found):
        changed = labels != before[number]
        assert changed.mean() <= MOST_CHANGED, f"round {number}: {changed.sum()} voxels"
        if os.environ.get(EXACT) == "exact":
            assert digest == digests[number], f"round {number}"


def test_every_script_does_something_in_every_round():
    for name in scripted.SCRIPTS:
        rounds, _ = scripted.read(name)
        assert {1, 2} <= set(np.unique(rounds[-1]).tolist())
        assert all((a != b).any() for a, b in pairwise(rounds)), name
