"""The interactive session: marks in, label maps out, slice by slice."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np
import torch
from torch import Tensor

from ..errors import UserError
from ..network.model import Carried, S2VNet
from ..volumes.intensities import normalise_slice, window
from .devices import choose_device, working_precision
from .features import FeatureStore
from .propagator import FAR, Propagator
from .workgrid import WorkGrid


class Made(IntEnum):
    """Who made a slice."""

    UNTOUCHED = 0
    MODEL = 1
    MARKED = 2
    ACCEPTED = 3


@dataclass(frozen=True)
class SessionSettings:
    """Bounds and thresholds of a session."""

    device: str = "auto"
    feature_bytes: int = 1_000_000_000
    """Features beyond this are kept on disk."""
    absent_below: float = 0.2
    """A class with a lower presence score (0..1) has no mask in a slice."""
    patience: int | None = 4
    """A run ends after so many slices without any class."""
    growth: float | None = 1.0
    """From one slice to the next a mask grows by so many mm per mm at most (None: anywhere)."""


@dataclass(frozen=True)
class SliceResult:
    """A finished slice: ``labels`` uint8 [rows, columns], ``confidence`` [K] expected Dice."""

    z: int
    labels: np.ndarray
    confidence: np.ndarray


class Session:
    """Segmentation of one volume from marks; holds no state outside itself.

    ``image`` [k, j, i] with raw intensities (CT in HU), ``spacing`` mm in the same order,
    ``modality`` "CT" or "MR", ``structures`` the number of classes or, for the learned centres of
    predefined classes, their indices (-1: none). Slices run along ``axis`` of ``image``; slice
    arrays are [rows, columns] in the order of the remaining axes. Marks are uint8: 0 unmarked,
    1 background, 2 the first structure, ...; labels: 0 background, 1 the first structure, ...
    """

    def __init__(
        self,
        model: S2VNet,
        image: np.ndarray,
        spacing: Sequence[float],
        modality: str,
        structures: int | Sequence[int],
        *,
        axis: int = 0,
        settings: SessionSettings | None = None,
    ) -> None:
        if image.ndim != 3 or axis not in (0, 1, 2):
            raise UserError(f"A session needs a 3D volume and axis 0, 1 or 2, not {image.shape}.")
        self.settings = settings or SessionSettings()
        self.axis, self.modality = axis, modality
        self.image = np.moveaxis(image, axis, 0)
        self.labels = np.zeros(image.shape, np.uint8)
        self._labels = np.moveaxis(self.labels, axis, 0)
        self.slices, rows, columns = self.image.shape
        in_plane = [float(s) for n, s in enumerate(spacing) if n != axis]
        self.grid = WorkGrid.fit(rows, columns, (in_plane[0], in_plane[1]))
        cell = 2 * in_plane[0] / self.grid.scale[0]
        growth = self.settings.growth
        cells = None if growth is None else round(growth * float(spacing[axis]) / cell)
        self._growth = None if cells is None else max(1, cells)
        self._window = window(image, modality)
        classes = [-1] * structures if isinstance(structures, int) else list(structures)
        if max(classes, default=-1) >= len(model.configuration.classes):
            raise UserError(
                f"The weights know {len(model.configuration.classes)} predefined classes, not "
                f"class {max(classes)}: use other weights or mark the structure."
            )
        self.structures = len(classes)
        self.marks: dict[int, np.ndarray] = {}
        self.made = np.zeros(self.slices, np.uint8)
        self.locked = np.zeros(self.structures, bool)
        self._dirty: set[int] = set()
        self._handed: dict[int, Carried] = {}
        """What runs from the dirty anchors begin with, once these are segmented."""
        self._todo: Iterator[int] | None = None
        """Where an interrupted propagation inside ``_range`` goes on."""
        self._range: tuple[int, int | None] = (0, None)
        self.device = choose_device(self.settings.device)
        dtype = working_precision(self.device)
        # The caller's model stays as it is: sessions may share it.
        self._model = copy.deepcopy(model).fuse().to(self.device, dtype)
        self.features = FeatureStore(
            self._model,
            self._work_slices,
            self.slices,
            self.settings.feature_bytes,
            self.device,
            dtype,
        )
        self._classes = torch.tensor([classes], device=self.device)
        self._propagator: Propagator | None = None

    # ---- marks ---------------------------------------------------------------------------------

    def mark(self, z: int, marks: np.ndarray) -> None:
        """Add ``marks`` to slice ``z``, also to an accepted one. Nothing is computed yet."""
        self._check_slice(z, marks, self.structures + 1)
        if not marks.any():
            return
        kept = self.marks.setdefault(z, np.zeros(marks.shape, np.uint8))
        kept[marks > 0] = marks[marks > 0]
        self._changed(z, Made.MARKED)

    def accept(self, z: int, labels: np.ndarray | None = None) -> None:
        """Slice ``z`` is right as it is, or as ``labels`` [rows, columns] says.

        It becomes an anchor and stays voxel-identical, also under locked classes.
        """
        if labels is None:
            self._check_slice(z)
            labels = self._obey(z, self._labels[z].copy())
        self._check_slice(z, labels, self.structures)
        self._labels[z] = labels
        self.marks[z] = self._labels[z] + np.uint8(1)
        self._changed(z, Made.ACCEPTED)

    def lock(self, structure: int, locked: bool = True) -> None:
        """Voxels of ``structure`` (1..K) neither appear nor disappear while it is locked.

        Marks and accepted slices are obeyed all the same.
        """
        if not 1 <= structure <= self.structures:
            raise UserError(
                f"There is no structure {structure}: the session has {self.structures}."
            )
        self.locked[structure - 1] = locked

    @property
    def anchors(self) -> list[int]:
        """The slices that the user marked or accepted."""
        return sorted(self.marks)

    # ---- propagation ---------------------------------------------------------------------------

    def encode(self, centre: int | None = None) -> Iterator[int]:
        """Encode all slices now, nearest to ``centre`` first; yields how many are done.

        Needs no marks. Without it, slices are encoded when a run reaches them.
        """
        yield from self.features.encode_from(self.slices // 2 if centre is None else centre)

    def propagate(self, first: int = 0, last: int | None = None) -> Iterator[SliceResult]:
        """Recompute what the marks since the last call change, inside ``first``..``last``.

        Yields the marked slices at once, then outward, each up to the neighbouring anchors. Stop
        iterating to cancel: finished slices stay, the next call goes on with the rest. A mark made
        meanwhile ends the iteration; call again.
        """
        if not self._dirty:
            return
        if self._todo is None or self._range != (first, last):
            self._todo, self._range = self._reach(first, last), (first, last)
        todo = self._todo
        while self._todo is todo:
            self._todo = None  # An error on the way must not leave a broken run behind.
            z = next(todo, None)
            if z is None:
                self._dirty.clear()
                self._handed.clear()
                return
            result = self._write(z)
            self._todo = todo
            yield result

    def _reach(self, first: int, last: int | None) -> Iterator[int]:
        """Segment the dirty anchors, run outward from them; yields slices as their masks change."""
        propagator = self._start()
        dirty = sorted(self._dirty)
        # Inference mode is entered for each piece of work: a generator that holds it across a
        # yield would leave it set in the caller.
        with torch.inference_mode():
            self._segment_anchors(propagator, [a for a in dirty if a not in self._handed])
            carried = Carried.join([self._handed[a] for a in dirty])
        yield from dirty
        z = torch.tensor(dirty, device=self.device)
        runs = propagator.outward(torch.zeros_like(z), z, carried, first, last)
        while True:
            with torch.inference_mode():
                step = next(runs, None)
            if step is None:
                break
            yield from dict.fromkeys(step.z.tolist())
        yield from propagator.take_ended()

    def _segment_anchors(self, propagator: Propagator, anchors: list[int]) -> None:
        if not anchors:
            return
        z = torch.tensor(anchors, device=self.device)
        marks = np.stack([self.grid.marks_to_work(self.marks[a]) for a in anchors])
        marked = torch.from_numpy(marks).to(self.device)
        _, carried = propagator.anchor(torch.zeros_like(z), z, marked)
        # Runs read the memory anew when they start.
        carried = replace(
            carried, memory=carried.memory[:, :, :0], remembered=carried.remembered[:, :, :0]
        )
        for item, anchor in enumerate(anchors):
            self._handed[anchor] = carried.rows(torch.tensor([item], device=self.device))

    def _start(self) -> Propagator:
        if self._propagator is None:
            self._dirty.update(self.marks)
            with torch.inference_mode():
                self._propagator = Propagator(
                    self._model,
                    self._classes,
                    self.slices,
                    lambda rows, z: self.features.take(z),
                    dtype=torch.float16,
                    absent_below=self.settings.absent_below,
                    patience=self.settings.patience,
                    reach=self._growth,
                    first=min(self._dirty),
                )
        return self._propagator

    @torch.inference_mode()
    def _fused(self, z: int) -> Tensor:
        assert self._propagator is not None
        index = torch.tensor([z], device=self.device)
        return self._propagator.fused(torch.zeros_like(index), index)[0]

    def _write(self, z: int) -> SliceResult:
        """Turn the masks of slice ``z`` into labels, under marks, locks and acceptance."""
        if self.made[z] != Made.ACCEPTED:
            old = self._labels[z].copy()
            labels = self._to_labels(self._fused(z))
            for k in np.flatnonzero(self.locked) + 1:
                labels[(labels == k) & (old != k)] = 0
                labels[old == k] = k
            self._labels[z] = self._obey(z, labels)
            self.made[z] = max(self.made[z], Made.MODEL)
        return SliceResult(z, self._labels[z].copy(), self.confidence[z])

    def _to_labels(self, masks: Tensor) -> np.ndarray:
        """Masks [K, height/2, width/2] in 0..1 -> labels uint8 [rows, columns]."""
        whole = self.grid.to_slices(masks)
        best, label = whole.max(0)
        label = torch.where(best > 1 - whole.sum(0), label + 1, 0)
        return label.to("cpu", torch.uint8).numpy()

    # ---- review --------------------------------------------------------------------------------

    @property
    def confidence(self) -> np.ndarray:
        """Expected Dice of every slice and class, [slices, K]; NaN where nothing was computed."""
        quality = np.full((self.slices, self.structures), np.nan, np.float32)
        if self._propagator is not None:
            reached = (self._propagator.distance[:, 0] < FAR).any(0).cpu().numpy()
            reached &= (self.made != Made.UNTOUCHED)[:, None]
            quality[reached] = self._propagator.fused_quality()[0].cpu().numpy()[reached]
        quality[self.made == Made.ACCEPTED] = 1
        return quality

    def expected_errors(self) -> np.ndarray:
        """Voxels of each slice that are probably wrong, [slices]; 0 where nothing was computed.

        The doubt about each class times its size, plus what two runs disagree about.
        """
        errors = np.zeros(self.slices, np.float32)
        if self._propagator is None:
            return errors
        masks, distance = self._propagator.masks[:, 0], self._propagator.distance[:, 0]
        area = torch.stack([masks[d].flatten(2).float().mean(-1) for d in (0, 1)]).amax(0)
        doubt = 1 - np.nan_to_num(self.confidence, nan=1.0)
        errors = (area.cpu().numpy() * doubt).sum(1)
        both = torch.nonzero(((distance < FAR) & (distance > 0)).all(0).any(1))[:, 0]
        for z in both.tolist():
            gap = (masks[0, z].float() - masks[1, z].float()).abs().mean((1, 2)).sum()
            errors[z] += 0.5 * float(gap)
        return errors * self._labels[0].size

    def suggest_next_slice(self) -> int | None:
        """The slice where a mark should help most: most expected errors, no accepted slice."""
        errors = self.expected_errors()
        errors[self.made == Made.ACCEPTED] = 0
        return int(errors.argmax()) if errors.any() else None

    # ---- inside --------------------------------------------------------------------------------

    def _work_slices(self, z: list[int]) -> Tensor:
        block = normalise_slice(self.image[z], self._window)
        return self.grid.to_work(torch.from_numpy(np.ascontiguousarray(block, np.float32)))

    def _changed(self, z: int, made: Made) -> None:
        """Slice ``z`` must be segmented again, and a propagation under way planned anew."""
        self.made[z] = made
        self._dirty.add(z)
        self._handed.pop(z, None)
        self._todo = None

    def _obey(self, z: int, labels: np.ndarray) -> np.ndarray:
        """``labels`` of slice ``z``, changed where the marks say otherwise."""
        marks = self.marks.get(z)
        if marks is not None:
            labels[marks > 0] = marks[marks > 0] - 1
        return labels

    def _check_slice(self, z: int, array: np.ndarray | None = None, highest: int = 0) -> None:
        if not 0 <= z < self.slices:
            raise UserError(f"There is no slice {z}: the volume has slices 0 to {self.slices - 1}.")
        if array is None:
            return
        if array.shape != self._labels[z].shape:
            raise UserError(
                f"Marks of shape {array.shape} do not fit slices of shape "
                f"{self._labels[z].shape}: draw them on the volume's grid."
            )
        if array.size and not 0 <= int(array.min()) <= int(array.max()) <= highest:
            raise UserError(
                f"Slice {z} has values from {array.min()} to {array.max()}, but the session has "
                f"{self.structures} structures: values 0 to {highest} mean something."
            )

    def close(self) -> None:
        """Forget features and masks, also those on disk; labels and marks stay."""
        self.features.close()
        self._propagator = self._todo = None
        self._handed.clear()
