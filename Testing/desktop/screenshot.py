"""Draws the panel after a real session on the ICBM 152 T1 template (inside nilearn).

    python Testing/desktop/screenshot.py [Resources/Screenshots/panel.png]

The panel runs in the tests' stand-in host, not in 3D Slicer; frame and fonts differ there.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "Demo"))
from host import Host
from nilearn.datasets import load_mni152_template
from PySide6 import QtWidgets
from run_demo import COLOURS, HEIGHT, STROKES
from S2VNetSlicerLib.scene.application import HeadlessApplication
from S2VNetSlicerLib.scene.volumes import volume_to_node
from S2VNetSlicerLib.volumes.geometry import Geometry
from S2VNetSlicerLib.volumes.volume import Volume

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "Resources" / "Screenshots" / "panel.png"
WIDTH, NAME = 420, 1


def template(scene):
    """The T1 template as a volume node, 1 mm."""
    image = load_mni152_template(resolution=1)
    array = np.rint(255 * np.ascontiguousarray(image.get_fdata(dtype=np.float32).T))
    geometry = Geometry(array.shape, image.affine)
    node = volume_to_node(Volume(array.astype(np.int16), geometry, "MR", name="T1"), scene)
    node.RemoveAttribute("DICOM.Modality")  # as from a NIfTI file: it is guessed
    return node


def work(panel, presenter) -> None:
    """Marks on one slice, a propagation, an accepted slice, a correction."""
    up = np.array([0.0, 0.0, 1.0])
    panel.ui.liveBox.checked = False
    for name, strokes in STROKES.items():
        negative = name == "background"
        if not negative:
            presenter.add_class("", COLOURS[name])
            table = panel.ui.classTable
            table.item(table.rowCount - 1, NAME).setText(name)  # its terminology follows
        for stroke in strokes:
            points = np.array([(x, y, HEIGHT) for x, y in stroke])
            presenter.stroke(points, 2.0, up, negative=negative)
    panel.ui.liveBox.checked = True
    presenter.propagate()
    presenter.wait(600)
    presenter.lock_class(presenter.state.classes[2].id, True)
    presenter.select_class(presenter.state.classes[0].id)
    marked = presenter.state.slice
    presenter.go_to(marked + 6)
    presenter.accept()
    presenter.go_to(marked + 48)
    correction = np.array([(x, -20.0, HEIGHT + 48.0) for x in (-40.0, 0.0, 40.0)])
    presenter.stroke(correction, 2.0, up)
    presenter.wait(600)
    presenter.go_to(marked + 24)
    print({row.name: round(row.ml) for row in presenter.state.classes})


def main(target: Path) -> None:
    application = HeadlessApplication()
    with pytest.MonkeyPatch.context() as patch:
        host = Host(patch, application._application)
        node = template(host.scene)
        widget = host.load("S2VNetSlicer").S2VNetSlicerWidget()
        widget.setup()
        widget.enter()
        presenter = widget.panel.presenter
        presenter.choose_volume(node.GetID())
        work(widget.panel, presenter)
        widget.ui.markButton.checked = True
        widget.ui.exportSection.collapsed = False
        widget.parent.resize(WIDTH, 900)
        widget.parent.show()
        for _ in range(3):
            QtWidgets.QApplication.processEvents()
        widget.parent.resize(WIDTH, widget.parent.layout().heightForWidth(WIDTH) or 900)
        QtWidgets.QApplication.processEvents()
        target.parent.mkdir(parents=True, exist_ok=True)
        widget.parent.grab().save(str(target))
        print(presenter.state.message or f"{target}: {presenter.state.environment}")
        widget.cleanup()
        host.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET)
