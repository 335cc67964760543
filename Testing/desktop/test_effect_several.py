"""The Segment Editor effect on several segments at once."""

# ruff: noqa: F401, F811 (fixtures of other files)

from __future__ import annotations

import numpy as np
import pytest
from session_steps import MIDDLE, SHAPE
from test_effect import (
    effect,
    put,
    registered,
    scripted,
    segmentation,
    volume,
    voxels,
)

CORNER = (130, 130)


@pytest.fixture
def third(segmentation, volume):
    """A hidden segment in the middle of everything; its voxels [k, j, i]."""
    segmentation.GetSegmentation().AddEmptySegment("third", "third", (1, 1, 0))
    segmentation.GetDisplayNode().SetSegmentVisibility("third", False)
    mask = np.zeros(SHAPE, bool)
    mask[4:8, 10:30, 18:36] = True
    put(segmentation, volume, "third", mask)
    return mask


@pytest.fixture
def both(effect, host, scripted, third):
    """Marks of "ball" in the middle and of "other" in a corner, carried through the volume."""
    effect.visibleBox.click()
    host.slice_widget().drag([MIDDLE, (104, 100)])
    host.slice_widget().click(60, 100, ctrl=True)
    scripted.logic.SetCurrentSegmentID("other")
    effect.updateGUIFromMRML()
    host.slice_widget().drag([CORNER, (134, 130)])
    effect.preview.presenter.wait()
    assert effect.preview.presenter.state.message == ""
    return effect.preview.masks()


def test_marks_go_to_the_selected_segment_and_all_visible_ones_follow(
    effect, both, segmentation, volume, host
):
    assert list(both) == ["ball", "other"], "what is hidden is left alone"
    assert all(mask.any() for mask in both.values())
    assert not (both["ball"] & both["other"]).any()
    assert both["ball"][6, 20, 18]
    assert both["other"].sum() > 3
    assert not voxels(segmentation, volume).any(), "nothing is written before Apply"
    names = [row.name for row in effect.preview.presenter.state.classes]
    assert names == ["ball", "other"]


def test_apply_writes_all_and_one_undo_takes_all_back(
    effect, both, scripted, segmentation, volume, third, host
):
    scripted.parameters.SetOverwriteMode(scripted.parameters.OverwriteNone)
    effect.applyButton.click()
    for id, mask in {**both, "third": third}.items():
        np.testing.assert_array_equal(voxels(segmentation, volume, id), mask, id)
    assert effect.preview is None
    assert host.scene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode") == 1
    scripted.logic.Undo()
    assert not voxels(segmentation, volume).any()
    assert not voxels(segmentation, volume, "other").any()
    np.testing.assert_array_equal(voxels(segmentation, volume, "third"), third)


def test_cancel_changes_none(effect, both, segmentation, volume, third):
    effect.cancelButton.click()
    assert not voxels(segmentation, volume).any()
    assert not voxels(segmentation, volume, "other").any()
    np.testing.assert_array_equal(voxels(segmentation, volume, "third"), third)


def test_the_overwrite_mode_holds_for_all(effect, both, scripted, segmentation, volume, third):
    scripted.parameters.SetOverwriteMode(scripted.parameters.OverwriteAllSegments)
    taken = third & (both["ball"] | both["other"])
    assert (third & both["ball"]).any()
    assert (third & both["other"]).any()
    effect.applyButton.click()
    np.testing.assert_array_equal(voxels(segmentation, volume, "third"), third & ~taken)
    np.testing.assert_array_equal(voxels(segmentation, volume, "other"), both["other"])


def test_the_editable_area_holds_for_all(effect, both, scripted, segmentation, volume, third):
    mode = segmentation.EditAllowedInsideSingleSegment
    scripted.parameters.SetMaskMode(mode)
    scripted.parameters.SetMaskSegmentID("third")
    scripted.parameters.SetOverwriteMode(scripted.parameters.OverwriteNone)
    effect.applyButton.click()
    for id, mask in both.items():
        np.testing.assert_array_equal(voxels(segmentation, volume, id), mask & third, id)
    np.testing.assert_array_equal(voxels(segmentation, volume, "third"), third)


def test_the_intensity_range_holds_for_all(effect, both, scripted, segmentation, volume):
    import slicer.util

    intensities = slicer.util.arrayFromVolume(volume)
    scripted.parameters.SetSourceVolumeIntensityMask(True)
    scripted.parameters.SetSourceVolumeIntensityMaskRange(0, 100)
    scripted.parameters.SetOverwriteMode(scripted.parameters.OverwriteNone)
    effect.applyButton.click()
    dark = intensities <= 100
    for id, mask in both.items():
        assert (mask & ~dark).any() or id == "other"
        np.testing.assert_array_equal(voxels(segmentation, volume, id), mask & dark, id)


def test_the_selected_segment_is_taken_though_it_is_hidden(effect, host, scripted, segmentation):
    segmentation.GetDisplayNode().SetSegmentVisibility("ball", False)
    effect.visibleBox.click()
    host.slice_widget().click(*MIDDLE)
    assert list(effect.preview.ids) == ["other", "ball"]
    assert effect.preview.presenter.state.selected == effect.preview.ids["ball"]
    assert not effect.visibleBox.enabled, "not in the middle of a preview"


def test_a_segment_that_is_gone_ends_the_preview(effect, both, segmentation):
    segmentation.GetSegmentation().RemoveSegment("ball")
    effect.applyButton.click()
    assert effect.preview is None
    assert "ball" not in segmentation.GetSegmentation().GetSegmentIDs()


def test_the_choice_is_kept_in_the_parameter_node(effect, scripted):
    assert scripted.integerParameter("AllVisible") == 0
    effect.visibleBox.click()
    assert scripted.integerParameter("AllVisible") == 1
    scripted.setParameter("AllVisible", 0)
    effect.updateGUIFromMRML()
    assert not effect.visibleBox.checked
