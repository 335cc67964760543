"""Weights on disk: what is written is read; whatever is not that is refused in one sentence."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from S2VNetSlicerLib.errors import UserError
from S2VNetSlicerLib.network import weights
from S2VNetSlicerLib.network.weights import (
    COMPANIONS,
    FORMAT,
    companion_path,
    default_weights,
    load_model,
    read_classes,
    read_header,
    save_model,
    save_tensors,
)
from safetensors.torch import load_file


@pytest.fixture
def saved(make_network, tmp_path) -> Path:
    path = tmp_path / "net.safetensors"
    save_model(path, make_network(classes=("spleen",)), {"name": "tiny", "Dice": 0.5, "für": "Ω"})
    return path


def refuse(path: Path, *words: str) -> None:
    """Loading fails with one sentence that names the file and says ``words``."""
    with pytest.raises(UserError) as failure:
        load_model(path)
    text = str(failure.value)
    assert str(path) in text
    assert all(word in text for word in words), text
    assert "\n" not in text
    assert text.endswith(".")


def test_round_trip_in_half_precision(make_network, saved):
    model = make_network(classes=("spleen",))
    loaded, card = load_model(saved)
    assert loaded.configuration == model.configuration
    assert set(card.pop("digests")) >= {"model"}
    assert card == {"name": "tiny", "Dice": 0.5, "für": "Ω"}
    for name, tensor in model.state_dict().items():
        expected = tensor.half().float() if tensor.is_floating_point() else tensor
        assert torch.equal(loaded.state_dict()[name], expected), name
    assert {p.dtype for p in loaded.parameters()} == {torch.float32}
    assert sorted(p.name for p in saved.parent.iterdir()) == ["net.json", "net.safetensors"]


@pytest.mark.parametrize("name", COMPANIONS)
def test_a_companion_lies_beside(make_network, saved, name):
    beside = saved.with_name(f"net-{name}.safetensors")
    assert companion_path(saved, name) == companion_path(default_weights(), name) != beside
    shipped = getattr(load_model(saved)[0], name)
    assert shipped is not None  # it serves all
    other = make_network(dense_widths=(8, 8, 16, 8))
    save_model(beside, other, {"name": name})
    model, card = load_model(saved)
    assert getattr(model, name).configuration == other.configuration
    assert card["name"] == "tiny"
    save_model(saved, model, card)
    assert not any(tensor.startswith(f"{name}.") for tensor in load_file(saved))
    beside.write_bytes(beside.read_bytes()[:-100])
    with pytest.raises(UserError, match=rf"net-{name}\.safetensors"):
        load_model(saved)


def test_a_part_of_the_body_lies_beside(make_network, saved):
    """Its file holds only what knows the classes, or a network besides, as training writes it."""
    whole = make_network(seed=2, classes=("liver", "spleen"))
    beside = saved.with_name("net-torso.safetensors")
    before = load_model(saved)[1]["digests"]
    for part in (True, False):
        card = {"recogniser": {"least_confidence": 0.4}}
        save_model(beside, whole, card, part)
        model, card = load_model(saved)
        assert model.classes == read_classes(saved) == ("spleen", "liver")
        assert card["body_parts"] == {"torso": {"least_confidence": 0.4}}
        assert card["digests"]["torso"] not in before.values()
        head, slices = model.eval().semantic_heads["torso"], torch.rand(1, 64, 64) * 255
        with torch.inference_mode():
            expected = whole.semantic_head.half().float()(slices)[0]
            assert torch.allclose(head(slices)[0], expected, atol=1e-4)
        if part:
            assert {name.partition(".")[0] for name in load_file(beside)} == {"semantic_head"}
    save_model(saved, model, {})
    assert not [name for name in load_file(saved) if name.startswith("semantic_heads")]
    beside.write_bytes(saved.read_bytes()[:-9])
    with pytest.raises(UserError, match="net-torso"):
        load_model(saved)


def test_a_model_without_a_card_loads(saved):
    saved.with_suffix(".json").unlink()
    assert set(load_model(saved)[1]) == {"digests"}


def test_missing(tmp_path):
    refuse(tmp_path / "none.safetensors", "missing")
    refuse(tmp_path, "missing")


@pytest.mark.parametrize("share", [0.0, 0.001, 0.01, 0.5, 0.99, 0.9999])
def test_cut_off_anywhere(saved, share):
    content = saved.read_bytes()
    saved.write_bytes(content[: int(share * len(content))])
    refuse(saved)


def test_damaged_headers_are_refused_or_harmless(saved):
    """Any byte of the header: never another exception than UserError."""
    content = saved.read_bytes()
    rng = np.random.default_rng(3)
    length = 8 + int.from_bytes(content[:8], "little")
    refused = 0
    for place in [0, 1, 7, 8, *rng.integers(8, length, 60)]:
        damaged = bytearray(content)
        damaged[place] ^= int(rng.integers(1, 256))
        saved.write_bytes(damaged)
        try:
            load_model(saved)
        except UserError:
            refused += 1
    assert refused > 30


def test_another_version(saved):
    tensors = load_model(saved)[0].state_dict()
    header = read_header(saved)
    save_tensors(saved, tensors, {**header, "format": "s2vnet-0"})
    refuse(saved, "version s2vnet-0", FORMAT)
    save_tensors(saved, tensors, {})
    refuse(saved, "version unknown")


@pytest.mark.parametrize(
    "change",
    [{"stem": 16}, {"heads": "two"}, {"unknown": 1}, {"classes": []}, {"widths": [8, 8]}],
    ids=str,
)
def test_tensors_that_do_not_fit_the_configuration(saved, change):
    tensors = load_model(saved)[0].state_dict()
    configuration = json.loads(read_header(saved)["configuration"]) | change
    header = {"format": FORMAT, "configuration": json.dumps(configuration)}
    save_tensors(saved, tensors, header)
    if change == {"heads": "two"}:
        header["configuration"] = "{"
        save_tensors(saved, tensors, header)
    refuse(saved, "do not fit")


def test_a_missing_tensor(saved):
    tensors = load_model(saved)[0].state_dict()
    del tensors["generic_queries"]
    save_tensors(saved, tensors, read_header(saved))
    refuse(saved, "do not fit")


class Bomb:
    """Unpickling it leaves a trace."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("name", ["net.pt", "net.PTH", "net.ckpt", "net.bin", "net.safetensors"])
@pytest.mark.parametrize("form", ["torch", "pickle"])
def test_pickles_are_refused_and_never_run(tmp_path, name, form):
    path, trace = tmp_path / name, tmp_path / "trace"
    if form == "torch":
        torch.save({"weights": Bomb(trace)}, path)
    else:
        path.write_bytes(pickle.dumps(Bomb(trace)))
    refuse(path, "safetensors")
    assert not trace.exists()


def test_a_damaged_card_is_named(saved):
    card = saved.with_suffix(".json")
    for content in (b"{", b"\xff\xfe{}"):
        card.write_bytes(content)
        with pytest.raises(UserError, match=r"net\.json cannot be read: .*(JSON|Unicode)"):
            load_model(saved)


def test_a_failed_write_leaves_the_old_weights(saved, make_network, monkeypatch):
    before = saved.read_bytes()

    def fail(tensors: object, path: Path, metadata: object) -> None:
        Path(path).write_bytes(b"half")
        raise OSError("No space left on device")

    monkeypatch.setattr(weights, "save_file", fail)
    with pytest.raises(OSError, match="No space"):
        save_model(saved, make_network(seed=2, classes=("spleen",)), {})
    assert saved.read_bytes() == before


def test_the_shipped_weights_are_found_in_a_checkout_and_in_an_installed_package(
    saved, tmp_path, monkeypatch
):
    folders = tmp_path / "Resources", tmp_path / "package"
    monkeypatch.setattr(weights, "_SEARCH", folders)
    refuse(folders[0] / weights.DEFAULT_WEIGHTS, "missing")
    for folder in reversed(folders):
        folder.mkdir()
        target = folder / weights.DEFAULT_WEIGHTS
        target.write_bytes(saved.read_bytes())
        assert default_weights() == target
    assert load_model()[0].configuration.classes == ("spleen",)
