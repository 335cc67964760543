"""Weights on disk: safetensors with the configuration in the header, a JSON model card beside.

Pickled checkpoints are refused: unpickling runs whatever the file says.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from ..errors import UserError
from .configuration import NetworkConfiguration
from .model import S2VNet
from .semantic_head import SemanticHead

M = TypeVar("M", S2VNet, SemanticHead)

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
    "recall": "history_projection",
    "judge": "quality_head",
    "recogniser": "semantic_head",
    "kinship": "same_class_bias",
    "prior": "previous_mask_bias",
}
"""Parts of names of tensors that earlier releases wrote, and what they are now."""
RETIRED = {"learned", "class_queries"}
"""Tensors that earlier releases wrote and nothing uses."""


def current_names(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """``tensors`` of a network by their names of now."""
    return {
        ".".join(RENAMED.get(part, part) for part in name.split(".")): tensor
        for name, tensor in tensors.items()
        if name not in RETIRED
    }


COMPANIONS = ("planes", "corrections")
"""Networks of files of their own that are used beside others: attributes of :class:`S2VNet`."""


PARTS_BESIDE = ("torso", "head-neck")
"""Parts of the body whose classes are known by files of their own beside the weights."""


def companion_path(path: Path, name: str) -> Path:
    """Where the network ``name`` of ``COMPANIONS`` lies that is used with the weights ``path``:
    beside them, else the shipped one, which knows no classes and serves all."""
    own, shipped = (p.with_name(f"{p.stem}-{name}{p.suffix}") for p in (path, default_weights()))
    return own if own.is_file() else shipped


def body_part_paths(path: Path) -> dict[str, Path]:
    """The files of ``PARTS_BESIDE`` that lie beside the weights ``path``, by name."""
    files = {name: path.with_name(f"{path.stem}-{name}{path.suffix}") for name in PARTS_BESIDE}
    return {name: file for name, file in files.items() if file.is_file()}


def digests(path: Path) -> dict[str, str]:
    """SHA-256 of the weights ``path`` and of what is used with them, by name."""
    companions = {name: companion_path(path, name) for name in COMPANIONS}
    files = {"model": path, **companions, **body_part_paths(path)}
    return {
        name: hashlib.sha256(file.read_bytes()).hexdigest()
        for name, file in files.items()
        if file.is_file()
    }


def load_model(path: Path | None = None) -> tuple[S2VNet, dict[str, Any]]:
    """The network in ``path`` (default: the shipped one) with its companions (see
    :func:`companion_path`) and all parts of the body that it knows, in single precision, and its
    model card with the ``digests`` of all files and the facts of ``body_parts``.

    Raises UserError when a file is missing, pickled, damaged or of another version.
    """
    path = path or default_weights()
    model = _load(path)
    for name in COMPANIONS:
        companion = companion_path(path, name)
        if companion.is_file():
            setattr(model, name, _load(companion))
    parts = body_part_paths(path)
    for name, file in parts.items():
        model.semantic_heads[name] = _load_head(file)
    card = {**read_card(path), "digests": digests(path)}
    if parts:
        facts = {name: read_card(file).get("recogniser", {}) for name, file in parts.items()}
        card["body_parts"] = facts
    return model, card


def classes_by_part(model: S2VNet, card: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """The predefined classes of each part of the body by its name; ``card`` names that of the
    weights themselves ("": it does not)."""
    own = card.get("recogniser", {}).get("body_part", "")
    return {part.name or own: part.head.classes for part in model.body_parts}


def read_classes(path: Path) -> tuple[str, ...]:
    """The names of all predefined classes of the weights ``path`` and what lies beside them."""
    files = [path, *body_part_paths(path).values()]
    headers = [json.loads(read_header(file).get("configuration", "{}")) for file in files]
    return tuple(dict.fromkeys(name for header in headers for name in header.get("classes", ())))


def _load_head(path: Path) -> SemanticHead:
    """What knows the classes of a part of the body, of weights that may hold a network besides."""
    return _fitting(path, SemanticHead, "semantic_head.")


def _load(path: Path) -> S2VNet:
    return _fitting(path, S2VNet)


def _fitting(path: Path, make: Callable[[NetworkConfiguration], M], prefix: str = "") -> M:
    """What the weights ``path`` are of, without the ``prefix`` of their names."""
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
        model = make(NetworkConfiguration.from_dict(json.loads(header["configuration"])))
        tensors = current_names(load_file(path))
        model.load_state_dict(
            {
                name.removeprefix(prefix): tensor.float()
                for name, tensor in tensors.items()
                if name.startswith(prefix)
            }
        )
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


def save_model(path: Path, model: S2VNet, card: dict[str, Any], part: bool = False) -> None:
    """Write the weights in half precision and their card; companions and other parts of the body
    have files of their own. ``part``: only what knows the predefined classes."""
    state = {
        name: tensor.half() if tensor.dtype == torch.float32 else tensor
        for name, tensor in model.state_dict().items()
        if name.partition(".")[0] not in (*COMPANIONS, "semantic_heads")
        and (not part or name.startswith("semantic_head."))
    }
    header = {"format": FORMAT, "configuration": json.dumps(model.configuration.to_dict())}
    save_tensors(path, state, header)
    path.with_suffix(".json").write_text(json.dumps(card, indent=1) + "\n", "utf-8")
