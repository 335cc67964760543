"""What passes show on their way, where slices are passed over or in doubt."""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from torch import Tensor


@dataclass
class SkippedSliceInterpolator:
    """What n passes showed last: ``shown`` masks [n, K, h, w], those one step ``older``, ``base``
    from which the ``span`` [n, K] slices up to here are blended, and where a class was in
    ``doubt`` [n, K] (``once``: for the first time), ``slice_stride`` [n] slices ago."""

    shown: Tensor
    older: Tensor
    base: Tensor
    span: Tensor
    doubt: Tensor
    once: Tensor
    slice_stride: Tensor

    @classmethod
    def begin(cls, shown: Tensor) -> SkippedSliceInterpolator:
        none = torch.zeros(shown.shape[:2], dtype=torch.bool, device=shown.device)
        return cls(shown, shown, shown, none.long(), none, none, none[:, 0].long())

    def select(self, index: Tensor) -> SkippedSliceInterpolator:
        return SkippedSliceInterpolator(
            **{f.name: getattr(self, f.name)[index] for f in fields(self)}
        )

    def step(
        self, mask: Tensor, doubt: Tensor, slice_stride: Tensor, bridge: bool = True
    ) -> SkippedSliceInterpolator:
        """The same ``slice_stride`` slices on. A class in doubt is not shown, but where only one
        step was in doubt it is blended over, if ``bridge``: a gap between two good slices is no
        end."""
        revived = self.once & ~doubt & bridge
        base = torch.where(revived[..., None, None], self.older, self.shown)
        span = slice_stride[:, None] + self.slice_stride[:, None] * revived
        shown = mask * ~doubt[..., None, None]
        return SkippedSliceInterpolator(
            shown, self.shown, base, span, doubt, doubt & ~self.doubt, slice_stride
        )

    def blend(self, back: int) -> Tensor:
        """The masks ``back`` slices before the last one."""
        share = (back / self.span).clamp(max=1)[..., None, None].to(self.shown)
        return self.base.lerp(self.shown, 1 - share)
