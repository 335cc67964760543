"""From a run to shipped weights: averaged weights and the model card beside them."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..network.weights import PARTS_BESIDE, save_model
from .body_parts import BODY_PARTS, body_part
from .checkpoint import load_checkpoint
from .labelled import teaches
from .prepare import class_numbers, dataset_facts, modality_of, training_datasets

INTENDED_USE = (
    "Interactive segmentation of CT and MR volumes from a user's marks. Research use; not a "
    "medical device: a person checks every slice that is used."
)

PAINTED = "random images from the label maps"
PART_WORDS = {"head-neck": "head and neck"}


def publish(
    run: Path,
    data: Path,
    target: Path,
    scores: Path | None,
    notes: Iterable[str],
    least_confidence: float = 0,
) -> None:
    """Write the averaged weights of the checkpoint in ``run`` to ``target`` with their card.

    ``data`` is the folder of training data sets, whose licences the card names; ``scores`` a JSON
    file of the benchmark's table; ``notes`` known failures; ``least_confidence`` (0..1) what the
    automatic mode needs to find a class (0: anything), as ``body_part_benchmark.py`` measures it.
    A ``target`` named NAME-torso or NAME-head-neck holds only what knows the classes.
    Raises UserError when the checkpoint cannot be read.
    """
    model, average, _, progress = load_checkpoint(run / "checkpoint.safetensors")
    model.load_state_dict(average)
    classes = model.configuration.classes
    part = next((name for name in PARTS_BESIDE if target.stem.endswith(f"-{name}")), "")
    kind = part or progress["training"].get("companion", "")
    taught = [d for d in training_datasets(data) if not part or _teaches(d, classes)]
    card = {
        "name": "-".join(filter(None, ("s2vnet", kind, str(progress["step"])))),
        "intended_use": INTENDED_USE,
        "licence": "Apache-2.0",
        "commit": _commit(),
        "steps": progress["step"],
        "hours": round(progress["seconds"] / 3600, 2),
        "hardware": f"{os.cpu_count()} cores of {processor()}",
        "data": [_provenance(dataset) for dataset in taught],
        "synthesis": PAINTED if part else f"{PAINTED}; supervoxels of the volumes; shapes",
        "network": model.configuration.to_dict(),
        "training": progress["training"],
        "recogniser": _recogniser(classes, data, least_confidence),
        "scores": json.loads(scores.read_text()) if scores else {},
        "known_failures": list(notes),
    }
    if part:
        card["purpose"] = f"The classes of the {PART_WORDS.get(part, part)} without marks."
    save_model(target, model.eval(), card, bool(part))


def _teaches(dataset: Path, classes: tuple[str, ...]) -> bool:
    """Whether a data set teaches ``classes``."""
    facts = dataset_facts(dataset)
    return teaches(body_part(classes).numbers(class_numbers(facts)), "known" in facts)


def _recogniser(classes: tuple[str, ...], data: Path, least: float) -> dict[str, Any]:
    """What the automatic mode asks of a volume; the modality where one alone taught the classes;
    the part of the body that shows them."""
    facts = [dataset_facts(p) for p in training_datasets(data) if (p / "imagesTr").is_dir()]
    taught = {modality_of(f) for f in facts if classes and set(classes) <= set(class_numbers(f))}
    modality = {"modality": taught.pop()} if len(taught) == 1 else {}
    known = {part.names: name for name, part in BODY_PARTS.items()}
    named = {"body_part": known[classes]} if classes in known else {}
    return {"least_confidence": least, **modality, **named}


def _provenance(dataset: Path) -> dict[str, Any]:
    facts = dataset_facts(dataset)
    keys = ("name", "licence", "reference", "numTraining")
    return {"folder": dataset.name, **{key: facts.get(key) for key in keys}}


def _commit() -> str:
    """The commit of the code that wrote the weights; "unknown" outside a checkout."""
    command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "--short=10", "HEAD"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    return found.stdout.strip() or "unknown"


def processor() -> str:
    """The processor's name."""
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
