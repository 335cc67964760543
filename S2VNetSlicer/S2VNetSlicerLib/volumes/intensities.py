"""What the intensities mean (CT or MR) and how they enter the network."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, gcd

import numpy as np

from ..texts import Text, joined, texts

_ = texts(__name__)
MODALITIES = ("CT", "MR")
CT_WINDOW = (-175.0, 250.0)  # HU; S2VNet, CVPR 2024, supplement
MR_PERCENTILES = (0.5, 99.5)  # same source
STATED = _("stated by the user")
_CT_OFFSET = 1024  # stored values of unsigned CT exports: HU + 1024


def guess_modality(array: np.ndarray, metadata: Mapping[str, str] | None = None) -> tuple[str, str]:
    """("CT" or "MR", the reason in words) of ``array`` [k, j, i].

    The Modality tag of the file (DICOM 0008|0060, NRRD or MetaImage "Modality") decides where there
    is one. Otherwise the intensities do: air or fat in Hounsfield units, also with the 1024 added
    that some exports leave in, means CT. A CT clipped above fat or rescaled to 0..255 cannot be
    told from an MR and counts as MR: show the reason.
    """
    metadata = metadata or {}
    tag = (metadata.get("0008|0060") or metadata.get("Modality") or "").strip().upper()
    tag = tag.removeprefix("MET_MOD_").replace("UNKNOWN", "")
    if tag in MODALITIES:
        return tag, _("the file's Modality tag says {tag}").format(tag=tag)
    preface = _("the Modality tag says {tag}, neither CT nor MR, but ").format(tag=tag)
    preface = preface if tag else Text("")
    values = _sample(array, 2**20)
    air = float(np.mean(values < -500))
    low, high = np.percentile(values, (1, 99), method="nearest")
    if air > 0.01:
        share = _("{percent} % of the voxels lie below -500, as air does in HU")
        told = share.format(percent=round(100 * air))
        return "CT", joined("", (preface, told))
    if low < -30 and low < -0.03 * high:
        told = _("the darkest hundredth lies below {low:.0f}, as fat does in HU").format(low=low)
        return "CT", joined("", (preface, told))
    if hu_offset(array):
        told = _("the values look like HU with {offset} added").format(offset=_CT_OFFSET)
        return "CT", joined("", (preface, told))
    told = _("the values, mostly {low:.4g} to {high:.4g}, do not look like HU")
    return "MR", joined("", (preface, told.format(low=low, high=high)))


def hu_offset(array: np.ndarray) -> int:
    """What was added to the HU of a CT: 1024 when it was stored without negative values, else 0.

    Of the voxels above -500 HU, which leaves out air that was cleared, such a CT has many at
    0..100 HU (muscle, organs, blood), few at -450..-200 HU, between lung and fat, and fewer above
    200 HU than soft ones. The limits are our own: on 221 CT volumes the soft share is 0.27 or more,
    on 53 MR volumes, also scaled by 0.5, 2 and 3, at most 0.21.
    """
    values = _sample(array, 2**20)
    if values.min() < 0:
        return 0
    hu = values.astype(np.float32) - _CT_OFFSET
    body = hu[hu > -500]
    if len(body) < 0.01 * len(hu):
        return 0
    soft = float(np.mean((body >= 0) & (body < 100)))
    gap = float(np.mean((body >= -450) & (body < -200)))
    bone = float(np.mean(body >= 200))
    return _CT_OFFSET if soft > max(0.24, 3 * gap, bone) else 0


def window(array: np.ndarray, modality: str) -> tuple[float, float]:
    """The (lowest, highest) intensity that the network sees of ``array`` [k, j, i].

    CT: -175 to 250 HU, moved by ``hu_offset``. MR: the 0.5 and 99.5 percentiles of the volume, the
    full range where these coincide.
    """
    if modality == "CT":
        offset = hu_offset(array)
        return CT_WINDOW[0] + offset, CT_WINDOW[1] + offset
    low, high = _percentiles(array, MR_PERCENTILES)
    return (low, high) if high > low else (float(array.min()), float(array.max()))


def normalise_slice(block: np.ndarray, window: tuple[float, float]) -> np.ndarray:
    """Intensities of any shape clipped to ``window`` and scaled to float32 0..255."""
    low, high = window
    block = np.clip(block.astype(np.float32), low, high)
    return (block - np.float32(low)) * np.float32(255 / (high - low))


def normalise(array: np.ndarray, modality: str) -> np.ndarray:
    """``array`` [k, j, i] as the network's uint8 0..255; one slice at a time to spare memory."""
    limits = window(array, modality)
    result = np.empty(array.shape, np.uint8)
    for block, out in zip(array, result, strict=True):
        out[...] = np.rint(normalise_slice(block, limits))
    return result


def _sample(array: np.ndarray, at_most: int) -> np.ndarray:
    """About ``at_most`` values at even distances that favour no row, column or slice."""
    step = ceil(array.size / at_most)
    while gcd(step, array.size) > 1:
        step += 1
    return array.reshape(-1)[::step]


def _percentiles(array: np.ndarray, percentiles: tuple[float, float]) -> tuple[float, float]:
    """Exact for integers (from a histogram); of 4 million evenly drawn voxels for floats."""
    if array.dtype.kind in "iu":
        lowest, highest = int(array.min()), int(array.max())
        if highest - lowest < 2**20:
            counts = np.zeros(highest - lowest + 1, np.int64)
            for block in array:
                counts += np.bincount(
                    block.ravel().astype(np.int64) - lowest, minlength=len(counts)
                )
            ranks = np.array(percentiles) / 100 * (array.size - 1)
            low, high = np.searchsorted(np.cumsum(counts), ranks, side="right") + lowest
            return float(low), float(high)
    low, high = np.percentile(_sample(array, 2**22), percentiles)
    return float(low), float(high)
