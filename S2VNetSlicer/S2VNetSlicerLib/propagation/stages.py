"""What all stages of the method have in common; ``pipeline`` lists them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from .slice_store import SliceStore

TOGETHER = 8
"""Slices whose masks are made at once."""


@dataclass(frozen=True)
class DueSlices:
    """The ``slices`` that a stage has to do with; none but ``first``..``last`` may change."""

    slices: tuple[int, ...]
    first: int
    last: int


@dataclass(frozen=True)
class SliceUpdate:
    """The ``slices`` that a stage changed together; none: a sign of life."""

    slices: tuple[int, ...] = ()


Updates = Generator[SliceUpdate, None, None]
"""An iterator that can be closed at once."""


class Annotation(Protocol):
    """What stages ask of an :class:`~..annotation.state.AnnotationState`, or of a part of it."""

    @property
    def anchors(self) -> list[int]:
        """The slices that the user marked or accepted."""

    @property
    def pending(self) -> set[int]:
        """Marked slices that no finished propagation has carried on."""

    def prompts(self, z: int) -> np.ndarray:
        """Marks of slice ``z``, uint8 [rows, columns]."""

    def replace(self, z: int, labels: np.ndarray) -> None:
        """Slice ``z`` becomes ``labels``, as far as the annotation lets it."""


class Stage(Protocol):
    """A step of the method; knows no other stage."""

    def run(self, store: SliceStore, state: Annotation, due: DueSlices) -> Updates:
        """Do what is to be done for the slices that are ``due``; yields the slices it changed.

        It may be stopped at any yield and leaves nothing behind then: what is half done is taken
        back, what is done is found done by the next call.
        """


Read = Callable[[Annotation, Sequence[int]], Tensor]
"""Masks [N, K, h, w] of slices as they are by now, for stages that begin with them."""


def run_stages(
    stages: Sequence[Stage], store: SliceStore, state: Annotation, due: DueSlices
) -> Updates:
    """What the last of the ``stages`` changes. The slices that one changed are due in the next, at
    once: the first slices come out while the others are still to be done."""
    if not stages:
        yield SliceUpdate(due.slices)
        return
    first, *rest = stages
    # An error further down closes it, too: whatever holds the traceback would keep it open.
    with closing(first.run(store, state, due)) as updates:
        while True:
            # Inference mode is entered for each piece of work: a generator that holds it across a
            # yield would leave it set in the caller.
            with torch.inference_mode():
                update = next(updates, None)
            if update is None:
                return
            if update.slices:
                yield from run_stages(rest, store, state, replace(due, slices=update.slices))
            else:
                yield update


def stacked(masks: Mapping[int, Tensor], slices: Sequence[int]) -> Tensor:
    """The masks [N, K, h, w] of ``slices``."""
    return torch.stack([masks[z] for z in slices])


def index(slices: Sequence[int], store: SliceStore) -> tuple[Tensor, Tensor]:
    """The volume, which is the only one, and the number of each of ``slices``."""
    z = torch.tensor(list(slices), device=store.masks.device)
    return torch.zeros_like(z), z


def in_batches(slices: Sequence[int]) -> Updates:
    """All ``slices``, some at once."""
    for first in range(0, len(slices), TOGETHER):
        yield SliceUpdate(tuple(slices[first : first + TOGETHER]))
