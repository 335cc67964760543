"""What there is to choose from."""

from __future__ import annotations

from typing import Any

from ..scene.marks import ROLE
from ..scene.volumes import SEGMENTATION, VOLUME, nodes_of
from .environment import torch_missing
from .state import LearnedRow, VolumeRow


def volume_rows(scene: Any) -> tuple[tuple[VolumeRow, ...], tuple[VolumeRow, ...]]:
    """The volumes and the segmentations to choose from."""
    volumes = [n for n in _nodes(scene, VOLUME) if n.GetClassName() == VOLUME]
    segmentations = [n for n in _nodes(scene, SEGMENTATION) if not n.GetAttribute(ROLE)]
    return tuple(map(_row, volumes)), tuple(map(_row, segmentations))


def _nodes(scene: Any, kind: str) -> list[Any]:
    return [node for node in nodes_of(scene, kind) if not node.GetHideFromEditors()]


def _row(node: Any) -> VolumeRow:
    return VolumeRow(node.GetID(), node.GetName() or "")


def learned_rows() -> tuple[LearnedRow, ...]:
    """The user's library; empty where PyTorch, which comes with its file format, is missing."""
    if torch_missing():
        return ()
    from ..library.store import listed

    return tuple(LearnedRow(row.name, row.modality, row.examples) for row in listed())
