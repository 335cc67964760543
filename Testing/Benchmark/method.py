"""S2VNet as a method of the interactive benchmark: see its ``factory()`` protocol."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from S2VNetSlicerLib.network.model import S2VNet
from S2VNetSlicerLib.network.weights import load_model
from S2VNetSlicerLib.propagation.records import SessionSettings
from S2VNetSlicerLib.propagation.session import Session


class Method:
    """One task: ``start`` encodes the volume, ``segment`` runs one round on the new marks."""

    def __init__(
        self, model: S2VNet | None = None, settings: SessionSettings | None = None
    ) -> None:
        self.model, self.settings = model, settings

    def start(
        self, image: np.ndarray, spacing: tuple[float, ...], modality: str, n_structures: int
    ) -> None:
        weights = os.environ.get("S2VNET_WEIGHTS")
        shipped, card = load_model(Path(weights) if weights else None)
        model = self.model or shipped
        kind = "CT" if modality.upper().startswith("CT") else "MR"
        self.session = Session(model, image, spacing, kind, n_structures, settings=self.settings)
        self.seen = np.zeros(image.shape, np.uint8)
        self.prepare(card)

    def prepare(self, card: dict[str, Any]) -> None:
        """What idle time allows before the first mark."""
        for _ in (*self.session.encode(), *self.session.recognise(card)):
            pass

    def segment(self, seeds: np.ndarray) -> np.ndarray:
        fresh = np.where(seeds != self.seen, seeds, 0).astype(np.uint8)
        self.seen = seeds
        for z in np.flatnonzero(fresh.any((1, 2))).tolist():
            self.session.mark(z, fresh[z])
        for _ in (*self.session.propagate(), *self.session.refine_across_planes()):
            pass
        return self.session.labels


def factory() -> Method:
    """A fresh method for each task."""
    return Method()
