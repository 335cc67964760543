"""The page in a real browser: marks drawn with the mouse, the result of a bare presenter."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest

pytest.importorskip("trame_slicer", reason="trame-slicer is not installed")
pytest.importorskip("playwright", reason="Playwright is not installed")
from chromium import CHROMIUM
from driving import draw, shown, until, view_box
from S2VNetSlicerLib.browser import server
from S2VNetSlicerLib.scene.volumes import volume_to_node
from S2VNetSlicerLib.workflow.presenter import Presenter

needs_chromium = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is missing")


def labels(application_or_presenter) -> np.ndarray:
    return application_or_presenter.annotation.labels.copy()


async def cancel_through_the_page(application, page, stroke, monkeypatch) -> None:
    """A propagation, slowed down, ends in the middle and keeps what is finished."""
    presenter = application.presenter
    presenter.live = False
    while presenter.state.can_undo:
        presenter.undo()
    points, radius, normal, _ = stroke
    assert Presenter.stroke(presenter, points, radius, normal), presenter.state.message
    await until(lambda: presenter.idle)
    assert not (presenter.state.made > 0).all()
    with monkeypatch.context() as slow:
        slow.setattr(server, "TICK", 0.2)
        await page.click("#span-whole")
        await page.wait_for_selector("text=/[2-9] of [0-9]+ slices/")
        await page.click("#cancel")
        await page.wait_for_function("document.querySelector('#cancel').disabled")
    assert presenter.idle
    assert 1 < (presenter.state.made > 0).sum() < presenter.state.slices


@needs_chromium
def test_marks_on_the_canvas_give_what_a_bare_presenter_gives(
    in_application, image, volume, weights, tmp_path, monkeypatch
):
    strokes, requested, problems = [], [], []

    async def test(application):
        application.load(image)
        stroke = application.presenter.stroke

        def record(points, radius, normal, **options):
            strokes.append((points.copy(), radius, np.array(normal), options))
            return stroke(points, radius, normal, **options)

        application.presenter.stroke = record
        presenter = application.presenter

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

            step = box["height"] / 64
            await mark((x + 10 * step, y + 10 * step), (x + 14 * step, y + 12 * step))
            await page.locator(".class").nth(0).click()
            await until(lambda: presenter.state.selected == presenter.state.classes[0].id)
            await mark((x - 10 * step, y - 10 * step), (x - 7 * step, y - 8 * step))
            await page.click("#kind-background")
            await until(lambda: application.tool.negative)
            await mark((x - 20 * step, y + 20 * step), (x - 10 * step, y + 20 * step))
            await until(lambda: (presenter.state.made > 0).all())
            await page.wait_for_selector("#strip rect")
            strip = page.locator("#strip")
            middle = await strip.bounding_box()
            await strip.click(position={"x": middle["width"] * 0.2, "y": 10})
            await until(lambda: presenter.state.slice == 3)
            await page.click("#accept")
            await until(lambda: presenter.state.made[3] == 3)
            await page.keyboard.press("m")
            await until(lambda: not application.tool.enabled)
            name = page.locator(".class input[type=text]").nth(0)
            await name.fill("mm")
            presenter.lock_class(presenter.state.classes[1].id, True)
            await page.locator(".class .mdi-lock").wait_for()
            await name.press("m")
            await name.press("Enter")
            await until(lambda: presenter.state.classes[0].name == "mmm")
            await page.locator("#group-export h3").click()
            assert not application.tool.enabled, "letters of a name are no commands"
            async with page.expect_download() as started:
                await page.click("text=.seg.nrrd")
            saved = tmp_path / "saved.seg.nrrd"
            await (await started.value).save_as(saved)
            if folder := os.environ.get("S2VNET_SCREENSHOTS"):
                await asyncio.sleep(1)
                await page.screenshot(path=str(Path(folder) / "browser-test.png"))
            assert saved.stat().st_size > 0
            drawn = labels(presenter)
            await cancel_through_the_page(application, page, strokes[0], monkeypatch)
        return drawn

    drawn = in_application(test)
    assert len(strokes) == 3
    assert [options["negative"] for *_, options in strokes] == [False, False, True]
    assert problems == []
    assert {urlsplit(url).hostname for url in requested if url.startswith("http")} == {"127.0.0.1"}

    from S2VNetSlicerLib.scene.application import HeadlessApplication

    bare_application = HeadlessApplication()
    bare = Presenter(bare_application.scene, weights=weights, synchronous=True)
    assert bare.choose_volume(volume_to_node(volume, bare_application.scene).GetID())
    ids = [bare.add_class(), bare.add_class()]
    for chosen, (points, radius, normal, options) in zip((1, 0, 0), strokes, strict=True):
        bare.select_class(ids[chosen])
        assert bare.stroke(points, radius, normal, **options), bare.state.message
        bare.wait()
    assert drawn.any()
    assert np.array_equal(drawn, labels(bare))
    bare.close()
