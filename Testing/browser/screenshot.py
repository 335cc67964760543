"""Draws the picture of the page on a CT: a result of another method, opened to be corrected; or all
classes of the torso as they are found without marks.

    python Testing/browser/screenshot.py ../shared/data/Dataset101_TorsoCT \\
        Resources/Screenshots/browser-ct.png [--size 1480x940] [--find]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk

sys.path.insert(0, str(Path(__file__).parent))
from driving import end, shown, until, view_box
from S2VNetSlicerLib.browser.server import Application, Settings
from S2VNetSlicerLib.scene.files import write_segmentation
from S2VNetSlicerLib.volumes.reading import read_volume

SHOWN = {
    "liver": (0.78, 0.46, 0.34),
    "kidney_right": (0.80, 0.36, 0.34),
    "kidney_left": (0.85, 0.50, 0.30),
    "spleen": (0.61, 0.42, 0.62),
    "aorta": (0.88, 0.38, 0.30),
    "inferior_vena_cava": (0.0, 0.59, 0.81),
    "duodenum": (1.0, 0.95, 0.55),
    "vertebrae_L2": (0.95, 0.85, 0.57),
    "iliopsoas_left": (0.75, 0.25, 0.31),
    "iliopsoas_right": (0.75, 0.25, 0.31),
}
AT = "kidney_right"
"""The structure through which the views go."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="a data set in nnU-Net's raw layout")
    parser.add_argument("target", type=Path)
    parser.add_argument("--size", default="1480x940")
    parser.add_argument("--find", action="store_true", help="find all classes of the torso")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(draw(Path(folder), options))


async def draw(folder: Path, options: Any) -> None:
    (image,) = (options.data / "imagesTr").glob("*.nii.gz")
    (reference,) = (options.data / "labelsTr").glob("*.nii.gz")
    numbers = json.loads((options.data / "dataset.json").read_text("utf-8"))["labels"]
    known = sitk.GetArrayFromImage(sitk.ReadImage(str(reference)))
    labels = np.zeros(known.shape, np.uint8)
    for n, name in enumerate(SHOWN, 1):
        labels[known == numbers[name]] = n
    names = [name.replace("_", " ") for name in SHOWN]
    result = folder / "organs.seg.nrrd"
    write_segmentation(result, read_volume(image), labels, names, list(SHOWN.values()))
    application = Application(Settings(port=0, state=folder / "state"))
    application.load(image)
    width, height = map(int, options.size.split("x"))
    async with shown(application, width, height) as page:
        if options.find:
            await find_torso(application, page)
        else:
            application.correct_file(result)
        places = np.argwhere(labels == 1 + list(SHOWN).index(AT))
        middle = places[len(places) // 2]
        grid = application.presenter.workspace.grid()
        point = grid.ijk_to_ras_points(middle[None, ::-1].astype(float))[0].tolist()
        for view in application.views.slices:
            view.get_view_node().JumpSliceByOffsetting(*point)
        box = await view_box(page)
        await page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.45)
        await until(lambda: application.presenter.state.idle, 300)
        await asyncio.sleep(8)
        await until(lambda: not application.server.state.working, 300)
        await asyncio.sleep(2)
        await page.screenshot(path=str(options.target))
    await end(application)


async def find_torso(application: Any, page: Any) -> None:
    """Find all of its classes, as a user does."""
    state = application.presenter.state
    await until(lambda: state.idle, 300)
    await page.click("#group-automatic summary")
    await until(lambda: state.body_parts, 60)
    await page.locator("#wanted").click()
    await page.locator(".v-list-item-title", has_text="Torso: all").click()
    await page.keyboard.press("Escape")
    await page.locator("#find:enabled").click()
    await until(lambda: bool(state.busy), 60)


if __name__ == "__main__":
    main()
