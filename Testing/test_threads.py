"""How long threads wait for one another in a loop, as OpenMP itself says when torch loads it."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

SETTINGS = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT")
COMMAND = """
import sys
from S2VNetSlicerLib import cli
sys.argv = ["s2vnet", sys.argv[1], "missing", *sys.argv[2:]]
try:
    cli.main()
finally:
    import torch
"""


def turns(*arguments: str, **set_by_user: str) -> set[str]:
    """What OpenMP says after a command that found no image."""
    kept = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, *arguments],
        env={**kept, **set_by_user, "OMP_DISPLAY_ENV": "VERBOSE"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode in (1, 2)
    return set(re.findall(r"GOMP_SPINCOUNT ?= ?'(\w+)'", done.stderr))


@pytest.mark.skipif(sys.platform != "linux", reason="asks the OpenMP of torch's Linux builds")
def test_unattended_commands_do_not_wait_in_long_loops_unless_told_otherwise(tmp_path):
    out = str(tmp_path / "out")
    assert turns("segment", "--auto", "--output", out + ".nii.gz") == {"3000"}
    assert turns("batch", out) == {"3000"}
    assert turns("library") == {"3000"}
    assert turns("batch", out, GOMP_SPINCOUNT="7") == {"7"}
    assert turns("batch", out, OMP_WAIT_POLICY="PASSIVE") == {"0"}
    assert turns("evaluate", "--output", out) != {"3000"}, "rounds are timed as in the panel"
