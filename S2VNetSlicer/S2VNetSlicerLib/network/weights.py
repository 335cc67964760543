"""Weights on disk: safetensors with the configuration in the header, a JSON model card beside.

Pickled checkpoints are refused: unpickling runs whatever the file says.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from ..errors import UserError
from .configuration import NetworkConfiguration
from .model import S2VNet

FORMAT = "s2vnet-1"
"""Changes whenever older weights no longer fit the code."""
_PACKAGE = Path(__file__).resolve().parents[1]
_SEARCH = (_PACKAGE.parent / "Resources" / "Models", _PACKAGE / "Models")
DEFAULT_WEIGHTS = "s2vnet.safetensors"
_PICKLES = {".pt", ".pth", ".ckpt", ".pkl", ".bin"}


def default_weights() -> Path:
    """Where the shipped weights lie, in a checkout, in Slicer and in an installed package."""
    found = [folder / DEFAULT_WEIGHTS for folder in _SEARCH]
    return next((path for path in found if path.is_file()), found[0])


def _check_readable(path: Path) -> None:
    if path.suffix.lower() in _PICKLES:
        raise UserError(
            "{path} is a pickled checkpoint, which could run any code: convert it to safetensors.",
            path=path,
        )
    if not path.is_file():
        raise UserError(
            "The weights {path} are missing: reinstall S2VNetSlicer or name a file.", path=path
        )


def read_header(path: Path) -> dict[str, str]:
    """The strings stored beside the tensors; UserError when missing, pickled or damaged."""
    _check_readable(path)
    try:
        with safe_open(path, "pt") as file:
            return dict(file.metadata() or {})
    except (SafetensorError, OSError, ValueError) as error:
        raise UserError(
            "The weights {path} cannot be read ({error}): copy or download the file again.",
            path=path,
            error=error,
        ) from error


RENAMED = {
    "blank": "generic_queries",
    "learned": "class_queries",
    "recall": "history_projection",
    "judge": "quality_head",
    "recogniser": "semantic_head",
    "kinship": "same_class_bias",
    "prior": "previous_mask_bias",
}
"""Parts of names of tensors that earlier releases wrote, and what they are now."""


def current_names(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """``tensors`` of a network by their names of now."""
    return {
        ".".join(RENAMED.get(part, part) for part in name.split(".")): tensor
        for name, tensor in tensors.items()
    }


COMPANIONS = ("planes", "corrections")
"""Networks of files of their own that are used beside others: attributes of :class:`S2VNet`."""


def companion_path(path: Path, name: str) -> Path:
    """Where the network ``name`` of ``COMPANIONS`` lies that is used with the weights ``path``:
    beside them, else the shipped one, which knows no classes and serves all."""
    own, shipped = (p.with_name(f"{p.stem}-{name}{p.suffix}") for p in (path, default_weights()))
    return own if own.is_file() else shipped


def digests(path: Path) -> dict[str, str]:
    """SHA-256 of the weights ``path`` and of the companions that are used with them, by name."""
    files = {"model": path, **{name: companion_path(path, name) for name in COMPANIONS}}
    return {
        name: hashlib.sha256(file.read_bytes()).hexdigest()
        for name, file in files.items()
        if file.is_file()
    }


def load_model(path: Path | None = None) -> tuple[S2VNet, dict[str, Any]]:
    """The network in ``path`` (default: the shipped one) with its companions (see
    :func:`companion_path`), in single precision, and its model card with the ``digests`` of all
    files.

    Raises UserError when a file is missing, pickled, damaged or of another version.
    """
    path = path or default_weights()
    model = _load(path)
    for name in COMPANIONS:
        companion = companion_path(path, name)
        if companion.is_file():
            setattr(model, name, _load(companion))
    return model, {**read_card(path), "digests": digests(path)}


def _load(path: Path) -> S2VNet:
    header = read_header(path)
    if header.get("format") != FORMAT:
        raise UserError(
            "The weights {path} are of version {version}, not {format}: use the weights "
            "that came with this release.",
            path=path,
            version=header.get("format", "unknown"),
            format=FORMAT,
        )
    try:
        model = S2VNet(NetworkConfiguration.from_dict(json.loads(header["configuration"])))
        tensors = current_names(load_file(path))
        model.load_state_dict({name: tensor.float() for name, tensor in tensors.items()})
    except (RuntimeError, TypeError, KeyError, ValueError, SafetensorError) as error:
        raise UserError(
            "The weights {path} do not fit this release",
            error,
            "Use the weights that came with it.",
            path=path,
        ) from error
    return model


def read_card(path: Path) -> dict[str, Any]:
    """The model card beside the weights; empty when there is none. UserError when damaged."""
    card = path.with_suffix(".json")
    try:
        return json.loads(card.read_text("utf-8")) if card.is_file() else {}
    except ValueError as error:
        raise UserError("The model card {card} cannot be read", error, card=card) from error


def save_tensors(path: Path, tensors: dict[str, Tensor], header: dict[str, str]) -> None:
    """Write ``tensors`` beside ``path`` and rename, so that no half-written file is ever found."""
    beside = path.with_name(path.name + ".part")
    plain = {name: tensor.detach().contiguous().cpu() for name, tensor in tensors.items()}
    save_file(plain, beside, metadata=header)
    beside.replace(path)


def save_model(path: Path, model: S2VNet, card: dict[str, Any]) -> None:
    """Write the weights in half precision and their card; companions have files of their own."""
    state = {
        name: tensor.half() if tensor.dtype == torch.float32 else tensor
        for name, tensor in model.state_dict().items()
        if name.partition(".")[0] not in COMPANIONS
    }
    header = {"format": FORMAT, "configuration": json.dumps(model.configuration.to_dict())}
    save_tensors(path, state, header)
    path.with_suffix(".json").write_text(json.dumps(card, indent=1) + "\n", "utf-8")
