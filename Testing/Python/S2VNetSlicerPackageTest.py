"""Run by ctest in Slicer: what was installed is complete, and marks work in its slice views.

Without Slicer's application (``python -m unittest`` with slicer-core) only the first part runs.
"""

from __future__ import annotations

import importlib
import pkgutil
import unittest
from pathlib import Path

import numpy as np
import S2VNetSlicerLib
import slicer

PACKAGE = Path(S2VNetSlicerLib.__file__).parent
WINDOWED = getattr(slicer, "app", None) is not None
ROOMS = ("workflow", "desktop") if WINDOWED else ("workflow",)  # before anything was installed


class InstalledFilesTest(unittest.TestCase):
    def test_the_panel_can_be_imported(self):
        for room in ROOMS:
            folder = importlib.import_module(f"S2VNetSlicerLib.{room}")
            names = [found.name for found in pkgutil.iter_modules(folder.__path__)]
            assert names
            for name in names:
                importlib.import_module(f"S2VNetSlicerLib.{room}.{name}")

    def test_weights_and_icons_lie_beside_the_package(self):
        resources = PACKAGE.parent / "Resources"
        for name in (
            "Models/s2vnet.safetensors",
            "Models/s2vnet.json",
            "Models/s2vnet-planes.safetensors",
            "Models/s2vnet-planes.json",
            "Models/s2vnet-torso.safetensors",
            "Models/s2vnet-torso.json",
            "Models/s2vnet-head-neck.safetensors",
            "Models/s2vnet-head-neck.json",
            "Models/s2vnet-corrections.safetensors",
            "Models/s2vnet-corrections.json",
            "Icons/S2VNetSlicer.png",
            "Icons/S2VNetSegmentEditorEffect.png",
            "UI/S2VNetSlicer.ui",
            "Translations/S2VNetSlicer_de-DE.ts",
            "requirements.txt",
        ):
            assert (resources / name).is_file(), name


@unittest.skipUnless(WINDOWED and slicer.app.layoutManager(), "needs Slicer's slice views")
class SliceViewTest(unittest.TestCase):
    def test_a_click_is_where_slicer_says(self):
        from S2VNetSlicerLib.scene.interaction import MarkTool

        widget = slicer.app.layoutManager().sliceWidget("Red")
        view, node = widget.sliceView(), widget.mrmlSliceNode()
        interactor, strokes = view.interactor(), []
        tool = MarkTool(lambda *stroke: strokes.append(stroke))
        tool.attach(interactor, node, view.scheduleRender)
        tool.enabled = True
        self.addCleanup(tool.detach_all)
        columns, rows, _ = node.GetDimensions()
        interactor.SetEventInformation(columns // 3, rows // 2, 0, 0)
        for event in ("MouseMoveEvent", "LeftButtonPressEvent", "LeftButtonReleaseEvent"):
            interactor.InvokeEvent(event)
        assert len(strokes) == 1
        expected = [0.0] * 3
        crosshair = slicer.util.getNode("Crosshair")
        assert crosshair.GetCursorPositionRAS(expected)
        np.testing.assert_allclose(strokes[0][0], [expected], atol=1e-6)
