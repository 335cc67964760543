"""Draws the README's picture of the page: the demo's brain, its strokes made with the mouse.

python Testing/browser/screenshot.py Resources/Screenshots/browser-brain.png
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "Demo"))
sys.path.insert(0, str(Path(__file__).parent))
from driving import draw, end, shown, until, view_box
from run_demo import COLOURS, HEIGHT, STROKES, write_template
from S2VNetSlicerLib.browser.server import Application, Settings
from S2VNetSlicerLib.scene.volumes import matrix_to_array

SIZE = 1480, 940
RADIUS = 2.0
SHOWN = -8.0
CORRECTIONS: dict[float, dict[str, list[list[tuple[float, float]]]]] = {
    -8.0: {
        "cerebrum": [
            [(-30, 50), (-50, 10), (-58, -30), (-48, -62)],
            [(30, 50), (50, 10), (58, -30), (48, -62)],
            [(-10, -92), (-30, -86)],
            [(10, -92), (30, -86)],
            [(-24, 8), (24, 8)],
        ],
        "cerebellum": [[(-8, -58), (8, -58)]],
        "brain stem": [[(-8, -22), (-3, -32), (3, -32), (8, -22)]],
        "background": [
            [(-80, 20), (-80, -55), (-46, -106), (0, -117), (46, -106), (80, -55), (80, 20)]
        ],
    },
    24.0: {
        "cerebrum": [
            [(-30, 54), (-54, 10), (-56, -40), (-30, -80)],
            [(30, 54), (54, 10), (56, -40), (30, -80)],
            [(-8, 56), (-8, 40)],
            [(8, 56), (8, 40)],
            [(-10, -70), (-10, -92)],
            [(10, -70), (10, -92)],
            [(-28, 20), (-28, -40)],
            [(28, 20), (28, -40)],
        ],
        "background": [
            [(-80, 20), (-80, -55), (-46, -106), (0, -117), (46, -106), (80, -55), (80, 20)]
        ],
    },
    -52.0: {
        "cerebellum": [
            [(-18, -48), (-28, -62), (-16, -74)],
            [(18, -48), (28, -62), (16, -74)],
        ],
        "brain stem": [[(-3, -42), (3, -42)]],
        "background": [
            [(-50, -30), (-52, -70), (-20, -92), (20, -92), (52, -70), (50, -30)],
            [(-30, -24), (30, -24)],
        ],
    },
}
"""By height (mm): further slices, as someone would mark them after a look at the first result."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", type=Path)
    parser.add_argument("--keep", type=Path, help="folder for pictures on the way")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        image = Path(folder) / "icbm152.nii.gz"
        write_template(image)
        asyncio.run(work(image, Path(folder), options))


async def work(image: Path, folder: Path, options: Any) -> None:
    application = Application(Settings(port=0, state=folder / "state"))
    application.load(image)
    presenter = application.presenter
    async with shown(application, *SIZE) as page:
        await until(lambda: presenter.idle, 120)
        await asyncio.sleep(1)
        for name in [name for name in STROKES if name != "background"]:
            presenter.add_class(name, COLOURS[name])
        presenter.set_axis(0)
        presenter.go_to(round(HEIGHT - presenter.grid().ijk_to_ras[2, 3]))
        presenter.wait(120)
        await page.locator("label", has_text="Live").click()
        await page.click("#mark")
        with application.server.state as state:
            state.radius = RADIUS
        application.tool.radius = RADIUS
        await until(lambda: application.tool.enabled and not presenter.live)
        for height, drawn in ((HEIGHT, STROKES), *CORRECTIONS.items()):
            presenter.go_to(round(height - presenter.grid().ijk_to_ras[2, 3]))
            await mark(application, page, height, drawn)
            if options.keep:
                await asyncio.sleep(1)
                await page.screenshot(path=str(options.keep / f"marked{height:+.0f}.png"))
        await page.click("#span-whole")
        await until(lambda: presenter.idle and bool((presenter.state.made > 0).all()), 120)
        presenter.go_to(round(SHOWN - presenter.grid().ijk_to_ras[2, 3]))
        await page.click("#mark")
        box = await view_box(page)
        await page.mouse.move(box["x"] + 5, box["y"] + 5)
        await asyncio.sleep(3)
        await until(lambda: not application.server.state.working, 60)
        await asyncio.sleep(0.5)
        await page.screenshot(path=str(options.target))
    await end(application)


async def mark(application: Any, page: Any, height: float, drawn: dict[str, Any]) -> None:
    """Strokes by class on the axial slice at ``height`` mm, with the mouse."""
    presenter, tool = application.presenter, application.tool
    box = await view_box(page)
    for name, strokes in drawn.items():
        negative = name == "background"
        await page.click("#kind-background" if negative else "#kind-structure")
        await until(lambda negative=negative: tool.negative == negative)
        if not negative:
            names = [row.name for row in presenter.state.classes]
            row = page.locator(".class").nth(names.index(name))
            await row.click(position={"x": 200, "y": 14})
            id = presenter.state.classes[names.index(name)].id
            await until(lambda id=id: presenter.state.selected == id)
        for stroke in strokes:
            await draw(page, to_pixels(application.views.slices[0], stroke, height, box), steps=6)
            await asyncio.sleep(0.1)
            await until(lambda: presenter.idle, 120)


def to_pixels(view: Any, points: Any, height: float, box: Any) -> list[tuple[float, float]]:
    """Points (x, y) mm at a height in the page's pixels."""
    to_xy = np.linalg.inv(matrix_to_array(view.get_view_node().GetXYToRAS()))
    found = [to_xy @ (x, y, height, 1) for x, y in points]
    wide, high = view.render_window().GetSize()
    return [
        (box["x"] + x * box["width"] / wide, box["y"] + (1 - y / high) * box["height"])
        for x, y, *_ in found
    ]


if __name__ == "__main__":
    main()
