"""What is wrong with a result, by numbers alone: the kinds of failure and how many tasks show them.

The first two say how hard a structure is, the others how its voxels were lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from report import markdown
from S2VNetSlicerLib.evaluation.metrics import boundary_contrast

SMALL, INDISTINCT, LOST, GAPS, FELL = 2000, 0.5, 0.25, 1, 0.05
KINDS = {
    "small structure": f"fewer than {SMALL} voxels",
    "indistinct boundary": f"contrast to noise across the boundary below {INDISTINCT}",
    "leak": f"more than {LOST:.0%} of the result is not in the reference",
    "missed extent": f"more than {LOST:.0%} of the reference's slices lie beyond the result's ends",
    "gaps": "a slice without result between two that have it",
    "missed within slices": f"more than {LOST:.0%} of the reference is missing in slices that "
    "hold a result",
    "spoiled by marks": f"an earlier round was better by more than {FELL} Dice",
}


@dataclass(frozen=True)
class Measures:
    """Of one structure. ``contrast``: see ``boundary_contrast``; ``leak``: share of the result;
    ``extent``: share of the reference's slices; ``gaps``: single slices; ``within``: share of the
    reference; ``lost_by``: all wrong voxels divided among leak, missed extent and gaps, and
    missed within slices; ``fell``: Dice of the best round minus the last one's."""

    dice: float
    voxels: int
    contrast: float
    leak: float
    extent: float
    gaps: int
    within: float
    lost_by: tuple[float, float, float]
    fell: float

    @property
    def kinds(self) -> list[str]:
        """Those of ``KINDS`` that it shows."""
        shown = (
            self.voxels < SMALL,
            self.contrast < INDISTINCT,
            self.leak > LOST,
            self.extent > LOST,
            self.gaps >= GAPS,
            self.within > LOST,
            self.fell > FELL,
        )
        return [kind for kind, there in zip(KINDS, shown, strict=True) if there]


def measure(
    truth: np.ndarray, result: np.ndarray, image: np.ndarray, rounds: Sequence[float] = ()
) -> Measures:
    """``truth`` and ``result`` bool [slices, rows, columns], ``image`` as the network sees it,
    ``rounds`` the Dice after each of them."""
    should, there = _slices(truth), _slices(result)
    first, last = _ends(there)
    inside = np.zeros_like(should)
    inside[first:last] = True
    gap = should & ~there & inside
    single = gap[1:-1] & there[:-2] & there[2:]
    excess = int((result & ~truth).sum())
    missed = (truth & ~result).sum((1, 2))
    parts = np.array([excess, missed[~there].sum(), missed[there].sum()], float)
    return Measures(
        dice=float(2 * (truth & result).sum() / max(1, truth.sum() + result.sum())),
        voxels=int(truth.sum()),
        contrast=boundary_contrast(image, truth),
        leak=excess / max(1, int(result.sum())),
        extent=float((should & ~inside).sum() / max(1, should.sum())),
        gaps=int(single.sum()),
        within=float(missed[there].sum() / max(1, truth.sum())),
        lost_by=tuple((parts / max(1.0, parts.sum())).tolist()),
        fell=max(rounds) - rounds[-1] if rounds else 0.0,
    )


def _slices(mask: np.ndarray) -> np.ndarray:
    """Which slices hold anything."""
    return np.asarray(mask.any((1, 2)))


def _ends(there: np.ndarray) -> tuple[int, int]:
    """First slice and the one after the last, (0, 0) if none."""
    found = np.flatnonzero(there)
    return (int(found[0]), int(found[-1]) + 1) if len(found) else (0, 0)


def worst_slice(truth: np.ndarray, result: np.ndarray) -> int:
    """Where most voxels are wrong."""
    return int((truth != result).sum((1, 2)).argmax())


def kinds_table(found: Sequence[Measures]) -> str:
    """Markdown: each kind, how many tasks show it, and their Dice beside that of the others."""
    heads, lines = ["kind", "what", "tasks", "Dice with", "Dice without"], []
    for kind, what in KINDS.items():
        with_it = [m.dice for m in found if kind in m.kinds]
        without = [m.dice for m in found if kind not in m.kinds]
        count = f"{len(with_it)} of {len(found)}"
        lines.append([kind, what, count, _mean(with_it), _mean(without)])
    shares = np.mean([m.lost_by for m in found], 0)
    names = ("excess", "slices without result", "misses in slices with a result")
    said = ", ".join(f"{share:.0%} {name}" for name, share in zip(names, shares, strict=True))
    return markdown(heads, lines) + f"\nWrong voxels, mean over tasks: {said}.\n"


def _mean(values: list[float]) -> str:
    return f"{np.mean(values):.3f}" if values else ""


def worst_table(names: Sequence[str], found: Sequence[Measures]) -> str:
    """Markdown: one line a task."""
    heads = ["task", "Dice", "voxels", "contrast", "leak", "extent missed", "gaps"]
    heads += ["missed within", "fell by", "kinds"]
    lines = [
        [
            name,
            f"{m.dice:.3f}",
            m.voxels,
            f"{m.contrast:.2f}",
            f"{m.leak:.0%}",
            f"{m.extent:.0%}",
            m.gaps,
            f"{m.within:.0%}",
            f"{m.fell:.2f}",
            ", ".join(m.kinds),
        ]
        for name, m in zip(names, found, strict=True)
    ]
    return markdown(heads, lines)


def as_json(m: Measures) -> dict[str, object]:
    """All figures and the kinds."""
    return {**asdict(m), "kinds": m.kinds}
