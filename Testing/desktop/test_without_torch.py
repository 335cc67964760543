"""The whole module where PyTorch and the other packages it needs really are not installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import sys
from importlib.abc import MetaPathFinder

GONE = {"torch", "safetensors", "pydantic", "highdicom", "nibabel", "scipy", "skimage"}

class Absent(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in GONE:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

import importlib.util
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name in GONE else find(name, package)
sys.meta_path.insert(0, Absent())
sys.path.insert(0, FOLDER)

import numpy as np
import pytest
from host import Host
from S2VNetSlicerLib.scene.application import HeadlessApplication
from session_steps import MIDDLE, ball

application = HeadlessApplication()
with pytest.MonkeyPatch.context() as patch:
    host = Host(patch, application._application)
    host.confirms = False
    import slicer, slicer.util
    node = host.scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "head")
    slicer.util.updateVolumeFromArray(node, ball()[0])
    node.CreateDefaultDisplayNodes()
    module = host.load("S2VNetSlicer")
    from types import SimpleNamespace
    module.S2VNetSlicer(SimpleNamespace())
    widget = module.S2VNetSlicerWidget()
    widget.setup()
    widget.enter()
    ui, presenter = widget.ui, widget.panel.presenter
    assert "PyTorch is missing" in ui.environmentLabel.text, ui.environmentLabel.text
    assert ui.installButton.isVisibleTo(widget.parent)
    ui.installButton.click()
    assert "torch, safetensors, pydantic" in host.questions[0], host.questions
    assert "minutes" in host.questions[0]
    ui.volumeSelector.choose("head")
    ui.deviceBox.setCurrentIndex(1)
    ui.addClassButton.click()
    assert ui.classTable.rowCount == 1, presenter.state.message
    ui.markButton.click()
    host.slice_widget().click(*MIDDLE)
    presenter.wait()
    assert "PyTorch is missing" in ui.messageLabel.text, ui.messageLabel.text
    nodes = slicer.util.getNodesByClass("vtkMRMLSegmentationNode")
    assert any("marks" in n.GetName() for n in nodes), "the mark is kept"
    for name in ("wholeButton", "upButton", "downButton", "betweenButton", "findButton"):
        assert not getattr(ui, name).enabled, name
    ui.undoButton.click()
    ui.learnButton.click()
    assert presenter.state.message, "a sentence"
    host.dialogs.answers["getExistingDirectory"] = FOLDER
    ui.queueFolderButton.click()
    assert "pydantic is missing" in host.errors[-1], host.errors
    host.dialogs.answers["getSaveFileName"] = TARGET
    ui.saveSceneButton.click()
    assert presenter.state.message == "", presenter.state.message
    widget.cleanup()
    host.close()
    assert host.failures == [], host.failures
assert not GONE & {name.split(".")[0] for name in sys.modules}
print("all of it")
"""


def test_the_module_without_torch(tmp_path):
    folder = str(Path(__file__).parent)
    program = f"FOLDER = {folder!r}\nTARGET = {str(tmp_path / 'work.mrb')!r}\n{PROGRAM}"
    path = [entry for entry in sys.path if entry.endswith("S2VNetSlicer")]
    run = subprocess.run(
        [sys.executable, "-c", f"import sys\nsys.path[:0] = {path!r}\n{program}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stdout.endswith("all of it\n"), run.stderr
    assert (tmp_path / "work.mrb").is_file()
