"""Reading a CT on the page with real mouse and keys: windows, values, letters, slices, layouts."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import SimpleITK as sitk

pytest.importorskip("trame_slicer", reason="trame-slicer is not installed")
pytest.importorskip("playwright", reason="Playwright is not installed")
from chromium import CHROMIUM
from driving import VIEWS, draw, until, view_box
from reading import SHAPE, SPACING, opened, write_ct, write_labels
from S2VNetSlicerLib.scene.windows import window_level

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is missing")
AXIAL, CORONAL, SAGITTAL = 0, 2, 3
"""Views on the page."""


@pytest.fixture(scope="module")
def ct(tmp_path_factory):
    return write_ct(tmp_path_factory.mktemp("ct") / "Bauch Ä 頭.nii.gz")


@pytest.fixture(scope="module")
def run(ct, tmp_path_factory):
    with opened(tmp_path_factory.mktemp("reading"), ct, width=1280, height=720) as run:
        yield run


async def centre(page, view=AXIAL):
    box = await view_box(page, view)
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


async def written(page, tag, kind):
    return await page.locator(f"[data-view={tag}] .{kind}").inner_text()


def test_a_ct_opens_in_the_window_of_soft_tissue_and_changes_by_menu_key_and_drag(run):
    async def test(application, page):
        node = application.presenter.workspace.volume_node
        assert window_level(node) == (400, 40)
        assert "Soft tissue" in await page.locator("#window").inner_text()
        await page.click("#window")
        await page.click("#window-bone")
        await until(lambda: window_level(node) == (2500, 480))
        await page.locator("#window-list").wait_for(state="hidden")
        await page.keyboard.press("2")
        await until(lambda: window_level(node) == (1500, -600))
        await page.locator(".over .window", has_text="W 1500 L -600").first.wait_for()
        await page.keyboard.press("0")
        await until(lambda: window_level(node)[0] < 1200)
        await page.keyboard.press("1")
        await until(lambda: window_level(node) == (400, 40))
        x, y = await centre(page)
        await draw(page, [(x, y), (x + 50, y), (x + 50, y - 40)])
        await until(lambda: window_level(node) != (400, 40))
        window, level = window_level(node)
        assert window > 0
        assert abs(window - 400) + abs(level - 40) > 1
        assert not application.presenter.state.classes, "a drag without the tool marks nothing"
        await page.keyboard.press("1")
        await page.keyboard.press("m")
        await until(lambda: application.tool.enabled)
        await page.keyboard.down("Alt")
        await draw(page, [(x, y), (x - 50, y), (x - 50, y + 40)])
        await page.keyboard.up("Alt")
        await until(lambda: window_level(node) != (400, 40))
        assert not application.presenter.state.classes, "with Alt the tool marks nothing"
        await page.keyboard.press("m")
        await page.keyboard.press("1")
        await until(lambda: not application.tool.enabled and window_level(node) == (400, 40))

    run(test)


def test_the_value_under_the_cursor_is_that_of_the_file(run, ct):
    image = sitk.ReadImage(str(ct))

    async def test(application, page):
        x, y = await centre(page)
        for dx, dy in ((0, 0), (23, 17), (-30, 12)):
            await page.mouse.move(x + dx, y + dy)
            await page.locator("[data-view=Red] .told", has_text="HU").wait_for()
            await page.wait_for_timeout(300)
            value, place = (await written(page, "Red", "told")).split("\n")
            parts = place.removesuffix(" mm").split()
            signs = {"R": 1, "L": -1, "A": 1, "P": -1, "S": 1, "I": -1}
            right, front, top = (
                signs[side] * float(mm) for side, mm in zip(parts[::2], parts[1::2], strict=True)
            )
            at = image.TransformPhysicalPointToContinuousIndex((-right, -front, top))
            near = [{int(np.floor(c + 0.5 + d)) for d in (-0.04, 0.04)} for c in at]
            assert int(value.split()[0]) in {image[index] for index in itertools.product(*near)}

    run(test)


def test_letters_and_names_say_where_the_views_look(run):
    async def test(application, page):
        expected = {"Red": "RLAP", "Green": "RLSI", "Yellow": "APSI"}
        for tag, letters in expected.items():
            edges = ("left", "right", "top", "bottom")
            assert [await written(page, tag, edge) for edge in edges] == list(letters)
            boxes = [
                await page.locator(f"[data-view={tag}] .{kind}").bounding_box()
                for kind in ("bottom", "scale")
            ]
            assert boxes[0]["y"] + boxes[0]["height"] <= boxes[1]["y"], "nothing overlaps"
            shown = await view_box(page, ("Red", "Green", "Yellow").index(tag) + (tag != "Red"))
            view = application.views.slices[("Red", "Green", "Yellow").index(tag)].get_view_node()
            length = boxes[1]["width"] / shown["width"] * view.GetFieldOfView()[0]
            number, unit = (await written(page, tag, "scale")).split()
            assert length == pytest.approx(float(number) * {"cm": 10, "mm": 1}[unit], rel=0.03)
        assert await written(page, "Red", "name") == "Axial"
        assert "Bauch Ä 頭" in await written(page, "Red", "about")
        await page.click("#show-about")
        await page.locator("[data-view=Red] .about").wait_for(state="detached")
        await page.click("#show-about")
        await page.locator("[data-view=Red] .about").wait_for()

    run(test)


def test_wheel_and_keys_scroll_the_view_under_the_mouse_and_begin_nothing(run):
    async def test(application, page):
        axial = application.views.slices[0]

        async def moves(steps, act):
            before = axial.get_slice_value()
            await act
            await until(lambda: abs(axial.get_slice_value() - before - steps * 3.0) < 0.01)

        await page.mouse.move(*await centre(page))
        await page.locator("[data-view=Red] .told", has_text="mm").wait_for()
        await moves(-1, page.mouse.wheel(0, 100))
        await moves(+1, page.keyboard.press("ArrowUp"))
        await moves(-1, page.keyboard.press("ArrowLeft"))
        await moves(+10, page.keyboard.press("PageUp"))
        await moves(-10, page.keyboard.press("PageDown"))
        number = round((axial.get_slice_value() + 36.0) / 3.0) + 1
        await page.locator("[data-view=Red] .slice", has_text=f"{number} / 24").wait_for()
        assert application.presenter.idle
        assert not application.presenter.state.classes

    run(test)


STILL = f"""() => {{
    const views = [...document.querySelectorAll('{VIEWS}')];
    const places = JSON.stringify(views.map(view => view.getBoundingClientRect()));
    const now = performance.now();
    if (places !== window.places) [window.places, window.since] = [places, now];
    return now - window.since > 300;
}}"""
"""Whether no view has moved for a while: a user does not aim at what moves."""


def test_layouts_show_the_views_that_they_name_and_a_double_click_shows_one_alone(run):
    async def test(application, page):
        async def count(wanted):
            await page.wait_for_function(
                f"document.querySelectorAll('{VIEWS}').length === {wanted}"
            )

        axial = application.views.slices[0]

        def fits():
            """Whether the axial view shows all of the CT, which touches two of its edges."""
            shown = np.array(axial.get_view_node().GetFieldOfView()[:2])
            return bool(np.isclose((shown / np.multiply(SHAPE[:0:-1], SPACING[:0:-1])).min(), 1))

        def drawn():
            """How wide (mm) the body is in the picture, by the view's own measure: 90 in truth."""
            from vtkmodules.util.numpy_support import vtk_to_numpy
            from vtkmodules.vtkCommonCore import vtkUnsignedCharArray

            window, found = axial.render_window(), vtkUnsignedCharArray()
            window.Render()
            width, height = window.GetSize()
            window.GetPixelData(0, height // 3, width - 1, height // 3, 0, found, 0)
            grey = vtk_to_numpy(found).reshape(width, 3).max(1) > 20
            return np.count_nonzero(grey) / width * axial.get_view_node().GetFieldOfView()[0]

        for layout, views in (("large", 4), ("row", 3), ("flat", 3), ("four", 4)):
            await page.click(f"#layout-{layout}")
            await count(views)
            await until(fits)
            await until(lambda: abs(drawn() - 90) < 4)
        size = axial.render_window().GetSize()
        x, y = await centre(page)
        await page.mouse.move(x, y)
        await page.mouse.down(button="right")
        await page.mouse.move(x, y + 60, steps=4)
        await page.mouse.up(button="right")
        await until(lambda: not fits())
        await page.click("#layout-large")
        await until(lambda: axial.render_window().GetSize() != size)
        assert not fits(), "what the user zoomed stays so"
        before = axial.get_slice_value()
        await page.click("#fit-Red")
        await until(fits)
        assert axial.get_slice_value() == before
        await page.click("#layout-four")
        await count(4)
        await page.wait_for_function(STILL)
        x, y = await centre(page)
        await page.mouse.dblclick(x, y)
        await count(1)
        await until(lambda: application.views.slices[0].render_window().GetSize()[0] > 900)
        assert len(application.views.manager.get_current_view_ids()) == 1
        await page.mouse.dblclick(x, y)
        await count(4)
        with application.server.state as state:
            state.marking = True
        await until(lambda: application.tool.enabled)
        application.viewing.double_click("Red")
        await count(4)
        with application.server.state as state:
            state.marking = False

    run(test)


def test_the_segmentation_is_dimmed_outlined_and_hidden_while_h_is_down(run, ct, tmp_path):
    async def test(application, page):
        application.correct_file(write_labels(ct, tmp_path / "organ.nii.gz"))
        window = application.views.slices[0].render_window()

        def inside():
            """Whether the middle of the organ is grey as the image is."""
            from vtkmodules.vtkCommonCore import vtkUnsignedCharArray

            window.Render()
            width, height = window.GetSize()
            found = vtkUnsignedCharArray()
            at = width // 2, height // 2
            window.GetPixelData(*at, *at, 0, found, 0)
            red, green, blue = (found.GetValue(n) for n in range(3))
            return max(red, green, blue) - min(red, green, blue) < 8

        assert not inside()
        await page.keyboard.down("h")
        await until(inside)
        await page.keyboard.up("h")
        await until(lambda: not inside())
        await page.click("#outline")
        await until(inside)
        await page.keyboard.press("o")
        await until(lambda: not inside())
        slider = page.locator("#view-bar .v-slider [role=slider]")
        await slider.press("Home")
        await until(inside)
        await slider.press("End")
        await until(lambda: not inside())
        display = application.presenter.workspace.volume_node.GetDisplayNode()
        assert display.GetInterpolate()
        await page.click("#interpolate")
        await until(lambda: not display.GetInterpolate())

    run(test)


def test_the_crosshair_links_the_views(run):
    async def test(application, page):
        await page.click("#crosshair")
        _, coronal, sagittal = application.views.slices
        x, y = await centre(page)
        for away in (20, -20):
            before = coronal.get_slice_value(), sagittal.get_slice_value()
            await page.keyboard.down("Shift")
            await page.mouse.move(x + away, y + away, steps=4)
            await until(
                lambda before=before: (
                    abs(coronal.get_slice_value() - before[0]) > 1
                    and abs(sagittal.get_slice_value() - before[1]) > 1
                )
            )
            await page.keyboard.up("Shift")
            await draw(page, [(x, y), (x + 30, y)])  # also after a drag of the window

    run(test)
