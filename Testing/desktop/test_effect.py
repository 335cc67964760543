"""The Segment Editor effect on Slicer's own editor logic: marks, preview, Apply, Cancel, masks."""

from __future__ import annotations

import editor
import numpy as np
import pytest
from S2VNetSlicerLib.inference.client import connect
from session_steps import MIDDLE, SHAPE


@pytest.fixture
def registered(host, monkeypatch):
    return editor.install(monkeypatch)


@pytest.fixture
def volume(add_volume):
    return add_volume()


@pytest.fixture
def segmentation(host, volume):
    node = host.scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "edited")
    node.CreateDefaultDisplayNodes()
    node.SetReferenceImageGeometryParameterFromVolumeNode(volume)
    node.GetSegmentation().AddEmptySegment("ball", "ball", (1, 0.5, 0))
    node.GetSegmentation().AddEmptySegment("other", "other", (0, 0.5, 1))
    return node


@pytest.fixture
def scripted(host, volume, segmentation):
    return editor.ScriptedEffect(host.scene, volume, segmentation, "ball")


@pytest.fixture
def effect(host, registered, scripted, weights, monkeypatch):
    """Active, on the segment "ball"; its presenter makes one slice at every tick."""
    host.load("S2VNetSlicerLib.desktop.effect")
    import S2VNetSlicerLib.desktop.effect as module

    monkeypatch.setattr(module, "connect", lambda: connect(synchronous=True))
    made = module.S2VNetEffect(scripted)
    made.setMRMLDefaults()
    made.setupOptionsFrame()
    made.updateGUIFromMRML()
    made.activate()
    yield made
    made.cleanup()


def voxels(segmentation, volume, segment="ball"):
    from S2VNetSlicerLib.scene.marks import segment_mask

    return segment_mask(volume, segmentation, segment)


def put(segmentation, volume, segment, mask):
    from S2VNetSlicerLib.scene.marks import oriented_image
    from S2VNetSlicerLib.scene.volumes import local_geometry
    from slicer import vtkSlicerSegmentationsModuleLogic as Logic

    image = oriented_image(mask.astype(np.uint8), local_geometry(volume))
    Logic.SetBinaryLabelmapToSegment(image, segmentation, segment, Logic.MODE_REPLACE)


def mark(effect, host):
    host.slice_widget().drag([MIDDLE, (104, 100)])
    host.slice_widget().click(60, 100, ctrl=True)
    effect.preview.presenter.wait()


def test_it_is_registered_at_start(host, registered):
    module = host.load("S2VNetSegmentEditorEffect")
    from types import SimpleNamespace

    parent = SimpleNamespace()
    module.S2VNetSegmentEditorEffect(parent)
    assert parent.hidden
    host.app.startupCompleted.emit()
    assert [effect.name for effect in registered] == ["S2VNet"]
    clone = registered[0].self().clone()
    assert clone.name == "S2VNet"
    assert clone.self() is not registered[0].self()


def test_it_has_the_small_icon(effect):
    sizes = [(size.width(), size.height()) for size in effect.icon().availableSizes()]
    assert sizes == [(48, 48)]


def test_the_buttons_follow_the_work(effect, host, scripted):
    assert editor.buttons(scripted) == ["Propagate", "Cancel", "Apply"]
    assert (effect.applyButton.enabled, effect.cancelButton.enabled) == (False, False)
    host.slice_widget().click(*MIDDLE)
    assert effect.cancelButton.enabled
    assert not effect.applyButton.enabled, "it still runs"
    effect.preview.presenter.wait()
    assert (effect.applyButton.enabled, effect.correctBox.enabled) == (True, False)


def test_apply_writes_what_was_previewed_and_can_be_undone(
    effect, host, scripted, segmentation, volume
):
    mark(effect, host)
    previewed = voxels(effect.preview.node, volume, effect.preview.ids["ball"])
    assert previewed.any()
    assert not voxels(segmentation, volume).any(), "nothing is written before Apply"
    nodes = host.scene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode")
    effect.applyButton.click()
    np.testing.assert_array_equal(voxels(segmentation, volume), previewed)
    assert host.scene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode") < nodes
    assert host.scene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode") == 1
    assert effect.preview is None
    scripted.logic.Undo()
    assert not voxels(segmentation, volume).any()
    scripted.logic.Redo()
    np.testing.assert_array_equal(voxels(segmentation, volume), previewed)


def test_cancel_waits_for_nothing_and_the_next_preview_uses_what_was_encoded(
    effect, host, session_of
):
    mark(effect, host)
    presenter = effect.preview.presenter
    session = session_of(presenter)
    effect.cancelButton.click()
    assert effect.preview is None
    mark(effect, host)
    again = effect.preview.presenter
    assert again is not presenter
    assert session_of(again) is session


def test_cancel_leaves_no_trace(effect, host, segmentation, volume):
    mark(effect, host)
    effect.cancelButton.click()
    assert not voxels(segmentation, volume).any()
    assert host.scene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode") == 1
    assert segmentation.GetName() == "edited"
    assert not effect.applyButton.enabled
    mark(effect, host)
    assert effect.preview is not None, "and one can begin again"


def test_masking_and_overwriting_are_slicers(effect, host, scripted, segmentation, volume):
    import slicer

    mark(effect, host)
    previewed = voxels(effect.preview.node, volume, effect.preview.ids["ball"])
    other = previewed.copy()
    other[:, 20:] = False
    assert 0 < other.sum() < previewed.sum()
    put(segmentation, volume, "other", other)
    mode = slicer.vtkMRMLSegmentationNode.EditAllowedOutsideAllSegments
    scripted.parameters.SetMaskMode(mode)
    effect.applyButton.click()
    np.testing.assert_array_equal(voxels(segmentation, volume), previewed & ~other)
    np.testing.assert_array_equal(voxels(segmentation, volume, "other"), other)


def test_painted_voxels_are_marks(effect, host, segmentation, volume):
    painted = np.zeros(SHAPE, bool)
    painted[6, 18:23, 16:21] = True
    put(segmentation, volume, "ball", painted)
    effect.previewButton.click()
    presenter = effect.preview.presenter
    presenter.wait()
    assert presenter.state.message == ""
    effect.previewButton.click()
    presenter.wait()
    made = presenter.state.slice_status
    assert made[6] == 2
    assert (made > 0).all()
    assert voxels(effect.preview.node, volume, effect.preview.ids["ball"])[painted].all()


def test_a_result_is_corrected(effect, host, segmentation, volume):
    result = np.zeros(SHAPE, bool)
    result[:, 12:28, 10:26] = True
    put(segmentation, volume, "ball", result)
    effect.correctBox.click()
    host.slice_widget().click(130, 100, ctrl=True)
    effect.preview.presenter.wait()
    assert effect.preview.presenter.state.message == ""
    np.testing.assert_array_equal(
        effect.preview.presenter.state.slice_status > 0, np.ones(SHAPE[0], bool)
    )
    effect.applyButton.click()
    assert voxels(segmentation, volume).any()


def test_nodes_under_different_transforms(effect, host, segmentation, volume):
    transform = host.scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    import slicer.util

    matrix = np.eye(4)
    matrix[:3, 3] = 3, 0, 0
    transform.SetMatrixTransformToParent(slicer.util.vtkMatrixFromArray(matrix))
    segmentation.SetAndObserveTransformNodeID(transform.GetID())
    mark(effect, host)
    previewed = voxels(effect.preview.node, volume, effect.preview.ids["ball"])
    effect.applyButton.click()
    np.testing.assert_array_equal(voxels(segmentation, volume), previewed)


def test_another_segment_ends_the_preview(effect, host, scripted, segmentation):
    mark(effect, host)
    scripted.logic.SetCurrentSegmentID("other")
    effect.updateGUIFromMRML()
    assert effect.preview is None
    mark(effect, host)
    segmentation.GetSegmentation().RemoveSegment("other")
    effect.applyButton.click()
    assert effect.preview is None, "there is nothing to write into"


def test_leaving_the_effect_discards_and_stops_listening(effect, host):
    mark(effect, host)
    effect.deactivate()
    assert effect.preview is None
    host.slice_widget().click(*MIDDLE)
    assert effect.preview is None


def test_what_cannot_begin_says_why(effect, host, scripted, monkeypatch):
    import S2VNetSlicerLib.desktop.install as install

    monkeypatch.setattr(install, "NEEDED", ("no_such_package",))
    host.slice_widget().click(*MIDDLE)
    assert "Missing: no_such_package" in effect.statusLabel.text
    monkeypatch.setattr(install, "NEEDED", ())
    scripted.confirmed = False
    host.slice_widget().click(*MIDDLE)
    assert effect.preview is None
    scripted.parameters.SetAndObserveSourceVolumeNode(None)
    effect.previewButton.click()
    assert "Choose a source volume" in effect.statusLabel.text


def test_options_are_kept_in_the_parameter_node(effect, scripted):
    effect.radiusSlider.value = 5.5
    effect.correctBox.click()
    assert scripted.doubleParameter("RadiusMm") == 5.5
    assert scripted.integerParameter("Correct") == 1
    scripted.setParameter("RadiusMm", 1.5)
    effect.updateGUIFromMRML()
    assert (effect.radiusSlider.value, effect._tool.radius) == (1.5, 1.5)
    effect.backgroundButton.click()
    assert effect._tool.negative


def test_a_volume_that_cannot_be_segmented_is_one_sentence(
    effect, host, scripted, segmentation, volume
):
    import slicer.util

    slicer.util.updateVolumeFromArray(volume, np.zeros(SHAPE, np.int16))
    host.slice_widget().click(*MIDDLE)
    assert effect.preview is None
    assert "head" in effect.statusLabel.text
    assert effect.statusLabel.text.endswith(".")
    assert host.scene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode") == 1, "nothing is left"
    assert not effect.applyButton.enabled


def test_a_preview_is_never_saved_nor_offered(effect, host, segmentation):
    """Neither with the scene nor as a segmentation to choose, also not its marks."""
    mark(effect, host)
    scene = host.scene
    nodes = [
        scene.GetNthNodeByClass(n, "vtkMRMLSegmentationNode")
        for n in range(scene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode"))
    ]
    assert len(nodes) == 3
    for node in nodes:
        own = node is not segmentation
        assert bool(node.GetSaveWithScene()) != own
        assert bool(node.GetHideFromEditors()) == own


@pytest.mark.parametrize("gone", ["volume", "segmentation", "scene"])
def test_what_is_removed_during_a_preview_ends_it(effect, host, segmentation, volume, gone):
    host.slice_widget().drag([MIDDLE, (104, 100)])
    effect._tick()
    assert effect.preview.presenter.state.busy
    if gone == "scene":
        host.scene.Clear(0)
    else:
        host.scene.RemoveNode({"volume": volume, "segmentation": segmentation}[gone])
    effect._tick()
    effect.updateGUIFromMRML()
    assert effect.preview is None
    left = host.scene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode")
    assert left == (1 if gone == "volume" else 0), "no preview is left behind"
    effect.applyButton.click()
