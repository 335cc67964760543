"""How long the browser's user waits: for the server, for the views, for a mark's result.

A synthetic CT of 128 slices of 256x256, the shipped network, Chromium on the same machine.
"Shown": the mouse button goes up in Chromium, and the server has rendered the first frame of that
view after the slice was segmented; encoding, transfer and drawing it are not counted. The first
mark is made about two seconds after the volume was opened, while the network still reads ahead.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "browser"))
from chromium import ARGUMENTS, CHROMIUM

SHAPE = (128, 256, 256)
SPACING = (1.5, 1.0, 1.0)  # x, y, z of ITK are the reverse
SERVE = "import typer; from S2VNetSlicerLib.commands.serve import serve; typer.run(serve)"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chromium", default=str(CHROMIUM))
    parser.add_argument("--marks", type=int, default=6)
    parser.add_argument("--image", type=Path, help="another volume than the synthetic one")
    parser.add_argument("--screenshot", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        image = options.image or synthetic(Path(folder) / "balls.nii.gz")
        print(f"server up with the volume: {start_up(image, Path(folder)):.1f} s")
        asyncio.run(measure(image, Path(folder), options))


def synthetic(path: Path) -> Path:
    """A CT with two balls, written to ``path``."""
    array = np.random.default_rng(1).normal(-100, 15, SHAPE)
    z, y, x = np.indices(SHAPE, dtype=np.float32)
    for row, column, value in ((100, 90, 160), (160, 170, 120)):
        inside = (y - row) ** 2 + (x - column) ** 2 + (1.5 * (z - 64)) ** 2 < 45**2
        array[inside] += value
    found = sitk.GetImageFromArray(array.astype(np.int16))
    found.SetSpacing(SPACING[::-1])
    sitk.WriteImage(found, str(path))
    return path


def start_up(image: Path, folder: Path) -> float:
    """Seconds from the command to the address, in a process of its own."""
    began = time.monotonic()
    command = [sys.executable, "-c", SERVE, str(image), "--port", "0"]
    with subprocess.Popen(
        [*command, "--state", str(folder / "first")], stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("Open http"):
                break
        else:
            raise SystemExit("the server did not start")
        seconds = time.monotonic() - began
        process.terminate()
        process.communicate()
    return seconds


async def measure(image: Path, folder: Path, options: Any) -> None:
    from playwright.async_api import async_playwright
    from S2VNetSlicerLib.browser.server import Application, Settings

    application = Application(Settings(port=0, state=folder / "second"))
    application.load(image)
    application.start()
    await application.server.ready
    presenter = application.presenter
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=options.chromium, args=ARGUMENTS)
        page = await browser.new_page(viewport={"width": 1400, "height": 860})
        began = time.monotonic()
        await page.goto(f"http://127.0.0.1:{application.server.port}/")
        await page.wait_for_function(
            "document.querySelectorAll('.views > div img, .views > div canvas').length >= 4"
        )
        print(f"page to four views: {time.monotonic() - began:.1f} s")
        await page.click("#add-class")
        await page.click("#mark")
        await page.locator("label", has_text="Live").click()
        await asyncio.sleep(1)
        box = await page.locator(".views > div").nth(0).bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        waits = []
        for n in range(options.marks):
            await page.mouse.move(x - 40, y - 30 + 8 * n)
            await page.mouse.down()
            await page.mouse.move(x - 20, y - 30 + 8 * n, steps=5)
            await asyncio.sleep(0.3)
            waits.append(await shown(application, page))
            await until(lambda: presenter.idle and not presenter.state.busy)
            await asyncio.sleep(0.5)
        print(f"first mark to shown: {1000 * waits[0]:.0f} ms")
        print(f"later marks to shown: {1000 * statistics.median(waits[1:]):.0f} ms (median)")
        began = time.monotonic()
        await page.click("#span-whole")
        await until(lambda: presenter.idle and bool(np.all(np.asarray(presenter.state.made) > 0)))
        print(f"whole volume: {time.monotonic() - began:.1f} s")
        if options.screenshot:
            await page.click("#mark")
            await asyncio.sleep(4)
            await page.screenshot(path=str(options.screenshot))
        await browser.close()
    await application.server.stop()
    application.close()
    for view in application.views.all:
        view.finalize()


async def shown(application: Any, page: Any) -> float:
    """Seconds from the mouse button to the first frame with the finished slice."""
    window, presenter = application.views.slices[0].render_window(), application.presenter
    written: list[float] = []
    frames: list[float] = []
    writing = presenter.canvas.write_labels

    def write(*arguments: Any) -> None:
        writing(*arguments)
        written.append(time.monotonic())

    presenter.canvas.write_labels = write
    tag = window.AddObserver("EndEvent", lambda *_: frames.append(time.monotonic()))
    began = time.monotonic()
    await page.mouse.up()
    # Marks are written at once, the network's slice after them, when the worker is done.
    await until(lambda: bool(written) and presenter.idle and not presenter.state.busy)
    await until(lambda: bool(frames) and frames[-1] > written[-1])
    window.RemoveObserver(tag)
    presenter.canvas.write_labels = writing
    return next(at for at in frames if at > written[-1]) - began


async def until(condition: Any, seconds: float = 600) -> None:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise SystemExit("it took too long")
        await asyncio.sleep(0.005)


if __name__ == "__main__":
    main()
