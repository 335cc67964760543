"""A small volume and an application on it, within an event loop as trame needs one."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from S2VNetSlicerLib.volumes.geometry import Geometry
from S2VNetSlicerLib.volumes.volume import Volume

pytest.importorskip("trame_slicer", reason="trame-slicer is not installed")
from S2VNetSlicerLib.browser.graphics import require_graphics
from S2VNetSlicerLib.errors import UserError

try:
    require_graphics()
except UserError as error:
    pytest.skip(str(error), allow_module_level=True)

sys.path.insert(0, str(Path(__file__).parent))  # for what the tests share
SHAPE = (16, 64, 64)
_KEPT: list[Any] = []


@pytest.fixture
def volume() -> Volume:
    """An axis-parallel MR with two bright balls."""
    array = np.random.default_rng(1).normal(100, 20, SHAPE)
    z, y, x = np.indices(SHAPE)
    for row, column in ((22, 24), (42, 44)):
        array[(y - row) ** 2 + (x - column) ** 2 + (3 * (z - 8)) ** 2 < 200] += 200
    affine = np.diag([-1.0, -1.0, 3.0, 1.0])
    affine[:3, 3] = 32, 32, -24
    return Volume(array.astype(np.int16), Geometry(SHAPE, affine), "MR", name="balls")


@pytest.fixture
def image(volume, tmp_path):
    import SimpleITK as sitk

    path = tmp_path / "balls.nii.gz"
    sitk.WriteImage(volume.geometry.to_sitk(volume.array), str(path))
    return path


@pytest.fixture
def weights(save_network, tmp_path, small_slices):
    """A file with a small network."""
    small_slices(64)
    card = {"name": "small network", "commit": "abc"}
    return save_network(tmp_path / "small.safetensors", card)


@pytest.fixture
def in_application(weights, tmp_path, monkeypatch) -> Callable[..., Any]:
    """Runs ``test(application)``, a coroutine, with an application of its own.

    It makes one slice a tick, and ticks fast.
    """
    from driving import end
    from S2VNetSlicerLib.browser import server
    from S2VNetSlicerLib.browser.server import Application, Settings

    monkeypatch.setattr(server, "TICK", 0.005)
    monkeypatch.setattr(server, "REST", 0.005)
    monkeypatch.setenv("S2VNET_LIBRARY", str(tmp_path / "library"))

    def run(test: Callable[[Any], Any], **changes: Any) -> Any:
        async def body() -> Any:
            options = {"port": 0, "state": tmp_path / "state", "weights": weights, **changes}
            application = Application(Settings(**options), synchronous=True)
            _KEPT.append(application)  # VTK aborts when a scene goes before its last node
            try:
                return await test(application)
            finally:
                await end(application)

        return asyncio.run(body())

    return run
