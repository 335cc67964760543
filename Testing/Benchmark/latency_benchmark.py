"""How long the page's user waits for a picture, with a second process that keeps a core busy.

A synthetic CT of 128 slices of 256x256, the shipped network, Chromium on the same machine, real
mouse events. "Wheel to image": the wheel turns by one slice, and the view has another picture.
"Stroke to mask": the button goes up, and the view has the first picture after the slice was
segmented. Both are seen in the browser, on two cores: run it with ``taskset -c 0,1``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "browser"))
from browser_benchmark import beside, synthetic
from chromium import CHROMIUM
from driving import draw, end, shown, until, view_box

WATCH = """([x, y]) => {
  const area = document.elementFromPoint(x, y).closest(".remote-controlled-area");
  window.pictures = [];
  new MutationObserver(() => window.pictures.push(performance.now())).observe(
    area, { subtree: true, childList: true, attributes: true, attributeFilter: ["src", "style"] });
  for (const kind of ["wheel", "pointerup"])
    window.addEventListener(kind, () => { window.began = performance.now(); }, true);
}"""
"""Notes when a view has another picture, and when the user last did something."""
QUIET = 1.2
"""Seconds after which the last picture of a view, the still one, is surely there."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chromium", default=str(CHROMIUM))
    parser.add_argument("--turns", type=int, default=40)
    parser.add_argument("--strokes", type=int, default=20)
    parser.add_argument("--image", type=Path, help="another volume than the synthetic one")
    parser.add_argument("--busy", type=int, default=1, help="processes that keep a core busy")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, beside(options.busy):
        image = options.image or synthetic(Path(folder) / "balls.nii.gz")
        found = asyncio.run(measure(image, Path(folder), options))
    print(json.dumps({"load": os.getloadavg()[0], **found}, indent=1))


async def measure(image: Path, folder: Path, options: Any) -> dict[str, Any]:
    from S2VNetSlicerLib.browser.server import Application, Settings

    application = Application(Settings(port=0, state=folder / "state"))
    application.load(image)
    presenter = application.presenter
    async with shown(application, program=options.chromium) as page:
        box = await view_box(page)
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        await page.mouse.move(x, y)
        await page.evaluate(WATCH, [x, y])
        reading = [await turn(page, n) for n in range(options.turns)]
        await until(lambda: presenter.idle and not presenter.state.busy, 900)
        still = [await turn(page, n) for n in range(options.turns)]
        await page.click("#add-class")
        await page.click("#mark")
        await page.locator("label", has_text="Live").click()
        await until(lambda: application.tool.enabled and not presenter.runs.live)
        strokes = []
        for n in range(options.strokes):
            at = y - 40 + 3 * n
            strokes.append(await stroke(application, page, [(x - 40, at), (x - 20, at)]))
            await until(lambda: presenter.idle and not presenter.state.busy, 600)
            await asyncio.sleep(QUIET)
    await end(application)
    return {
        "wheel to image, ms, while the volume is encoded": told(reading),
        "wheel to image, ms": told(still),
        "stroke to mask, ms": told(strokes),
    }


async def turn(page: Any, n: int) -> float:
    """ms from a turn of the wheel to the first picture after it."""
    await asyncio.sleep(QUIET)
    await page.evaluate("window.pictures.length = 0")
    await page.mouse.wheel(0, 100 if n % 2 else -100)
    await page.wait_for_function("window.pictures.some((at) => at > window.began)")
    return float(
        await page.evaluate("window.pictures.find((at) => at > window.began) - window.began")
    )


async def stroke(application: Any, page: Any, points: list[tuple[float, float]]) -> float:
    """ms from the end of a stroke to the first picture after its slice was segmented."""
    presenter, written = application.presenter, asyncio.Event()
    pending: list[asyncio.Future[Any]] = []
    mirror = presenter.workspace.mirror
    writing = mirror.write_labels

    def write(*arguments: Any) -> None:
        writing(*arguments)
        if not pending:  # the page's clock, as soon as it answers
            pending.append(asyncio.ensure_future(page.evaluate("performance.now()")))
            written.set()

    mirror.write_labels = write
    await page.evaluate("window.pictures.length = 0")
    await draw(page, points)
    await asyncio.wait_for(written.wait(), 120)
    mirror.write_labels = writing
    sent = await pending[0]
    await page.wait_for_function(f"window.pictures.some((at) => at > {sent})")
    return float(await page.evaluate(f"window.pictures.find((at) => at > {sent}) - window.began"))


def told(values: list[float]) -> dict[str, float]:
    """Median and 95th percentile, in whole ms."""
    return {"median": round(np.median(values)), "p95": round(np.percentile(values, 95))}


if __name__ == "__main__":
    main()
