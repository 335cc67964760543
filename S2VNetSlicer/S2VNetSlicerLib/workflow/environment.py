"""What the computation runs on, in one sentence."""

from __future__ import annotations

from functools import lru_cache
from importlib import metadata, util

from ..inference.messages import Timing
from ..texts import joined, texts

_ = texts(__name__)


@lru_cache(maxsize=1)
def torch_missing() -> str:
    """Empty when PyTorch is installed, else what to do."""
    if util.find_spec("torch") is not None:
        return ""
    return _(
        "PyTorch is missing: install it with the PyTorch module of 3D Slicer or pip install torch."
    )


def describe(processor: str, slices: int, timing: Timing) -> str:
    """ "PyTorch 2.9, CPU (2 threads), about 12 s for this volume", as far as it is known."""
    missing = torch_missing()
    if missing:
        return missing
    parts = [_version()]
    if processor:
        parts.append(processor)
    if slices and timing.slice is not None:
        parts.append(_("about {time} for this volume").format(time=_seconds(slices * timing.slice)))
    return joined(", ", parts)


@lru_cache(maxsize=1)
def _version() -> str:
    try:
        return f"PyTorch {metadata.version('torch').split('+')[0]}"
    except metadata.PackageNotFoundError:
        return "PyTorch"


def _seconds(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min"
