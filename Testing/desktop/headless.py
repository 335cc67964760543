"""Does recorded requests to the inference process; prints [[first slice, all slices], ...] in s."""

from __future__ import annotations

import json
import pickle
import sys
import time
from dataclasses import replace
from pathlib import Path

from S2VNetSlicerLib.inference.engine import Engine
from S2VNetSlicerLib.inference.messages import Task
from S2VNetSlicerLib.propagation.records import SliceResult


def seconds(engine: Engine, task: Task) -> tuple[float, float]:
    began, first = time.perf_counter(), 0.0
    for item in engine.run(task, lambda: False):
        if isinstance(item, SliceResult) and not first:
            first = time.perf_counter() - began
    return first, time.perf_counter() - began


def main(path: str) -> None:
    source, requests = pickle.loads(Path(path).read_bytes())
    engine, source = Engine(), replace(source, stamp="measured")
    tasks = [replace(pickle.loads(request), source=source) for request in requests]
    seconds(engine, replace(tasks[0], encode=True))
    print(json.dumps([seconds(engine, task) for task in tasks]))


if __name__ == "__main__":
    main(sys.argv[1])
