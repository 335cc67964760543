"""Episodes are valid, varied, repeatable from a seed, and whole heads are never mirrored."""

import json
import pickle
import sys
from pathlib import Path

import numpy as np
import pytest
from S2VNetSlicerLib.errors import UserError
from S2VNetSlicerLib.training import brain_classes, shapes
from S2VNetSlicerLib.training.cases import first_slice, mirrored
from S2VNetSlicerLib.training.episodes import Episode, EpisodeSampler, EpisodeSettings
from S2VNetSlicerLib.training.prepare import prepare_dataset
from S2VNetSlicerLib.training.volumes import smoothed

sys.path.insert(0, str(Path(__file__).parent))
import tiny_data

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
CLASS_OF_ID = {number: i for i, number in enumerate(brain_classes.FREESURFER_IDS.values())}
KINDS = ("drawn", "supervoxels", "heads", "maps", "shapes")


def only(cache: Path, kind: str) -> EpisodeSampler:
    return EpisodeSampler(cache, EpisodeSettings(**{k: float(k == kind) for k in KINDS}))


def check(episode: Episode, slices: int, size: int, structures: int) -> None:
    assert episode.image.shape == episode.labels.shape == (slices, size, size)
    assert episode.image.dtype == np.float32
    assert episode.labels.dtype == np.uint8
    assert np.isfinite(episode.image).all()
    assert 0 <= episode.image.min() < episode.image.max() <= 255
    assert episode.structures == structures
    assert episode.labels.max() <= structures
    for k in range(1, structures + 1):
        assert (episode.labels == k).sum((1, 2)).max() >= 9
    assert episode.image.flags["C_CONTIGUOUS"]
    assert episode.labels.flags["C_CONTIGUOUS"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("slices", "size", "structures"), [(8, 96, 1), (6, 64, 2), (12, 96, 3)])
def test_episodes_are_valid(cache, kind: str, slices: int, size: int, structures: int) -> None:
    sampler = only(cache, kind)
    rng = np.random.default_rng(slices)
    found = [sampler.sample(rng, slices, size, structures) for _ in range(6)]
    for episode in found:
        check(episode, slices, size, structures)
        assert episode.structures == structures
    assert kind in {e.source for e in found}, "the fallback is an exception"


def test_the_same_seed_gives_the_same_episodes(cache) -> None:
    for kind in KINDS:
        one, two = (only(cache, kind).sample(np.random.default_rng(5), 6, 64, 2) for _ in "ab")
        np.testing.assert_array_equal(one.image, two.image)
        np.testing.assert_array_equal(one.labels, two.labels)
    other = only(cache, "heads").sample(np.random.default_rng(6), 6, 64, 2)
    again = only(cache, "heads").sample(np.random.default_rng(5), 6, 64, 2)
    assert (other.image != again.image).any()


def test_a_sampler_travels_to_another_process(cache) -> None:
    sampler = EpisodeSampler(cache)
    sampler.sample(np.random.default_rng(0), 6, 64, 1)
    data = pickle.dumps(sampler)
    assert len(data) < 20_000, "opened arrays stay behind"
    for seed in range(3):
        one, two = (
            s.sample(np.random.default_rng(seed), 6, 64, 1) for s in (sampler, pickle.loads(data))
        )
        np.testing.assert_array_equal(one.image, two.image)


def test_sources_are_mixed_as_set(cache) -> None:
    rng = np.random.default_rng(0)
    sampler = EpisodeSampler(cache)
    drawn = [sampler._source(rng) for _ in range(2000)]
    for kind in KINDS:
        share = getattr(EpisodeSettings(), kind)
        assert drawn.count(kind) / len(drawn) == pytest.approx(share, abs=0.05)


def test_missing_sources_drop_out(tmp_path: Path) -> None:
    prepare_dataset(tiny_data.heads(tmp_path), tmp_path / "cache")
    sampler = EpisodeSampler(tmp_path / "cache")
    rng = np.random.default_rng(0)
    assert {sampler._source(rng) for _ in range(100)} == {"heads", "shapes"}
    check(sampler.sample(rng, 4, 64, 1), 4, 64, 1)


def test_an_empty_cache_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no prepared case"):
        EpisodeSampler(tmp_path)


def test_structures_often_start_or_end_in_the_block(cache) -> None:
    for kind in ("heads", "maps", "shapes"):
        rng = np.random.default_rng(1)
        episodes = [only(cache, kind).sample(rng, 8, 64, 1) for _ in range(30)]
        ends = [((e.labels == 1).sum((1, 2)) == 0).any() for e in episodes]
        assert 0.2 < np.mean(ends) < 0.95, kind


def test_sizes_vary(cache) -> None:
    rng = np.random.default_rng(2)
    sampler = only(cache, "supervoxels")
    share = [
        np.sqrt((sampler.sample(rng, 6, 96, 1).labels == 1).sum((1, 2)).max()) / 96
        for _ in range(30)
    ]
    assert min(share) < 0.15
    assert max(share) > 0.4


def test_drawn_labels_match_the_image(cache) -> None:
    """In the CT the tumour is brighter than its surroundings, unless the image was inverted."""
    sampler = only(cache, "drawn")
    agree = 0
    for seed in range(20):
        e = sampler.sample(np.random.default_rng(seed), 8, 96, 1)
        inside = e.image[e.labels == 1]
        agree += inside.std() < 0.8 * e.image.std()
    assert agree >= 17


def test_whole_heads(cache) -> None:
    sampler = EpisodeSampler(cache)
    rng = np.random.default_rng(3)
    seen = set()
    for _ in range(25):
        episode = sampler.sample_automatic(rng, 6, 96)
        assert episode.image.shape == episode.labels.shape == (6, 96, 96)
        assert episode.image.dtype == np.float32
        assert 0 <= episode.image.min() < episode.image.max() <= 255
        assert episode.structures == 32
        seen |= set(np.unique(episode.labels).tolist()) - {0}
    names = {brain_classes.NAMES[label - 1] for label in seen}
    assert {"left_cerebral_cortex", "right_cerebral_cortex", "brain_stem"} <= names
    inside = {CLASS_OF_ID[i] + 1 for i in tiny_data.HEAD_IDS if i < 500}
    assert seen <= inside


def test_left_stays_left(cache) -> None:
    """Columns run from right to left in axial and coronal slices, always."""
    sampler = EpisodeSampler(cache, EpisodeSettings(coronal=0.5))
    rng = np.random.default_rng(4)
    pairs = 0
    sides = [CLASS_OF_ID[i] + 1 for i in (2, 41)]
    for _ in range(60):
        labels = sampler.sample_automatic(rng, 6, 96).labels
        if all((labels == side).sum() >= 60 for side in sides):
            left, right = (np.nonzero(labels == side)[2].mean() for side in sides)
            assert left > right + 5
            pairs += 1
    assert pairs >= 20


def test_heads_are_needed_for_whole_heads(tmp_path: Path) -> None:
    prepare_dataset(tiny_data.volumes(tmp_path, cases=1), tmp_path / "cache")
    with pytest.raises(UserError, match="labels all 32 classes"):
        EpisodeSampler(tmp_path / "cache").sample_automatic(np.random.default_rng(0))


def test_the_classes_are_those_measured() -> None:
    assert len(brain_classes.NAMES) == 32
    assert len(set(brain_classes.FREESURFER_IDS.values())) == 32


def test_the_classes_agree_with_the_benchmark() -> None:
    path = SHARED / "Dataset110_BrainT1" / "dataset.json"
    if not path.is_file():
        pytest.skip(f"{path} is absent")
    meta = json.loads(path.read_text())
    assert meta["freesurfer_ids"] == brain_classes.FREESURFER_IDS
    assert list(meta["freesurfer_ids"]) == list(brain_classes.NAMES)
    assert [meta["labels"][n] for n in brain_classes.NAMES] == list(range(1, 33))


def test_invented_shapes_have_unlabelled_lookalikes() -> None:
    for seed in range(20):
        rng = np.random.default_rng(seed)
        labels, parts, count = shapes.invent(rng, (6, 64, 64), 2)
        assert labels.max() <= 2 < count
        np.testing.assert_array_equal(labels, np.where(parts <= 2, parts, 0))
        image = shapes.paint(rng, parts, count, 2)
        assert image.shape == labels.shape
        assert image.dtype == np.float32
    kinds = [shapes.shape(np.random.default_rng(s), (8, 64, 64)) for s in range(60)]
    areas = np.array([k.sum((1, 2)) for k in kinds])
    assert ((areas == 0).any(1) & (areas > 0).any(1)).mean() > 0.3, "many start or end inside"


def test_blocks_of_slices() -> None:
    np.testing.assert_array_equal(mirrored(np.arange(7), 4), [0, 1, 2, 3, 2, 1, 0])
    np.testing.assert_array_equal(mirrored(np.arange(3), 1), [0, 0, 0])
    rng = np.random.default_rng(0)
    for low, high, reach, n in [(3, 20, 8, 30), (0, 2, 8, 30), (0, 40, 8, 40), (5, 6, 8, 6)]:
        firsts = [first_slice(rng, low, high, reach, n) for _ in range(200)]
        assert min(firsts) >= 0
        assert max(firsts) <= max(0, n - reach)
        assert all(f < high and f + reach > low for f in firsts), "the structure is met"


def test_votes_remove_specks() -> None:
    labels = np.zeros((2, 20, 20), np.uint8)
    labels[:, 5:15, 5:15] = 2
    labels[0, 10, 10] = 0
    labels[1, 2, 2] = 1
    seen = smoothed(labels, 1)
    assert seen[0, 10, 10] == 2
    assert seen[1, 2, 2] == 0
    assert (seen[:, 6:14, 6:14] == 2).all()
    np.testing.assert_array_equal(smoothed(labels, 0), labels)
