"""Where only some structures were drawn, nobody is taught that the others are background."""

import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from S2VNetSlicerLib.errors import UserError
from S2VNetSlicerLib.training.annotator import correction, first_marks
from S2VNetSlicerLib.training.cases import ANYTHING, UNKNOWN, Case
from S2VNetSlicerLib.training.episodes import EpisodeSampler, EpisodeSettings
from S2VNetSlicerLib.training.losses import PartialLabels, mask_loss, soft_targets
from S2VNetSlicerLib.training.planes import line_marks
from S2VNetSlicerLib.training.prepare import prepare_dataset
from S2VNetSlicerLib.training.volumes import NEAR, unknown

sys.path.insert(0, str(Path(__file__).parent))
import tiny_data

DRAWN = EpisodeSettings(drawn=1, supervoxels=0, heads=0, maps=0, shapes=0)


@pytest.fixture(scope="module")
def necks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Caches of one case each."""
    root = tmp_path_factory.mktemp("necks")
    found = prepare_dataset(tiny_data.necks(root), root / "all")
    caches = {}
    for folder in found:
        caches[folder.name] = root / folder.name
        (root / folder.name / "Dataset006_Necks").mkdir(parents=True)
        folder.rename(root / folder.name / "Dataset006_Necks" / folder.name)
    return caches


def case_of(cache: Path) -> Case:
    (meta,) = cache.glob("*/*/meta.json")
    return Case(meta.parent)


def test_a_case_tells_what_was_looked_for(necks) -> None:
    assert case_of(necks["neck_0"]).known == {1, 2, 3, 4}
    assert case_of(necks["neck_1"]).known == {1, 2}
    assert case_of(necks["neck_1"]).open_ends == {1: (True, True), 2: (False, False)}


def test_a_list_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    dataset = tiny_data.necks(tmp_path)
    tiny_data.describe(dataset, "CT", tiny_data.NECK, known={"neck_0": ["Cord"]})
    with pytest.raises(UserError, match="does not tell what was drawn in neck_1"):
        prepare_dataset(dataset, tmp_path / "cache")
    tiny_data.describe(dataset, "CT", tiny_data.NECK, known={"neck_0": ["Tongue"]})
    with pytest.raises(UserError, match="lists 'Tongue' for neck_0"):
        prepare_dataset(dataset, tmp_path / "cache")


def test_background_is_what_was_looked_for_or_lies_near() -> None:
    truth = np.zeros((6, 10, 80), np.int32)
    truth[:4, 4:6, 4:6] = 1
    truth[:, 4:6, 60:64] = 2
    truth[:, 4:6, 12:14] = 7
    wanted = (truth == 1).astype(np.uint8)
    beyond = np.arange(6)[:, None, None] >= 4
    found = unknown(wanted, truth, frozenset({1, 2}), (2.0, 1.0, 1.0), beyond)
    assert not found[wanted > 0].any()
    assert not found[truth == 2].any(), "was looked for: no other structure"
    assert found[truth == 7].all(), "was not listed"
    free = truth == 0
    assert not found[:4, :, :8][free[:4, :, :8]].any(), "near the structure"
    far = int(6 + NEAR + 1)
    assert found[:4, :, far:][free[:4, :, far:]].all()
    assert found[4:][free[4:]].all(), "where nobody drew it further"


@pytest.mark.parametrize("name", ["neck_0", "neck_1", "neck_2"])
def test_no_episode_teaches_an_unlisted_structure_as_background(necks, name: str) -> None:
    case = case_of(necks[name])
    sampler = EpisodeSampler(necks[name], DRAWN)
    rng = np.random.default_rng(1)
    shares, cut = [], 0
    for _ in range(25):
        episode = sampler.sample(rng, 6, 96, 1)
        assert episode.source == "drawn"
        unsure = episode.labels == UNKNOWN
        shares.append(unsure.mean())
        shown = (episode.labels == 1).any((1, 2))
        if unsure[~shown].all((1, 2)).any():
            cut += 1
        for _ in range(3):
            z = int((episode.labels == 1).sum((1, 2)).argmax())
            assert not first_marks(rng, episode.labels[z], 1)[unsure[z]].any()
            wrong = np.where(rng.random(episode.labels.shape) < 0.5, 1, 0).astype(np.uint8)
            z, marks = correction(rng, episode.labels, wrong, np.zeros_like(wrong), 1)
            assert not marks[unsure[z]].any()
    assert np.mean(shares) > 0.1
    assert cut or case.known == {1, 2, 3, 4} or name != "neck_1"


def test_an_unlisted_label_is_never_background(necks) -> None:
    """Seen through a structure's own eyes: where the third case shows a larynx."""
    case = case_of(necks["neck_2"])
    larynx = np.asarray(case.labels) == 4
    assert larynx.any()
    source = EpisodeSampler(necks["neck_2"], DRAWN).volumes
    assert source is not None
    rng = np.random.default_rng(0)
    drawn = case.regions[case.regions["level"] == 255]
    z = np.arange(len(case.labels))
    rows, columns = (slice(0, n) for n in case.labels.shape[1:])
    for seed in drawn[np.isin(drawn["id"], [1, 2])]:
        labels = source._wanted(rng, case, seed, (z, rows, columns), 1, 0)
        assert labels is not None
        assert (labels[larynx] == 2).all(), "structures + 1 stands for what is unknown"
        assert (labels[np.asarray(case.labels) == seed["id"]] == 1).all()


def test_other_axes_know_where_drawing_ended(necks) -> None:
    case = case_of(necks["neck_1"])
    source = EpisodeSampler(necks["neck_1"], DRAWN).volumes
    assert source is not None
    (seed,) = (row for row in case.regions if row["level"] == 255 and row["id"] == 1)
    n, h, w = case.labels.shape
    rng = np.random.default_rng(0)
    labels = source._wanted(rng, case, seed, (np.arange(h), slice(0, n), slice(0, w)), 1, 1)
    assert labels is not None
    beyond = np.r_[: seed["low"][0], seed["high"][0] : n]
    listed = np.moveaxis(np.asarray(case.labels), 1, 0)[:, beyond] > 0
    assert ((labels[:, beyond] == 2) | listed).all()


def test_automatic_episodes_tell_what_nobody_drew(necks, monkeypatch) -> None:
    monkeypatch.setattr("S2VNetSlicerLib.training.labelled.augment", lambda image, _: image)
    names = tuple(tiny_data.NECK)
    for name, drawn in (
        ("neck_0", [1, 1, 1, 1]),
        ("neck_1", [1, 1, 0, 0]),
        ("neck_2", [1, 1, 0, 0]),
    ):
        sampler = EpisodeSampler(necks[name], DRAWN, names)
        rng = np.random.default_rng(2)
        episodes = [sampler.sample_automatic(rng, 1, 96) for _ in range(30)]
        assert all(e.drawn.tolist() == drawn for e in episodes)
        # Beyond the volume there is nothing to see.
        found = np.concatenate([e.labels[e.image > 100] for e in episodes])
        own = {n for n, here in enumerate(drawn, 1) if here}
        rest = {0} if all(drawn) else {UNKNOWN}
        assert set(np.unique(found)) == own | rest | {ANYTHING}, name


def test_a_drawn_structure_may_go_on_near_its_end_only(necks) -> None:
    """In slices beyond, places far from where drawing ended are none of it."""
    case = case_of(necks["neck_1"])
    (cord,) = (row for row in case.regions if row["level"] == 255 and row["id"] == 1)
    low, high, n = int(cord["low"][0]), int(cord["high"][0]), len(case.labels)
    found = case.continued({1, 2}, 0, n)
    assert not found[low:high].any()
    middle = np.argwhere(np.asarray(case.labels[low]) == 1).mean(0).round().astype(int)
    assert found[:low, *middle].all()
    assert found[high:, *middle].all()
    area = found.sum((1, 2))
    assert area[low - 1] < area[0] < 0.5 * found[0].size, "it may lean"
    assert area[high] < area[-1]
    assert np.array_equal(case.continued({1}, high, n), found[high:]), "the ball ended"
    assert not case.continued({2}, 0, n).any()


def test_the_unknown_is_none_of_what_was_drawn() -> None:
    """Where one of two structures was drawn: not the first one; background or the second."""
    logits = torch.zeros(1, 3, 8, 8)
    target = torch.zeros(1, 3, 8, 8)
    target[:, 0, :, :4] = 1
    unknown = 1 - target.sum(1)
    partial = PartialLabels(unknown, torch.tensor([[True, False]]))

    def loss(number: int) -> float:
        guess = logits.clone()
        guess[:, 0, :, :4] = 9
        guess[:, number, :, 4:] = 9
        return float(mask_loss(guess, target, partial))

    assert loss(0) == pytest.approx(loss(2), abs=1e-4)
    assert loss(1) > loss(0) + 1
    partial = PartialLabels(unknown, torch.tensor([[False, False]]))
    assert loss(1) == pytest.approx(loss(0), abs=1e-4), "nothing was drawn"
    coarse = PartialLabels(unknown, partial.drawn).pooled((4, 4))
    assert coarse.unknown[0, :, :2].max() == 0
    assert coarse.unknown[0, :, 2:].min() == 1


def test_the_loss_is_the_same_whatever_is_said_of_the_unknown() -> None:
    torch.manual_seed(0)
    labels = torch.randint(0, 3, (2, 16, 16), dtype=torch.uint8)
    labels[:, :, 8:] = UNKNOWN
    target = soft_targets(labels, 2)
    assert target.shape == (2, 3, 8, 8)
    assert (target.sum(1)[:, :, :4] == 1).all()
    assert not target[..., 4:].any()
    logits = torch.randn(2, 3, 8, 8)
    other = logits.clone()
    other[..., 4:] = 10 * torch.randn(2, 3, 8, 4)
    torch.testing.assert_close(mask_loss(logits, target), mask_loss(other, target))
    half = mask_loss(logits[..., :4], target[..., :4])
    torch.testing.assert_close(mask_loss(logits, target), half)


def test_lines_across_slices_mark_nothing_unknown() -> None:
    truth = np.zeros((64, 64), np.uint8)
    truth[:, 20:40] = 1
    truth[:, 40:] = UNKNOWN
    for seed in range(10):
        marks = line_marks(np.random.default_rng(seed), truth, np.array([10, 40]))
        assert set(np.unique(marks)) <= {0, 1, 2}
        assert not marks[:, 46:].any()
