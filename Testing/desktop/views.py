"""Slice views as users arrange them: steps of the session that only the application can do."""

from __future__ import annotations

import numpy as np
import qt
import slicer
import vtk
from in_application import MODULE, Session, wait

LAYOUTS = {
    "SlicerLayoutTwoOverTwoView": "Slice4",
    "SlicerLayoutOneUpGreenSliceView": "Green",
    "SlicerLayoutDual3DView": "Yellow",
    "SlicerLayoutFourUpView": "Red",
}
"""Each with a view of it in which a stroke is drawn."""
TILT = 30
"""Degrees by which the oblique view is turned."""


class Views(Session):
    """The session, and strokes in linked, oblique and other views and beside a detached panel."""

    def step_12_linked_views(self) -> None:
        slicer.mrmlScene.Clear()
        slicer.util.selectModule("Data")
        self.volumes = [self.add_volume("arranged")]
        self.show(self.volumes[0])
        slicer.util.selectModule(MODULE)
        wait(lambda: self.state.volume == self.volumes[0].GetID(), "the volume")
        for node in slicer.util.getNodesByClass("vtkMRMLSliceCompositeNode"):
            node.SetLinkedControl(1)
        before, radius = self.offsets(), self.ui.radiusSlider.value
        self.marked([(0.5, 0.5), (0.52, 0.52)])
        self.mouse.wheel("Red", shift=True)
        assert self.offsets() == before
        assert abs(self.ui.radiusSlider.value - 1.2 * radius) < 0.1
        self.mouse.wheel("Red")
        moved = self.offsets()
        assert [name for name in before if moved[name] != before[name]] == ["Red"]

    def step_13_layouts(self) -> None:
        manager = slicer.app.layoutManager()
        for name, view in LAYOUTS.items():
            manager.setLayout(getattr(slicer.vtkMRMLLayoutNode, name))
            wait(lambda view=view: manager.sliceWidget(view).visible, f"the view of {name}")
            self.show(self.volumes[0])
            assert self.marked([(0.5, 0.48), (0.5, 0.52)], view), name

    def step_14_oblique_view(self) -> None:
        node = slicer.app.layoutManager().sliceWidget("Red").mrmlSliceNode()
        turned, straight = vtk.vtkTransform(), vtk.vtkMatrix4x4()
        straight.DeepCopy(node.GetSliceToRAS())
        turned.RotateX(TILT)
        turned.Concatenate(straight)
        node.GetSliceToRAS().DeepCopy(turned.GetMatrix())
        node.UpdateMatrices()
        slices = self.marked([(0.5, 0.4), (0.5, 0.6)])
        node.SetOrientationToAxial()
        assert slices > 2, "a stroke up the tilted view crosses slices"

    def step_15_detached_panel(self) -> None:
        window = slicer.util.mainWindow()
        docks = slicer.util.findChildren(window, className="QDockWidget")
        (panel,) = [dock for dock in docks if dock.objectName == "PanelDockWidget"]
        panel.setFloating(True)
        qt.QCoreApplication.processEvents()
        self.show(self.volumes[0])
        assert self.marked([(0.5, 0.48), (0.5, 0.52)])
        panel.setFloating(False)

    def offsets(self) -> dict[str, float]:
        nodes = slicer.util.getNodesByClass("vtkMRMLSliceNode")
        return {node.GetName(): node.GetSliceOffset() for node in nodes}

    def marked(self, path, view: str = "Red") -> int:
        """In so many slices a stroke for a class of its own lies, when all is carried on."""
        self.mouse.click(self.ui.addClassButton)
        if not self.ui.markButton.checked:
            self.mouse.click(self.ui.markButton)
        before = self.marks()
        self.mouse.draw(view, path)
        self.finish()
        return int(np.count_nonzero((self.marks() != before).any((1, 2))))

    def marks(self) -> np.ndarray:
        """Where the volume is marked at all [k, j, i], by the class."""
        annotation = self.panel.presenter.annotation
        if annotation is None:
            return np.zeros(slicer.util.arrayFromVolume(self.volumes[0]).shape, np.uint8)
        return annotation.marks_volume()
