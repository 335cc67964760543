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

Moments = dict[str, dict[str, Tensor]]
"""What an optimiser remembers of each parameter, by its name."""


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
    for name, parameter in model.named_parameters():
        state = optimiser.state.get(parameter, {})
        tensors |= {f"optimiser.{name}:{k}": torch.as_tensor(v) for k, v in state.items()}
    header = {
        "format": FORMAT,
        "configuration": json.dumps(model.configuration.to_dict()),
        "progress": json.dumps(progress),
    }
    save_tensors(path, tensors, header)


def load_checkpoint(path: Path) -> tuple[S2VNet, dict[str, Tensor], Moments, dict[str, Any]]:
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
) -> tuple[S2VNet, dict[str, Tensor], Moments, dict[str, Any]]:
    model = S2VNet(NetworkConfiguration.from_dict(json.loads(header["configuration"])))
    parts: dict[str, dict[str, Tensor]] = {"model": {}, "average": {}, "optimiser": {}}
    for name, tensor in load_file(path).items():
        kind, _, rest = name.partition(".")
        parts[kind][rest] = tensor
    for kind in ("model", "average"):
        parts[kind] = current_names(parts[kind])
    model.load_state_dict(parts["model"])
    moments: Moments = {}
    for name, tensor in parts["optimiser"].items():
        parameter, _, key = name.partition(":")
        moments.setdefault(parameter, {})[key] = tensor
    return model, parts["average"], moments, json.loads(header["progress"])


def restore_moments(optimiser: torch.optim.Optimizer, model: S2VNet, moments: Moments) -> None:
    """Give ``optimiser`` what it remembered of the parameters of ``model``."""
    whole, named = optimiser.state_dict(), {p: name for name, p in model.named_parameters()}
    order = [p for group in optimiser.param_groups for p in group["params"]]
    state = {n: moments[named[p]] for n, p in enumerate(order) if named[p] in moments}
    optimiser.load_state_dict({**whole, "state": state})
