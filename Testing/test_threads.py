"""How long threads wait for one another in a loop, as OpenMP itself says when torch loads it."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

SETTINGS = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT")


@pytest.mark.skipif(sys.platform != "linux", reason="asks the OpenMP of torch's Linux builds")
@pytest.mark.parametrize(
    ("set_by_user", "turns"),
    [({}, "3000"), ({"GOMP_SPINCOUNT": "7"}, "7"), ({"OMP_WAIT_POLICY": "PASSIVE"}, "0")],
)
def test_threads_soon_sleep_while_they_wait_unless_told_otherwise(set_by_user, turns):
    kept = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    said = subprocess.run(
        [sys.executable, "-c", "import S2VNetSlicerLib, torch"],
        env={**kept, **set_by_user, "OMP_DISPLAY_ENV": "VERBOSE"},
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    assert set(re.findall(r"GOMP_SPINCOUNT ?= ?'(\w+)'", said)) == {turns}
