"""What a training run is made of; stored in every checkpoint."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field


class TrainingConfiguration(BaseModel):
    """Schedule and optimiser. Batches are drawn so that B x D x H x W stays near ``pixels``."""

    seed: int = 1
    companion: Literal["", "planes", "corrections"] = Field(
        "", description="Teach a network for these alone: see ``training.planes``."
    )
    learning_rate: float = Field(8e-4, gt=0)
    warm_up: int = Field(200, ge=0, description="Steps of rising learning rate.")
    decay_from: int = Field(10**9, ge=0, description="Step from which the rate falls to zero.")
    decay_steps: int = Field(10_000, gt=0)
    weight_decay: float = 0.02
    clip: float = Field(1.0, gt=0, description="Largest norm of the gradient.")
    average: float = Field(0.998, ge=0, lt=1, description="Decay of the averaged weights.")
    rounds: int = Field(4, ge=1, le=8, description="Most rounds of marks in a step.")
    pixels: int = Field(64 * 128 * 128, gt=0)
    slices: tuple[int, ...] = Field((6, 8, 12), description="Slices of an episode.")
    sizes: tuple[int, ...] = (96, 128, 128, 160, 192)
    most_structures: int = Field(3, ge=1)
    automatic: float = Field(0.12, ge=0, le=1, description="Share of batches without first marks.")
    taught_steps: int = Field(1500, gt=0, description="Steps until few true masks are handed on.")
    taught_least: float = Field(0.1, ge=0, le=1, description="Share handed on after that.")
    checkpoint_seconds: float = Field(45, gt=0)
