"""Where the network runs."""

from __future__ import annotations

import torch

from ..errors import UserError
from .records import DEVICES


def choose_device(name: str = "auto") -> torch.device:
    """The device called ``name``; ``auto`` takes CUDA, then MPS, then the CPU.

    Raises UserError for an unknown name or a device that is not there.
    """
    if name not in DEVICES:
        raise UserError(
            "There is no device {name!r}: choose one of {listed}.",
            name=name,
            listed=", ".join(DEVICES),
        )
    there = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if name == "auto":
        name = next(device for device, available in there.items() if available)
    if not there[name]:
        raise UserError("The device {name} is not available here: use auto or cpu.", name=name)
    return torch.device(name)


def working_precision(device: torch.device) -> torch.dtype:
    """Half precision where the device gains from it."""
    return torch.float32 if device.type == "cpu" else torch.float16
