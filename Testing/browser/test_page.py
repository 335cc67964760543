"""The page in a real browser: marks drawn with the mouse, the result of a headless session."""

from __future__ import annotations

import asyncio
import os
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
import SimpleITK as sitk

pytest.importorskip("trame_slicer", reason="trame-slicer is not installed")
pytest.importorskip("playwright", reason="Playwright is not installed")
from chromium import CHROMIUM
from driving import draw, held, shown, until, view_box
from S2VNetSlicerLib.network.weights import load_model
from S2VNetSlicerLib.propagation.session import Session
from S2VNetSlicerLib.scene.volumes import volume_to_node
from S2VNetSlicerLib.workflow.presenter import Presenter

needs_chromium = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is missing")


async def cancel_through_the_page(presenter, page, stroke) -> None:
    """A propagation ends in the middle: what was shown by then is kept, and no more comes."""
    presenter.runs.configure(live=False)
    while presenter.state.can_undo:
        presenter.undo()
    points, radius, normal, _ = stroke
    assert Presenter.stroke(presenter, points, radius, normal), presenter.state.message
    await until(lambda: presenter.idle)
    assert not (presenter.state.slice_status > 0).all()
    with held(presenter, 4):
        await page.click("#span-whole")
        await page.wait_for_selector("text=/4 of [0-9]+ slices/")
        annotation = presenter.annotation
        there = annotation.slice_status > 0
        assert 4 <= there.sum() < presenter.state.slices
        in_scene = presenter.workspace.mirror.read_labels(annotation)
        assert np.array_equal(in_scene[there], annotation.labels[there])
        assert in_scene[there].any((1, 2)).sum() > 1, "slices are shown as they come"
        await page.click("#cancel")
        await until(lambda: "Cancelled" in presenter.state.message)
    await page.wait_for_function("document.querySelector('#cancel').disabled")
    await until(lambda: presenter.idle)
    assert 4 <= (presenter.state.slice_status > 0).sum() < presenter.state.slices


async def downloads(page, folder: Path) -> list[np.ndarray]:
    """The label maps in the three files that the page offers."""
    found = []
    for suffix in (".seg.nrrd", ".nii.gz", ".mrb"):
        async with page.expect_download() as started:
            await page.locator("#group-export a", has_text=suffix).click()
        path = folder / f"saved{suffix}"
        await (await started.value).save_as(path)
        if suffix == ".mrb":
            with zipfile.ZipFile(path) as bundle:
                (name,) = [name for name in bundle.namelist() if name.endswith(".seg.nrrd")]
                path = Path(bundle.extract(name, folder))
        found.append(sitk.GetArrayFromImage(sitk.ReadImage(str(path))))
    return found


@needs_chromium
def test_marks_on_the_canvas_give_what_a_headless_session_gives(
    in_application, image, volume, weights, tmp_path
):
    from playwright.async_api import expect

    strokes, marked, requested, problems = [], [], [], []

    async def test(application):
        application.load(image)
        presenter = application.presenter
        stroke = presenter.stroke

        def record(points, radius, normal, **options):
            strokes.append((points.copy(), radius, np.array(normal), options))
            return stroke(points, radius, normal, **options)

        presenter.stroke = record

        def watch(page):
            page.on("request", lambda request: requested.append(request.url))
            page.on("pageerror", lambda error: problems.append(str(error)))

        async with shown(application, 960, 640, watch=watch) as page:
            for _ in range(2):
                await page.click("#add-class")
            await until(lambda: len(presenter.state.classes) == 2)
            await page.locator(".class").nth(1).wait_for()
            await page.click("#mark")
            await until(lambda: application.tool.enabled)
            box = await view_box(page)
            x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

            async def mark(*points):
                count = len(strokes)
                await draw(page, points, steps=4)
                await until(lambda: len(strokes) > count)
                await until(lambda: presenter.idle and not presenter.state.busy)
                z = presenter.state.slice
                marked.append((z, presenter.annotation.prompts(z).copy()))

            step = box["height"] / 64
            await mark((x + 10 * step, y + 10 * step), (x + 14 * step, y + 12 * step))
            await page.locator(".class").nth(0).click()
            await until(lambda: presenter.state.selected == presenter.state.classes[0].id)
            await mark((x - 10 * step, y - 10 * step))
            await page.click("#kind-background")
            await until(lambda: application.tool.negative)
            before = presenter.annotation.labels.copy()
            await mark((x - 20 * step, y + 20 * step), (x - 10 * step, y + 20 * step))
            assert (presenter.state.slice_status > 0).all()
            drawn = presenter.annotation.labels.copy()
            assert not np.array_equal(before, drawn)
            await page.click("#worst")
            await until(lambda: presenter.state.slice == presenter.state.worst)
            await page.click("#undo")  # the propagation, then the marks
            await until(lambda: np.array_equal(presenter.annotation.labels, before))
            await page.locator("#redo:enabled").click()
            await until(lambda: np.array_equal(presenter.annotation.labels, drawn))
            voxel_ml = np.prod(volume.geometry.spacing) / 1000
            drawn_ml = [f"{(drawn == k).sum() * voxel_ml:.2f} ml" for k in (1, 2)]
            await expect(page.locator(".class .ml")).to_have_text(drawn_ml, timeout=60000)
            strip = page.locator("#strip")
            middle = await strip.bounding_box()
            await strip.click(position={"x": middle["width"] * 0.2, "y": 10})
            await until(lambda: presenter.state.slice == 3)
            await page.click("#accept")
            await until(lambda: presenter.state.slice_status[3] == 3)
            await page.keyboard.press("m")
            await until(lambda: not application.tool.enabled)
            await page.locator(".class .name").nth(0).dblclick()
            name = page.locator(".class input[type=text]")
            await name.fill("mm")
            presenter.lock_class(presenter.state.classes[1].id, True)
            await page.locator(".class .mdi-lock").wait_for()
            await name.press("m")
            await name.press("Enter")
            await until(lambda: presenter.state.classes[0].name == "mmm")
            await page.locator("#group-export summary").click()
            assert not application.tool.enabled, "letters of a name are no commands"
            for saved in await downloads(page, tmp_path):
                assert np.array_equal(saved, drawn)
            if folder := os.environ.get("S2VNET_SCREENSHOTS"):
                await asyncio.sleep(1)
                await page.screenshot(path=str(Path(folder) / "browser-test.png"))
            await cancel_through_the_page(presenter, page, strokes[0])
        return drawn, presenter.annotation.axis

    drawn, axis = in_application(test)
    assert [len(points) > 1 for points, *_ in strokes] == [True, False, True]
    assert [options["negative"] for *_, options in strokes] == [False, False, True]
    assert problems == []
    assert {urlsplit(url).hostname for url in requested if url.startswith("http")} == {"127.0.0.1"}
    assert set(np.unique(drawn)) == {0, 1, 2}

    session = Session(
        load_model(weights)[0], volume.array, volume.geometry.spacing, "MR", 2, axis=axis
    )
    for z, marks in marked:
        session.mark(z, marks)
        for _ in (*session.propagate(), *session.refine_across_planes()):
            pass
    assert np.array_equal(drawn, session.labels)
    session.close()

    from S2VNetSlicerLib.scene.application import HeadlessApplication

    bare_application = HeadlessApplication()
    bare = Presenter(bare_application.scene, weights=weights, synchronous=True)
    assert bare.choose_volume(volume_to_node(volume, bare_application.scene).GetID())
    ids = [bare.add_class(), bare.add_class()]
    for chosen, (points, radius, normal, options) in zip((1, 0, 0), strokes, strict=True):
        bare.select_class(ids[chosen])
        assert bare.stroke(points, radius, normal, **options), bare.state.message
        bare.wait()
    assert np.array_equal(drawn, bare.annotation.labels)
    bare.close()
