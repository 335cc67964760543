"""The networks of this process: whoever needs the same weights uses the same ones."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

_LOCK = threading.Lock()
_LOADED: WeakValueDictionary[tuple[Any, ...], Any] = WeakValueDictionary()
_CARDS: dict[tuple[Any, ...], dict[str, Any]] = {}


def load(weights: Path | None) -> tuple[Any, dict[str, Any]]:
    """The fused network of a file (None: the shipped one) and its card, loaded once as long as
    anybody uses it. Raises what :func:`~..network.weights.load_model` raises."""
    from ..network.weights import default_weights, load_model

    path = weights or default_weights()
    # Read before the file is: one that changes meanwhile is read again.
    key = (str(path), path.stat().st_mtime_ns if path.is_file() else None)
    with _LOCK:
        model = _LOADED.get(key)
        if model is None:
            model, card = load_model(weights)
            model = model.fuse()
            _LOADED[key], _CARDS[key] = model, card
        return model, _CARDS[key]
