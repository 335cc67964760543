"""How tests, benchmark and screenshot drive the application, with and without a real browser."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import SimpleITK as sitk
from chromium import ARGUMENTS, CHROMIUM

VIEWS = ".layout-grid-item .remote-controlled-area"
"""In four-up: axial, 3D, coronal, sagittal."""
Point = tuple[float, float]


@asynccontextmanager
async def chromium(program: Path | str = CHROMIUM) -> AsyncIterator[Any]:
    """A browser without a screen."""
    from playwright.async_api import async_playwright

    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=str(program), args=ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()


async def open_page(page: Any, address: str) -> None:
    """Go to ``address`` and wait until all four views have a picture."""
    await page.goto(address)
    await page.wait_for_selector("#mark", timeout=60000)
    pictures = ", ".join(f"{VIEWS} {kind}" for kind in ("img", "canvas"))
    await page.wait_for_function(f"document.querySelectorAll('{pictures}').length >= 4")


@asynccontextmanager
async def shown(
    application: Any,
    width: int = 1400,
    height: int = 860,
    program: Path | str = CHROMIUM,
    watch: Callable[[Any], object] = lambda page: None,
) -> AsyncIterator[Any]:
    """The page of ``application``, which is started, in a browser of that size.

    ``watch`` gets the page before it is opened. Its views have their final size.
    """
    application.start()
    assert await application.server.ready
    async with chromium(program) as browser:
        page = await browser.new_page(viewport={"width": width, "height": height})
        watch(page)
        await open_page(page, address(application))
        box, window = await view_box(page), application.views.slices[0].render_window()
        await until(lambda: abs(window.GetSize()[0] - box["width"]) < 2)
        yield page


def address(application: Any) -> str:
    """Where ``application`` serves."""
    return f"http://127.0.0.1:{application.server.port}/"


async def end(application: Any) -> None:
    """Stop serving and let go of everything."""
    if application.server.running:
        await application.server.stop()
    application.close()
    for view in application.views.all:
        view.finalize()


async def hold(page: Any, points: Sequence[Point], steps: int = 5, pause: float = 0.05) -> None:
    """Drag the mouse along pixels of the page, with a pause at each, and keep the button down."""
    await page.mouse.move(*points[0])
    await page.mouse.down()
    for point in points[1:]:
        await page.mouse.move(*point, steps=steps)
        await asyncio.sleep(pause)


async def draw(page: Any, points: Sequence[Point], steps: int = 5, pause: float = 0.05) -> None:
    """:func:`hold`, and let go."""
    await hold(page, points, steps, pause)
    await page.mouse.up()


async def view_box(page: Any, n: int = 0) -> dict[str, float]:
    """Where the ``n``-th view is on the page: x, y, width, height."""
    async with asyncio.timeout(30):  # views come anew when the layout changes
        while (box := await page.locator(VIEWS).nth(n).bounding_box()) is None:
            await asyncio.sleep(0.05)
    return dict(box)


async def serving(application: Any, **options: Any) -> aiohttp.ClientSession:
    """A client of the application's server, which is started."""
    application.start()
    assert await application.server.ready
    return aiohttp.ClientSession(address(application), **options)


async def until(condition: Callable[[], bool], seconds: float = 60, every: float = 0.02) -> None:
    """Wait until ``condition()`` holds while the server goes on."""
    for _ in range(int(seconds / every)):
        if condition():
            return
        await asyncio.sleep(every)
    raise AssertionError("what was waited for did not come")


@contextmanager
def held(presenter: Any, slices: int) -> Iterator[None]:
    """A propagation stands still after so many slices, however slow the page is."""
    tick = presenter.tick

    def hold() -> bool:
        state = presenter.state
        return not (state.busy == "Propagating" and state.done >= slices) and tick()

    presenter.tick = hold
    try:
        yield
    finally:
        presenter.tick = tick


async def page_sets(application: Any, **values: Any) -> None:
    """The page changes its variables."""
    with application.server.state as state:
        state.update(values)
    await asyncio.sleep(0)


def drag(view: Any, *points: tuple[float, float], control: bool = False) -> None:
    """The left button goes along pixels of a view, given in parts of its size."""
    interactor = view.interactor()
    width, height = view.render_window().GetSize()
    events = ["LeftButtonPressEvent"] + ["MouseMoveEvent"] * (len(points) - 1)
    for event, (x, y) in zip(events, points, strict=True):
        interactor.SetEventInformation(int(x * width), int(y * height), int(control), 0)
        interactor.InvokeEvent(event)
    interactor.InvokeEvent("LeftButtonReleaseEvent")


def begin(application: Any, image: Path) -> None:
    """Give the views a size and load a volume."""
    for view in application.views.all:
        view.update_size(200, 200)
        view.interactor().InvokeEvent("ConfigureEvent")
    application.load(image)


def sessions_in(state: Path) -> list[list[str]]:
    """The names of what each session of a state folder holds, the oldest first."""
    folders = sorted((state / "sessions").iterdir())
    return [sorted(path.name for path in folder.iterdir()) for folder in folders]


def as_if_killed(application: Any) -> None:
    """The application will end without saving anything."""
    autosave = application.autosave

    def close() -> None:
        autosave.journal.file.close()
        autosave.lock.release()

    autosave.close = close


def write_series(folder: Path, array: np.ndarray) -> list[Path]:
    """Axial CT slices of ``array`` int16 [k, j, i] as DICOM files."""
    folder.mkdir(parents=True)
    writer = sitk.ImageFileWriter()
    writer.KeepOriginalImageUIDOn()
    paths = []
    for n, pixels in enumerate(array):
        image = sitk.GetImageFromArray(pixels[None])
        image.SetSpacing((1, 1, 3))
        values = {
            "0008|0018": f"1.2.3.4.{n}",
            "0008|0060": "CT",
            "0020|000d": "1.2.3",
            "0020|000e": "1.2.3.4",
            "0020|0032": f"0\\0\\{3 * n}",
            "0020|0037": "1\\0\\0\\0\\1\\0",
        }
        for key, value in values.items():
            image.SetMetaData(key, value)
        paths.append(folder / f"{n}.dcm")
        writer.SetFileName(str(paths[-1]))
        writer.Execute(image)
    return paths
