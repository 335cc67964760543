"""Whatever a user does, every voxel of two patients in one scene is where it belongs."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from two_patients import drive, machine


def test_two_patients_in_one_scene(scene, tmp_path):
    drive(machine(scene, tmp_path))
