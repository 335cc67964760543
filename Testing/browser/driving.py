"""What the tests of the application do with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import SimpleITK as sitk


async def serving(application: Any, **options: Any) -> aiohttp.ClientSession:
    """A client of the application's server, which is started."""
    application.start()
    assert await application.server.ready
    return aiohttp.ClientSession(f"http://127.0.0.1:{application.server.port}", **options)


async def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until ``condition()`` holds while the server goes on."""
    for _ in range(int(seconds / 0.05)):
        if condition():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("what was waited for did not come")


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
