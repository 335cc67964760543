"""How threads wait for one another, as OpenMP itself says when torch loads it."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest


@pytest.mark.skipif(sys.platform != "linux", reason="asks the OpenMP of torch's Linux builds")
@pytest.mark.parametrize(
    ("set_by_user", "policy"), [({}, "PASSIVE"), ({"OMP_WAIT_POLICY": "ACTIVE"}, "ACTIVE")]
)
def test_threads_sleep_while_they_wait_unless_told_otherwise(set_by_user, policy):
    kept = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    said = subprocess.run(
        [sys.executable, "-c", "import S2VNetSlicerLib, torch"],
        env={**kept, **set_by_user, "OMP_DISPLAY_ENV": "true"},
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    assert set(re.findall(r"OMP_WAIT_POLICY ?= ?'(\w+)'", said)) == {policy}
