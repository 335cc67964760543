"""Two patients in the page: views, strokes and results belong to the volume that is shown."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import numpy as np
import pytest
from chromium import CHROMIUM
from driving import drag, page_sets, serving, shown, until
from S2VNetSlicerLib.errors import UserError
from S2VNetSlicerLib.volumes.geometry import Geometry
from S2VNetSlicerLib.volumes.writing import write_label_map

needs_chromium = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is missing")


@pytest.fixture
def other(volume):
    """Another patient's volume, elsewhere in the world."""
    affine = volume.geometry.ijk_to_ras.copy()
    affine[:3, 3] += 1000
    return replace(volume, geometry=Geometry(volume.geometry.shape, affine), name="other")


async def two(application, volume, other):
    """A mark on either volume; the second one is shown. IDs of the volumes and segmentations."""
    await page_sets(application, marking=True, live=False)
    presenter, found = application.presenter, []
    for shown_volume in (volume, other):
        application.show_volume(shown_volume)
        presenter.add_class(shown_volume.name)
        for view in application.views.all:
            view.render_window().Render()
        drag(application.views.slices[0], (0.45, 0.6), (0.5, 0.65))
        presenter.wait()
        assert presenter.state.anchored, presenter.state.message
        found.append((presenter.state.volume, presenter.state.segmentation))
    return found


def background(application):
    return {view.get_background_volume_id() for view in application.views.slices}


def test_a_segmentation_brings_its_volume_into_all_views(in_application, volume, other):
    async def test(application):
        async with await serving(application):
            first, second = await two(application, volume, other)
            presenter, scene = application.presenter, application.slicer.scene
            displays = [scene.GetNodeByID(id).GetDisplayNode() for _, id in (first, second)]
            assert background(application) == {second[0]}
            assert [bool(d.GetVisibility()) for d in displays] == [False, True]
            kept = presenter.annotation.marks_volume()
            application.page.actions.choose_segmentation(first[1])
            assert background(application) == {first[0]}
            assert [bool(d.GetVisibility()) for d in displays] == [True, False]
            assert presenter.state.can_undo
            for view in application.views.all:
                view.render_window().Render()
            drag(application.views.slices[0], (0.2, 0.2), (0.3, 0.2))
            presenter.wait()
            assert presenter.state.message == ""
            application.choose_volume(second[0])
            assert background(application) == {second[0]}
            assert presenter.state.segmentation == second[1]
            assert np.array_equal(presenter.annotation.marks_volume(), kept), "untouched"

    in_application(test)


def test_a_view_of_another_volume_takes_no_stroke(in_application, volume, other):
    async def test(application):
        async with await serving(application):
            first, _ = await two(application, volume, other)
            view = application.views.slices[0]
            view.set_background_volume_id(first[0])
            before = application.presenter.annotation.marks_volume()
            drag(view, (0.2, 0.2), (0.3, 0.2))
            assert "The view shows balls" in application.server.state.message
            assert np.array_equal(application.presenter.annotation.marks_volume(), before)

    in_application(test)


def test_results_of_other_patients_are_refused_or_asked_about(
    in_application, volume, other, tmp_path
):
    labels = np.zeros(volume.array.shape, np.uint8)
    labels[4:12, 15:30, 15:30] = 1
    write_label_map(tmp_path / "elsewhere.nii.gz", labels, other.geometry)
    affine = volume.geometry.ijk_to_ras.copy()
    affine[0, 3] += 25  # of its columns 15 to 29 only the last five lie in the volume
    hardly = Geometry(labels.shape, affine)
    write_label_map(tmp_path / "hardly.nii.gz", labels, hardly)

    async def test(application):
        async with await serving(application):
            application.show_volume(volume)
            with pytest.raises(UserError, match="lies outside balls"):
                application.correct_file(tmp_path / "elsewhere.nii.gz")
            await until(lambda: len(application.server.state.segmentations) == 1)
            application.correct_file(tmp_path / "hardly.nii.gz")
            page = application.server.state
            assert "Only 33 % of hardly lies inside balls" in page.asked
            application.page.actions.automatic.answer(True)
            await until(lambda: application.presenter.idle)
            assert page.asked == ""
            assert len(page.classes) == 1

    in_application(test)


@needs_chromium
def test_eye_and_lock_select_no_class(in_application, volume):
    async def test(application):
        async with shown(application, 960, 640) as page:
            application.show_volume(volume)
            presenter = application.presenter
            ids = [presenter.add_class("a"), presenter.add_class("b")]
            rows = page.locator(".class")
            await rows.nth(1).wait_for()
            await rows.nth(0).locator(".mdi-eye").click()
            await until(lambda: not presenter.state.classes[0].visible)
            await rows.nth(0).locator(".mdi-lock-open-variant-outline").click()
            await until(lambda: presenter.state.classes[0].locked)
            assert presenter.state.selected == ids[1]
            await page.click("#lock-others")
            await asyncio.sleep(0.2)
            await until(lambda: not presenter.state.classes[0].locked)
            await rows.nth(0).click(position={"x": 150, "y": 2})
            await until(lambda: presenter.state.selected == ids[0])

    in_application(test)
