"""What companions of the network learn from: planes across the slices, and slices with strokes.

Across (see ``propagation.orthogonal_planes``) what anchors show where they meet a plane is marked:
long lines, all in one direction, of all classes, with gaps where the anchor's own mask is in
doubt, and not quite right. Along (see ``propagation.prompt_refinement``) a user marks a slice and
corrects what is there: what runs left, which drifts away from the truth, and then what this
network itself made. The network for planes learns from more of the former, that for corrections of
the latter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from scipy import ndimage as ndi
from torch import Tensor

from ..network.configuration import NetworkConfiguration
from ..network.encoder import Features
from ..network.model import Output, S2VNet
from .annotator import correction, draw_grain, first_marks
from .cases import UNKNOWN
from .configuration import TrainingConfiguration
from .episodes import EpisodeSampler, EpisodeSettings
from .fields import low_resolution, smooth_field
from .losses import slice_loss, soft_targets
from .rounds import Played, strongest

NETWORK = NetworkConfiguration(
    blocks=(1, 2, 3, 3),
    dense_widths=(32, 48, 64, 96),
    appearance=False,
    retouching=False,
    transport=False,
)
"""Wider than what answers a mark at once: of a few planes it is asked, not of all slices."""
PLANES = {"cpu": 30}
"""So many of 128 x 128 pixels in a step: a processor takes a second or two. Other devices: 256."""
COMPANION_RATE = 1.2e-3
"""Learning rate from chance, or from another network."""
SLICES = 4
"""Planes taken from one place, neighbours of each other."""
FIRST = 0.45
"""Share of slices with strokes where there are no masks yet."""
CARRIED = (0.5, 0.15)
"""Share of places in which strokes next correct what a run brings from the neighbour, instead of
what was made of the slice itself, each time."""


@dataclass(frozen=True)
class Lesson:
    """What a companion of the network learns from."""

    episodes: EpisodeSettings
    lined: float
    """Share of places whose planes lie across the slices; the others are slices with strokes."""
    runs: float
    """Share of planes across in which the masks of runs are given."""
    coarse: float
    """Share of places with pixels as large as those of a volume that is enlarged to be read."""
    thick: float
    """Share of places that are blurred in one direction: slices are thicker than pixels."""
    rounds: int
    """Times that strokes are made in a slice."""


LESSONS = {
    "planes": Lesson(EpisodeSettings(crosswise=0.6, repainted=0.2), 0.6, 0.4, 0.4, 0.6, 1),
    "corrections": Lesson(
        EpisodeSettings(
            drawn=0.1,
            supervoxels=0.35,
            heads=0.15,
            maps=0.25,
            shapes=0.15,
            crosswise=0.5,
            repainted=0.35,
        ),
        *(0.25, 0.1, 0.3, 0.5, 3),
    ),
}
"""By ``TrainingConfiguration.companion``."""


def schedule(
    seed: int,
    steps: int,
    companion: str,
    device: torch.device,
    rate: float = COMPANION_RATE,
    decay: int = 0,
) -> TrainingConfiguration:
    """A training like those of the shipped companions; their cards tell the differences. The
    learning ``rate`` falls to zero in the last ``decay`` steps (0: in all)."""
    decay = decay or steps
    return TrainingConfiguration(
        seed=seed,
        companion=companion,
        learning_rate=rate,
        warm_up=150,
        decay_from=max(0, steps - decay),
        decay_steps=decay,
        average=0.997,
        pixels=PLANES.get(device.type, 256) * 128 * 128,
        sizes=(96, 128, 128, 160, 192, 224),
    )


@dataclass
class Planes:
    """N planes, always ``SLICES`` of a place: ``images`` [N, H, W] 0..255, ``labels`` and ``marks``
    uint8 of that shape, ``previous`` [N, K, H/2, W/2] what runs left there, where ``known`` [N] is
    1. The first ``across`` lie across the slices, the others hold strokes."""

    images: Tensor
    labels: Tensor
    marks: Tensor
    previous: Tensor
    known: Tensor
    across: int = 0

    def to(self, device: torch.device) -> Planes:
        """The batch on ``device``."""
        return self._each(lambda t: t.to(device, non_blocking=True))

    def stroked(self) -> Planes:
        """Those with strokes."""
        return replace(self._each(lambda t: t[self.across :]), across=0)

    def _each(self, change: Callable[[Tensor], Tensor]) -> Planes:
        parts = (self.images, self.labels, self.marks, self.previous, self.known)
        images, labels, marks, previous, known = map(change, parts)
        return Planes(images, labels, marks, previous, known, self.across)


def line_rows(rng: np.random.Generator, truth: np.ndarray, structures: int) -> np.ndarray:
    """Rows of ``truth`` [H, W] where anchors lie: every structure that is there meets one."""
    height = len(truth)
    rows: list[int] = []
    for k in range(1, structures + 1):
        width = (truth == k).sum(1).astype(float)
        if width.any() and not width[rows].any():
            # Anchors lie where a structure is well seen.
            rows.append(int(rng.choice(height, p=width**2 / (width**2).sum())))
    there = np.flatnonzero(((truth > 0) & (truth != UNKNOWN)).any(1))
    spare = 0.15 * height
    for _ in range(int(rng.choice(5, p=[0.3, 0.2, 0.2, 0.15, 0.15]))):
        rows.append(int(rng.uniform(there[0] - spare, there[-1] + spare)))
    return np.unique(np.clip(rows, 0, height - 1))


def line_marks(rng: np.random.Generator, truth: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """What anchors at ``rows`` of a plane ``truth`` [H, W] show, as marks uint8 [H, W]."""
    height, width = truth.shape
    marks = np.zeros(truth.shape, np.uint8)
    thick = int(rng.choice([1, 2, 3, 4, 6]))
    error, gap = rng.uniform(0, 2.5), int(rng.integers(0, 4))
    for row in rows.tolist():
        moved = error * smooth_field(rng, (1, 1, width), (1, max(2, width // 12)))[0, 0]
        seen = truth[row].take(np.rint(np.arange(width) + moved).astype(int), mode="clip")
        border = np.flatnonzero(seen[1:] != seen[:-1])
        line = np.where(seen == UNKNOWN, 0, seen + 1)
        for away in range(-gap + 1, gap + 1):
            line[np.clip(border + away, 0, width - 1)] = 0
        top = max(0, min(row - thick // 2, height - thick))
        part = marks[top : top + thick]
        part[:] = np.where(line > 0, line, part)
    return marks


def run_masks(
    rng: np.random.Generator, truth: np.ndarray, away: np.ndarray, structures: int
) -> np.ndarray:
    """What runs may have left of ``truth`` [H, W], [K, H/2, W/2]: it wanders, swells or shrinks,
    leaks and ends too early, the more so the farther ``away`` [H] (in pixels) anchors are."""
    height, width = truth.shape
    drift = rng.uniform(0, 1.2) * np.sqrt(away)[:, None]
    y, x = np.mgrid[:height, :width]
    field = smooth_field(rng, (2, height, width), (2, int(rng.integers(3, 9))))
    y = np.clip(np.rint(y + 0.5 * drift * field[0]), 0, height - 1).astype(int)
    x = np.clip(np.rint(x + drift * field[1]), 0, width - 1).astype(int)
    seen = truth[y, x]
    level = 0.5 + rng.uniform(-0.35, 0.35) * np.tanh(away / 25)[:, None]
    masks = np.stack([ndi.gaussian_filter((seen == k + 1) * 1.0, 2) for k in range(structures)])
    masks = masks > level
    if rng.random() < 0.3:
        shift = rng.integers(-height // 3, height // 3, 2)
        leak = (away > rng.uniform(5, 40))[:, None] & (rng.random() < 0.5)
        masks |= np.roll(masks, shift, (1, 2)) & leak
    if rng.random() < 0.2:
        ended = away > rng.uniform(3, 80)
        if rng.random() < 0.5:
            ended[: int(rng.integers(height))] = False
        masks &= ~ended[:, None]
    masks = masks & (np.cumsum(masks, 0) == 1)
    halves = masks.reshape(structures, height // 2, 2, width // 2, 2).mean((2, 4))
    return (halves * rng.uniform(0.7, 1)).astype(np.float32)


Shown = tuple[np.ndarray, np.ndarray, np.float32]
"""Marks uint8 [H, W], masks of runs [K, H/2, W/2], and whether there are any."""


def lined(rng: np.random.Generator, truth: np.ndarray, structures: int, runs: float) -> Shown:
    """What a plane across the slices is segmented from, with masks in a share of ``runs``."""
    rows = line_rows(rng, truth, structures)
    marks = line_marks(rng, truth, rows)
    if rng.random() >= runs:
        return marks, _nothing(truth, structures), np.float32(0)
    away = np.abs(np.arange(len(truth))[:, None] - rows).min(1)
    return marks, run_masks(rng, truth, away, structures), np.float32(1)


def stroked(rng: np.random.Generator, truth: np.ndarray, structures: int) -> Shown:
    """What a slice is segmented from that a user marks: first marks, or corrections of a mask."""
    marks, grain = np.zeros(truth.shape, np.uint8), draw_grain(rng)
    if rng.random() < FIRST:
        marks = first_marks(rng, truth, structures, grain)
        return marks, _nothing(truth, structures), np.float32(0)
    away = np.full(len(truth), rng.uniform(0, 70))
    masks = run_masks(rng, truth, away, structures)
    if rng.random() < 0.2:
        marks = first_marks(rng, truth, structures, grain)
    shown = np.where(masks.max(0) > 0.4, masks.argmax(0) + 1, 0).astype(np.uint8)
    shown = np.kron(shown, np.ones((2, 2), np.uint8))
    for _ in range(int(rng.choice([1, 1, 1, 2]))):
        _, drawn = correction(rng, truth[None], shown[None], marks[None], structures, grain)
        marks[drawn > 0] = drawn[drawn > 0]
    return marks, masks, np.float32(1)


def _nothing(truth: np.ndarray, structures: int) -> np.ndarray:
    return np.zeros((structures, truth.shape[0] // 2, truth.shape[1] // 2), np.float32)


def draw_planes(
    sampler: EpisodeSampler, configuration: TrainingConfiguration, rng: np.random.Generator
) -> Planes:
    """One batch: all its planes have one size and one number of structures."""
    c, lesson = configuration, LESSONS[configuration.companion]
    side = int(rng.choice(c.sizes))
    structures = int(rng.choice(4, p=[0.36, 0.24, 0.18, 0.22])) + 1
    places = max(1, round(c.pixels / side**2 / SLICES))
    across = int(rng.binomial(places, lesson.lined))
    found: list[tuple[np.ndarray | np.float32, ...]] = []
    while len(found) < places * SLICES:
        episode = sampler.sample(rng, SLICES, side, structures)
        shown = (episode.labels > 0) & (episode.labels != UNKNOWN)
        if not shown.any((1, 2)).all():
            continue
        lies_across = len(found) < across * SLICES
        for image, truth in zip(_seen(episode.image, lesson, rng), episode.labels, strict=True):
            if lies_across:
                shown = lined(rng, truth, structures, lesson.runs)
            else:
                shown = stroked(rng, truth, structures)
            found.append((image, truth, *shown))
    images, labels, marks, previous, known = (
        torch.from_numpy(np.stack(part)) for part in zip(*found, strict=True)
    )
    return Planes(images, labels, marks, previous, known, across * SLICES)


def _seen(image: np.ndarray, lesson: Lesson, rng: np.random.Generator) -> np.ndarray:
    """``image`` [D, H, W] in pixels that are too large, or of slices that are too thick."""
    if rng.random() < lesson.coarse:
        factor = rng.uniform(1.5, 3.2)
        noise = rng.standard_normal(image.shape, np.float32)
        image = low_resolution(image + rng.uniform(0, 8) * factor * noise, factor)
    if rng.random() < lesson.thick:
        image = low_resolution(image, rng.uniform(1, 6), (1,))
    return np.clip(image, 0, 255).astype(np.float32)


def play_planes(
    model: S2VNet, planes: Planes, rng: np.random.Generator, configuration: TrainingConfiguration
) -> Played:
    """Segment a batch, then correct the slices with strokes as often as the lesson says, as a user
    would; gradients are left in the parameters."""
    rounds = LESSONS[configuration.companion].rounds
    structures = planes.previous.shape[1]
    played = Played(slices=len(planes.images))
    for left in reversed(range(rounds)):
        features = model.encode(planes.images)
        output = _step(model, planes, features, planes.marks)
        loss, dice = slice_loss(output, soft_targets(planes.labels, structures))
        (loss.mean() / rounds).backward()
        played.loss += loss.mean().item() / rounds
        played.dice.append(dice.nanmean().item())
        masks, planes = output.probabilities().detach()[planes.across :], planes.stroked()
        if not left or not len(masks):
            break
        run = rng.random(len(masks) // SLICES) < CARRIED[-left]
        if run.any():
            chosen = torch.from_numpy(run.repeat(SLICES)).to(masks.device)
            masks = torch.where(chosen[:, None, None, None], _carried(model, planes, masks), masks)
        planes = _corrected(planes, masks, rng)
    return played


def _step(model: S2VNet, planes: Planes, features: Features, marks: Tensor | None) -> Output:
    """What ``model`` makes of ``planes`` and their ``features``; without ``marks``: of what
    ``previous`` and the features say, a run's next slice."""
    begin = model.initial_state(planes.previous.shape[1], features)
    match = features.match if marks is not None else _beside(features.match)
    recurrent = replace(begin, previous=planes.previous, has_previous=planes.known, match=match)
    return model.step(features, recurrent, marks)


def _beside(of_planes: Tensor) -> Tensor:
    """For each plane what belongs to its neighbour, [N, ...]."""
    return of_planes.unflatten(0, (-1, SLICES)).roll(1, 1).flatten(0, 1)


@torch.no_grad()
def _carried(model: S2VNet, planes: Planes, masks: Tensor) -> Tensor:
    """What a run would bring to each of ``planes``, if ``masks`` are those of all."""
    was = model.training
    model.eval()
    moved = replace(planes, previous=_beside(masks), known=torch.ones_like(planes.known))
    output = _step(model, moved, model.encode(planes.images), None)
    model.train(was)
    return output.probabilities()


def _corrected(planes: Planes, masks: Tensor, rng: np.random.Generator) -> Planes:
    """``planes`` with strokes where ``masks`` [N, K, H/2, W/2], which they hold now, are wrong."""
    structures = masks.shape[1]
    shown = strongest(masks).cpu().numpy()
    shown = shown.repeat(2, 1).repeat(2, 2)
    truth, marks = planes.labels.cpu().numpy(), planes.marks.cpu().numpy().copy()
    for n in range(len(marks)):
        one = slice(n, n + 1)
        _, drawn = correction(rng, truth[one], shown[one], marks[one], structures)
        marks[n][drawn > 0] = drawn[drawn > 0]
    known = torch.ones_like(planes.known)
    return replace(
        planes, marks=torch.from_numpy(marks).to(masks.device), previous=masks, known=known
    )
