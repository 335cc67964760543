"""Published results on WORD, BTCV and AMOS, to be shown beside ours; each with its source.

Only what could be read in the source is here. Not found, so left out: 3D UX-Net on WORD and BTCV,
SwinMM on BTCV and AMOS, nnU-Net on the 18/12 split of BTCV and on AMOS's validation split, and the
numbers of S2VNet's own paper. Mind ``protocol``: most were not measured on the cases that we
measure on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import nan

from .layouts import WORD_CLASSES

_WORD = (
    "Luo et al., WORD, Medical Image Analysis 82 (2022), tables 4 and 5 "
    "(github.com/HiLab-git/WORD, figures/sota.png)"
)
_SWINMM = (
    "Wang et al., SwinMM, MICCAI 2023, results on WORD "
    "(github.com/UCSC-VLAA/SwinMM, figures/Result.png)"
)
_REVISITED = (
    "Isensee et al., nnU-Net Revisited, MICCAI 2024 "
    "(github.com/MIC-DKFZ/nnUNet, documentation/resenc_presets.md)"
)
_UXNET = "Lee et al., 3D UX-Net, ICLR 2023 (github.com/MASILab/3DUX-Net, README.md)"
_EXTENDING = "Isensee et al., Extending nnU-Net is all you need, arXiv 2208.10791, abstract"

_ON_WORD = "WORD test, 30 cases"
_FOLDS = "5-fold cross-validation"
_TUNED = "fine-tuned, the source's own split"


@dataclass(frozen=True)
class Reported:
    """One published result. ``dice`` 0..1; ``hd95`` mm or NaN; ``by_class`` Dice 0..1 by name."""

    method: str
    dice: float
    protocol: str
    source: str
    hd95: float = nan
    by_class: Mapping[str, float] = field(default_factory=dict)


def _word(method: str, dice: float, hd95: float, source: str, organs: str) -> Reported:
    values = [round(float(value) / 100, 4) for value in organs.split()]
    by_class = dict(zip(WORD_CLASSES, values, strict=True))
    return Reported(method, round(dice / 100, 4), _ON_WORD, source, hd95, by_class)


PUBLISHED: dict[str, tuple[Reported, ...]] = {
    "word": (
        _word(
            "nnU-Net (2D)", 84.92, 10.79, _WORD,
            "95.38 93.33 90.05 89.86 89.97 78.43 78.08 82.33 63.47 83.06 85.6 69.9 81.66 90.49 "
            "93.28 93.78",
        ),
        _word(
            "nnU-Net v2 (2D)", 85.80, 9.88, _WORD,
            "96.19 94.33 91.29 91.20 91.12 83.19 77.79 83.55 64.47 83.92 86.83 70.0 81.49 90.15 "
            "93.28 93.93",
        ),
        _word(
            "nnU-Net (3D)", 87.44, 10.33, _WORD,
            "96.45 95.98 95.40 95.68 91.69 83.19 78.51 85.04 68.31 87.41 89.3 72.38 82.41 92.59 "
            "91.99 92.74",
        ),
        _word(
            "nnU-Net v2 (3D)", 87.41, 8.84, _WORD,
            "96.59 96.09 95.63 95.83 91.57 83.72 77.36 85.00 67.73 87.26 89.37 72.98 82.32 92.11 "
            "92.56 92.49",
        ),
        _word(
            "UNETR", 79.77, 17.34, _WORD,
            "94.67 92.85 91.49 91.72 85.56 65.08 67.71 74.79 57.56 74.62 80.4 60.76 74.06 85.42 "
            "89.47 90.17",
        ),
        _word(
            "CoTr", 84.66, 12.83, _WORD,
            "95.58 94.9 93.26 93.63 89.99 76.4 74.37 81.02 63.58 84.14 86.39 69.06 80.0 89.27 "
            "91.03 91.87",
        ),
        _word(
            "Swin UNETR", 84.34, 14.24, _SWINMM,
            "96.08 95.32 94.20 94.00 90.32 74.86 76.57 82.60 65.37 84.56 87.37 66.84 79.66 92.05 "
            "86.40 83.31",
        ),
        _word(
            "SwinMM", 86.18, 9.35, _SWINMM,
            "96.30 95.46 93.83 94.47 91.43 80.08 76.59 83.60 67.38 86.42 88.58 69.12 80.48 90.56 "
            "92.16 92.40",
        ),
    ),
    "btcv": (
        Reported("nnU-Net (original)", 0.8308, f"{_FOLDS}, 30 cases", _REVISITED),
        Reported("nnU-Net ResEnc L", 0.8335, f"{_FOLDS}, 30 cases", _REVISITED),
        Reported("Swin UNETR", 0.7889, f"{_FOLDS}, 30 cases", _REVISITED),
    ),
    "amos": (
        Reported("nnU-Net (original)", 0.8864, f"{_FOLDS}, CT and MR, 360 cases", _REVISITED),
        Reported("nnU-Net ResEnc L", 0.8941, f"{_FOLDS}, CT and MR, 360 cases", _REVISITED),
        Reported("Swin UNETR", 0.8381, f"{_FOLDS}, CT and MR, 360 cases", _REVISITED),
        Reported("nnU-Net, challenge entry, CT", 0.9013, f"{_FOLDS}, training cases", _EXTENDING),
        Reported("nnU-Net, challenge entry", 0.8906, f"{_FOLDS}, CT and MR", _EXTENDING),
        Reported("UNETR", 0.762, _TUNED, _UXNET),
        Reported("nnFormer", 0.790, _TUNED, _UXNET),
        Reported("Swin UNETR", 0.880, _TUNED, _UXNET),
        Reported("3D UX-Net", 0.900, _TUNED, _UXNET),
    ),
}  # fmt: skip
