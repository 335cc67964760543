"""What passes show on their way, where slices are passed over or in doubt."""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from torch import Tensor


@dataclass
class SkippedSliceInterpolator:
    """What n passes showed last: ``shown`` masks [n, K, h, w], and ``base`` from which the ``span``
    [n] slices up to here are blended."""

    shown: Tensor
    base: Tensor
    span: Tensor

    @classmethod
    def begin(cls, shown: Tensor) -> SkippedSliceInterpolator:
        return cls(shown, shown, torch.zeros(len(shown), dtype=torch.long, device=shown.device))

    def select(self, index: Tensor) -> SkippedSliceInterpolator:
        return SkippedSliceInterpolator(
            **{f.name: getattr(self, f.name)[index] for f in fields(self)}
        )

    def step(self, mask: Tensor, doubt: Tensor, slice_stride: Tensor) -> SkippedSliceInterpolator:
        """The same ``slice_stride`` slices on. A class in ``doubt`` [n, K] is not shown."""
        return SkippedSliceInterpolator(mask * ~doubt[..., None, None], self.shown, slice_stride)

    def blend(self, back: int) -> Tensor:
        """The masks ``back`` slices before the last one."""
        share = (back / self.span).clamp(max=1)[:, None, None, None].to(self.shown)
        return self.base.lerp(self.shown, 1 - share)
