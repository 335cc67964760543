"""Several processes or machines, started by torchrun; one process needs none of it."""

from __future__ import annotations

import os

import torch
from torch import distributed as dist
from torch import nn


def join() -> tuple[int, int]:
    """Rank and number of processes; joins the group that torchrun's environment describes."""
    if "WORLD_SIZE" not in os.environ:
        return 0, 1
    if not dist.is_initialized():
        if torch.cuda.is_available():
            torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
        dist.init_process_group()  # NCCL for tensors on GPUs, gloo for others
    return dist.get_rank(), dist.get_world_size()


def leave() -> None:
    """Leave the group, if any."""
    if dist.is_initialized():
        dist.destroy_process_group()


def decided(wish: bool) -> bool:
    """The first process's wish, in all of them: clocks differ, and whoever makes a step more than
    the others waits for gradients that never come."""
    if not dist.is_initialized():
        return wish
    said = [wish]
    dist.broadcast_object_list(said)
    return said[0]


@torch.no_grad()
def average_processes(model: nn.Module) -> None:
    """Replace gradients and batch-norm statistics by their mean over all processes, in one
    message; then every process holds what a checkpoint of one of them holds.

    A parameter that this process's episodes did not touch counts as zero.
    """
    if not dist.is_initialized():
        return
    for parameter in model.parameters():
        if parameter.grad is None:
            parameter.grad = torch.zeros_like(parameter)
    shared = [p.grad for p in model.parameters() if p.grad is not None]
    shared += [b for b in model.buffers() if b.is_floating_point()]
    flat = torch.cat([t.flatten() for t in shared])
    dist.all_reduce(flat)
    flat /= dist.get_world_size()
    for tensor, mean in zip(shared, flat.split([t.numel() for t in shared]), strict=True):
        tensor.copy_(mean.view_as(tensor))


def rank() -> int:
    """Number of this process in torchrun's group; 0 when alone."""
    return int(os.environ.get("RANK", "0"))
