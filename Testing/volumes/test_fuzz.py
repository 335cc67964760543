"""Headers as no program should write them: read in their place or refused in one sentence.

S2VNET_FUZZ=600 makes 600 files of each of the four kinds (by default 12); the seed is printed, and
S2VNET_FUZZ_SEED repeats a run.
"""

from __future__ import annotations

import json
import os
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from dicom_bytes import CT, ENHANCED_MR, enhanced, groups, plane, write
from hypothesis import HealthCheck, given, settings
from hypothesis import seed as hypothesis_seed
from hypothesis import strategies as st
from S2VNetSlicerLib.errors import UserError
from S2VNetSlicerLib.volumes.geometry import Geometry
from S2VNetSlicerLib.volumes.reading import read_seeds, read_volume
from S2VNetSlicerLib.volumes.volume import Volume
from S2VNetSlicerLib.volumes.writing import write_label_map
from scipy.spatial.transform import Rotation
from test_places import ARRAY, SPACES, nifti_bytes

COUNT = int(os.environ.get("S2VNET_FUZZ", "12"))
SEED = int(os.environ.get("S2VNET_FUZZ_SEED") or random.SystemRandom().randrange(2**32))
LABELS = (ARRAY > 0).astype(np.uint8)
TALLY: Counter[str] = Counter()

KINDS = ("Fiducial", "Line", "Curve", "ClosedCurve", "ROI", "x")
number = st.one_of(
    st.floats(-300, 300),
    st.sampled_from((0.0, 1.0, -1.0, 0.001, 1e-9, 1e9, 3e38, float("nan"), float("inf"))),
)
numbers = st.lists(number, min_size=3, max_size=3)
changes = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=3)


@pytest.fixture(scope="module", autouse=True)
def _tell() -> Iterator[None]:
    yield
    print(f"\nfuzz: seed {SEED}, {COUNT} files a kind, {dict(sorted(TALLY.items()))}")


def fuzz(test: Callable[..., None]) -> Callable[..., None]:
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    chosen = settings(
        max_examples=COUNT, deadline=None, database=None, suppress_health_check=checks
    )
    return hypothesis_seed(SEED)(chosen(test))


def damage(content: bytes, changes: list[tuple[float, int]], head: int) -> bytes:
    """Some bytes of the first ``head`` changed."""
    changed = bytearray(content)
    for share, value in changes:
        changed[int(share * (min(head, len(changed)) - 1))] = value
    return bytes(changed)


def outcome(kind: str, read: Callable[[], Any]) -> Any:
    """What was read, or None after a proper refusal."""
    try:
        found = read()
    except UserError as error:
        TALLY[f"{kind} refused"] += 1
        text = str(error)
        assert text.rstrip().endswith(".")
        assert "\n" not in text
        assert "Traceback" not in text
        return None
    TALLY[f"{kind} read"] += 1
    return found


def check_volume(kind: str, path: Path, truth: Geometry | None) -> None:
    """Read, write as every format, and compare places by ITK, which is not what read it."""
    volume = outcome(kind, lambda: read_volume(path, "MR"))
    if volume is None:
        return
    finest = min(volume.geometry.spacing)
    if truth is not None:
        assert volume.geometry.shape == truth.shape
        assert volume.geometry.apart(truth) <= 0.01 * finest + 1e-9
    labels = np.zeros(volume.array.shape, np.uint8)
    labels[0, 0, 0] = labels[-1, -1, -1] = 1
    for suffix in (".nii.gz", ".nrrd", ".mha"):
        result = path.parent / f"result{suffix}"
        try:
            write_label_map(result, labels, volume.geometry, volume.forms)
            image = sitk.ReadImage(str(result))
        except UserError as error:
            # The float32 of NIfTI does not reach everywhere.
            if suffix != ".nii.gz" or "cannot hold the place" not in str(error):
                raise
            TALLY["not written as NIfTI"] += 1
            continue
        except RuntimeError as error:
            # ITK refuses a rounded sform, which the result has as the input had it.
            if "orthonormal" not in str(error):
                raise
            continue
        np.testing.assert_array_equal(sitk.GetArrayFromImage(image), labels)
        assert Geometry.from_sitk(image).apart(volume.geometry) <= 0.01 * finest + 1e-9
        result.unlink()


@fuzz
@given(st.data())
def test_nifti(data: st.DataObject) -> None:
    turn = Rotation.from_euler("xyz", data.draw(st.tuples(*[st.floats(-180, 180)] * 3)), True)
    x, y, z, _ = turn.as_quat() * (1 if turn.as_quat()[3] >= 0 else -1)
    spacing = data.draw(st.tuples(*[st.floats(0.02, 9)] * 3))
    sform = np.eye(4)
    sform[:3, :3] = turn.as_matrix() * spacing
    odd = data.draw(st.integers(0, 3)) == 0
    if odd:
        row, column = data.draw(st.tuples(st.integers(0, 2), st.integers(0, 3)))
        sform[row, column] = data.draw(number)
    codes = data.draw(st.tuples(st.integers(0, 5), st.integers(0, 5)))
    scale = data.draw(st.sampled_from([(1, 0), (0, 5), (2, -3), (0.5, 0), (np.nan, np.nan)]))
    content = nifti_bytes(
        ARRAY, (x, y, z), (0, 0, 0), (1, *spacing), sform, codes, scale,
        data.draw(st.sampled_from("<>")), data.draw(st.sampled_from((0, 2))),
    )  # fmt: skip
    damaged = data.draw(changes)
    truth = None if odd or damaged or codes == (0, 0) else Geometry(ARRAY.shape, sform)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.nii"
        path.write_bytes(damage(content, damaged, 352))
        check_volume("NIfTI", path, truth)


@fuzz
@given(st.data())
def test_nrrd(data: st.DataObject) -> None:
    def vector() -> str:
        return f"({','.join(f'{v!r}' for v in data.draw(numbers))})"

    turn = Rotation.from_euler("xyz", data.draw(st.tuples(*[st.floats(-180, 180)] * 3)), True)
    columns = turn.as_matrix() * data.draw(st.tuples(*[st.floats(0.02, 9)] * 3))
    straight = " ".join(f"({','.join(repr(float(v)) for v in c)})" for c in columns.T)
    odd = data.draw(st.integers(0, 2)) == 0
    directions = " ".join(vector() for _ in range(3)) if odd else straight
    origin = data.draw(st.tuples(*[st.floats(-300, 300)] * 3))
    space = data.draw(st.sampled_from((*SPACES, "", "LPST", "somewhere")))
    fields = [
        "type: short", "dimension: 3", "sizes: 6 5 4", "endian: little",
        f"space: {space}" if space else "space dimension: 3",
        f"space directions: {directions}",
    ]  # fmt: skip
    more = st.sampled_from(
        ("spacings: 1 2 3", "axis mins: 1 2 3", "kinds: domain domain domain", "# a comment",
         "sizes: 6 5 400", "dimension: 4", "data file: none.raw", "key:=value", "content: x")
    )  # fmt: skip
    encodings = ("raw", "gzip", "hex", "bzip2") if odd else ("raw",)
    fields.append(f"encoding: {data.draw(st.sampled_from(encodings))}")
    fields += data.draw(st.lists(more, max_size=2)) if odd else []
    stated = data.draw(st.booleans())
    if stated:
        place = vector() if odd else f"({','.join(map(repr, origin))})"
        fields.append(f"space origin: {place}")
    content = ("NRRD0005\n" + "\n".join(fields) + "\n\n").encode() + ARRAY.tobytes()
    affine = np.eye(4)
    affine[:3, :3] = columns
    affine[:3, 3] = origin if stated else -columns @ (2.5, 2, 1.5)
    signs = {"le": (-1, 1, 1), "la": (-1, 1, 1), "lp": (-1, -1, 1)}
    start = "lp" if space.lower().startswith("left-posterior") else space.lower()[:2]
    affine[:3] *= np.array(signs.get(start, (1, 1, 1)))[:, None]
    truth = Geometry(ARRAY.shape, affine)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.nrrd"
        path.write_bytes(damage(content, data.draw(changes) if odd else [], 300))
        check_volume("NRRD", path, None if odd or space == "LPST" else truth)


@fuzz
@given(st.data())
def test_dicom(data: st.DataObject) -> None:
    turn = Rotation.from_euler("xyz", data.draw(st.tuples(*[st.floats(-180, 180)] * 3)), True)
    axes = turn.as_matrix()
    rows, columns, step = data.draw(st.tuples(*[st.floats(0.05, 9)] * 3))
    places = [axes[:, 2] * step * n for n in range(len(ARRAY))]
    orientation = (*axes[:, 0], *axes[:, 1])
    odd = st.sampled_from(
        (
            {}, {}, {}, {0x00280030: ("DS", [0.0, -1.0])}, {0x00280030: ("DS", "x")},
            {0x00200037: ("DS", [1.0] * 6)}, {0x00200032: ("DS", None)}, {0x00281053: ("DS", 0.0)},
            {0x00281053: ("DS", 1e30)}, {0x00280101: ("US", 12)}, {0x00280100: ("US", 8)},
            {0x00280010: ("US", 0)}, {0x00280002: ("US", 3)}, {0x00280008: ("IS", 5)},
            {0x00080008: ("CS", ["DERIVED"])}, {0x00080005: ("CS", "NONSENSE")},
            {0x0020000E: ("UI", "9.9")}, {0x00200032: ("DS", [1.0, 2.0, 3e9])},
        )
    )  # fmt: skip
    clean = True
    with tempfile.TemporaryDirectory() as folder:
        series = Path(folder) / "series"
        if data.draw(st.booleans()):
            for n, place in enumerate(places):
                extra, damaged = data.draw(odd), data.draw(st.one_of(st.just([]), changes))
                clean &= not extra and not damaged
                tags = plane(place, orientation, (rows, columns)) | extra
                path = write(series / f"{n}.dcm", CT, tags, ARRAY[n])
                path.write_bytes(damage(path.read_bytes(), damaged, 900))
        else:
            extra, damaged = data.draw(odd), data.draw(changes)
            clean = not extra and not damaged
            tags = enhanced([groups(place) for place in places], orientation, (rows, columns))
            path = write(series / "a.dcm", ENHANCED_MR, tags | extra, ARRAY)
            path.write_bytes(damage(path.read_bytes(), damaged, 2000))
        affine = np.eye(4)
        affine[:3, :3] = axes * (columns, rows, step)
        lps = np.diag([-1.0, -1.0, 1.0, 1.0])
        check_volume("DICOM", series, Geometry(ARRAY.shape, lps @ affine) if clean else None)


@fuzz
@given(st.data())
def test_markups(data: st.DataObject) -> None:
    anything = st.one_of(
        st.none(), st.booleans(), number, st.text(max_size=5), st.lists(number, max_size=4)
    )
    place = st.one_of(st.lists(st.floats(-350, 350), min_size=3, max_size=3), numbers)
    points = data.draw(st.lists(place, min_size=1, max_size=4))
    entry: dict[str, Any] = {
        "type": data.draw(
            st.sampled_from(("Fiducial", "Line", "Curve", "ClosedCurve", "ROI", "x"))
        ),
        "name": data.draw(st.text(max_size=8)),
        "coordinateSystem": data.draw(st.sampled_from(("LPS", "RAS", "0", 1, "LPS", "IJK"))),
        "controlPoints": [{"position": point, "label": "F-1"} for point in points],
    }
    odd = data.draw(st.integers(0, 3)) == 0
    if odd:
        entry[data.draw(st.sampled_from(sorted(entry)))] = data.draw(anything)
    content = json.dumps({"markups": [entry, *[entry] * data.draw(st.integers(0, 1))]}).encode()
    affine = np.diag([-10.0, 10, 12, 1])
    affine[:3, 3] = 400, -400, -360
    volume = Volume(np.zeros((60, 80, 80)), Geometry((60, 80, 80), affine), "MR")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.mrk.json"
        damaged = data.draw(changes) if odd else []
        path.write_bytes(damage(content, damaged, len(content)))
        seeds = outcome("markups", lambda: read_seeds(path, volume))
    if seeds is not None:
        assert seeds.labels.shape == volume.array.shape
        assert (seeds.labels == 2).any()
