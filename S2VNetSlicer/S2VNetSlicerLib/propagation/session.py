"""The interactive session: marks in, label maps out, slice by slice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ..annotation.rules import check_slice, keep_locked
from ..annotation.slice_status import SliceStatus
from ..annotation.state import AnnotationState, Structure
from ..errors import UserError
from ..network.model import S2VNet
from ..network.semantic_head import BodyPart
from .automatic import Segmenter
from .pipeline_runner import PipelineRunner
from .records import SessionSettings, SliceResult
from .volume import InferenceVolume


class Session:
    """Segmentation of one volume from marks; holds no state outside itself.

    ``image`` [k, j, i] with raw intensities (CT in HU), ``spacing`` mm in the same order,
    ``modality`` "CT" or "MR", ``structures`` the number of classes. Slices run along ``axis`` of
    ``image``; arrays of a slice are [rows, columns] in the order of the remaining axes. Marks are
    uint8: 0 unmarked, 1 background, 2 the first structure, ...; labels: 0 background, 1 the first
    structure, ...

    ``state`` is what the user said and what the slices hold, ``volume`` what the network is shown;
    what it computes: :mod:`~.pipeline`.
    """

    def __init__(
        self,
        model: S2VNet,
        image: np.ndarray,
        spacing: Sequence[float],
        modality: str,
        structures: int,
        *,
        axis: int = 0,
        settings: SessionSettings | None = None,
    ) -> None:
        self.settings, self.axis = settings or SessionSettings(), axis
        self.volume = InferenceVolume(model, image, spacing, modality, axis, self.settings)
        k, j, i = image.shape
        named = [Structure(str(n), str(n)) for n in range(1, structures + 1)]
        self.state = AnnotationState((k, j, i), axis, named)
        self.runner = PipelineRunner(self.state, self.volume)
        self._found: Segmenter | None = None  # what is being taken over

    @property
    def labels(self) -> np.ndarray:
        """Uint8 [k, j, i]."""
        return self.state.labels

    @property
    def slices(self) -> int:
        """How many there are."""
        return self.state.slices

    @property
    def structures(self) -> int:
        """The number of classes."""
        return len(self.state.structures)

    @property
    def confidence(self) -> np.ndarray:
        """Expected Dice of every slice and class, [slices, K]; NaN where nothing was computed."""
        return np.stack([self.runner.confidence(z) for z in range(self.slices)])

    def suggest_next_slice(self, confidence: np.ndarray | None = None) -> int | None:
        """The slice to annotate next, see :func:`~..annotation.next_slice.next_slice`;
        ``confidence`` is the session's, if at hand. It may show nothing, to have it confirmed that
        a structure ends."""
        known = self.confidence if confidence is None else confidence
        return self.runner.suggested_slice(known)

    def mark(self, z: int, marks: np.ndarray) -> None:
        """Add ``marks`` to slice ``z``. Nothing is computed yet.

        In an accepted slice the labels follow at once, and it stays accepted.
        """
        check_slice(z, self.volume.image.shape, marks, self.structures + 1)
        if marks.any():
            self.state.mark(z, marks > 0, marks[marks > 0])
            self._changed(z)

    def unmark(self, z: int, where: np.ndarray) -> None:
        """Take the marks of slice ``z`` back where ``where`` [rows, columns] is true."""
        check_slice(z, self.volume.image.shape)
        if self.state.mark(z, where, 0):
            self.runner.forget()

    def accept(self, z: int, labels: np.ndarray | None = None) -> None:
        """Slice ``z`` is right as it is, or as ``labels`` [rows, columns] says.

        It counts as marked all over and stays voxel-identical but for new marks, also under locked
        classes.
        """
        check_slice(z, self.volume.image.shape, labels, self.structures)
        self.state.accept(z, labels)
        self._changed(z)

    def lock(self, structure: int, locked: bool = True) -> None:
        """Voxels of ``structure`` (1..K) neither appear nor disappear while it is locked.

        Marks and accepted slices are obeyed all the same.
        """
        many = self.structures
        if not 1 <= structure <= many:
            raise UserError(f"There is no structure {structure}: the session has {many}.")
        id = self.state.structures[structure - 1].id
        (self.state.locked.add if locked else self.state.locked.discard)(id)

    def encode(self, centre: int | None = None) -> Iterator[int]:
        """Encode all slices now, nearest to ``centre`` first; yields how many are done.

        Needs no marks. Without it, slices are encoded when a pass reaches them.
        """
        return self.volume.encode(centre)

    def propagate(self, first: int = 0, last: int | None = None) -> Iterator[SliceResult]:
        """Recompute what the marks since the last call change, inside ``first``..``last``.

        Yields the marked slices at once, then outward, each up to the neighbouring marked ones.
        Stop iterating to cancel: finished slices stay, the next call goes on with the rest. A mark
        made meanwhile ends the iteration; call again.
        """
        self._begin_with_found()
        yield from self.runner.propagate(first, self.slices - 1 if last is None else last)

    def refine_across_planes(
        self, first: int = 0, last: int | None = None
    ) -> Iterator[SliceResult | None]:
        """Let planes across the slices ``first``..``last`` settle what passes made of them since
        the last call, however far from the new marks: see ``orthogonal_planes``.

        Yields None as signs of life, then the slices. Marked and accepted ones stay, and so does
        a result that was loaded. If a mark or the caller interrupts it, nothing is changed, or
        :meth:`propagate` writes the rest.
        """
        yield from self.runner.refine(first, self.slices - 1 if last is None else last)

    def recognise(
        self,
        card: Mapping[str, Any],
        axes: Sequence[int] | None = None,
        grows: Sequence[bool] = (True, True, True),
    ) -> Iterator[None]:
        """Look for the predefined classes, whose facts the weights' ``card`` tells, so that a mark
        in one of them finds all of it: see ``recognition``. Nothing changes before the next mark.

        ``axes``, ``grows``: the anatomy of the image's axes, see
        :class:`~.automatic.AnatomicalOrientation`; without them it is found by trying. Stop
        iterating to interrupt; the next call goes on.
        """
        yield from self.runner.recogniser.look(card, axes, grows)

    def automatic(
        self,
        classes: Sequence[int],
        first: int = 0,
        last: int | None = None,
        *,
        axes: Sequence[int] = (2, 1, 0),
        grows: Sequence[bool] = (True, True, True),
        parts: Sequence[BodyPart] | None = None,
    ) -> Iterator[SliceResult]:
        """Segment predefined ``classes`` without marks: for each structure the index of the class
        among those that the weights know, or -1: it stays as it is.

        ``axes``, ``grows``: the anatomy of the image's axes, see
        :class:`~.automatic.AnatomicalOrientation`; ``parts`` of the body that are looked for
        (None: all that have these classes). The result is then there to be corrected, as after
        :meth:`load`. Stop iterating to cancel; what is finished stays.
        """
        within = first, self.slices - 1 if last is None else last
        yield from self.apply_result(self.volume.automatic(classes, within, axes, grows, parts))

    def load(self, labels: np.ndarray, confidence: np.ndarray | None = None) -> None:
        """Begin with ``labels`` uint8 [k, j, i], the result of another method, to correct it.

        Marks change it where and as far as they say something else (``settings.trust``); every
        other voxel stays. ``confidence`` [slices, K] is its expected Dice, if known.
        """
        if labels.shape != self.labels.shape or int(labels.max(initial=0)) > self.structures:
            raise UserError(
                f"The result has shape {labels.shape} and structures up to {labels.max()}, the "
                f"session {self.labels.shape} and {self.structures}: resample it to the volume."
            )
        self.labels[...] = labels
        status = self.state.slice_status
        status[status == SliceStatus.UNTOUCHED] = SliceStatus.MODEL
        self.runner.begin_with(confidence)

    def apply_result(self, found: Segmenter) -> Iterator[SliceResult]:
        """Write the structures that ``found`` looks for, slice by slice; all others stay.

        The result is then there to be corrected, as after :meth:`load`, also where the caller
        stops early: what is finished is part of it.
        """
        others = [k for k in range(1, self.structures + 1) if k - 1 not in found.wanted]
        free = [k + 1 for k in found.wanted]
        try:
            for z in found.run(self.volume.device):
                labels, confidence = found.labels(z), found.confidence[z]
                if labels is None:  # a sign of life
                    confidence = self.runner.confidence(z)
                else:
                    self._found = found
                    labels = keep_locked(labels, self.state.slice(z), others)
                    self.state.replace(z, labels, free)
                yield SliceResult(z, self.state.slice(z).copy(), confidence)
        finally:
            self._begin_with_found()

    def snapshot(self) -> AnnotationState:
        """What :meth:`restore` needs to come back to this point."""
        self._begin_with_found()
        return self.state.copy()

    def restore(self, state: AnnotationState) -> None:
        """Come back to ``state``, which may have more or fewer classes; features are kept.

        The next mark lets :meth:`propagate` segment every marked slice again.
        """
        if state.axis != self.axis or state.shape != self.state.shape:
            raise UserError(
                f"The state is that of slices along axis {state.axis} of a volume of shape "
                f"{state.shape}, the session's are along axis {self.axis} of {self.state.shape}."
            )
        self.state.take(state)
        self._found = None
        self.runner.restored()

    def close(self) -> None:
        """Forget features and masks, also those on disk; labels and marks stay."""
        self.volume.features.close()
        self.runner.forget()

    def _begin_with_found(self) -> None:
        """What was found so far is a result to correct, also while more is being looked for."""
        found, self._found = self._found, None
        if found is not None:
            known = np.where(np.isnan(found.confidence), self.confidence, found.confidence)
            self.runner.begin_with(known.astype(np.float32))

    def _changed(self, z: int) -> None:
        self._begin_with_found()
        self.runner.changed(z)
