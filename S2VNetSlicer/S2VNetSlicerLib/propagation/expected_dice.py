"""How sure a session is: the expected Dice of its masks."""

from __future__ import annotations

from torch import Tensor

from .settings import ConfidenceSettings

DEFAULT = ConfidenceSettings()


def expected_dice(
    masks: Tensor, judged: Tensor, away: Tensor, settings: ConfidenceSettings = DEFAULT
) -> Tensor:
    """Expected Dice [K] of the ``masks`` [K, h, w] (0..1) of a slice.

    ``judged`` [K] is what the network expects of its own step. It does not know that passes
    disagree or fade: then their fused mask is blurred, and has little overlap with what it shows
    (> 0.5).
    Nor does it know how far it drifted: ``away`` [K] mm from the nearest prompted slice.
    """
    shown = (masks > 0.5).to(masks)
    both = (masks * shown).sum((1, 2))
    total = (masks + shown).sum((1, 2))
    clear = 2 * both / total.clamp(min=1)
    c, near = settings, (-away / settings.decay_mm).exp()
    found = c.offset + c.judged * judged + c.clear * clear + c.near * near
    return found.clamp(0, 1)
