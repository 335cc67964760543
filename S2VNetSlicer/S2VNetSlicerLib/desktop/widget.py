"""The panel: draws the presenter's State and forwards what the user does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import qt
import slicer
import vtk
from slicer.i18n import tr as _

from .. import logs
from ..errors import UserError
from ..scene.interaction import MarkTool
from ..scene.volumes import SEGMENTATION, nodes_of
from ..workflow.pacing import TICK
from ..workflow.state import PropagationRange, State
from ..workflow.storage import annotated
from ..workflow.surfaces import Surfaces
from . import export, install
from .automatic import Automatic
from .batch_review import BatchReview
from .class_table import ClassTable
from .confidence_strip import ConfidenceStrip
from .drawing import MODALITIES, said, shown
from .log import show_log
from .shortcuts import Shortcuts, keys_of
from .slice_views import SliceViews

ANATOMICAL = (_("Sagittal"), _("Coronal"), _("Axial"))
SETTINGS = "S2VNetSlicer/"


class Panel:
    """``ui`` holds the widgets of S2VNetSlicer.ui by name; ``presenter`` does the work."""

    def __init__(self, ui: Any, presenter: Any) -> None:
        logs.configure()
        self.ui, self.presenter = ui, presenter
        self.entered = False
        self._drawing = self._chosen = False
        self._missing = install.missing()
        self._actions = self._all_actions()
        self.shortcuts = Shortcuts(self._actions)
        self.strip = ConfidenceStrip(self._jump)
        ui.stripFrame.layout().insertWidget(0, self.strip)
        self._settings_title = ui.settingsSection.text
        self.table = ClassTable(ui.classTable, presenter)
        self.automatic = Automatic(ui, presenter)
        self.batch = BatchReview(ui, presenter)
        press = presenter.targets.set
        self.tool = MarkTool(self._stroke, on_change=self._radius_changed, on_press=press)
        self.tool.enabled = False
        self.views = SliceViews(self.tool)
        self.surfaces = Surfaces(presenter, lambda there: None)
        self.surfaces.wanted = None  # Slicer's own button says so
        self._restore_settings()
        self._connect()
        self._timer = qt.QTimer()
        self._timer.setInterval(round(1000 * TICK))
        self._timer.connect("timeout()", self._tick)
        self._stop_observing = presenter.observe(self.draw)
        presenter.refresh()
        if annotated(slicer.mrmlScene):  # a scene was loaded before the module was opened
            presenter.resume()
        self.draw(presenter.state)

    # ---- life ----------------------------------------------------------------------------------

    def enter(self) -> None:
        """The module is shown."""
        self.entered = True
        self._missing = install.missing()
        self.shortcuts.install(slicer.util.mainWindow())
        self.views.attach()
        self._timer.start()
        if not self._missing:
            self.presenter.session.client.warm_up()
        self.presenter.refresh()
        self._choose_what_is_shown()
        if self.presenter.state.idle:  # else it is being done
            self.presenter.workspace.report_pending()
            self.presenter.publish()
        self.draw(self.presenter.state)
        if install.interrupted():  # by the restart that the user agreed to
            qt.QTimer.singleShot(0, lambda: self._install(lambda question: True))

    def exit(self) -> None:
        """Another module is shown; what runs goes on."""
        self.entered = False
        self.shortcuts.remove()
        self.ui.markButton.checked = False
        self.views.detach()

    def close(self) -> None:
        """The application ends or the module is reloaded."""
        self.exit()
        self._timer.stop()
        self._timer.disconnect("timeout()", self._tick)
        self._stop_observing()
        self.surfaces.close()
        self.presenter.close()

    def scene_closed(self) -> None:
        self.ui.markButton.checked = False
        self.presenter.refresh()
        if self.entered:
            self.views.attach()

    def scene_imported(self) -> None:
        """Go on with what the loaded scene holds."""
        self.presenter.refresh()
        if annotated(slicer.mrmlScene):
            self.presenter.resume()

    def _tick(self) -> None:
        self.presenter.tick()
        self.surfaces.poll()
        if not (self.entered or self.presenter.state.busy or self.surfaces.busy):
            self._timer.stop()

    # ---- what the user does --------------------------------------------------------------------

    def _all_actions(self) -> dict[str, Callable[[], object]]:
        ui, presenter = self.ui, self.presenter
        return {
            "mark": ui.markButton.click,
            "negative": lambda: self._toggle(ui.backgroundButton),
            "erase": lambda: self._toggle(ui.eraseButton),
            "next_class": self._next_class,
            "undo": lambda: presenter.undo(),
            "redo": lambda: presenter.redo(),
            "whole": lambda: presenter.propagate(PropagationRange.WHOLE),
            "up": lambda: presenter.propagate(PropagationRange.UP),
            "down": lambda: presenter.propagate(PropagationRange.DOWN),
            "between": lambda: presenter.propagate(PropagationRange.BETWEEN),
            "cancel": lambda: presenter.cancel(),
            "worst": lambda: presenter.go_to_worst(),
            "accept": lambda: presenter.accept(),
        }

    def _connect(self) -> None:
        ui, presenter = self.ui, self.presenter
        buttons = {
            "undo": ui.undoButton,
            "redo": ui.redoButton,
            "whole": ui.wholeButton,
            "up": ui.upButton,
            "down": ui.downButton,
            "between": ui.betweenButton,
            "cancel": ui.cancelButton,
            "worst": ui.worstButton,
            "accept": ui.acceptButton,
        }
        for name, button in buttons.items():
            button.connect("clicked()", self._actions[name])
        named = {"mark": ui.markButton, "negative": ui.backgroundButton, "erase": ui.eraseButton}
        for name, button in (buttons | named).items():
            button.toolTip = f"{button.toolTip} ({keys_of(name)})"
        # Not currentNodeChanged: that also comes when a node is removed, which the presenter sees
        # by itself and has something to say about.
        self._on(
            ui.volumeSelector,
            "nodeActivated(vtkMRMLNode*)",
            lambda node: self._choose(self._choose_volume, node),
        )
        self._on(
            ui.segmentationSelector,
            "nodeActivated(vtkMRMLNode*)",
            lambda node: self._choose(presenter.choose_segmentation, node),
        )
        self._on(
            ui.modalityBox,
            "currentIndexChanged(int)",
            lambda n: presenter.set_modality(MODALITIES[n]),
        )
        self._on(
            ui.axisBox,
            "currentIndexChanged(int)",
            lambda n: presenter.set_axis(n - 1 if n else None),
        )
        self._on(ui.deviceBox, "currentIndexChanged(int)", lambda n: self._set_device())
        ui.installButton.connect("clicked()", lambda: self._install())
        ui.addClassButton.connect("clicked()", lambda: presenter.add_class())
        ui.removeClassButton.connect("clicked()", self._remove_class)
        ui.lockOthersButton.connect(
            "clicked()", lambda: presenter.lock_others(presenter.state.selected)
        )
        ui.correctButton.connect("clicked()", lambda: presenter.correct())
        ui.openResultButton.connect("clicked()", self._open_result)
        for button in (ui.markButton, ui.structureButton, ui.backgroundButton, ui.eraseButton):
            button.connect("toggled(bool)", self._set_tool)
        ui.radiusSlider.connect("valueChanged(double)", self._set_tool)
        ui.liveBox.connect("toggled(bool)", self._set_tool)
        ui.acrossBox.connect("toggled(bool)", self._set_tool)
        ui.saveSceneButton.connect("clicked()", self._save_scene)
        ui.exportButton.connect("clicked()", self._export)
        ui.dicomButton.connect("clicked()", self._export_dicom)
        ui.statisticsButton.connect("clicked()", self._statistics)
        ui.logButton.connect("clicked()", show_log)

    def _on(self, widget: Any, signal: str, action: Callable[[Any], object]) -> None:
        """Call ``action`` for what the user changes, not for what :meth:`draw` changes."""
        widget.connect(signal, lambda value: None if self._drawing else action(value))

    def _choose(self, command: Callable[[str | None], object], node: Any) -> None:
        command(node.GetID() if node is not None else None)
        self.draw(self.presenter.state)  # a refused choice is taken back

    def _choose_volume(self, node_id: str | None) -> None:
        if self.presenter.choose_volume(node_id):
            self.presenter.runs.prefetch()  # the first mark need not wait for it

    def _choose_what_is_shown(self) -> None:
        """Who opens the module has chosen the volume before the eyes already."""
        state, shown = self.presenter.state, self.views.shown_volume()
        if state.volume is None and any(row.id == shown for row in state.volumes):
            self._choose_volume(shown)

    def _set_device(self) -> None:
        device = self.ui.deviceBox.currentText
        qt.QSettings().setValue(SETTINGS + "device", device)
        self.presenter.set_device(device)

    def _set_tool(self, *_ignored: object) -> None:
        ui = self.ui
        self.tool.enabled = bool(ui.markButton.checked)
        self.tool.negative = bool(ui.backgroundButton.checked)
        self.tool.erase = bool(ui.eraseButton.checked)
        self.tool.radius = float(ui.radiusSlider.value)
        live, across = bool(ui.liveBox.checked), bool(ui.acrossBox.checked)
        self.presenter.runs.configure(live=live, across=across)
        qt.QSettings().setValue(SETTINGS + "radius", self.tool.radius)
        qt.QSettings().setValue(SETTINGS + "live", self.presenter.runs.live)
        qt.QSettings().setValue(SETTINGS + "across", self.presenter.runs.across)

    def _radius_changed(self) -> None:
        """Shift and wheel in a view."""
        self.ui.radiusSlider.value = self.tool.radius

    def _restore_settings(self) -> None:
        ui, value = self.ui, slicer.util.settingsValue
        ui.radiusSlider.value = value(SETTINGS + "radius", ui.radiusSlider.value, float)
        ui.liveBox.checked = value(SETTINGS + "live", True, slicer.util.toBool)
        ui.acrossBox.checked = value(SETTINGS + "across", True, slicer.util.toBool)
        ui.deviceBox.currentText = value(SETTINGS + "device", "auto", str)
        self._set_tool()
        if ui.deviceBox.currentText != "auto":
            self.presenter.set_device(ui.deviceBox.currentText)

    def _toggle(self, button: Any) -> None:
        (self.ui.structureButton if button.checked else button).click()

    def _stroke(self, points: np.ndarray, normal: np.ndarray, negative: bool, erase: bool) -> None:
        how = {"negative": negative, "erase": erase, "click": len(points) == 1}
        self.presenter.stroke(points, self.tool.radius, normal, **how)

    def _jump(self, z: int) -> None:
        self.presenter.go_to(z)

    def _next_class(self) -> None:
        state = self.presenter.state
        ids = [row.id for row in state.classes]
        if ids:
            at = ids.index(state.selected) if state.selected in ids else -1
            self.presenter.select_class(ids[(at + 1) % len(ids)])

    def _remove_class(self) -> None:
        self.presenter.remove_class(self.presenter.state.selected)

    def _install(self, confirm: Callable[[str], bool] | None = None) -> None:
        self._told(install.install, confirm)
        self._missing = install.missing()
        self.presenter.refresh()  # looks for PyTorch again
        self.draw(self.presenter.state)

    def _told(self, action: Callable[..., object], *arguments: Any) -> None:
        try:
            action(*arguments)
        except UserError as error:
            slicer.util.errorDisplay(said(str(error)))

    # ---- files ---------------------------------------------------------------------------------

    def _open_result(self) -> None:
        kinds = _("Results (*.seg.nrrd *.dcm *.nii *.nii.gz *.nrrd *.mha *.mhd);;All files (*)")
        title = _("Open a result of this volume")
        path = qt.QFileDialog.getOpenFileName(slicer.util.mainWindow(), title, "", kinds)
        if path:
            self.presenter.correct_file(path)

    def _save_scene(self) -> None:
        path = self._ask_path(_("Save scene"), _("Slicer scene (*.mrb)"), ".mrb")
        if path:
            self.presenter.save_scene(path)

    def _export(self) -> None:
        kinds = _("Segmentation (*.seg.nrrd);;Label map (*.nii.gz);;Scene (*.mrb)")
        path = self._ask_path(_("Export segmentation"), kinds, ".seg.nrrd")
        if path:
            self.presenter.export(path)

    @staticmethod
    def _ask_path(title: str, kinds: str, suffix: str) -> str:
        path = qt.QFileDialog.getSaveFileName(slicer.util.mainWindow(), title, "", kinds)
        name = path.replace("\\", "/").rsplit("/", 1)[-1]
        return path + suffix if path and "." not in name else path

    def _nodes(self) -> tuple[Any, Any]:
        state = self.presenter.state
        scene = slicer.mrmlScene
        return scene.GetNodeByID(state.segmentation), scene.GetNodeByID(state.volume)

    def _export_dicom(self) -> None:
        title = _("Folder for DICOM SEG")
        folder = qt.QFileDialog.getExistingDirectory(slicer.util.mainWindow(), title)
        if folder:
            self._told(export.export_dicom, *self._nodes(), folder)

    def _statistics(self) -> None:
        self._told(export.show_statistics, *self._nodes())

    # ---- drawing -------------------------------------------------------------------------------

    def draw(self, state: State) -> None:
        """Show ``state``; signals of the widgets it changes are not taken for the user's."""
        self._drawing = True
        try:
            self._draw_selectors(state)
            self._draw_settings(state)
            self.table.draw(state)
            self.automatic.draw(state)
            self.batch.draw(state)
            for name, properties in shown(state, self._missing).items():
                widget = getattr(self.ui, name)
                for key, value in properties.items():
                    # "visible" also depends on the parents: it is always said.
                    if key == "visible" or getattr(widget, key) != value:
                        setattr(widget, key, value)
            self.strip.show_slices(
                state.confidence, state.slice_status, state.slice, state.slices, state.worst
            )
            self.strip.provenance = state.provenance
            self.tool.colour = state.colour or self.tool.colour
            known = 0 <= state.slice < state.slices
            self.ui.sliceLabel.text = self.strip.describe(state.slice) if known else ""
        finally:
            self._drawing = False

    def _draw_selectors(self, state: State) -> None:
        ui, scene = self.ui, slicer.mrmlScene
        listed = {row.id for row in state.segmentations}
        there = [node.GetID() for node in nodes_of(scene, SEGMENTATION)]
        ui.segmentationSelector.sortFilterProxyModel().hiddenNodeIDs = [
            node for node in there if node not in listed
        ]
        if ui.volumeSelector.currentNodeID != (state.volume or ""):
            ui.volumeSelector.currentNodeID = state.volume or ""
        if ui.segmentationSelector.currentNodeID != (state.segmentation or ""):
            ui.segmentationSelector.currentNodeID = state.segmentation or ""
        for axis, name in enumerate(axis_names(scene.GetNodeByID(state.volume or ""))):
            ui.axisBox.setItemText(1 + axis, name)

    def _draw_settings(self, state: State) -> None:
        """Folded once a volume is chosen; the title then says what they are."""
        ui, chosen = self.ui, state.volume is not None
        known = [ui.axisBox.itemText(1 + state.axis)] if state.axis is not None else []
        known = [state.modality or "", *known, ui.deviceBox.currentText] if chosen else []
        ui.settingsSection.text = ": ".join(
            filter(None, (self._settings_title, ", ".join(filter(None, known))))
        )
        if chosen != self._chosen:
            self._chosen = ui.settingsSection.collapsed = chosen


def axis_names(volume: Any) -> list[str]:
    """What slices along the axes of [k, j, i] of ``volume`` are nearest to, such as "Axial"."""
    if volume is None:
        return [_("Axis {axis}").format(axis=axis) for axis in "kji"]
    matrix = vtk.vtkMatrix4x4()
    volume.GetIJKToRASDirectionMatrix(matrix)
    directions = [[abs(matrix.GetElement(row, i)) for row in range(3)] for i in (2, 1, 0)]
    return [ANATOMICAL[int(np.argmax(direction))] for direction in directions]
