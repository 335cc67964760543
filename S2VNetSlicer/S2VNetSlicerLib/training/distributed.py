"""Several processes or machines, started by torchrun; one process needs none of it.

Training runs on CPUs, so gradients travel through gloo also where a GPU is present.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

import torch
from torch import distributed as dist
from torch import nn


def join() -> tuple[int, int]:
    """Rank and number of processes; joins the group that torchrun's environment describes."""
    if "WORLD_SIZE" not in os.environ:
        return 0, 1
    if not dist.is_initialized():
        dist.init_process_group("gloo")
    return dist.get_rank(), dist.get_world_size()


def leave() -> None:
    """Leave the group, if any."""
    if dist.is_initialized():
        dist.destroy_process_group()


def average_gradients(parameters: Iterable[nn.Parameter]) -> None:
    """Replace gradients by their mean over all processes, in one message.

    A parameter that this process's episodes did not touch counts as zero.
    """
    if not dist.is_initialized():
        return
    touched = list(parameters)
    grads = [torch.zeros_like(p) if p.grad is None else p.grad for p in touched]
    flat = torch.cat([g.flatten() for g in grads])
    dist.all_reduce(flat)
    flat /= dist.get_world_size()
    for parameter, part in zip(touched, flat.split([g.numel() for g in grads]), strict=True):
        parameter.grad = part.view_as(parameter)


def rank() -> int:
    """Number of this process in torchrun's group; 0 when alone."""
    return int(os.environ.get("RANK", "0"))
