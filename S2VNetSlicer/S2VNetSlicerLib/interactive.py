"""A session of few verbs, for whoever writes Python: prompts in, labels out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from .annotation import codec
from .errors import UserError
from .library.learned import Orientation
from .network import weights
from .network.model import S2VNet
from .propagation.session import Session
from .propagation.settings import SessionSettings

UNDO_STEPS = 32


class Model(NamedTuple):
    """A network, and the card that says what its weights know."""

    network: S2VNet
    card: dict[str, Any]


def load_model(path: Path | None = None) -> Model:
    """The network in a file of weights.

    Parameters
    ----------
    path
        A safetensors file; None: the shipped weights.

    Raises
    ------
    UserError
        If the file is missing, pickled, damaged or of another version.
    """
    return Model(*weights.load_model(path))


class InteractiveSession:
    """Interactive segmentation of one volume.

    Prompts (:meth:`add_scribble`, :meth:`add_points`, :meth:`add_initial_segmentation`,
    :meth:`accept`) only say something; :meth:`segment` computes what they change.

    Parameters
    ----------
    model
        What :func:`load_model` returns.
    settings
        Device, memory, and every number that changes a mask.
    """

    def __init__(self, model: Model, settings: SessionSettings | None = None) -> None:
        self.model, self.settings = model, settings
        self._session: Session | None = None
        self._steps: list[bytes] = []

    def set_image(
        self,
        image: np.ndarray,
        spacing: Sequence[float],
        modality: str,
        *,
        structures: int = 1,
        axis: int = 0,
        ijk_to_ras: np.ndarray | None = None,
    ) -> None:
        """Begin with another volume; what was said of the last one is forgotten.

        Parameters
        ----------
        image
            Raw intensities [k, j, i]; CT in HU.
        spacing
            In mm, in the order of the axes of ``image``.
        modality
            "CT" or "MR".
        structures
            How many there are to segment.
        axis
            Along which slices are prompted.
        ijk_to_ras
            Affine [4, 4] of the voxels in mm, if known: then a prompt in a structure that the
            weights know by name finds all of it.
        """
        self.close()
        self._session = session = Session(
            self.model.network,
            image,
            spacing,
            modality,
            structures,
            axis=axis,
            settings=self.settings,
        )
        if ijk_to_ras is not None:
            lies = Orientation.of(ijk_to_ras)
            for _ in session.recognise(self.model.card, lies.axes, lies.grows):
                pass

    def add_scribble(self, z: int, where: np.ndarray, structure: int) -> None:
        """Slice ``z`` shows ``structure`` (0: background) where ``where`` is true.

        Parameters
        ----------
        where
            Bool [rows, columns]: the two other axes, in their order.
        """
        with self._step() as session:
            value = _value(structure, session)
            session.mark(z, np.where(where, value, np.uint8(0)))

    def add_points(self, points: np.ndarray, structure: int) -> None:
        """The voxels ``points`` [N, 3] (k, j, i) are of ``structure`` (0: background)."""
        found = np.atleast_2d(np.asarray(points, int))
        with self._step() as session:
            shape, value = np.array(session.labels.shape), _value(structure, session)
            if found.shape[1:] != (3,) or (found < 0).any() or (found >= shape).any():
                raise UserError(f"Points are voxels [N, 3] of a volume of shape {tuple(shape)}.")
            places = np.moveaxis(found, 1, 0)
            order = [session.axis, *(a for a in range(3) if a != session.axis)]
            across, rows, columns = places[order]
            for z in np.unique(across).tolist():
                marks = np.zeros(session.state.slice(z).shape, np.uint8)
                marks[rows[across == z], columns[across == z]] = value
                session.mark(z, marks)

    def add_initial_segmentation(
        self, labels: np.ndarray, confidence: np.ndarray | None = None
    ) -> None:
        """Correct ``labels`` uint8 [k, j, i] of another method; ``confidence`` [slices, K] is their
        expected Dice, if known."""
        with self._step() as session:
            session.load(labels, confidence)

    def accept(self, z: int, labels: np.ndarray | None = None) -> None:
        """Slice ``z`` is right as it is, or as ``labels`` uint8 [rows, columns] says; it stays
        voxel-identical."""
        with self._step() as session:
            session.accept(z, labels)

    def lock(self, structure: int, locked: bool = True) -> None:
        """Voxels of ``structure`` neither appear nor disappear while it is locked."""
        with self._step() as session:
            session.lock(structure, locked)

    def segment(self) -> np.ndarray:
        """Segment what the prompts since the last call change; labels uint8 [k, j, i], a copy.

        A KeyboardInterrupt ends it; the next call goes on.
        """
        session = self._open()
        for _ in chain(session.propagate(), session.refine_across_planes()):
            pass
        return self.labels

    def undo(self) -> None:
        """Take back the last prompt, acceptance or lock, and what was segmented since.

        Raises
        ------
        UserError
            If there is nothing to take back.
        """
        session = self._open()
        if not self._steps:
            raise UserError("There is nothing to take back.")
        session.restore(codec.from_bytes(self._steps.pop()))

    def next_slice(self) -> int | None:
        """The slice to annotate next; None if no errors are expected."""
        return self._open().suggest_next_slice()

    @property
    def labels(self) -> np.ndarray:
        """Uint8 [k, j, i], a copy."""
        return self._open().labels.copy()

    @property
    def confidence(self) -> np.ndarray:
        """Expected Dice of every slice and structure, [slices, K]; NaN: nothing was computed."""
        return self._open().confidence

    def close(self) -> None:
        """Forget the volume and all that was said of it."""
        if self._session is not None:
            self._session.close()
        self._session, self._steps = None, []

    def _open(self) -> Session:
        if self._session is None:
            raise UserError("There is no volume: set_image first.")
        return self._session

    @contextmanager
    def _step(self) -> Iterator[Session]:
        """What is done in here can be taken back, if it succeeds."""
        session = self._open()
        before = codec.to_bytes(session.snapshot())
        yield session
        self._steps = [*self._steps, before][-UNDO_STEPS:]


def _value(structure: int, session: Session) -> np.uint8:
    """What marks of ``structure`` are."""
    if not 0 <= structure <= session.structures:
        raise UserError(f"There is no structure {structure}: there are {session.structures}.")
    return np.uint8(structure + 1)
