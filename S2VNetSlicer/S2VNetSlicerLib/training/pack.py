"""Prepared cases in one small file, for training where neither data sets nor SimpleITK are."""

from __future__ import annotations

import argparse
import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import UserError
from .cases import Case
from .maps import Legend

LEAST = 4
"""Voxels of a label in a slice that may be looked at."""
PLACES = 24
"""Slices of a label, along each axis, at which it may be looked at."""


def pack(cache: Path, target: Path, most: int) -> list[str]:
    """Write cases of ``cache`` to ``target`` (a zip archive) while they fit into ``most`` bytes.

    All data sets take turns. Returns the names of the cases. Raises UserError for an empty cache.
    """
    cases = [Case(p.parent) for p in sorted(Path(cache).glob("*/[!.]*/meta.json"))]
    if not cases:
        raise UserError(f"{cache} holds no prepared case: prepare a data set first.")
    found, full = [], set()
    fresh = target.with_name(f".{target.name}.new")
    with zipfile.ZipFile(fresh, "w", zipfile.ZIP_DEFLATED) as archive:
        for case in _in_turn(cases):
            dataset = case.folder.parent.name
            if dataset in full:
                continue
            data = _compressed(case)
            if archive.fp is None or archive.fp.tell() + len(data) > most:
                full.add(dataset)
                continue
            name = f"{dataset}/{case.folder.name}"
            archive.writestr(zipfile.ZipInfo(f"{name}.npz"), data, zipfile.ZIP_STORED)
            found.append(name)
    fresh.replace(target)
    return found


def unpack(path: Path) -> Iterator[tuple[str, dict[str, np.ndarray], dict[str, Any]]]:
    """Name, arrays and facts of every case in a file that :func:`pack` wrote."""
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            with zipfile.ZipFile(io.BytesIO(archive.read(name))) as inner:
                arrays = {n: np.load(io.BytesIO(inner.read(n))) for n in inner.namelist()}
            facts = json.loads(arrays.pop("facts").tobytes())
            yield name.removesuffix(".npz"), arrays, facts


def _compressed(case: Case) -> bytes:
    arrays = {"labels": np.asarray(case.labels), "places": places(case)}
    facts: dict[str, Any] = {"spacing": case.meta["spacing"], "known": case.meta.get("known")}
    if (case.folder / "image.npy").is_file():
        arrays["image"] = np.asarray(case.image)
    else:
        legend = Legend.of(case)
        facts |= {
            "group": legend.tissues.group.tolist(),
            "orders": legend.tissues.orders.tolist(),
            "pairs": [list(pair) for pair in legend.tissues.pairs],
            "hollow": legend.tissues.hollow.tolist(),
            "other": legend.other.tolist(),
            "outside": legend.outside.tolist(),
        }
    arrays["facts"] = np.frombuffer(json.dumps(facts).encode(), np.uint8)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            file = io.BytesIO()
            np.save(file, array)
            archive.writestr(name, file.getvalue())
    return buffer.getvalue()


def _in_turn(cases: list[Case]) -> Iterator[Case]:
    groups: dict[Path, list[Case]] = {}
    for case in cases:
        groups.setdefault(case.folder.parent, []).append(case)
    for row in zip_longest(*groups.values()):
        yield from (case for case in row if case is not None)


def places(case: Case) -> np.ndarray:
    """Where each label is seen: float32 [P, 6] of label, axis across, slice, row, column (of the
    array as it lies) and its area there in mm2."""
    skip = set()
    if not (case.folder / "image.npy").is_file():
        legend = Legend.of(case)
        skip = set(np.flatnonzero(legend.other | legend.outside).tolist())
    spacing = case.meta["spacing"]
    rows = []
    for across in range(3):
        planes = np.moveaxis(np.asarray(case.labels), across, 0)
        pixel = float(np.prod(np.delete(spacing, across)))
        areas = np.stack([np.bincount(p.ravel(), minlength=256) for p in planes])
        for label in np.flatnonzero(areas.any(0))[1:].tolist():
            if label in skip or not (case.known is None or label in case.known):
                continue
            area = areas[:, label]
            seen = np.flatnonzero(area >= LEAST)
            if not len(seen):
                continue
            for z in seen[np.unique(np.linspace(0, len(seen) - 1, PLACES).astype(int))]:
                y, x = np.argwhere(planes[z] == label).mean(0)
                rows.append((label, across, z, y, x, area[z] * pixel))
    return np.array(rows, np.float32).reshape(-1, 6)


def main(arguments: Sequence[str] | None = None) -> None:
    """``python -m S2VNetSlicerLib.training.pack CACHE TARGET [--most MIB]``"""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cache", type=Path, help="what `s2vnet train` prepared")
    parser.add_argument("target", type=Path)
    parser.add_argument("--most", type=float, default=38, help="MiB")
    chosen = parser.parse_args(arguments)
    names = pack(chosen.cache, chosen.target, int(chosen.most * 2**20))
    print(f"{len(names)} cases, {chosen.target.stat().st_size / 2**20:.1f} MiB")


if __name__ == "__main__":
    main()
