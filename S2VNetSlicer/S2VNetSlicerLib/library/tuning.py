"""Fine-tuning a learned class on its accepted slices, measured on volumes that are held out.

Only the class's centres are tuned, as prompts are: the network and so every other class stay as
they are. Every slice is segmented without marks from the centres of other volumes, as the class is
found; what is lent is improved until the slices come out as they were accepted. It always begins
with the centres as they were learned, so that nothing is ever measured on a volume that an earlier
tuning has seen.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ..errors import UserError
from ..network.encoder import Features
from ..network.model import Output, S2VNet
from ..network.online_classifier import fit_online_classifier, n_online_weights
from ..texts import joined, texts
from . import store
from .files import locked
from .finding import recalled, training_samples_of
from .learned import Example
from .learning import MOST_SLICES
from .material import BATCH, STEPS, Known, Material

_ = texts(__name__)

RATE, PULL = 0.02, 0.05
"""AdamW's rate, and how strongly centres are drawn back to where they were (weight decay)."""
LEAST_SHARE = 0.15
"""Share of a slice's cross-entropy that the structure has at least (raised 8 times at most)."""
DIGITS = 3
"""To so many digits a Dice is told and compared."""


@dataclass(frozen=True)
class Progress:
    """So many slices of all were gone through."""

    done: int
    total: int


@dataclass(frozen=True)
class HeldOut:
    """A volume (1.., oldest first) that was held out: mean Dice in its accepted ``slices``,
    ``before`` as learned and ``after`` tuning, both from the other volumes' centres."""

    volume: int
    slices: int
    before: float
    after: float


@dataclass(frozen=True, eq=False)
class Tuned:
    """Centres tuned on all cases, by the key of their example, and what tuning is worth.

    Nothing is stored: :func:`keep` does that.
    """

    name: str
    centres: dict[str, np.ndarray]
    held_out: tuple[HeldOut, ...]

    @property
    def before(self) -> float:
        """Mean Dice in held-out volumes as learned."""
        return round(float(np.mean([h.before for h in self.held_out])), DIGITS)

    @property
    def after(self) -> float:
        """Mean Dice in held-out volumes after tuning on the others."""
        return round(float(np.mean([h.after for h in self.held_out])), DIGITS)

    @property
    def better(self) -> bool:
        """Whether tuning helped."""
        return self.after > self.before

    def told(self) -> str:
        """What came of it."""
        told = _(
            "In {volumes} volumes, each held out in turn, {name} had Dice {before} as learned and "
            "{after} fine-tuned."
        ).format(
            volumes=len(self.held_out),
            name=self.name,
            before=f"{self.before:.{DIGITS}f}",
            after=f"{self.after:.{DIGITS}f}",
        )
        return told if self.better else joined(" ", (told, _("It did not help.")))

    def question(self) -> str:
        """What came of it, and whether it is to be kept."""
        kept, forced = _("Keep the fine-tuned class?"), _("Keep it nevertheless?")
        return joined(" ", (self.told(), kept if self.better else forced))


def tune(
    model: S2VNet,
    name: str,
    folder: Path | None = None,
    *,
    weights: str,
    device: torch.device | None = None,
) -> Iterator[Progress | Tuned]:
    """Fine-tune the class ``name``; yields after every slice, in the end a :class:`Tuned`.

    ``model`` with the name of its ``weights`` stays as it is; so do the class's files.
    Deterministic. Stop iterating to cancel. UserError for a class of other weights, and as
    :class:`~.material.Material`.
    """
    material = Material(name, folder)
    material.learned.check(material.learned.modality, weights)
    work, total = _tune(_Tuning(model, material, device or torch.device("cpu"))), material.work()
    for done in range(1, total + 1):
        next(work)
        yield Progress(done, total)
    try:
        next(work)
    except StopIteration as end:
        yield end.value


def keep(tuned: Tuned, folder: Path | None = None) -> None:
    """Let the class have the centres of ``tuned``; examples that came since stay as they are.

    UserError when the class is gone.
    """
    with locked(store.path_of(tuned.name, folder).parent):
        learned = store.load(tuned.name, folder)
        if not any(e.key in tuned.centres for e in learned.examples):
            raise UserError(
                "{tuned} was learned anew in the meantime: fine-tune it again.", tuned=tuned.name
            )
        examples = tuple(
            replace(e, centres=tuned.centres[e.key]) if e.key in tuned.centres else e
            for e in learned.examples
        )
        store.save(replace(learned, examples=examples), folder)


Centres = dict[str, Tensor]
"""[A, 2, M, C] by the key of their example."""


def _tune(tuning: _Tuning) -> Generator[None, None, Tuned]:
    """Yields after every slice."""
    yield from tuning.encode()
    volumes, found = tuning.material.volumes, list[HeldOut]()
    for number, held in enumerate(volumes, 1):
        others = [volume for volume in volumes if volume != held]
        before = yield from tuning.test(held, others, tuning.learned())
        centres = yield from tuning.run(others)
        after = yield from tuning.test(held, others, centres)
        found.append(HeldOut(number, len(before), float(np.mean(before)), float(np.mean(after))))
    centres = yield from tuning.run(volumes)
    kept = {key: centre.cpu().numpy() for key, centre in centres.items()}
    return Tuned(tuning.material.learned.name, kept, tuple(found))


@dataclass(eq=False)
class _Pupil:
    """A case with its features; ``target`` [A, H/2, W/2] in 0..1; ``classifier`` [1, 1, size]: what
    others teach about the look of the class."""

    known: Known
    features: list[Features]
    target: Tensor
    classifier: Tensor

    @property
    def volume(self) -> str:
        return self.known.case.volume

    @property
    def key(self) -> str:
        return self.known.example.key

    def taught_by(self, examples: list[Example]) -> None:
        """What the evidence of ``examples`` teaches about the look of the class."""
        evidence = [training_samples_of(e, self.classifier) for e in examples]
        self.classifier = fit_online_classifier(evidence)[None]


class _Tuning:
    """Recalls and tunes; nothing is done before it is asked for."""

    def __init__(self, model: S2VNet, material: Material, device: torch.device) -> None:
        self.material, self.device = material, device
        self.model = model.ready(device, torch.float32).requires_grad_(False)
        self.pupils: list[_Pupil] = []

    def encode(self) -> Iterator[None]:
        """Meet every case."""
        for known in self.material.known:
            features: list[Features] = []
            for image in torch.from_numpy(known.case.image):
                with torch.no_grad():
                    features.append(self.model.encode(image[None].to(self.device, torch.float32)))
                yield
            marks = torch.from_numpy(known.case.marks).to(self.device)
            target = F.avg_pool2d((marks == 2).float(), 2)
            size = n_online_weights(self.model.configuration)
            nothing = torch.zeros(1, 1, size, device=self.device)
            self.pupils.append(_Pupil(known, features, target, nothing))

    def learned(self) -> Centres:
        """All centres as they were learned."""
        return {p.key: torch.from_numpy(p.known.case.centres).to(self.device) for p in self.pupils}

    def run(self, volumes: list[str]) -> Generator[None, None, Centres]:
        """The centres of ``volumes`` tuned on their slices."""
        pupils = self._meet(volumes, volumes)
        learned = {p.key: self.learned()[p.key] for p in pupils}
        moved = {key: torch.zeros_like(c, requires_grad=True) for key, c in learned.items()}
        optimiser = torch.optim.AdamW(list(moved.values()), RATE, weight_decay=PULL / RATE)
        decay = torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 0.1, STEPS)
        turns = [(p, n) for n in range(MOST_SLICES) for p in pupils if n < len(p.features)]
        for step in range(STEPS):
            for turn in range(step * BATCH, (step + 1) * BATCH):
                pupil, n = turns[turn % len(turns)]
                with torch.enable_grad():
                    centres = {key: c + moved[key] for key, c in learned.items()}
                    output = self._recall(pupil, n, volumes, centres)
                    (_loss(output.logits[0, 0], pupil.target[n]) / BATCH).backward()
                yield
            optimiser.step()
            optimiser.zero_grad()
            decay.step()
        return {key: c + moved[key].detach() for key, c in learned.items()}

    def test(
        self, held: str, volumes: list[str], centres: Centres
    ) -> Generator[None, None, list[float]]:
        """The Dice of each slice of the volume ``held``, recalled from ``volumes``."""
        found: list[float] = []
        for pupil in self._meet([held], volumes):
            for n in range(len(pupil.features)):
                with torch.no_grad():
                    mask = self._recall(pupil, n, volumes, centres).logits[0, 0] > 0
                    truth = pupil.target[n] > 0.5
                    both = float((mask & truth).sum())
                    whole = max(float(mask.sum() + truth.sum()), 1.0)
                found.append(2 * both / whole)
                yield
        return found

    def _meet(self, volumes: list[str], teachers: list[str]) -> list[_Pupil]:
        """The cases of ``volumes``, taught by ``teachers``, but not by their own volume."""
        pupils = [p for p in self.pupils if p.volume in volumes]
        with torch.no_grad():
            for pupil in pupils if self.model.configuration.appearance else []:
                pupil.taught_by([p.known.example for p in self._teachers(pupil, teachers)])
        return pupils

    def _teachers(self, pupil: _Pupil, volumes: list[str]) -> list[_Pupil]:
        """The cases of other ``volumes``; where there is no other, those of its own."""
        known = [p for p in self.pupils if p.volume in volumes and p.volume != pupil.volume]
        return known or [p for p in self.pupils if p.volume == pupil.volume]

    def _recall(self, pupil: _Pupil, n: int, volumes: list[str], centres: Centres) -> Output:
        """Slice ``n`` segmented without marks, from ``centres`` of other slices."""
        here = pupil.known.example.along[n]
        lent = [
            (abs(along - here), centre)
            for p in self._teachers(pupil, volumes)
            for m, (along, centre) in enumerate(
                zip(p.known.example.along, centres[p.key], strict=True)
            )
            if (p, m) != (pupil, n)
        ] or [(0.0, centres[pupil.key][n])]
        lent.sort(key=lambda item: item[0])
        features = pupil.features[n]
        centred = [centre for _, centre in lent]
        return self.model.step(features, recalled(self.model, features, centred, pupil.classifier))


def _loss(logits: Tensor, target: Tensor) -> Tensor:
    """Cross-entropy plus soft Dice of a slice, as in training; both [h, w]."""
    raised = (LEAST_SHARE / target.mean().clamp(min=1e-6)).clamp(1, 8)
    weight = 1 + target * (raised - 1)
    entropy = F.binary_cross_entropy_with_logits(logits, target, weight) / weight.mean()
    mask = logits.sigmoid()
    dice = (2 * (mask * target).sum() + 1) / (mask.sum() + target.sum() + 1)
    return entropy + 1 - dice
