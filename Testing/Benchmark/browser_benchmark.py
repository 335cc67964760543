"""How long the browser's user waits: for the server, for the views, for a mark's result.

A synthetic CT of 128 slices of 256x256, the shipped network, Chromium on the same machine.
"Shown": the mouse button goes up in Chromium, and the server has rendered the first frame of that
view after the slice was segmented; encoding, transfer and drawing it are not counted. The first
mark is made ``--wait`` seconds after the views are there: at once, the network still reads ahead.
"Cancel": from the click, as Chromium sees it, until the page says that the run is cancelled and
offers the next one; runs are cancelled at any time, with ``--busy`` processes that keep a core
busy.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk
from playwright.async_api import TimeoutError as PageTimeout

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "browser"))
from chromium import CHROMIUM
from driving import draw, end, hold, shown, until, view_box

SHAPE = (128, 256, 256)
SPACING = (1.5, 1.0, 1.0)  # x, y, z of ITK are the reverse
BUSY = "while True: pass"
CANCELLED = """() => new Promise((resolve) => {
  const cancel = document.getElementById("cancel");
  const over = () => document.getElementById("told-message")?.innerText.includes("Cancelled:")
    && cancel.disabled && !document.getElementById("span-whole").disabled;
  cancel.addEventListener("click", () => {
    const began = performance.now();
    const watch = new MutationObserver(() => {
      if (over()) { watch.disconnect(); resolve(performance.now() - began); }
    });
    watch.observe(document.body,
      { subtree: true, childList: true, attributes: true, characterData: true });
  }, { capture: true, once: true });
})"""
"""The ms from the next click on Cancel until the page says that the run is over."""
SERVE = "import typer; from S2VNetSlicerLib.commands.serve import serve; typer.run(serve)"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chromium", default=str(CHROMIUM))
    parser.add_argument("--marks", type=int, default=6)
    parser.add_argument("--wait", type=float, default=1.0, help="seconds before the first mark")
    parser.add_argument("--cancels", type=int, default=20)
    parser.add_argument("--busy", type=int, default=0, help="processes that keep a core busy")
    parser.add_argument("--image", type=Path, help="another volume than the synthetic one")
    parser.add_argument("--screenshot", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, beside(options.busy):
        image = options.image or synthetic(Path(folder) / "balls.nii.gz")
        print(f"server up with the volume: {start_up(image, Path(folder)):.1f} s")
        asyncio.run(measure(image, Path(folder), options))


@contextmanager
def beside(count: int) -> Iterator[None]:
    """So many processes keep a core busy."""
    busy = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(count)]
    try:
        yield
    finally:
        for process in busy:
            process.kill()


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
    from S2VNetSlicerLib.browser.server import Application, Settings

    application = Application(Settings(port=0, state=folder / "second"))
    application.load(image)
    presenter = application.presenter
    began = time.monotonic()
    async with shown(application, program=options.chromium) as page:
        print(f"browser and page to four views: {time.monotonic() - began:.1f} s")
        await page.click("#add-class")
        await page.click("#mark")
        await page.locator("label", has_text="Live").click()
        await asyncio.sleep(options.wait)
        box = await view_box(page)
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        waits = []
        for n in range(options.marks):
            stroke = [(x - 40, y - 30 + 8 * n), (x - 20, y - 30 + 8 * n)]
            if n == 0:
                read = "all" if presenter.session.client.read else "not all"
            waits.append(await shown_after(application, page, stroke))
            await until(lambda: presenter.idle and not presenter.state.busy, 600)
            await asyncio.sleep(0.5)
        print(f"first mark to shown: {1000 * waits[0]:.0f} ms ({read} slices read before)")
        print(f"later marks to shown: {1000 * statistics.median(waits[1:]):.0f} ms (median)")
        began = time.monotonic()
        await page.click("#span-whole")
        await until(
            lambda: presenter.idle and bool(np.all(np.asarray(presenter.state.slice_status) > 0)),
            600,
        )
        print(f"whole volume: {time.monotonic() - began:.1f} s")
        waits, places = [], product(range(-90, 90, 15), range(-90, 90, 15))  # where nothing is yet
        while len(waits) < options.cancels:
            across, down = next(places)
            stroke = [(x + across, y + down), (x + across + 8, y + down)]
            wait = await cancelled(presenter, page, stroke, len(waits))
            waits += [] if wait is None else [wait]
        median, most = np.percentile(waits, (50, 95))
        print(
            f"cancel to the end of the run: median {median:.0f} ms, 95th percentile {most:.0f} ms"
        )
        if options.screenshot:
            await page.click("#mark")
            await asyncio.sleep(4)
            await page.screenshot(path=str(options.screenshot))
    await end(application)


async def cancelled(
    presenter: Any, page: Any, stroke: list[tuple[float, float]], n: int
) -> float | None:
    """ms that Cancel takes in a run after another mark, at a time of its own; None: the run was
    over before."""
    await draw(page, stroke)
    await until(lambda: bool(presenter.annotation.pending))
    await until(lambda: presenter.idle and not presenter.state.busy, 600)
    waiting = asyncio.ensure_future(page.evaluate(CANCELLED))
    await page.click("#span-whole")
    await until(lambda: presenter.runs.state.current is not None)
    await asyncio.sleep(np.random.default_rng(n).uniform(0, 1.5))
    try:
        await page.click("#cancel", timeout=1000)
        return float(await asyncio.wait_for(waiting, 10))
    except (PageTimeout, TimeoutError):
        if "Cancelled" in presenter.state.message:
            raise
        waiting.cancel()
        return None


async def shown_after(application: Any, page: Any, stroke: list[tuple[float, float]]) -> float:
    """Seconds from the end of ``stroke`` to the first frame with the finished slice."""
    window, presenter = application.views.slices[0].render_window(), application.presenter
    written: list[float] = []
    frames: list[float] = []
    writing = presenter.workspace.mirror.write_labels

    def write(*arguments: Any) -> None:
        writing(*arguments)
        written.append(time.monotonic())

    await hold(page, stroke, pause=0.3)
    presenter.workspace.mirror.write_labels = write
    tag = window.AddObserver("EndEvent", lambda *_: frames.append(time.monotonic()))
    began = time.monotonic()
    await page.mouse.up()
    # Marks are written at once, the network's slice after them, when the worker is done.
    await until(lambda: bool(written) and presenter.idle and not presenter.state.busy, every=0.005)
    await until(lambda: bool(frames) and frames[-1] > written[-1], every=0.005)
    window.RemoveObserver(tag)
    presenter.workspace.mirror.write_labels = writing
    return next(at for at in frames if at > written[-1]) - began


if __name__ == "__main__":
    main()
