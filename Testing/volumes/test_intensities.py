"""The modality is guessed with a reason; intensities become 0..255."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from S2VNetSlicerLib.volumes.intensities import (
    guess_modality,
    hu_offset,
    normalise,
    normalise_slice,
    window,
)
from S2VNetSlicerLib.volumes.reading import read_file

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


def body_ct(rng: np.random.Generator) -> np.ndarray:
    """Air around a ring of fat around muscle, int16 HU."""
    image = np.full((6, 40, 40), -1000.0)
    image[:, 5:35, 5:35] = -100
    image[:, 8:32, 8:32] = 60
    return (image + rng.normal(0, 15, image.shape)).round().astype(np.int16)


@pytest.fixture
def ct() -> np.ndarray:
    return body_ct(np.random.default_rng(0))


@pytest.mark.parametrize(
    ("tag", "key"),
    [("CT", "0008|0060"), ("MR ", "0008|0060"), ("MET_MOD_MR", "Modality"), ("ct", "Modality")],
)
def test_the_tag_wins(ct: np.ndarray, tag: str, key: str) -> None:
    modality, reason = guess_modality(ct, {key: tag})
    assert modality in tag.upper()
    assert "tag" in reason


def test_other_tags_are_reported(ct: np.ndarray) -> None:
    modality, reason = guess_modality(ct, {"0008|0060": "PT"})
    assert modality == "CT"
    assert reason.startswith("the Modality tag says PT, neither")
    assert "tag" not in guess_modality(ct, {"Modality": "MET_MOD_UNKNOWN"})[1]


def test_ct_in_its_many_forms(ct: np.ndarray) -> None:
    assert guess_modality(ct)[0] == "CT"
    assert guess_modality(ct.astype(np.float32) + 0.25)[0] == "CT"
    for changed, word in (
        (ct[:, 8:32, 5:32], "fat"),
        (ct.clip(-175, 250), "fat"),
        ((ct + 1024).clip(0), "1024 added"),
        ((ct + 1024).clip(0).astype(np.uint16), "1024 added"),
    ):
        modality, reason = guess_modality(changed)
        assert modality == "CT"
        assert word in reason


def test_mr_in_its_many_forms() -> None:
    rng = np.random.default_rng(0)
    mr = np.abs(rng.normal(0, 20, (6, 40, 40)))
    mr[:, 10:30, 10:30] += 600
    for scaled in (mr.astype(np.uint16), mr * 1.2, (mr - mr.mean()) / mr.std(), mr / mr.max()):
        modality, reason = guess_modality(scaled)
        assert modality == "MR"
        assert "do not look like HU" in reason


def test_the_window_follows_an_offset(ct: np.ndarray) -> None:
    shifted = (ct + 1024).clip(0)
    assert (hu_offset(ct), hu_offset(shifted)) == (0, 1024)
    assert window(shifted, "CT") == (849, 1274)
    np.testing.assert_array_equal(normalise(shifted, "CT"), normalise(ct, "CT"))


def test_ct_values(ct: np.ndarray) -> None:
    limits = window(ct, "CT")
    assert limits == (-175, 250)
    values = normalise_slice(np.array([-3000, -175, 37.5, 250, 3000]), limits)
    np.testing.assert_allclose(values, [0, 0, 127.5, 255, 255], atol=1e-4)
    assert values.dtype == np.float32


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 2**31),
    st.sampled_from([np.uint8, np.int16, np.uint16, np.int32, np.float32]),
    st.integers(1, 4),
)
def test_normalise_is_monotone_and_fills_the_range(seed: int, dtype: type, spread: int) -> None:
    rng = np.random.default_rng(seed)
    array = (rng.gamma(2, 8, (4, 9, 11)) ** spread).clip(0, 250 if dtype == np.uint8 else 30000)
    array = array.astype(dtype)
    result = normalise(array, "MR")
    assert result.dtype == np.uint8
    assert result.shape == array.shape
    assert (result.min(), result.max()) == (0, 255)
    order = np.argsort(array.ravel(), kind="stable")
    assert (np.diff(result.ravel()[order].astype(int)) >= 0).all()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**31), st.sampled_from([np.int8, np.int16, np.uint16, np.int64]))
def test_mr_percentiles_of_integers_are_exact(seed: int, dtype: type) -> None:
    array = np.random.default_rng(seed).integers(0, 120, (3, 13, 17)).astype(dtype)
    expected = np.percentile(array, (0.5, 99.5), method="lower")
    assert window(array, "MR") == tuple(expected)


def test_a_nearly_empty_mr_keeps_its_range() -> None:
    array = np.zeros((10, 20, 20), np.int16)
    array[5, 5, 5] = 90
    assert window(array, "MR") == (0, 90)
    assert normalise(array, "MR").max() == 255


def test_percentiles_of_wide_integers_and_large_floats_are_close() -> None:
    rng = np.random.default_rng(0)
    wide = rng.integers(0, 2**30, (4, 50, 50))
    np.testing.assert_allclose(window(wide, "MR"), np.percentile(wide, (0.5, 99.5)))
    large = rng.random((18, 512, 512), dtype=np.float32)
    np.testing.assert_allclose(window(large, "MR"), (0.005, 0.995), atol=1e-3)


def test_normalise_needs_little_more_than_its_result() -> None:
    array = np.random.default_rng(0).integers(-1000, 1000, (200, 128, 128), dtype=np.int16)
    for modality in ("CT", "MR"):
        tracemalloc.start()
        normalise(array, modality)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 4 * array.size


def cases() -> list[tuple[Path, str]]:
    found = []
    for description in sorted(DATA.glob("Dataset*/dataset.json")):
        channel = json.loads(description.read_text())["channel_names"]["0"]
        if channel != "none":
            images = sorted((description.parent / "imagesTr").glob("*.nii.gz"))
            found += [(image, channel[:2]) for image in images]
    return found


@pytest.mark.skipif(not DATA.is_dir(), reason=f"the real volumes are not at {DATA}")
def test_real_volumes() -> None:
    assert cases()
    for image, modality in cases():
        volume = read_file(image)
        assert guess_modality(volume.array, volume.metadata)[0] == modality, image
        if modality == "CT":
            assert hu_offset(volume.array) == 0
            assert guess_modality(volume.array.clip(-1024) + 1024)[0] == "CT", image
        else:
            assert hu_offset(volume.array) == 0, image
            assert guess_modality(volume.array * 3.0)[0] == "MR", image
