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
from chromium import ARGUMENTS, CHROMIUM
from driving import until
from playwright.async_api import async_playwright
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
        slow.setattr(server, "TICK", 0.4)
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
        application.start()
        assert await application.server.ready
        async with async_playwright() as driver:
            browser = await driver.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
            page = await browser.new_page(viewport={"width": 1400, "height": 860})
            page.on("request", lambda request: requested.append(request.url))
            page.on("pageerror", lambda error: problems.append(str(error)))
            await page.goto(f"http://127.0.0.1:{application.server.port}/")
            await page.wait_for_selector("#mark")
            canvases = page.locator(".views > div")
            await page.wait_for_function(
                "document.querySelectorAll('.views > div img, .views > div canvas').length >= 4"
            )
            await asyncio.sleep(1)
            for _ in range(2):
                await page.click("#add-class")
            await until(lambda: len(presenter.state.classes) == 2)
            await page.locator(".class").nth(1).wait_for()
            await page.click("#mark")
            await until(lambda: application.tool.enabled)
            box = await canvases.nth(0).bounding_box()
            x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

            async def draw(*points):
                count = len(strokes)
                await page.mouse.move(*points[0])
                await page.mouse.down()
                for point in points[1:]:
                    await page.mouse.move(*point, steps=4)
                    await asyncio.sleep(0.05)
                await page.mouse.up()
                await until(lambda: len(strokes) > count)
                await until(lambda: presenter.idle and not presenter.state.busy)

            step = box["height"] / 64
            await draw((x + 10 * step, y + 10 * step), (x + 14 * step, y + 12 * step))
            await page.locator(".class").nth(0).click()
            await until(lambda: presenter.state.selected == presenter.state.classes[0].id)
            await draw((x - 10 * step, y - 10 * step), (x - 7 * step, y - 8 * step))
            await page.click("#kind-background")
            await until(lambda: application.tool.negative)
            await draw((x - 20 * step, y + 20 * step), (x - 10 * step, y + 20 * step))
            await until(lambda: (presenter.state.made > 0).all())
            await page.wait_for_selector("#strip rect")
            middle = await page.locator("#strip").bounding_box()
            await page.mouse.click(middle["x"] + middle["width"] * 0.2, middle["y"] + 10)
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
            await asyncio.sleep(1)
            if folder := os.environ.get("S2VNET_SCREENSHOTS"):
                await page.screenshot(path=str(Path(folder) / "browser-test.png"))
            assert saved.stat().st_size > 0
            drawn = labels(presenter)
            await cancel_through_the_page(application, page, strokes[0], monkeypatch)
            await browser.close()
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
