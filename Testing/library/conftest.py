"""What the tests of the library share."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from S2VNetSlicerLib.propagation.records import SessionSettings
from S2VNetSlicerLib.propagation.session import Session

sys.path.insert(0, str(Path(__file__).parent))  # for what the tests share
from phantoms import SPACING, phantom


@pytest.fixture
def small(make_network, small_slices):
    """A session on a phantom with a small network."""
    small_slices(96)

    def make(structures=1, image=None, modality="MR", **changes):
        settings = SessionSettings(growth=None, max_empty_slices=None, absent_below=0.0)
        image = phantom()[0] if image is None else image
        network = make_network(seed=9, **changes)
        return Session(network, image, SPACING, modality, structures, settings=settings)

    return make
