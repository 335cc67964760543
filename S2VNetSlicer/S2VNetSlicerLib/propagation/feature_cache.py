"""Features of all slices of a volume: encoded once, in batches, nearest slice first, and kept."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ..errors import UserError
from ..network.encoder import Features
from ..network.model import S2VNet

BATCH = 4
"""On a processor more slices at once gain a tenth, but a mark waits for those that are begun."""
BATCH_ELSEWHERE = 8


class FeatureCache:
    """Half-precision features of ``slices`` slices, in memory or, beyond ``limit_bytes``, on disk.

    ``read`` returns work-grid intensities [N, H, W] (0..255) of a list of slices. Each slice is
    encoded at most once; ``encoded`` counts them. UserError when the disk has no room for them.
    """

    def __init__(
        self,
        model: S2VNet,
        read: Callable[[list[int]], Tensor],
        slices: int,
        limit_bytes: int,
        device: torch.device,
        dtype: torch.dtype,
    ) -> None:
        self.model, self.read, self.slices = model, read, slices
        self.device, self.dtype, self.limit_bytes = device, dtype, limit_bytes
        self.batch = BATCH if device.type == "cpu" else BATCH_ELSEWHERE
        self.there = np.zeros(slices, bool)
        self.encoded = 0
        self._kept: Features | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    @property
    def on_disk(self) -> bool:
        """Whether the features did not fit the memory bound."""
        return self._folder is not None

    def take(self, z: Tensor) -> Features:
        """The features of slices ``z``, encoding what is missing, in the working precision.

        Without their looks, which no step needs: see :meth:`pixel_features`.
        """
        self._ensure(z.tolist())
        assert self._kept is not None
        index, kept = z.cpu(), replace(self._kept, pixel_features=self._kept.pixel_features[:, :0])
        return kept.map(lambda t: t[index].to(self.device, self.dtype))

    def pixel_features(self, z: Tensor) -> Tensor:
        """What pixels of slices ``z`` look like, see :class:`~..network.encoder.Features`."""
        self._ensure(z.tolist())
        assert self._kept is not None
        return self._kept.pixel_features[z.cpu()].to(self.device)

    def encode_from(self, centre: int) -> Iterator[int]:
        """Encode every slice, nearest to ``centre`` first; yields how many are done."""
        order = sorted(range(self.slices), key=lambda z: abs(z - centre))
        for start in range(0, self.slices, self.batch):
            self._encode([z for z in order[start : start + self.batch] if not self.there[z]])
            yield int(self.there.sum())

    def _ensure(self, wanted: Iterable[int]) -> None:
        missing = [z for z in wanted if not self.there[z]]
        if not missing:
            return
        # The rest of a batch costs little: take the neighbours that will be asked for next.
        near = sorted(
            np.nonzero(~self.there)[0].tolist(), key=lambda z: min(abs(z - m) for m in missing)
        )
        self._encode(near[: max(self.batch, len(missing))])

    @torch.inference_mode()
    def _encode(self, z: list[int]) -> None:
        if not z:
            return
        features = self.model.encode(self.read(z).to(self.device, self.dtype))
        if self._kept is None:
            self._kept = self._reserve(features)
        for kept, fresh in zip(self._kept.tensors(), features.tensors(), strict=True):
            kept[z] = fresh.to("cpu", torch.float16)
        self.there[z] = True
        self.encoded += len(z)

    def _reserve(self, example: Features) -> Features:
        size = sum(t[0].numel() for t in example.tensors()) * 2 * self.slices
        if size <= self.limit_bytes:
            return example.map(
                lambda t: torch.empty(self.slices, *t.shape[1:], dtype=torch.float16)
            )
        place = tempfile.gettempdir()
        # Writing to a memory map on a full disk ends the process.
        if shutil.disk_usage(place).free < 1.1 * size:
            raise UserError(
                "The features of this volume need {size:.1f} GB in {place}: free some disk "
                "space there or set TMPDIR to another folder.",
                size=size / 1e9,
                place=place,
            )
        self._folder = tempfile.TemporaryDirectory(prefix="s2vnet-", ignore_cleanup_errors=True)
        paths = (Path(self._folder.name) / f"{i}.npy" for i in range(1000))

        def on_disk(t: Tensor) -> Tensor:
            shape = (self.slices, *t.shape[1:])
            return torch.from_numpy(np.lib.format.open_memmap(next(paths), "w+", np.float16, shape))

        return example.map(on_disk)

    def close(self) -> None:
        """Forget the features; removes their folder, if any."""
        self._kept = None
        self.there[:] = False
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None
