"""The page at work on a laptop: real mouse and keyboard, 61 classes at 1280x720."""

from __future__ import annotations

import json

import numpy as np
import pytest
from axe_playwright_python.async_playwright import (
    Axe,  # reads its script before Slicer changes the locale
)
from chromium import CHROMIUM
from driving import address, chromium, draw, until, view_box
from S2VNetSlicerLib.browser.drawing import file_name
from S2VNetSlicerLib.browser.entry import EXAMPLE
from S2VNetSlicerLib.browser.language import LANGUAGES, catalogue, chosen, page_texts
from S2VNetSlicerLib.workflow.colours import COLOURS
from S2VNetSlicerLib.workflow.display_text import class_title, confidence_rgb, direction_text
from S2VNetSlicerLib.workflow.state import State, VolumeRow

needs_chromium = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is missing")
CLASSES = 61
SIZE = {"width": 1280, "height": 720}
SEEN = ("#mark", "#undo", "#tool-lasso", "#tool-fill", "#radius", "#span-whole", "#cancel")
SEEN += ("#worst", "#accept", "#group-automatic", "#group-export", "#language", "#help")
"""What must be in sight without scrolling."""
DEUTERANOPIA = np.array(
    [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ]
)
"""Linear RGB as seen without green cones (Machado, Oliveira and Fernandes 2009)."""


def nearest_pair(colours, seen):
    """The lowest CIEDE2000 distance between two of sRGB ``colours`` [N, 3] in 0..1."""
    from skimage.color import deltaE_ciede2000, rgb2lab

    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    linear = np.clip(linear @ seen.T, 0, 1)
    again = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    lab = rgb2lab(again[None])[0]
    apart = deltaE_ciede2000(lab[:, None], lab[None])
    return float(apart[np.triu_indices(len(lab), 1)].min())


PROTANOPIA = np.array(
    [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ]
)
"""The same without red cones."""


@pytest.mark.parametrize("seen", [np.eye(3), DEUTERANOPIA, PROTANOPIA], ids=["all", "green", "red"])
@pytest.mark.parametrize(("many", "apart"), [(10, 15), (24, 8.9)])
def test_colours_of_classes_are_told_apart(seen, many, apart):
    assert len(COLOURS) == 24
    assert nearest_pair(np.array(COLOURS[:many]), seen) > apart


def test_colours_of_classes_differ_in_lightness():
    from skimage.color import rgb2lab

    lightness = rgb2lab(np.array(COLOURS)[None])[0, :, 0]
    assert np.ptp(lightness) > 50
    assert np.histogram(lightness, bins=3)[0].min() >= 4, "dark, middle and light ones"


def test_the_strip_is_a_ramp_of_lightness():
    ramp = np.array([confidence_rgb(c) for c in np.linspace(0.3, 0.9, 25)])
    lightness = ramp @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(lightness) > 0).all()


def test_words_of_the_clinic():
    assert class_title("left_ventral_dc") == "Left ventral diencephalon"
    assert class_title("csf") == "Cerebrospinal fluid"
    assert direction_text("S") == "Towards the head"
    assert direction_text("") == ""


def test_languages():
    assert [chosen(tag) for tag in ("de-AT", "DE", "en-GB", "fr")] == ["de", "de", "en", "en"]
    german = page_texts("de")
    assert german["Accept slice"] == "Schicht bestätigen"
    assert all(told for told in german.values())
    assert catalogue("en") == {}
    assert set(LANGUAGES) == {"en", "de"}


@pytest.mark.parametrize(
    ("name", "stem"),
    [("torso.nii.gz", "torso"), ("T1 (2)", "T1 (2)"), ("頭/Ä.seg.nrrd", "頭_Ä"), ("", "")],
)
def test_downloads_are_called_after_the_volume(name, stem):
    state = State(volumes=(VolumeRow("v", name),), volume="v")
    assert file_name(state) == f"{stem} segmentation".strip()


async def violations(page):
    """What axe-core finds against WCAG 2 A and AA."""
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
    options = {"runOnly": {"type": "tag", "values": tags}, "resultTypes": ["violations"]}
    found = await Axe().run(page, options=options)
    return [
        (each["id"], [node["html"][:160] for node in each["nodes"]])
        for each in found.response["violations"]
    ]


@needs_chromium
def test_a_laptop_with_61_classes(in_application, image):
    pytest.importorskip("playwright", reason="Playwright is not installed")
    from playwright.async_api import expect

    async def test(application):
        presenter, state = application.presenter, application.server.state
        application.start()
        assert await application.server.ready
        async with chromium() as browser:
            page = await browser.new_page(viewport=SIZE)
            problems = []
            page.on("pageerror", lambda error: problems.append(str(error)))
            await page.goto(address(application))
            await entry(page)
            application.load(image)
            presenter.wait()
            names = ["liver", *("" for _ in range(CLASSES - 1))]
            ids = [presenter.add_class(name) for name in names]
            await page.locator(".class").nth(CLASSES - 1).wait_for(state="attached")
            await everything_is_in_sight(page)
            await classes(page, presenter, expect)
            await messages(page, presenter, expect)
            presenter.select_class(ids[0])
            presenter.runs.configure(live=False)
            await page_live_off(page, application)
            await tools(page, application)
            assert await violations(page) == []
            await page.click("#language")
            await expect(page.locator("#accept")).to_have_text("Schicht bestätigen")
            presenter.go_to(99)
            await page.locator("#told-message", has_text="Es gibt keine Schicht 99").wait_for()
            assert await page.evaluate("document.documentElement.lang") == "de"
            await page.click("#theme")
            await page.wait_for_selector(".v-theme--light")
            await everything_is_in_sight(page)
            await page.fill("#filter", "Structure 6")  # the others look the same
            await page.wait_for_timeout(400)  # colours fade from one theme to the other
            assert await violations(page) == []
            await page.reload()
            await expect(page.locator("#accept")).to_have_text("Schicht bestätigen")
            await page.wait_for_selector(".v-theme--light")
            assert state.language == "de"
            assert problems == []

    async def entry(page):
        await page.wait_for_selector("#entry")
        assert "Drop a CT or MR here" in await page.inner_text("#entry")
        await page.wait_for_function("!document.querySelector('#mark')?.matches(':focus')")
        await page.keyboard.press("?")
        keys = page.locator("#keys")
        await keys.wait_for()
        assert "accept the slice" in await keys.inner_text()
        await page.click("#close-keys")
        await keys.wait_for(state="hidden")
        assert await violations(page) == []

    async def everything_is_in_sight(page):
        for selector in SEEN:
            box = await page.locator(selector).bounding_box()
            assert box is not None, selector
            assert box["x"] >= 0, selector
            assert box["x"] + box["width"] <= SIZE["width"], selector
            assert box["y"] + box["height"] <= SIZE["height"], selector
        shown = await view_box(page)
        assert shown["height"] > 260
        listed = await page.locator("#class-list").bounding_box()
        assert listed["height"] > 100
        inner = await page.evaluate("document.querySelector('#class-list').scrollHeight")
        assert inner > listed["height"], "the list scrolls by itself"

    async def classes(page, presenter, expect):
        await page.locator(".class .name").nth(2).click()
        await until(lambda: presenter.state.selected == presenter.state.classes[2].id)
        await page.keyboard.press("F2")
        typed = page.locator(".class input[type=text]")
        await typed.fill("spleen")
        await typed.press("Escape")
        await typed.wait_for(state="detached")
        assert presenter.state.classes[2].name == "Structure 3"
        await page.locator(".class .name").nth(2).dblclick()
        await typed.fill("spleen")
        await typed.press("Enter")
        await until(lambda: presenter.state.classes[2].name == "spleen")
        for n, meaning in ((0, "Liver"), (2, "Spleen")):
            assert meaning in presenter.state.classes[n].terminology
        await page.fill("#filter", "SPL")
        await expect(page.locator(".class")).to_have_count(1)
        await page.click("#show-only")
        await until(lambda: [r.visible for r in presenter.state.classes].count(True) == 1)
        await page.click("#show-only")
        await until(lambda: all(row.visible for row in presenter.state.classes))
        await page.fill("#filter", "")
        await page.locator("#filter").press("Tab")

    async def messages(page, presenter, expect):
        presenter.go_to(99)
        told = page.locator("#told-message")
        await expect(told).to_have_class("message warning")
        await page.click("#close-message")
        await told.wait_for(state="detached")
        assert presenter.state.message == ""

    async def page_live_off(page, application):
        await page.locator("label", has_text="Live").click()
        await until(lambda: not application.presenter.runs.live)

    async def tools(page, application):
        presenter, tool = application.presenter, application.tool
        box = await view_box(page)
        step = box["height"] / 64
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

        def around(dx, dy, far):
            corners = ((-far, -far), (far, -far), (far, far), (-far, far))
            return [(x + (dx + a) * step, y + (dy + b) * step) for a, b in corners]

        def count(value):
            z = presenter.state.slice
            return int((presenter.annotation.prompts(z) == value).sum())

        await page.click("#tool-lasso")
        await page.click("#mark")
        await until(lambda: tool.enabled and tool.shape == "outline")
        await draw(page, around(8, 8, 6))
        await until(lambda: presenter.state.anchored and presenter.idle)
        assert count(2) > 10
        assert count(1) > 10, "around the lasso is background"
        await page.keyboard.press("f")
        await until(lambda: state_of(application).tool == "fill")
        before = int((presenter.annotation.labels == 1).sum())
        await draw(page, around(-8, -8, 4))
        await until(lambda: (presenter.annotation.labels == 1).sum() > before + 20)
        await page.keyboard.press("q")
        await until(lambda: tool.shape == "box")
        marked = int((presenter.annotation.marks_volume() > 0).sum())
        await draw(page, [(x + 4 * step, y - 12 * step), (x + 12 * step, y - 4 * step)])
        await until(lambda: (presenter.annotation.marks_volume() > 0).sum() > marked + 20)
        await until(lambda: presenter.idle)
        await page.click("#tidy")
        await page.click("#tidy-largest")
        await until(lambda: presenter.state.can_undo and presenter.idle)
        await page.keyboard.press("u")
        await until(lambda: presenter.state.can_redo)
        await page.locator("#radius [role=slider]").focus()
        await page.keyboard.press("End")
        await until(lambda: tool.radius > 90)
        assert json.loads(json.dumps(state_of(application).radius)) > 90

    def state_of(application):
        return application.server.state

    in_application(test)


def test_an_example_is_one_click_away(in_application):
    pytest.importorskip("nilearn", reason="nilearn is not installed")

    async def test(application):
        application.page.actions.open_example()
        state = application.presenter.state
        assert [row.name for row in state.volumes] == [EXAMPLE]
        assert state.modality == "MR"

    in_application(test)
