"""The module S2VNetSlicer: segment CT and MR from marks on one slice."""
# ruff: noqa: N802, PT009 (Slicer's interface)

from __future__ import annotations

from typing import Any

import slicer
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleLogic,
    ScriptedLoadableModuleTest,
    ScriptedLoadableModuleWidget,
)
from slicer.util import VTKObservationMixin

SAMPLE = "998cb522173839c78657f4bc0ea907cea09fd04e44601f17c82ea27927937b95"
"""SHA-256 of Slicer's own sample MRBrainTumor1."""


class S2VNetSlicer(ScriptedLoadableModule):
    def __init__(self, parent):
        super().__init__(parent)
        parent.title = _("S2VNet Segmentation")
        parent.categories = [translate("qSlicerAbstractCoreModule", "Segmentation")]
        parent.dependencies = ["Segmentations", "Terminologies", "Volumes", "SampleData"]
        parent.contributors = ["The S2VNetSlicer contributors"]
        parent.helpText = help_text()
        parent.acknowledgementText = _(
            "The method is S2VNet: Y. Ding, L. Li, W. Wang, Y. Yang, Clustering Propagation for "
            "Universal Medical Image Segmentation, CVPR 2024. Research use only: not a medical "
            "device."
        )
        slicer.app.connect("startupCompleted()", register_sample_data)
        slicer.app.connect("startupCompleted()", go_on_with_installation)


def help_text() -> str:
    """How to work, and the keyboard."""
    from S2VNetSlicerLib.desktop.shortcuts import documentation

    steps = _(
        "Choose a volume, add a class, switch Mark on and draw on the structure in a slice view; "
        "Ctrl marks background. The masks go from slice to slice. Correct where the strip is dark: "
        "corrections are obeyed exactly, and only the slices between two of them change."
    )
    return f"<p>{steps}</p>{documentation()}"


def go_on_with_installation():
    """Open the panel when an installation waited for this start of Slicer; it goes on with it."""
    from S2VNetSlicerLib.desktop.install import PENDING

    if slicer.util.settingsValue(PENDING, False, slicer.util.toBool):
        slicer.util.selectModule("S2VNetSlicer")


def register_sample_data():
    """Offer a brain MR with a tumour, which Slicer itself hosts, in the Sample Data module."""
    from SampleData import SampleDataLogic
    from slicer.util import TESTING_DATA_URL

    SampleDataLogic.registerCustomSampleDataSource(
        category="S2VNet",
        sampleName="S2VNetBrainTumor",
        uris=f"{TESTING_DATA_URL}SHA256/{SAMPLE}",
        fileNames="RegLib_C01_1.nrrd",
        nodeNames="S2VNetBrainTumor",
        checksums=f"SHA256:{SAMPLE}",
    )


class S2VNetSlicerWidget(ScriptedLoadableModuleWidget, VTKObservationMixin):
    def __init__(self, parent=None):
        VTKObservationMixin.__init__(self)
        self.panel: Any = None
        ScriptedLoadableModuleWidget.__init__(self, parent)

    def setup(self):
        super().setup()
        from S2VNetSlicerLib.desktop.widget import Panel

        widget = slicer.util.loadUI(self.resourcePath("UI/S2VNetSlicer.ui"))
        self.layout.addWidget(widget)
        self.ui = slicer.util.childWidgetVariables(widget)
        widget.setMRMLScene(slicer.mrmlScene)
        self.logic = S2VNetSlicerLogic()
        self.panel = Panel(self.ui, self.logic.presenter())
        scene = slicer.mrmlScene
        self.addObserver(scene, scene.EndCloseEvent, self.onSceneEndClose)
        self.addObserver(scene, scene.EndImportEvent, self.onSceneEndImport)
        if getattr(self.parent, "isEntered", False):  # *Reload* enters nothing anew
            self.enter()

    def enter(self):
        self.panel.enter()

    def exit(self):
        self.panel.exit()

    def cleanup(self):
        self.removeObservers()
        if self.panel is not None:
            self.panel.close()
            self.panel = None

    def onSceneEndClose(self, caller, event):
        self.panel.scene_closed()

    def onSceneEndImport(self, caller, event):
        self.panel.scene_imported()


class S2VNetSlicerLogic(ScriptedLoadableModuleLogic):
    """For scripts: ``logic.presenter(synchronous=True)`` is the whole workflow without a window."""

    def presenter(self, synchronous=False):
        from S2VNetSlicerLib.desktop.drawing import said
        from S2VNetSlicerLib.workflow.presenter import Presenter

        return Presenter(
            slicer.mrmlScene,
            application_logic=slicer.app.applicationLogic(),
            synchronous=synchronous,
            say=said,
        )


class S2VNetSlicerTest(ScriptedLoadableModuleTest):
    """The workflow from a mark to a changed segmentation, on a volume made here."""

    def setUp(self):
        from S2VNetSlicerLib.desktop.install import missing

        if missing():
            self.skipTest("Install what is missing in the panel first: " + ", ".join(missing()))
        slicer.mrmlScene.Clear()

    def runTest(self):
        for test in (self.test_mark_propagate_undo, self.test_panel):
            self.setUp()
            try:
                test()
            finally:
                self.doCleanups()

    def test_mark_propagate_undo(self):
        self.delayDisplay("A bright ball in noise")
        volume = ball_volume()
        presenter = S2VNetSlicerLogic().presenter(synchronous=True)
        self.addCleanup(presenter.close)
        presenter.runs.configure(live=False)
        self.assertTrue(presenter.choose_volume(volume.GetID()), presenter.state.message)
        self.assertTrue(presenter.set_axis(0), presenter.state.message)
        segment = presenter.add_class("ball", (1.0, 0.5, 0.0))
        self.assertTrue(presenter.stroke([[0.0, 0.0, 0.0]], 5.0), presenter.state.message)
        self.assertTrue(
            presenter.stroke([[-22.0, -22.0, 0.0], [22.0, -22.0, 0.0]], 2.0, negative=True),
            presenter.state.message,
        )
        self.delayDisplay("Propagate")
        self.assertTrue(presenter.propagate(), presenter.state.message)
        presenter.wait(300)
        self.assertEqual(presenter.state.message, "")
        node = slicer.mrmlScene.GetNodeByID(presenter.state.segmentation)
        found = slicer.util.arrayFromSegmentBinaryLabelmap(node, segment, volume) > 0
        self.assertTrue(found[volume.GetImageData().GetDimensions()[2] // 2].any())
        self.assertTrue((presenter.state.slice_status > 0).any())
        self.delayDisplay("Undo")
        self.assertTrue(presenter.undo(), presenter.state.message)
        self.assertTrue(presenter.state.can_redo)
        self.delayDisplay("Test passed")

    def test_panel(self):
        """The panel's own buttons, the mouse in the Red view, a saved scene that is reopened."""
        import tempfile
        from pathlib import Path

        slicer.util.selectModule("S2VNetSlicer")
        widget = slicer.util.getModuleWidget("S2VNetSlicer")
        ui, presenter = widget.ui, widget.panel.presenter
        self.delayDisplay("Choose the volume, add a class")
        volume = ball_volume()
        self.assertTrue(presenter.choose_volume(volume.GetID()), presenter.state.message)
        self.assertEqual(ui.volumeSelector.currentNodeID, volume.GetID())
        ui.addClassButton.click()
        self.assertEqual(ui.classTable.rowCount, 1)
        self.delayDisplay("Mark in the Red view")
        if not ui.markButton.checked:
            ui.markButton.click()
        click_in_the_red_view()
        presenter.wait(300)
        self.assertEqual(presenter.state.message, "")
        self.assertTrue((presenter.state.slice_status > 0).all())
        self.assertTrue(ui.auditLabel.text)
        self.assertEqual(widget.panel.strip.slices, len(presenter.state.slice_status))
        self.delayDisplay("Accept, undo, redo")
        ui.acceptButton.click()
        for button, accepted in ((ui.undoButton, False), (ui.redoButton, True)):
            button.click()
            presenter.wait(300)
            self.assertEqual(bool((presenter.state.slice_status == 3).any()), accepted)
        self.delayDisplay("Save the scene and open it again")
        before = presenter.state
        with tempfile.TemporaryDirectory() as folder:
            path = str(Path(folder) / "self-test.mrb")
            self.assertTrue(presenter.save_scene(path), presenter.state.message)
            slicer.mrmlScene.Clear()
            presenter.wait(30)
            self.assertEqual(ui.classTable.rowCount, 0)
            self.assertTrue(slicer.mrmlScene.ReadFromMRB(path, True))
        presenter.wait(300)
        self.assertEqual(presenter.state.message, "")
        self.assertEqual(presenter.state.slice_status.tolist(), before.slice_status.tolist())
        self.assertEqual(
            [(row.name, row.ml) for row in presenter.state.classes],
            [(row.name, row.ml) for row in before.classes],
        )
        ui.markButton.checked = False
        self.delayDisplay("Test passed")


def click_in_the_red_view():
    """In its middle, which shows the origin."""
    red = slicer.app.layoutManager().sliceWidget("Red")
    node, interactor = red.mrmlSliceNode(), red.sliceView().interactor()
    node.JumpSliceByCentering(0.0, 0.0, 0.0)
    columns, rows, _slices = node.GetDimensions()
    interactor.SetEventInformation(columns // 2, rows // 2, 0, 0)
    for event in ("MouseMoveEvent", "LeftButtonPressEvent", "LeftButtonReleaseEvent"):
        interactor.InvokeEvent(event)


def ball_volume():
    """A new MR volume node of 24 slices of 64 x 64, 1 mm, around the origin."""
    import numpy as np

    k, j, i = np.mgrid[:24, :64, :64]
    inside = (k - 12) ** 2 + (j - 32) ** 2 + (i - 32) ** 2 < 10**2
    noise = np.random.default_rng(1).normal(0, 10, inside.shape)
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "ball")
    slicer.util.updateVolumeFromArray(node, (100 + 200 * inside + noise).astype(np.int16))
    node.SetOrigin(-32, -32, -12)
    node.CreateDefaultDisplayNodes()
    return node
