"""What a round costs inside the application: the steps of ``Testing/in_slicer.py --measure``.

Each volume NAME.nii.gz of a folder lies beside NAME-labels.nii.gz, whose labels 1, 2, ... are
marked in turn with one stroke on the axial slice that shows most of label 1. What the panel asked
of the inference process is done once more by a process without an application, from the same
state, so that both times are of one run.
"""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import qt
import slicer
from in_application import MODULE, Application, wait
from S2VNetSlicerLib.inference.messages import Task
from S2VNetSlicerLib.inference.process import environment, interpreter
from S2VNetSlicerLib.scene.volumes import world_geometry
from scipy.ndimage import distance_transform_edt

LABELS = "-labels.nii.gz"
IMAGES = 40
"""So many are scrolled through while nothing runs."""
LIMIT = 900
"""Seconds for a volume to be read or propagated through at most."""


def measured(folder: Path) -> type[Application]:
    """The session with a step for each volume of ``folder``."""
    steps = {
        f"step_{path.name.removesuffix(LABELS)}": lambda self, path=path: self.measure(path)
        for path in sorted(folder.glob(f"*{LABELS}"))
    }
    return type("Measured", (Measured,), steps)


class Measured(Application):
    """Timings by volume and phase; the blocks are those of the event loop."""

    def measure(self, labels: Path) -> None:
        name = labels.name.removesuffix(LABELS)
        slicer.mrmlScene.Clear()
        slicer.util.selectModule("Data")
        node = slicer.util.loadVolume(str(labels.with_name(f"{name}.nii.gz")))
        truth = slicer.util.loadLabelVolume(str(labels))
        array = slicer.util.arrayFromVolume(truth).copy()
        slicer.mrmlScene.RemoveNode(truth)
        slicer.util.resetSliceViews()
        self.blocks.take()
        slicer.util.selectModule(MODULE)
        self._read(name, node)
        self._scroll(f"{name}, scrolling, no segmentation", IMAGES.__eq__)
        requests = self._recorded()
        z, last = int((array == 1).sum((1, 2)).argmax()), int(array.max())
        for label in range(1, last + 1):
            self.mouse.click(self.ui.addClassButton)
            if not self.ui.markButton.checked:
                self.mouse.click(self.ui.markButton)
            self._stroke(f"{name}, class {label}", node, array[z] == label, z)
        self._headless(name, requests)
        there = np.flatnonzero((array == last).any((1, 2)))
        low, high = there[[len(there) // 4, 3 * len(there) // 4]].tolist()
        self._scroll(f"{name}, scrolling, idle", IMAGES.__eq__)
        slicer.util.selectModule("Data")  # what Slicer itself needs for the same views
        self._scroll(f"{name}, scrolling, another module", IMAGES.__eq__)
        slicer.util.selectModule(MODULE)
        if not self.ui.markButton.checked:
            self.mouse.click(self.ui.markButton)
        self.mouse.draw("Red", self._path(node, array[low] == last, low))
        self._scroll(f"{name}, scrolling, in a run", lambda images: self.settled())
        self.panel.presenter.workspace.node.CreateClosedSurfaceRepresentation()
        self.blocks.take()
        self._stroke(f"{name}, with 3D", node, array[high] == last, high)

    def _read(self, name: str, node) -> None:
        began = time.perf_counter()
        wait(lambda: self.state.volume == node.GetID(), "the volume")
        wait(lambda: self.panel.presenter.session.client.read, "everything read", LIMIT)
        self._note(name, "all slices read, s", time.perf_counter() - began)
        self._note(name, "longest block while reading, ms", self.blocks.take())

    def _note(self, name: str, what: str, value: float) -> None:
        self.timings[f"{name}: {what}"] = round(value, 3)

    def _recorded(self) -> list[bytes]:
        """What is asked from now on, pickled, without the volume."""
        client, requests = self.panel.presenter.session.client, []
        start = client.start

        def record(request) -> None:
            if isinstance(request, Task) and not request.encode:
                whole = not request.follows or not requests
                asked = replace(request, marks={}, accepted={}) if whole else request
                kept = request.annotation if whole else None
                requests.append(pickle.dumps(replace(asked, source=None, annotation=kept)))
                self.source = replace(request.source, stamp=None)
            start(request)

        client.start = record
        return requests

    def _stroke(self, what: str, node, mask: np.ndarray, z: int) -> None:
        path = self._path(node, mask, z)
        self.blocks.take()
        used = time.process_time()
        let_go = self.mouse.draw("Red", path)
        wait(
            lambda: self.panel.presenter.runs.state.reached()[0] > 0,
            "a mask on the marked slice",
            LIMIT,
        )
        self._note(what, "stroke to the first result, s", time.perf_counter() - let_go)
        slicer.app.layoutManager().sliceWidget("Red").sliceView().forceRender()
        self._note(what, "stroke to mask on its slice, s", time.perf_counter() - let_go)
        wait(self.settled, "all slices", LIMIT)
        self._note(what, "stroke to all slices, s", time.perf_counter() - let_go)
        self._note(what, "processor time of the application, s", time.process_time() - used)
        self._note(what, "longest block, ms", self.blocks.take())
        slicer.util.mainWindow().grab().save(str(self.output / f"{what}.png"))

    def _path(self, node, mask: np.ndarray, z: int) -> list[tuple[float, float]]:
        """A line through the middle of ``mask`` [rows, columns] of axial slice ``z``, where the Red
        view then shows it, in shares of its width and height; the other views cross it."""
        depth = distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1]
        row, column = np.unravel_index(depth.argmax(), depth.shape)
        reach = 0.7 * depth.max()
        columns = np.linspace(column - reach, column + reach, 12)
        ijk = np.stack([columns, np.full(12, row), np.full(12, z), np.ones(12)])
        ras = world_geometry(node).ijk_to_ras @ ijk
        for shown in slicer.util.getNodesByClass("vtkMRMLSliceNode"):
            shown.JumpSliceByOffsetting(*ras[:3].mean(1))
        view = slicer.app.layoutManager().sliceWidget("Red").mrmlSliceNode()
        qt.QCoreApplication.processEvents()
        width, height, _ = view.GetDimensions()
        x, y, _, _ = np.linalg.inv(slicer.util.arrayFromVTKMatrix(view.GetXYToRAS())) @ ras
        return list(zip((x / width).tolist(), (1 - y / height).tolist(), strict=True))

    def _headless(self, name: str, requests: list[bytes]) -> None:
        """The same requests without an application."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "requests"
            file.write_bytes(pickle.dumps((self.source, requests)))
            script = Path(__file__).with_name("headless.py")
            command = [interpreter(), str(script), str(file)]
            run = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment())
            wait(lambda: run.poll() is not None, "the run without an application", LIMIT)
            found = json.loads(run.stdout.read())
        for n, (first, last) in enumerate(found, 1):
            what = f"{name}, class {n}"
            self._note(what, "without an application, its slice, s", first)
            self._note(what, "without an application, all slices, s", last)
            here = self.timings[f"{what}: stroke to all slices, s"]
            self._note(what, "ratio, all slices", here / last)

    def _scroll(self, what: str, over: Callable[[int], bool]) -> None:
        """Wheel steps to and fro as fast as images come, until it is ``over`` after so many."""
        drawn, images = [0], 0
        window = slicer.app.layoutManager().sliceWidget("Red").sliceView().renderWindow()
        tag = window.AddObserver("EndEvent", lambda *_: drawn.__setitem__(0, drawn[0] + 1))
        began = time.perf_counter()
        while not over(images):
            before = drawn[0]
            self.mouse.wheel("Red", back=images % 10 >= 5)
            wait(lambda n=before: drawn[0] > n, "an image")
            images += 1
        window.RemoveObserver(tag)
        self._note(what, "images a second", images / (time.perf_counter() - began))
        self._note(what, "longest block, ms", self.blocks.take())


if __name__ == "__main__":
    sys.exit("Run Testing/in_slicer.py --measure FOLDER.")
