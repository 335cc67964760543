"""Checkpoints from which a run goes on exactly where it was: weights, averages, optimiser, step."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from ..errors import UserError
from ..network.configuration import NetworkConfiguration
from ..network.model import S2VNet
from ..network.weights import FORMAT, current_names, read_header, save_tensors


def save_checkpoint(
    path: Path,
    model: S2VNet,
    average: dict[str, Tensor],
    optimiser: torch.optim.Optimizer,
    progress: dict[str, Any],
) -> None:
    """Write everything to ``path`` in one file; ``progress`` must be JSON-able."""
    tensors = {f"model.{k}": v for k, v in model.state_dict().items()}
    tensors |= {f"average.{k}": v for k, v in average.items()}
    for index, state in optimiser.state_dict()["state"].items():
        tensors |= {f"optimiser.{index}.{k}": torch.as_tensor(v) for k, v in state.items()}
    header = {
        "format": FORMAT,
        "configuration": json.dumps(model.configuration.to_dict()),
        "progress": json.dumps(progress),
    }
    save_tensors(path, tensors, header)


def load_checkpoint(path: Path) -> tuple[S2VNet, dict[str, Tensor], dict[int, Any], dict[str, Any]]:
    """Model, averages, optimiser state and progress of ``path``; UserError if unreadable."""
    header = read_header(path)
    if header.get("format") != FORMAT or "progress" not in header:
        raise UserError(f"{path} is not a checkpoint of this release: start from weights instead.")
    try:
        return _restore(path, header)
    except (SafetensorError, OSError, RuntimeError, KeyError, TypeError, ValueError) as error:
        raise UserError(
            f"The checkpoint {path} cannot be read",
            error,
            "To begin anew from the run's weights, name them with --from and another --output.",
        ) from error


def _restore(
    path: Path, header: dict[str, str]
) -> tuple[S2VNet, dict[str, Tensor], dict[int, Any], dict[str, Any]]:
    model = S2VNet(NetworkConfiguration.from_dict(json.loads(header["configuration"])))
    parts: dict[str, dict[str, Tensor]] = {"model": {}, "average": {}, "optimiser": {}}
    for name, tensor in load_file(path).items():
        kind, _, rest = name.partition(".")
        parts[kind][rest] = tensor
    for kind in ("model", "average"):
        parts[kind] = current_names(parts[kind])
    model.load_state_dict(parts["model"])
    state: dict[int, Any] = {}
    for name, tensor in parts["optimiser"].items():
        index, _, key = name.partition(".")
        state.setdefault(int(index), {})[key] = tensor
    return model, parts["average"], state, json.loads(header["progress"])
