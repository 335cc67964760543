"""The feature store: each slice once, nearest first, in memory or on disk."""

from __future__ import annotations

import gc
import tempfile
from dataclasses import replace
from itertools import chain
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from S2VNetSlicerLib.errors import UserError
from S2VNetSlicerLib.propagation import feature_cache
from S2VNetSlicerLib.propagation.feature_cache import BATCH, FeatureCache

SLICES = 21
IMAGE = torch.rand(SLICES, 32, 64, generator=torch.Generator().manual_seed(3)) * 255


class Log(list):
    """Reads slices of IMAGE and notes which."""

    def __call__(self, z: list[int]) -> torch.Tensor:
        self.append(z)
        return IMAGE[z]


@pytest.fixture
def make_store(make_network, tmp_path, monkeypatch):
    """Builds stores whose folders lie in ``tmp_path``."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    model = make_network()

    def make(limit: int = 10**9) -> FeatureCache:
        return FeatureCache(model, Log(), SLICES, limit, torch.device("cpu"), torch.float32)

    return make


def test_taken_features_are_those_of_the_slices(make_store):
    store = make_store()
    found = store.take(torch.tensor([7, 3, 7]))
    whole = store.model.encode(IMAGE[[7, 3, 7]])
    expected = replace(whole, pixel_features=whole.pixel_features[:, :0])
    assert torch.allclose(
        store.pixel_features(torch.tensor([7, 3, 7])).float(), whole.pixel_features, atol=2e-3
    )
    for a, b in zip(found.tensors(), expected.tensors(), strict=True):
        assert a.dtype == torch.float32
        assert torch.allclose(a, b, atol=2e-2, rtol=1e-2)  # kept in half precision


def test_every_slice_is_encoded_exactly_once(make_store):
    store = make_store()
    for z in ([4], [4, 4, 5], [0, 20], [3], [19, 2], [10, 11], list(range(SLICES)), [4]):
        store.take(torch.tensor(z))
    assert sorted(chain(*store.read)) == list(range(SLICES))
    assert store.encoded == SLICES


def test_taking_a_slice_also_encodes_its_neighbours_and_no_more(make_store):
    store = make_store()
    store.take(torch.tensor([10]))
    (batch,) = store.read
    assert len(batch) == BATCH
    assert max(abs(z - 10) for z in batch) <= BATCH // 2
    store.take(torch.tensor([0, 20]))
    near = store.read[1]
    assert {0, 20} <= set(near)
    assert all(min(z, 20 - z) < BATCH // 2 for z in near)


def test_encoding_ahead_goes_nearest_first_and_counts(make_store):
    store = make_store()
    store.take(torch.tensor([18]))
    read = len(store.read[0])
    counts = list(store.encode_from(4))
    assert counts == sorted(counts)
    assert counts[-1] == SLICES
    ahead = list(chain(*store.read[1:]))
    assert len(ahead) == SLICES - read
    assert [abs(z - 4) for z in ahead] == sorted(abs(z - 4) for z in ahead)
    assert list(store.encode_from(0))[-1] == SLICES
    assert store.encoded == SLICES


def test_encoding_ahead_can_stop_and_go_on(make_store):
    store = make_store()
    ahead = store.encode_from(10)
    assert next(ahead) == BATCH
    ahead.close()
    assert store.encoded == BATCH
    assert list(store.encode_from(10))[-1] == SLICES
    assert store.encoded == SLICES


def test_on_disk_the_features_are_the_same_and_go_on_close(make_store, tmp_path):
    memory, disk = make_store(), make_store(limit=0)
    order = [[4], [0, 20], [3, 11], list(range(SLICES))]
    for z in order:
        a, b = memory.take(torch.tensor(z)), disk.take(torch.tensor(z))
        assert all(torch.equal(x, y) for x, y in zip(a.tensors(), b.tensors(), strict=True))
    assert disk.on_disk
    assert not memory.on_disk
    (folder,) = tmp_path.iterdir()
    assert sum(f.stat().st_size for f in folder.iterdir()) > 10_000
    disk.close()
    assert list(tmp_path.iterdir()) == []
    again = disk.take(torch.tensor([4]))
    assert all(
        torch.equal(x[:1], y[4:5]) for x, y in zip(again.tensors(), a.tensors(), strict=True)
    )
    disk.close()
    memory.close()


def test_the_limit_is_the_size_of_all_slices(make_store):
    store = make_store()
    size = sum(t.numel() for t in store.model.encode(IMAGE).tensors()) * 2
    for limit, on_disk in ((size, False), (size - 1, True)):
        store = make_store(limit)
        store.take(torch.tensor([1]))
        assert store.on_disk is on_disk
        store.close()


@pytest.mark.filterwarnings("ignore:Implicitly cleaning up:ResourceWarning")
def test_a_forgotten_store_leaves_no_folder(make_store, tmp_path):
    store = make_store(limit=0)
    store.take(torch.tensor([1]))
    assert list(tmp_path.iterdir()) != []
    del store
    gc.collect()
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told_before_anything_is_written(make_store, tmp_path, monkeypatch):
    monkeypatch.setattr(feature_cache.shutil, "disk_usage", lambda path: SimpleNamespace(free=1000))
    store = make_store(limit=0)
    with pytest.raises(UserError, match="free some disk space") as failure:
        store.take(torch.tensor([1]))
    assert str(Path(tmp_path)) in str(failure.value)
    assert list(tmp_path.iterdir()) == []


def test_a_failed_batch_is_encoded_again(make_store, monkeypatch):
    store = make_store()
    encode = store.model.encode
    failures = iter([True])

    def flaky(slices: torch.Tensor) -> object:
        if next(failures, False):
            raise KeyboardInterrupt
        return encode(slices)

    monkeypatch.setattr(store.model, "encode", flaky)
    with pytest.raises(KeyboardInterrupt):
        store.take(torch.tensor([5]))
    assert not store.there.any()
    store.take(torch.tensor([5]))
    assert store.there[5]
