"""What the inference process is worth where the main thread keeps Python's lock, as in 3D Slicer.

The main thread holds the lock for 30 ms, then takes what has come, again and again. Beside it the
same marks are propagated by a thread and by the process; headless nothing is beside them. Seconds
from the marks to the first slice and to the last, and the slices that were done by the limit.
The volume and its structures are those of ``cost_benchmark``; nothing is encoded before.
"""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from cost_benchmark import brain
from facts import facts, options, use_weights
from report import markdown, report
from S2VNetSlicerLib.annotation.state import AnnotationState, Structure
from S2VNetSlicerLib.inference.client import Client, connect
from S2VNetSlicerLib.inference.engine import Engine
from S2VNetSlicerLib.inference.messages import Failed, Load, Source, Task
from S2VNetSlicerLib.propagation.records import SessionSettings, SliceResult
from scipy.ndimage import binary_erosion

TICK = 30_000
"""Microseconds for which the lock is kept."""


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--slices", type=int, default=181, help="of the volume, in its middle")
    parser.add_argument("--limit", type=float, default=300, help="seconds for each way at most")
    chosen = parser.parse_args()
    stated = facts(use_weights(chosen.weights))
    task = marked(chosen.slices)
    ways: dict[str, Callable[[Task, float], tuple[float, float, int]]] = {
        "headless": headless,
        "process": in_process,
        "thread": in_thread,
    }
    figures: dict[str, float] = {}
    for name, way in ways.items():
        first, last, done = way(task, chosen.limit)
        figures |= {
            f"{name}, first slice, s": first,
            f"{name}, all slices, s": last,
            f"{name}, slices done": done,
        }
    for name in ("process", "thread"):
        for what in ("first slice", "all slices"):
            own, alone = (figures[f"{way}, {what}, s"] for way in (name, "headless"))
            figures[f"{name} / headless, {what}"] = own / alone
    rounded = {name: round(float(value), 2) for name, value in figures.items()}
    lines = [(name, f"{value:g}") for name, value in rounded.items()]
    text = markdown([f"{chosen.slices} slices of 217x181, two structures", ""], lines)
    report(chosen.output, "process", text, {"figures": rounded}, stated)


def marked(slices: int) -> Task:
    """Both structures and the background marked on the middle slice."""
    image, truth = brain()
    start = (len(image) - slices) // 2
    image, truth = image[start : start + slices], truth[start : start + slices]
    middle = slices // 2
    state = AnnotationState(truth.shape, 0, [Structure("g", "grey"), Structure("w", "white")])
    marks = np.zeros(truth.shape[1:], np.uint8)
    for value, depth in ((0, 12), (1, 1), (2, 3)):
        marks[binary_erosion(truth[middle] == value, iterations=depth)] = value + 1
    state.mark(middle, marks > 0, marks[marks > 0])
    source = Source(image, (1.0, 1.0, 1.0), "MR", 0, SessionSettings(), None, stamp="brain")
    return Task(source, state, first=0, last=slices - 1)


def timed(items: Iterator[Any], limit: float) -> tuple[float, float, int]:
    """Seconds to the first and the last result, and how many slices there were by then."""
    began, first, seen = time.perf_counter(), float("nan"), set[int]()
    for item in items:
        if isinstance(item, Failed):
            raise item.error
        if isinstance(item, SliceResult):
            first = time.perf_counter() - began if not seen else first
            seen.add(item.z)
        if time.perf_counter() - began > limit:
            break
    return first, time.perf_counter() - began, len(seen)


def headless(task: Task, limit: float) -> tuple[float, float, int]:
    engine = Engine()
    for _ in engine.run(Load(None), lambda: False):
        pass
    return timed(engine.run(task, lambda: False), limit)


def beside_the_lock(drain: Callable[[], list[Any]], busy: Callable[[], bool]) -> Iterator[Any]:
    keep_the_lock = ctypes.PyDLL(None).usleep
    while busy():
        keep_the_lock(TICK)
        yield from drain()
        yield None


def in_process(task: Task, limit: float) -> tuple[float, float, int]:
    client = connect()
    for request in (Load(None), task):
        client.start(request)
        found = timed(beside_the_lock(client.drain, lambda: client.busy), limit)
    return found


def in_thread(task: Task, limit: float) -> tuple[float, float, int]:
    client: Client = connect(synchronous=True)
    client.start(Load(None))
    while client.busy:
        client.drain()
    found: list[Any] = []
    over = threading.Event()

    def compute() -> None:
        client.start(task)
        while client.busy and not over.is_set():
            found.extend(client.drain())

    def drain() -> list[Any]:
        items, found[:] = found[:], []
        return items

    thread = threading.Thread(target=compute, daemon=True)
    thread.start()
    result = timed(beside_the_lock(drain, thread.is_alive), limit)
    over.set()
    thread.join()
    return result


if __name__ == "__main__":
    main()
