"""Episodes drawn on the device that trains, many at once, from a file of packed cases.

A graphics card waits for processes that draw episodes one after the other. Here label maps and
volumes lie in its memory; views, synthesis and augmentation are a few operations for a whole batch.
What is drawn is of the same kind as in ``maps``, ``volumes`` and ``shapes``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from .card_images import augmented, blob, blurred, field, looked_up, near, texture
from .cases import UNKNOWN
from .configuration import TrainingConfiguration
from .maps import COARSEST, FINEST, LEAST_WIDTH
from .pack import unpack
from .rounds import Batch
from .synthesis import contrast
from .tissues import FAT, MUSCLE, Tissues
from .volumes import LEAST_PIXELS, NEAR

PAINTED, DRAWN = 0.55, 0.25
"""Share of label maps, and of volumes with a drawn structure; in others it is invented."""
PART, PIECES = 199, 200
"""Labels of a part of a structure, and the first of eight that nobody named; those of maps are
lower."""
SPARE = 1.3
"""So many more episodes are drawn than used: some show too little."""


@dataclass
class _Case:
    labels: Tensor
    image: Tensor | None
    places: np.ndarray
    spacing: np.ndarray
    known: frozenset[int] | None
    tissues: Tissues | None
    clean: np.ndarray
    """What becomes of each label: 0 of what is no body, ``PIECES`` of what nobody named."""


@dataclass
class _View:
    """A look at a case: slices ``across``, first ``z`` and ``step`` in voxels, ``centre`` and
    ``zoom`` (pixels per voxel) in the plane, ``pixel`` mm, ``lean`` pixels a slice at most."""

    case: _Case
    label: int
    across: int
    z: float
    step: float
    centre: np.ndarray
    zoom: np.ndarray
    pixel: float
    lean: float


def _loaded(arrays: dict[str, np.ndarray], facts: dict[str, Any], device: torch.device) -> _Case:
    image = torch.from_numpy(arrays["image"]).to(device) if "image" in arrays else None
    tissues, clean = None, np.arange(256, dtype=np.uint8)
    if image is None:
        group = np.full(256, -1)
        group[: len(facts["group"])] = facts["group"]
        hollow = np.zeros(256, bool)
        hollow[: len(facts["hollow"])] = facts["hollow"]
        pairs = tuple((a, b) for a, b in facts["pairs"])
        tissues = Tissues(group, np.array(facts["orders"]), pairs, hollow)
        clean[np.flatnonzero(facts["outside"])] = 0
        clean[np.flatnonzero(facts["other"])] = PIECES
    known = None if facts["known"] is None else frozenset(facts["known"])
    labels = torch.from_numpy(arrays["labels"]).to(device)
    spacing = np.array(facts["spacing"], float)
    return _Case(labels, image, arrays["places"], spacing, known, tissues, clean)


class CardSource:
    """The cases of a pack on ``device``."""

    def __init__(self, path: Path, device: torch.device) -> None:
        self.device = device
        maps: dict[str, list[_Case]] = {}
        volumes: dict[str, list[_Case]] = {}
        for name, arrays, facts in unpack(path):
            case = _loaded(arrays, facts, device)
            if len(case.places):
                kind = maps if case.image is None else volumes
                kind.setdefault(name.partition("/")[0], []).append(case)
        self.maps, self.volumes = list(maps.values()), list(volumes.values())

    def batch(self, rng: np.random.Generator, configuration: TrainingConfiguration) -> Batch:
        """As many episodes of one size as the configuration's pixels are."""
        c = configuration
        slices, side = int(rng.choice(c.slices)), int(rng.choice(c.sizes))
        structures = int(rng.choice([1, 2, 3], p=[0.55, 0.3, 0.15]))
        count = max(1, round(c.pixels / (slices * side * side)))
        return self.draw(rng, count, slices, side, structures)

    def draw(
        self, rng: np.random.Generator, count: int, slices: int, side: int, structures: int
    ) -> Batch:
        """``count`` episodes of ``structures`` unnamed structures."""
        chance = torch.Generator(self.device).manual_seed(int(rng.integers(2**62)))
        images: list[Tensor] = []
        labels: list[Tensor] = []
        while sum(map(len, labels)) < count:
            many = round(SPARE * (count - sum(map(len, labels)))) + 1
            painted = int(rng.binomial(many, PAINTED))
            if not self.volumes or not self.maps:
                painted = many if self.maps else 0
            for number, make in ((painted, self._painted), (many - painted, self._real)):
                if number:
                    image, label = make(rng, chance, number, slices, side, structures)
                    good = _visible(label, structures)
                    images.append(augmented(image[good], chance))
                    labels.append(label[good])
        order = torch.from_numpy(rng.permutation(sum(map(len, labels)))[:count]).to(self.device)
        return Batch(torch.cat(images)[order], torch.cat(labels)[order], structures)

    def _views(
        self, rng: np.random.Generator, groups: list[list[_Case]], many: int, side: int
    ) -> list[_View]:
        return [_view(rng, groups[rng.integers(len(groups))], side) for _ in range(many)]

    def _painted(
        self,
        rng: np.random.Generator,
        chance: torch.Generator,
        many: int,
        slices: int,
        side: int,
        structures: int,
    ) -> tuple[Tensor, Tensor]:
        """Images and labels [N, D, S, S] from label maps."""
        views = self._views(rng, self.maps, many, side)
        index = _sample(views, _grid(rng, chance, views, slices, side), nearest=True)
        index = looked_up(np.stack([v.case.clean for v in views]), index)
        shape = (many, slices, side, side)
        # What nobody named is split into pieces.
        piece = sum(
            (field(chance, shape, int(rng.integers(2, 14)), self.device) > 0.4).long() << bit
            for bit in range(3)
        )
        index = torch.where(index == PIECES, PIECES + piece, index)
        seeds = np.array([v.label for v in views])
        parted = np.where(rng.random(many) < 0.25, seeds, -1)
        part = field(chance, shape, int(rng.integers(4, 16)), self.device)
        inside = index == torch.from_numpy(parted).to(self.device).view(-1, 1, 1, 1)
        index = torch.where(inside & (part > 0.2), PART, index)
        wanted = np.where((parted >= 0) & (rng.random(many) < 0.7), PART, seeds)
        labels = self._chosen(rng, index, wanted, structures)
        looks = []
        for view in views:
            tissues = view.case.tissues
            assert tissues is not None
            group = tissues.group.copy()
            if (view.case.clean[:PIECES] == PIECES).any():
                group[PIECES : PIECES + 8] = rng.choice([FAT, MUSCLE, -1], 8)
            known = Tissues(group, tissues.orders, tissues.pairs, tissues.hollow)
            looks.append(np.stack(contrast(rng, 256, known)))
        mean, deviation = np.stack(looks, 1)
        rough = looked_up(deviation, index) * texture(rng, chance, shape, self.device)
        image = looked_up(mean, index) + rough
        return blurred(image, rng.uniform(0.3, 1.1)), labels

    def _chosen(
        self, rng: np.random.Generator, index: Tensor, wanted: np.ndarray, structures: int
    ) -> Tensor:
        """Labels 0..structures: ``wanted`` [N] first, then others (or unions) that show."""
        n, d = index.shape[:2]
        flat = index.view(n * d, -1)
        counts = torch.zeros(n * d, 256, device=self.device)
        counts.scatter_add_(1, flat, counts.new_ones(1, 1).expand_as(flat))
        shown = (counts.view(n, d, 256).amax(1) >= LEAST_PIXELS).cpu().numpy()
        shown[:, PIECES:] = shown[:, 0] = False
        lut = np.zeros((n, 256), np.uint8)
        for row, (table, first) in enumerate(zip(lut, wanted, strict=True)):
            rest = rng.permutation(np.flatnonzero(shown[row]))
            pool = [int(first), *(int(i) for i in rest if i != first)]
            for k in range(1, structures + 1):
                take = 1 if rng.random() < 0.7 else 3
                table[pool[:take]] = k
                pool = pool[take:]
        return looked_up(lut, index).to(torch.uint8)

    def _real(
        self,
        rng: np.random.Generator,
        chance: torch.Generator,
        many: int,
        slices: int,
        side: int,
        structures: int,
    ) -> tuple[Tensor, Tensor]:
        """Images and labels [N, D, S, S] of volumes: their drawn structures, or invented ones."""
        views = self._views(rng, self.volumes, many, side)
        grid = _grid(rng, chance, views, slices, side)
        image = _sample(views, grid, nearest=False)
        truth = _sample(views, grid, nearest=True)
        smooth = _sample(views, grid, nearest=False, alone=True) > 0.5
        labels = torch.zeros_like(truth, dtype=torch.uint8)
        for n, view in enumerate(views):
            if rng.random() >= DRAWN / (1 - PAINTED):
                continue
            labels[n][smooth[n]] = 1
            if view.case.known is not None:
                listed = torch.tensor(sorted(view.case.known), device=self.device)
                free = (labels[n] == 0) & ~torch.isin(truth[n], listed)
                reach = int(NEAR / 1.5 / view.pixel)
                labels[n][free & ~near(labels[n] == 1, reach)] = UNKNOWN
        drawn = (labels == 1).flatten(1).any(1)
        for k in range(1, structures + 1):
            inside = blob(rng, chance, tuple(image.shape), self.device)
            inside &= (labels == 0) & (~drawn.view(-1, 1, 1, 1) | torch.tensor(k > 1))
            labels[inside] = k
            size = inside.sum((1, 2, 3), keepdim=True).clamp(min=1)
            there = (image * inside).sum((1, 2, 3), keepdim=True) / size
            shift = torch.from_numpy(rng.uniform(25, 110, (many, 1, 1, 1))).to(image)
            # Away from the end of the scale, where nothing would be seen.
            up = torch.from_numpy(rng.normal(127, 50, (many, 1, 1, 1))).to(image) > there
            gain = torch.from_numpy(rng.uniform(0.2, 1.2, (many, 1, 1, 1))).to(image)
            painted = there + torch.where(up, shift, -shift) + gain * (image - there)
            image = torch.where(inside, painted, image)
        return blurred(image, 0.4), labels


def _view(rng: np.random.Generator, group: list[_Case], side: int) -> _View:
    """A label that is a few pixels wide in the view, or fills it; all labels alike."""
    case = group[rng.integers(len(group))]
    label = rng.choice(np.unique(case.places[:, 0]))
    own = case.places[case.places[:, 0] == label]
    _, across, z, y, x, area = own[rng.integers(len(own))]
    across = int(across)
    spacing = np.delete(case.spacing, across)
    extent = np.delete(case.labels.shape, across) * spacing
    width = 1.13 * np.sqrt(area)
    aim = np.exp(rng.uniform(np.log(LEAST_WIDTH + 1), np.log(0.8 * side)))
    coarsest = max(FINEST, min(COARSEST, 1.3 * extent.max() / side, width / LEAST_WIDTH))
    pixel = float(np.clip(width / aim, FINEST, coarsest))
    room = np.clip(0.5 - 0.5 * width / pixel / side, 0.06, 0.35)
    centre = np.array([y, x]) + rng.uniform(-1, 1, 2) * room * side * pixel / spacing
    step = max(1.0, np.exp(rng.uniform(np.log(0.7), np.log(6))) / case.spacing[across])
    lean = min(width / pixel, side / 16) if rng.random() < 0.3 else 0.0
    return _View(case, int(label), across, float(z), step, centre, spacing / pixel, pixel, lean)


def _grid(
    rng: np.random.Generator,
    chance: torch.Generator,
    views: list[_View],
    slices: int,
    side: int,
) -> tuple[Tensor, Tensor, Tensor]:
    """Slice [N, D], row and column [N, D, S, S] in voxels where pixels of ``views`` come from."""
    device, many = chance.device, len(views)
    steps = torch.arange(side, device=device) - (side - 1) / 2
    at = torch.stack(torch.meshgrid(steps, steps, indexing="ij"))[None, None]
    cells = int(rng.integers(2, 7))
    strength = torch.from_numpy(rng.random(many) * 0.05 * side * 3 / (cells + 1)).to(device)
    coarse = torch.randn(many, 2, cells + 2, cells + 2, generator=chance, device=device)
    bent = F.interpolate(coarse, size=(side, side), mode="bicubic", align_corners=False)
    walk = np.cumsum(rng.normal(0, 0.005 * side, (many, slices, 2)) * (rng.random() < 0.5), 1)
    leans = np.array([v.lean for v in views])[:, None, None] * rng.uniform(-1, 1, (many, 1, 2))
    shift = walk + leans * (np.arange(slices) - (slices - 1) / 2)[None, :, None]
    moved = at + (strength.view(-1, 1, 1, 1) * bent)[:, None].float()
    moved = moved + torch.from_numpy(shift).to(device).float()[..., None, None]
    angle = rng.uniform(-1, 1, many) * np.where(rng.random(many) < 0.3, np.pi, 0.4)
    cos, sin = np.cos(angle), np.sin(angle)
    turn = np.stack([np.stack([cos, -sin], 1), np.stack([sin, cos], 1)], 1)
    turn = turn * np.exp(rng.normal(0, 0.12, (many, 1, 2)))
    turn = turn * rng.choice([-1, 1], (many, 1, 2), p=[0.3, 0.7])
    turn = turn / np.stack([v.zoom for v in views])[:, :, None]
    centre = np.stack([v.centre for v in views])
    matrix = torch.from_numpy(turn).to(device).float()
    place = torch.einsum("nij,ndjhw->ndihw", matrix, moved)
    place = place + torch.from_numpy(centre).to(device).float()[:, None, :, None, None]
    first = np.array([v.z for v in views]) - rng.integers(0, slices, many) * [v.step for v in views]
    z = first[:, None] + np.arange(slices) * np.array([v.step for v in views])[:, None]
    backwards = rng.random(many) < 0.5
    z[backwards] = z[backwards, ::-1]
    return torch.from_numpy(z).to(device), place[:, :, 0], place[:, :, 1]


def _sample(
    views: list[_View], grid: tuple[Tensor, Tensor, Tensor], nearest: bool, alone: bool = False
) -> Tensor:
    """Labels (int64), image (float32), or the share of the view's label ``alone`` (float32),
    [N, D, S, S] at a grid; 0 outside."""
    found = []
    for n, view in enumerate(views):
        source = view.case.labels if nearest or alone else view.case.image
        assert source is not None
        planes = source.movedim(view.across, 0)
        z = grid[0][n].round().long().clamp(0, len(planes) - 1)
        planes, rows, columns = planes[z], grid[1][n], grid[2][n]
        planes = planes == view.label if alone else planes
        h, w = planes.shape[1:]
        # F.grid_sample wants x before y, from -1 to 1 over the outer edges.
        at = torch.stack([(2 * columns + 1) / w - 1, (2 * rows + 1) / h - 1], -1)
        kind = "nearest" if nearest else "bilinear"
        seen = F.grid_sample(planes[:, None].float(), at, kind, "zeros", align_corners=False)
        found.append(seen[:, 0])
    sampled = torch.stack(found)
    return sampled.round().long() if nearest else sampled


def _visible(labels: Tensor, structures: int) -> Tensor:
    """Numbers of the episodes [N, D, S, S] in which every structure is wide enough somewhere."""
    good = torch.ones(len(labels), dtype=torch.bool, device=labels.device)
    for k in range(1, structures + 1):
        good &= (labels == k).sum((2, 3)).amax(1) >= LEAST_PIXELS
    return torch.nonzero(good)[:, 0]
