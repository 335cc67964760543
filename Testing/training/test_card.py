"""Training on a lent card: what it carries, what it draws there, and what it leaves behind."""

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from S2VNetSlicerLib.errors import UserError
from S2VNetSlicerLib.network.model import S2VNet
from S2VNetSlicerLib.network.weights import load_model, save_model
from S2VNetSlicerLib.training import card, card_run
from S2VNetSlicerLib.training.card import CardSource
from S2VNetSlicerLib.training.card_images import near
from S2VNetSlicerLib.training.cases import UNKNOWN
from S2VNetSlicerLib.training.configuration import TrainingConfiguration
from S2VNetSlicerLib.training.pack import pack, unpack
from S2VNetSlicerLib.training.prepare import prepare_dataset

sys.path.insert(0, str(Path(__file__).parent))
import tiny_data
from toy_training import NETWORK

DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("packed")
    for make in (tiny_data.heads, tiny_data.torsos, tiny_data.necks):
        prepare_dataset(make(root), root / "cache")
    names = pack(root / "cache", root / "pack.zip", 10**6)
    assert len(names) == 5
    return root / "pack.zip"


def test_a_pack_holds_what_was_prepared(packed: Path) -> None:
    found = {name: (arrays, facts) for name, arrays, facts in unpack(packed)}
    arrays, facts = found["Dataset006_Necks/neck_1"]
    cache = packed.parent / "cache" / "Dataset006_Necks" / "neck_1"
    for name in ("image", "labels"):
        np.testing.assert_array_equal(arrays[name], np.load(cache / f"{name}.npy"))
    assert facts["known"] == [1, 2]
    assert set(arrays["places"][:, 0]) == {1, 2}
    arrays, facts = found["Dataset004_Torsos/torso_01"]
    ids = [0, 3, 4, 9, 118, 119]
    assert {ids[int(n)] for n in arrays["places"][:, 0]} == {3, 4, 9}
    for label, across, z, y, x, area in arrays["places"]:
        plane = np.moveaxis(arrays["labels"], int(across), 0)[int(z)] == label
        pixel = np.prod(np.delete(facts["spacing"], int(across)))
        assert plane.sum() * pixel == pytest.approx(area)
        np.testing.assert_allclose(np.argwhere(plane).mean(0), (y, x), rtol=1e-5)


def test_a_pack_stays_within_its_size(packed: Path) -> None:
    cache, small = packed.parent / "cache", packed.parent / "small.zip"
    whole = packed.stat().st_size
    names = pack(cache, small, whole // 2)
    assert small.stat().st_size < 0.55 * whole
    assert 0 < len(names) < 5
    with pytest.raises(UserError, match="holds no prepared case"):
        pack(packed.parent / "nothing", small, whole)


@pytest.mark.parametrize("device", DEVICES)
def test_episodes_are_valid_and_repeat(packed: Path, device: str) -> None:
    source = CardSource(packed, torch.device(device))
    for structures in (1, 3):
        one, two = (source.draw(np.random.default_rng(3), 12, 4, 64, structures) for _ in range(2))
        assert one.images.shape == one.labels.shape == (12, 4, 64, 64)
        assert one.images.dtype == torch.float32
        assert one.labels.dtype == torch.uint8
        assert one.structures == structures
        assert torch.isfinite(one.images).all()
        assert one.images.min() >= 0
        assert one.images.max() <= 255
        for k in range(1, structures + 1):
            assert ((one.labels == k).sum((2, 3)).amax(1) >= 9).all()
        assert ((one.labels <= structures) | (one.labels == UNKNOWN)).all()
        assert torch.equal(one.labels, two.labels)
        torch.testing.assert_close(one.images, two.images)


def test_structures_show_in_the_image(packed: Path) -> None:
    """Inside is more alike than the whole slice, in most episodes."""
    source = CardSource(packed, torch.device("cpu"))
    batch = source.draw(np.random.default_rng(0), 40, 4, 64, 1)
    spread = [
        float(image[labels == 1].std() / image.std())
        for image, labels in zip(batch.images, batch.labels, strict=True)
    ]
    assert np.median(spread) < 0.75


def test_what_nobody_drew_is_unknown(packed: Path, monkeypatch) -> None:
    monkeypatch.setattr(card, "DRAWN", 1.0)
    source = CardSource(packed, torch.device("cpu"))
    source.maps = []
    (necks,) = source.volumes
    source.volumes = [[case for case in necks if case.known == {1, 2}]]
    batch = source.draw(np.random.default_rng(1), 16, 4, 96, 1)
    unsure = batch.labels == UNKNOWN
    assert unsure.float().mean() > 0.2
    without = ~(batch.labels == 1).flatten(2).any(2)
    assert without.any()
    assert unsure[without].float().mean() > 0.6


def test_near_is_within_reach() -> None:
    mask = torch.zeros(1, 21, 21, dtype=torch.bool)
    mask[0, 10, 10] = True
    found = near(mask, 3)
    assert found.sum() == 49
    assert found[0, 7:14, 7:14].all()


@pytest.mark.parametrize("device", DEVICES)
def test_a_run_leaves_weights_and_a_log(packed: Path, tmp_path: Path, device: str) -> None:
    save_model(tmp_path / "begin.safetensors", S2VNet(NETWORK), {})
    patch = {"slices": (4,), "sizes": (64,)}
    out = tmp_path / "out"
    arguments = [packed, out, "--from", tmp_path / "begin.safetensors", "--steps", 2]
    arguments += ["--pixels", 3 * 4 * 64 * 64, "--device", device]
    with pytest.MonkeyPatch.context() as change:
        made = TrainingConfiguration
        change.setattr(card_run, "TrainingConfiguration", lambda **more: made(**more, **patch))
        change.setattr(card_run, "SAVED", 0.0)
        run = card_run.main([str(a) for a in arguments])
    assert run.step == 2
    model, facts = load_model(out / "s2vnet.safetensors")
    assert facts["step"] == 2
    begun = load_model(tmp_path / "begin.safetensors")[0].state_dict()
    moved = [n for n, t in model.state_dict().items() if not torch.equal(t, begun[n])]
    assert len(moved) > 10
    (line,) = csv.DictReader((out / "log.csv").open())
    assert int(line["slices"]) == 2 * 3 * 4
    assert float(line["loss"]) > 0
    assert all(p.stat().st_size < 16 * 2**20 for p in out.iterdir())


def test_it_needs_no_readers_of_images() -> None:
    """They are not installed where a card is lent."""
    code = (
        "import sys\n"
        "for name in ('SimpleITK', 'cc3d', 'skimage'):\n"
        "    sys.modules[name] = None\n"
        "import S2VNetSlicerLib.training.card_run\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
