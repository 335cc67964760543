"""What is left when Python ends is taken apart in order: VTK alone would do it in any."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import atexit
kept = []
atexit.register(lambda: print("at the end:", [logic.GetMRMLScene() for logic in kept]))
from S2VNetSlicerLib.scene.application import HeadlessApplication
application = HeadlessApplication()
inner = application._application
kept += [inner.color_logic, inner.app_logic.GetColorLogic()]
print("before:", [logic.GetMRMLScene() is application.scene for logic in kept])
"""


def test_colour_logics_leave_the_scene_before_vtk_deletes_it():
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines() == ["before: [True, True]", "at the end: [None, None]"]
