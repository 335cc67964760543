"""The Segment Editor effect: marks on some slices, a preview on all, then Apply or Cancel."""
# ruff: noqa: N802 (names of Slicer's interface)

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import ctk
import numpy as np
import qt
import slicer
import vtk
from SegmentEditorEffects import AbstractScriptedSegmentEditorEffect
from slicer.i18n import tr as _

from ..errors import UserError
from ..inference.client import connect
from ..scene.interaction import MarkTool
from ..workflow.display_text import progress_text
from ..workflow.pacing import TICK
from ..workflow.presenter import Presenter
from ..workflow.state import State
from . import install
from .drawing import said
from .effect_preview import Preview, fill
from .slice_views import SliceViews

ICONS = Path(__file__).resolve().parents[2] / "Resources" / "Icons"


class S2VNetEffect(AbstractScriptedSegmentEditorEffect):
    """Works on the selected segment, or on all that are visible at once.

    Masking, editable area, overwriting and undo are Slicer's.
    """

    source = ""
    """The file that Slicer loads the effect from."""

    def __init__(self, scriptedEffect: Any) -> None:
        scriptedEffect.name = "S2VNet"  # never translated: modules find effects by it
        scriptedEffect.title = _("S2VNet")
        scriptedEffect.perSegment = True
        scriptedEffect.requireSegments = True
        AbstractScriptedSegmentEditorEffect.__init__(self, scriptedEffect)
        self.preview: Preview | None = None
        self._stop_observing: Callable[[], None] | None = None
        self._tool = MarkTool(self._stroke, on_change=self._radius_changed, on_press=self._press)
        self._aimed: tuple[Any, Any, str] | None = None
        self._inference = connect()
        """What previews share, one after the other: the networks and the encoded volume."""
        self._views = SliceViews(self._tool)
        self._timer = qt.QTimer()
        self._timer.setInterval(round(1000 * TICK))
        self._timer.connect("timeout()", self._tick)

    def clone(self) -> Any:
        import qSlicerSegmentationsEditorEffectsPythonQt as effects

        cloned = effects.qSlicerSegmentEditorScriptedEffect(None)
        cloned.setPythonSource(self.source.replace("\\", "/"))
        return cloned

    def icon(self) -> Any:
        return qt.QIcon(str(ICONS / "S2VNetSegmentEditorEffect.png"))

    def helpText(self) -> str:
        return _(
            "Draw on the structure in one slice view, with Ctrl on the background; the mask goes "
            "through the volume slice by slice. Correct where it is wrong, then Apply. With "
            "several segments at once, marks are those of the segment that is selected."
        )

    # ---- options -------------------------------------------------------------------------------

    def setupOptionsFrame(self) -> None:
        effect = self.scriptedEffect
        self.structureButton = qt.QRadioButton(_("Structure"))
        self.backgroundButton = qt.QRadioButton(_("Background"))
        self.eraseButton = qt.QRadioButton(_("Erase"))
        self.structureButton.checked = True
        kinds = qt.QHBoxLayout()
        for button in (self.structureButton, self.backgroundButton, self.eraseButton):
            kinds.addWidget(button)
            button.connect("toggled(bool)", self.updateMRMLFromGUI)
        effect.addLabeledOptionsWidget(_("Marks:"), kinds)

        self.radiusSlider = ctk.ctkSliderWidget()
        self.radiusSlider.minimum, self.radiusSlider.maximum = 0.5, 20.0
        self.radiusSlider.singleStep, self.radiusSlider.suffix = 0.5, " mm"
        self.radiusSlider.connect("valueChanged(double)", self.updateMRMLFromGUI)
        effect.addLabeledOptionsWidget(_("Radius:"), self.radiusSlider)

        self.visibleBox = qt.QCheckBox(_("All visible segments at once"))
        self.visibleBox.toolTip = _("Otherwise only the selected segment is marked and changed.")
        self.visibleBox.connect("toggled(bool)", self.updateMRMLFromGUI)
        effect.addOptionsWidget(self.visibleBox)

        self.correctBox = qt.QCheckBox(_("What is there is a result to correct"))
        self.correctBox.toolTip = _("Otherwise what is painted already counts as marks.")
        self.correctBox.connect("toggled(bool)", self.updateMRMLFromGUI)
        effect.addOptionsWidget(self.correctBox)

        self.previewButton = qt.QPushButton(_("Propagate"))
        self.previewButton.toolTip = _("Carries the marks through the volume, as a preview.")
        self.cancelButton = qt.QPushButton(_("Cancel"))
        self.cancelButton.toolTip = _("Forgets marks and preview; nothing changes.")
        self.applyButton = qt.QPushButton(_("Apply"))
        self.applyButton.toolTip = _("Replaces what is there by the preview.")
        row = qt.QHBoxLayout()
        for button, action in (
            (self.previewButton, self.onPreview),
            (self.cancelButton, self.onCancel),
            (self.applyButton, self.onApply),
        ):
            row.addWidget(button)
            button.connect("clicked()", action)
        effect.addOptionsWidget(row)
        self.statusLabel = qt.QLabel("")
        self.statusLabel.wordWrap = True
        effect.addOptionsWidget(self.statusLabel)

    def createCursor(self, widget: Any) -> Any:
        return slicer.util.mainWindow().cursor

    def setMRMLDefaults(self) -> None:
        self.scriptedEffect.setParameterDefault("RadiusMm", 2.0)
        self.scriptedEffect.setParameterDefault("Correct", 0)
        self.scriptedEffect.setParameterDefault("AllVisible", 0)

    def updateGUIFromMRML(self) -> None:
        blocked = self.radiusSlider.blockSignals(True)
        self.radiusSlider.value = self.scriptedEffect.doubleParameter("RadiusMm")
        self.radiusSlider.blockSignals(blocked)
        for box, name in ((self.correctBox, "Correct"), (self.visibleBox, "AllVisible")):
            blocked = box.blockSignals(True)
            box.checked = self.scriptedEffect.integerParameter(name) != 0
            box.blockSignals(blocked)
        if self.preview is not None and not self._current(self.preview):
            self.onCancel()
        self._set_tool()
        self._draw(None if self.preview is None else self.preview.presenter.state)

    def updateMRMLFromGUI(self, *_ignored: object) -> None:
        self.scriptedEffect.setParameter("RadiusMm", float(self.radiusSlider.value))
        self.scriptedEffect.setParameter("Correct", int(self.correctBox.checked))
        self.scriptedEffect.setParameter("AllVisible", int(self.visibleBox.checked))
        self._set_tool()

    def _set_tool(self) -> None:
        self._tool.radius = float(self.radiusSlider.value)
        self._tool.negative = bool(self.backgroundButton.checked)
        self._tool.erase = bool(self.eraseButton.checked)

    def _radius_changed(self) -> None:
        self.radiusSlider.value = self._tool.radius

    # ---- life ----------------------------------------------------------------------------------

    def activate(self) -> None:
        self._tool.enabled = True
        self._views.attach()
        if not install.missing():
            self._inference.warm_up()

    def deactivate(self) -> None:
        self._tool.enabled = False
        self._views.detach()
        self._discard()
        self._inference.release()

    def sourceVolumeNodeChanged(self) -> None:
        self._discard()

    def cleanup(self) -> None:
        self.deactivate()
        self._timer.disconnect("timeout()", self._tick)

    def _nodes(self) -> tuple[Any, Any, str]:
        parameters = self.scriptedEffect.parameterSetNode()
        if parameters is None:
            return None, None, ""
        volume, segmentation = parameters.GetSourceVolumeNode(), parameters.GetSegmentationNode()
        return volume, segmentation, parameters.GetSelectedSegmentID() or ""

    def _current(self, preview: Preview) -> bool:
        """Whether the preview is still that of the editor's nodes and selected segment."""
        volume, segmentation, segment = self._nodes()
        nodes = (preview.volume, preview.segmentation)
        return preview.alive and nodes == (volume, segmentation) and segment in preview.ids

    def _segments(self, segmentation: Any, selected: str) -> list[str]:
        """What the preview is begun for: the selected segment, with all that are visible."""
        display = segmentation.GetDisplayNode()
        if not self.visibleBox.checked or display is None:
            return [selected]
        visible = vtk.vtkStringArray()
        display.GetVisibleSegmentIDs(visible)
        shown = [visible.GetValue(n) for n in range(visible.GetNumberOfValues())]
        return shown if selected in shown else [*shown, selected]

    def _tick(self) -> None:
        if self.preview is not None:
            self.preview.presenter.tick()

    # ---- what the user does --------------------------------------------------------------------

    def _begin(self) -> Preview | None:
        """The preview, begun if there is none; None (and a sentence) where there can be none."""
        if self.preview is not None:
            return self.preview
        absent = install.missing()
        volume, segmentation, segment = self._nodes()
        if absent:
            self.statusLabel.text = _(
                "Missing: {packages}; install them in the S2VNet Segmentation module."
            ).format(packages=", ".join(absent))
        elif volume is None or segmentation is None or not segment:
            self.statusLabel.text = _("Choose a source volume and select a segment first.")
        elif self.scriptedEffect.confirmCurrentSegmentVisible():
            presenter = Presenter(
                slicer.mrmlScene,
                application_logic=slicer.app.applicationLogic(),
                inference=self._inference,
            )
            try:
                correct = bool(self.correctBox.checked)
                segments = self._segments(segmentation, segment)
                self.preview = Preview(presenter, volume, segmentation, segments, correct=correct)
            except UserError as error:
                presenter.close()
                self.statusLabel.text = str(error)
                return None
            self._stop_observing = presenter.observe(self._draw)
            self._timer.start()
        return self.preview

    def _press(self, slice_node: Any) -> None:
        """A stroke belongs to what was chosen when the button went down."""
        self._aimed = self._nodes()
        if self.preview is not None and self._current(self.preview):
            self.preview.select(self._aimed[2])
            self.preview.presenter.targets.set(slice_node)

    def _stroke(self, points: np.ndarray, normal: np.ndarray, negative: bool, erase: bool) -> None:
        aimed, self._aimed = self._aimed, None
        if aimed is not None and aimed[:2] != self._nodes()[:2]:
            self.statusLabel.text = _(
                "Another volume or segmentation was chosen while the stroke was drawn: draw it "
                "again."
            )
            return
        preview = self._begin()
        if preview is not None:
            preview.select(self._nodes()[2] if aimed is None else aimed[2])
            preview.presenter.stroke(
                points, self._tool.radius, normal, negative=negative, erase=erase
            )

    def onPreview(self) -> None:
        preview = self._begin()
        if preview is not None:
            preview.presenter.propagate()

    def onCancel(self) -> None:
        self._discard()
        self.statusLabel.text = ""

    def onApply(self) -> None:
        preview = self.preview
        if preview is None or not self._current(preview):
            self.onCancel()
            return
        effect, volume, segmentation = self.scriptedEffect, preview.volume, preview.segmentation
        effect.saveStateForUndo()
        masks = preview.masks()
        self._discard()  # before the change: it must not be taken for one of the preview's marks
        mode = slicer.qSlicerSegmentEditorAbstractEffect.ModificationModeSet
        for id, mask in masks.items():
            labelmap = effect.defaultModifierLabelmap()
            fill(labelmap, mask, volume, segmentation)
            effect.modifySegmentByLabelmap(segmentation, id, labelmap, mode)

    def _discard(self) -> None:
        preview, self.preview = self.preview, None
        self._timer.stop()
        if preview is not None:
            if self._stop_observing is not None:
                self._stop_observing()
                self._stop_observing = None
            preview.close()
        if hasattr(self, "applyButton"):
            self._draw(None)

    def _draw(self, state: State | None) -> None:
        reached = (
            state is not None
            and state.slice_status is not None
            and bool((state.slice_status > 0).any())
        )
        idle = state is None or not state.busy
        self.previewButton.enabled = idle
        self.cancelButton.enabled = state is not None
        self.applyButton.enabled = idle and reached
        self.correctBox.enabled = self.visibleBox.enabled = state is None
        if state is not None:
            self.statusLabel.text = said(state.message) or progress_text(state, _)
