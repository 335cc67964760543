"""What a session is asked and what it answers. Knows no torch: any front end may read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from ..annotation.slice_status import SliceStatus
from .settings import SessionSettings as SessionSettings

DEVICES = ("auto", "cpu", "cuda", "mps")


@dataclass(frozen=True)
class SliceResult:
    """A finished slice: ``labels`` uint8 [rows, columns], ``confidence`` [K] expected Dice."""

    z: int
    labels: np.ndarray
    confidence: np.ndarray


def audit_facts(
    axis: int,
    slice_status: np.ndarray,
    card: Mapping[str, Any],
    settings: SessionSettings | None = None,
) -> dict[str, Any]:
    """Who made each slice along ``axis``, with which weights (``card``) and with which settings, as
    far as they are not the default; JSON-able, as it is stored with a result (see
    ``scene.audit``)."""
    return {
        "axis": axis,
        "made": [int(m) for m in slice_status],
        "meaning": {status.value: status.name.lower() for status in SliceStatus},
        "model": card.get("name", "unknown"),
        "model_commit": card.get("commit", "unknown"),
        "settings": _how(settings) if settings else {},
    }


@lru_cache(maxsize=8)
def _how(settings: SessionSettings) -> dict[str, Any]:
    """Stored after every run: it takes some 20 ms."""
    return {"digest": settings.digest(), "changed": settings.changed()}
