"""Which labels of a map are of one tissue, and how bright CT and MR show each.

FreeSurfer's numbers stand for structures of the head; other maps name their labels, as
TotalSegmentator and radiotherapists do.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True)
class Tissues:
    """Of labels 0..n-1 the tissue ``group`` int [n] (-1: any); ``orders`` [M, G] the grey value
    0..255 of each group in M contrasts; ``pairs`` of labels that look alike, left and right;
    ``hollow`` bool [n]: filled with air, fluid or a contrast agent."""

    group: np.ndarray
    orders: np.ndarray
    pairs: tuple[tuple[int, int], ...]
    hollow: np.ndarray

    def and_more(self, group: Sequence[int]) -> Tissues:
        """The same with labels of ``group`` behind the others."""
        hollow = np.concatenate([self.hollow, np.zeros(len(group), bool)])
        return replace(self, group=np.concatenate([self.group, group]).astype(int), hollow=hollow)


_HEAD = (
    {2, 41, 7, 46, 16, 28, 60, 85},  # white matter
    {3, 42, 8, 47},  # cortex
    {10, 49, 11, 50, 12, 51, 17, 53, 18, 54, 26, 58},  # deep grey matter
    {13, 52},  # pallidum
    {4, 43, 5, 44, 14, 15, 24, 72},  # fluid
)
_HEAD_ORDERS = (
    (205, 140, 155, 180, 40),  # T1
    (225, 125, 150, 195, 25),  # T1, inversion recovery
    (95, 140, 120, 80, 230),  # T2
    (120, 165, 150, 115, 45),  # FLAIR
    (150, 185, 175, 150, 215),  # proton density
    (115, 135, 132, 128, 85),  # CT, brain window
)
_HEAD_PAIRS = {
    **{2: 41, 3: 42, 4: 43, 5: 44, 7: 46, 8: 47, 10: 49, 11: 50, 12: 51, 13: 52, 17: 53},
    **{18: 54, 26: 58, 28: 60, 30: 62, 136: 137, 163: 164},
}


def head_tissues(ids: Sequence[int]) -> Tissues:
    """Tissues of labels with FreeSurfer's numbers ``ids``."""
    group = np.full(len(ids), -1)
    for number, own in enumerate(_HEAD):
        group[np.isin(ids, list(own))] = number
    where = {number: i for i, number in enumerate(ids)}
    pairs = ((where[a], where[b]) for a, b in _HEAD_PAIRS.items() if a in where and b in where)
    return Tissues(group, np.array(_HEAD_ORDERS, float), tuple(pairs), np.zeros(len(ids), bool))


_BODY = (
    # CT without contrast agent, portal venous, arterial; MR T1, T2, T1 with contrast agent
    ("lung|trachea|outside", (0, 0, 0, 5, 5, 5)),
    ("fat", (45, 45, 45, 215, 190, 60)),
    ("bone|vertebra|rib_|sacrum|hip_|femur|humerus|scapula", (225, 230, 230, 150, 110, 90)),
    ("clavicula|sternum|skull|mandible|cochlea", (225, 230, 230, 150, 110, 90)),
    ("cartilage", (150, 150, 150, 90, 120, 80)),
    ("aorta|artery|trunk|heart|atrial|pulmonary_vein", (132, 195, 250, 40, 30, 230)),
    ("vein|vena", (132, 195, 150, 60, 50, 220)),
    ("liver", (142, 172, 150, 130, 85, 150)),
    ("spleen", (135, 177, 180, 95, 150, 180)),
    ("kidney_(left|right)", (126, 210, 215, 100, 150, 210)),
    ("pancreas|thyroid|prostate|adrenal", (128, 160, 165, 130, 110, 170)),
    ("parotid|submandibular|lacrimal", (115, 130, 135, 150, 130, 170)),
    ("muscle|gluteus|autochthon|iliopsoas", (138, 145, 140, 95, 60, 100)),
    ("gallbladder|bladder|cyst|orbit|canal", (108, 108, 108, 30, 235, 30)),
    ("cord|brain|nerve", (128, 130, 130, 125, 120, 125)),
    ("cortex of a bone", (250, 250, 250, 20, 15, 20)),
    ("wall of a hollow organ", (130, 150, 155, 95, 85, 160)),
)
"""Words in the names of a tissue's labels and its grey values: for CT, what the window of -175 to
250 HU makes of it. The first tissue that fits counts."""
_ORDERS = np.array([values for _, values in _BODY], float).T
AIR, FAT, MUSCLE, CORTEX, WALL = (
    next(i for i, (words, _) in enumerate(_BODY) if word in words)
    for word in ("outside", "fat", "muscle", "cortex", "wall")
)
BONES = [i for i, (words, _) in enumerate(_BODY) if "vertebra" in words or "mandible" in words]
_HOLLOW = re.compile("stomach|bowel|duodenum|colon|esophagus|bladder")
_SIDES = re.compile(r"(?<![a-z])(left|right|lt|rt)(?![a-z])")
_OTHER_SIDE = {"left": "right", "lt": "rt"}


def named_tissues(names: Sequence[str]) -> Tissues:
    """Tissues of labels called ``names``, "" for those without one."""
    low = [name.lower() for name in names]
    group = np.full(len(low), -1)
    for number, (words, _) in enumerate(_BODY):
        for i, name in enumerate(low):
            if group[i] < 0 and re.search(words, name):
                group[i] = number
    where = {name: i for i, name in enumerate(low) if name}
    pairs = []
    for name, i in where.items():
        other = where.get(_SIDES.sub(lambda m: _OTHER_SIDE.get(m[0], m[0]), name), i)
        if other != i:
            pairs.append((i, other))
    hollow = np.array([bool(_HOLLOW.search(name)) for name in low])
    return Tissues(group, _ORDERS, tuple(pairs), hollow)
