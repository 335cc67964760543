"""The classifier that is fitted to the marks: it learns what they say, and only that."""

from __future__ import annotations

import pytest
import torch
from S2VNetSlicerLib.network.online_classifier import (
    fit_online_classifier,
    gather_online_samples,
    n_online_weights,
    online_logits,
)
from S2VNetSlicerLib.network.settings import OnlineClassifierSettings
from strokes import SIDE, STROKES, strokes

HOW = OnlineClassifierSettings()


@pytest.fixture
def scene(make_network):
    """Features of a slice whose right half is bright, and the cells of that half."""
    model = make_network()
    rng = torch.Generator().manual_seed(3)
    image = 60 + 10 * torch.randn(1, SIDE, SIDE, generator=rng)
    image[:, :, SIDE // 2 :] += 120
    bright = torch.zeros(SIDE // 4, SIDE // 4, dtype=torch.bool)
    bright[:, SIDE // 8 :] = True
    return model, model.encode(image), bright


def nothing(k: int = 1) -> torch.Tensor:
    """Logits of a network that knows nothing."""
    return torch.full((1, k, SIDE // 2, SIDE // 2), -2.0)


def test_two_strokes_tell_bright_from_dark_everywhere(scene):
    model, features, bright = scene
    evidence = gather_online_samples(features, nothing(), strokes(*STROKES))
    weights = fit_online_classifier(evidence)
    assert weights.shape == (1, n_online_weights(model.configuration))
    logits = online_logits(features, weights[None])[0, 0]
    middle = (logits[bright].mean() + logits[~bright].mean()) / 2
    assert logits[bright].mean() > logits[~bright].mean() + 1
    assert (logits > middle).eq(bright).float().mean() > 0.95


def test_nothing_is_learned_where_the_network_agrees_with_the_marks(scene):
    _, features, bright = scene
    right = torch.where(bright, 8.0, -8.0).repeat_interleave(2, 0).repeat_interleave(2, 1)
    weights = fit_online_classifier(
        gather_online_samples(features, right[None, None], strokes(*STROKES))
    )
    assert online_logits(features, weights[None]).abs().max() < 0.2


def test_another_class_is_a_rival(scene):
    """Marks of one of two classes push the other away, as the background's do."""
    _, features, bright = scene
    marks = strokes((3, slice(8, 24), slice(4, 12)), (2, slice(8, 24), slice(44, 52)))
    weights = fit_online_classifier(gather_online_samples(features, nothing(2), marks))
    first, second = online_logits(features, weights[None])[0]
    assert first[bright].mean() > first[~bright].mean() + 1
    assert second[~bright].mean() > second[bright].mean() + 1


def test_cells_where_classes_meet_say_nothing_and_large_marks_are_thinned(scene):
    _, features, _ = scene
    marks = strokes((1, slice(0, SIDE), slice(0, 30)), (2, slice(0, SIDE), slice(30, 34)))
    (evidence,) = gather_online_samples(features, nothing(), marks)
    targets = evidence.y[: evidence.marked, 0]
    # Column 7 of cells holds both; the stroke of the structure fills column 8 alone.
    assert int((targets == 1).sum()) == SIDE // 4
    assert int((targets == 0).sum()) == 7 * SIDE // 4 <= HOW.max_marked
    assert len(evidence.weight) - evidence.marked <= HOW.max_unmarked
    assert (evidence.weight[: evidence.marked] == 1).all()
    assert (evidence.weight[evidence.marked :] == HOW.unmarked_weight).all()
    whole = strokes((2, slice(0, SIDE), slice(0, SIDE)))
    assert gather_online_samples(features, nothing(), whole)[0].marked == min(HOW.max_marked, 256)


def test_no_evidence_outweighs_the_network(scene):
    model, features, _ = scene
    weights = torch.full((1, 1, n_online_weights(model.configuration)), 1e6)
    assert online_logits(features, weights).abs().max() <= HOW.max_logit
    assert not online_logits(features, torch.zeros_like(weights)).any()
