"""What the tests of the training share."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from S2VNetSlicerLib.training.prepare import prepare_dataset

sys.path.insert(0, str(Path(__file__).parent))  # for what the tests share
import tiny_data


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("episodes")
    prepare_dataset(tiny_data.volumes(root), root / "cache")
    mr = tiny_data.volumes(root, "Dataset002_LimbMR", "MR", 1, spacing=(1.0, 1.0, 1.0))
    prepare_dataset(mr, root / "cache")
    prepare_dataset(tiny_data.heads(root), root / "cache")
    prepare_dataset(tiny_data.torsos(root), root / "cache")
    return root / "cache"
