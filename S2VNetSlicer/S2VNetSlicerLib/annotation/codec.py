"""An :class:`AnnotationState` as plain values or bytes, for the scene, the journal and a worker.

The values are JSON-able. Voxels are kept by slice, compressed; whoever keeps them elsewhere (the
scene has them in its segments) leaves them out.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from itertools import groupby
from typing import Any

import numpy as np

from ..errors import UserError
from .initial import InitialSegmentation
from .slice_status import SliceStatus
from .state import AnnotationState, Structure

VERSION = 2
"""1: the scene's attribute of versions that kept neither provenance nor the initial result's name.
It is read, see :func:`_from_1`."""
_DAMAGED = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, zlib.error)


class NewerVersionError(UserError):
    """What is to be read was written by a newer version; it is to be left as it is."""


def encode(
    state: AnnotationState, slices: Iterable[int] | None = None, *, initial: bool = True
) -> dict[str, Any]:
    """``state`` with the voxels of ``slices`` (None: all).

    ``initial``: with the voxels of the initial segmentation; otherwise only that there is one.
    """
    chosen = range(state.slices) if slices is None else sorted(set(slices))
    return {
        "version": VERSION,
        "shape": list(state.shape),
        "axis": state.axis,
        "structures": [asdict(structure) for structure in state.structures],
        "locked": sorted(state.locked),
        "made": state.slice_status.tolist(),
        "confidence": _percent(state.confidence),
        "pending": sorted(state.pending),
        "provenance": [[len(list(run)), origins] for origins, run in groupby(state.provenance)],
        "initial": _encode_initial(state.initial, initial),
        "labels": {str(z): _packed(state.slice(z)) for z in chosen},
        "marks": {str(z): _packed(state.marks.get(z)) for z in chosen},
    }


def decode(facts: Mapping[str, Any], into: AnnotationState | None = None) -> AnnotationState:
    """What :func:`encode` made of a state.

    Voxels that ``facts`` leave out are those of ``into``, which becomes the result, else 0. Raises
    :class:`NewerVersionError`, or UserError when they are not readable or belong to another shape;
    ``into`` is as it was then.
    """
    check_version(facts)
    try:
        if int(facts["version"]) == 1:
            facts = _from_1(facts, into)
        shape = tuple(int(n) for n in facts["shape"])
        if into is not None and shape != into.shape:
            raise UserError(
                "The stored annotation is that of a volume of shape {shape}, not {wanted}: "
                "choose the volume it was made on.",
                shape=shape,
                wanted=into.shape,
            )
        k, j, i = shape
        state = AnnotationState((k, j, i), _within(facts["axis"], 3), _structures(facts))
        _decode_slices(facts, state)
        plane = state.slice(0).shape
        labels = {int(z): _unpacked(text, plane) for z, text in facts["labels"].items()}
        marks = {int(z): _unpacked(text, plane) for z, text in facts["marks"].items()}
        if any(not 0 <= z < state.slices for z in (*labels, *marks)):
            raise IndexError("there are voxels of slices that do not exist")
        state.initial = _decode_initial(facts["initial"], state, into)
    except _DAMAGED as error:
        if isinstance(error, UserError):
            raise
        raise UserError("The stored annotation cannot be read", error) from error
    return _with_voxels(state, into, labels, marks)


def check_version(facts: Any) -> None:
    """Raise :class:`NewerVersionError` for what only a newer version understands."""
    version = facts.get("version") if isinstance(facts, Mapping) else None
    if isinstance(version, int) and version > VERSION:
        raise NewerVersionError(
            "The annotation was stored by a newer version (its format is {version}, this version "
            "knows {known}) and is left as it is. Update S2VNet to go on with it.",
            version=version,
            known=VERSION,
        )
    if not isinstance(version, int):
        raise UserError("The stored annotation cannot be read: it has no version.")


def to_bytes(state: AnnotationState) -> bytes:
    """All of ``state``."""
    return zlib.compress(json.dumps(encode(state), separators=(",", ":")).encode(), 1)


def from_bytes(data: bytes) -> AnnotationState:
    """What :func:`to_bytes` made of a state; errors as those of :func:`decode`."""
    try:
        facts = json.loads(zlib.decompress(data))
    except (ValueError, zlib.error) as error:
        raise UserError("The stored annotation cannot be read", error) from error
    return decode(facts)


# ---- parts ---------------------------------------------------------------------------------------


def _structures(facts: Mapping[str, Any]) -> list[Structure]:
    found = []
    for fields in facts["structures"]:
        told = {**fields, "colour": tuple(map(float, fields["colour"]))}
        told.pop("predefined", None)  # earlier releases wrote it
        found.append(Structure(**told))
    if len({s.id for s in found}) != len(found):
        raise ValueError("two classes have the same ID")
    return found


def _decode_slices(facts: Mapping[str, Any], state: AnnotationState) -> None:
    """What is known of each slice, and which are locked and pending."""
    slice_status, slices = np.array(facts["made"], np.uint8), state.slices
    if slice_status.shape != (slices,) or int(slice_status.max(initial=0)) > max(SliceStatus):
        raise ValueError(f"there are {slices} slices, but it tells of {slice_status.shape}")
    state.slice_status = slice_status
    state.confidence = _share(facts["confidence"], (slices,))
    state.pending = {_within(z, slices) for z in facts["pending"]}
    state.locked = {str(id) for id in facts["locked"]} & {s.id for s in state.structures}
    state.provenance = [
        tuple((str(kind), str(name)) for kind, name in origins)
        for count, origins in facts["provenance"]
        for _ in range(_within(count, slices + 1))
    ]
    if len(state.provenance) != slices:
        raise ValueError(f"{len(state.provenance)} of {slices} slices have a provenance")


def _encode_initial(initial: InitialSegmentation | None, voxels: bool) -> dict[str, Any] | None:
    if initial is None:
        return None
    known = initial.confidence
    return {
        "source": initial.source,
        "confidence": None if known is None else _percent(known),
        "labels": [_packed(plane) for plane in initial.labels] if voxels else None,
    }


def _decode_initial(
    facts: Mapping[str, Any] | None, state: AnnotationState, into: AnnotationState | None
) -> InitialSegmentation | None:
    if facts is None:
        return None
    if facts["labels"] is not None:
        planes = [_unpacked(text, state.shape[1:]) for text in facts["labels"]]
        empty = np.zeros(state.shape[1:], np.uint8)
        labels = np.stack([empty if plane is None else plane for plane in planes])
        if labels.shape != state.shape:
            raise ValueError("the initial segmentation has another shape")
    elif into is not None and into.initial is not None:
        labels = into.initial.labels
    else:  # whoever keeps the voxels elsewhere puts them in
        labels = np.zeros(state.shape, np.uint8)
    known = facts["confidence"]
    if known is not None:
        known = _share(known, (state.slices, len(state.structures)))
    return InitialSegmentation(labels, str(facts["source"]), known)


def _with_voxels(
    state: AnnotationState,
    into: AnnotationState | None,
    labels: Mapping[int, np.ndarray | None],
    marks: Mapping[int, np.ndarray | None],
) -> AnnotationState:
    if into is not None:
        state.labels[...] = into.labels
        if into.axis == state.axis:
            state.marks = dict(into.marks)
        else:
            volume = np.moveaxis(into.marks_volume(), state.axis, 0)
            there = np.flatnonzero(volume.any((1, 2))).tolist()
            state.marks = {z: volume[z].copy() for z in there}
    for z in {*labels, *marks}:
        state.put(z, labels.get(z), marks.get(z))
    if into is None:
        return state
    into.take(state)
    return into


def _from_1(facts: Mapping[str, Any], into: AnnotationState | None) -> dict[str, Any]:
    """The scene's attribute of version 1: without voxels, names and provenance."""
    if into is None:
        raise ValueError("an annotation of version 1 is read with its volume")
    slice_status = [int(m) for m in facts["made"]]
    model = str(facts.get("model", "unknown"))
    return {
        **facts,
        "version": VERSION,
        "shape": list(into.shape),
        "structures": [asdict(Structure(str(id), str(id))) for id in facts["classes"]],
        "provenance": [[1, [("model", model)] if m else []] for m in slice_status],
        "initial": {"source": "", "confidence": None, "labels": None}
        if facts["corrects"]
        else None,
        "labels": {},
        "marks": {},
    }


def _within(value: Any, end: int) -> int:
    number = int(value)
    if not 0 <= number < end:
        raise ValueError(f"{value} is not below {end}")
    return number


def _percent(share: np.ndarray) -> list[Any]:
    """Shares 0..1 as whole percent, -1 for NaN."""
    whole: list[Any] = np.rint(100 * np.nan_to_num(share, nan=-0.01)).astype(int).tolist()
    return whole


def _share(percent: list[Any], shape: tuple[int, ...]) -> np.ndarray:
    found = np.array(percent, np.float32).reshape(shape) / 100
    return np.where(found < 0, np.nan, found).astype(np.float32)


def _packed(plane: np.ndarray | None) -> str:
    if plane is None or not plane.any():
        return ""
    return base64.b64encode(zlib.compress(np.ascontiguousarray(plane).tobytes(), 1)).decode()


def _unpacked(text: str, shape: tuple[int, ...]) -> np.ndarray | None:
    if not text:
        return None
    data = zlib.decompress(base64.b64decode(text, validate=True))
    return np.frombuffer(data, np.uint8).reshape(shape).copy()
