"""Label maps become images: any label at any scale, named tissues as CT and MR show them."""

import sys
from pathlib import Path

import numpy as np
import pytest
from S2VNetSlicerLib.training import maps
from S2VNetSlicerLib.training.cases import Case
from S2VNetSlicerLib.training.maps import LabelMapSource, Legend
from S2VNetSlicerLib.training.prepare import predefined_classes, prepare_dataset
from S2VNetSlicerLib.training.spatial import Warp, random_grid
from S2VNetSlicerLib.training.synthesis import contrast
from S2VNetSlicerLib.training.tissues import AIR, FAT, MUSCLE, named_tissues

sys.path.insert(0, str(Path(__file__).parent))
import tiny_data


@pytest.fixture(scope="module")
def torso(tmp_path_factory: pytest.TempPathFactory) -> Case:
    root = tmp_path_factory.mktemp("torso")
    (folder,) = prepare_dataset(tiny_data.torsos(root), root / "cache")
    return Case(folder)


def widths(torso: Case, draws: int) -> np.ndarray:
    """Equivalent diameters, in pixels, of the structure that was asked for."""
    source, rng = LabelMapSource([torso]), np.random.default_rng(0)
    found = [source.sample(rng, 6, 96, 1) for _ in range(draws)]
    areas = [(labels == 1).sum((1, 2)).max() for _, labels in filter(None, found)]
    assert len(areas) > draws / 3
    return 1.13 * np.sqrt(areas)


def test_structures_are_a_few_pixels_wide_or_fill_the_slice(torso: Case) -> None:
    wide = widths(torso, 80)
    assert 3 <= wide.min() < 8
    assert (wide < 16).mean() > 0.1
    assert (wide > 40).mean() > 0.1


def test_every_named_label_is_asked_for_and_nothing_else(torso: Case) -> None:
    legend = Legend.of(torso)
    ids = np.array(torso.meta["ids"])
    assert set(ids[legend.other]) == {118}
    assert set(ids[legend.outside]) == {0, 119}
    rng, seeds = np.random.default_rng(1), []
    taken = maps._wanted
    for _ in range(60):
        index = np.arange(len(ids), dtype=np.uint8).repeat(16).reshape(1, len(ids) * 4, 4)
        first = int(rng.choice(np.flatnonzero(~(legend.other | legend.outside))))
        lut = taken(rng, index, legend, first, 1)
        assert lut is not None
        assert lut[first] == 1
        seeds += ids[lut == 1].tolist()
    assert set(seeds) == {3, 4, 9}


def test_without_a_label_for_the_rest_of_the_body_nothing_is_that(tmp_path: Path) -> None:
    names = {"Brain": 1, "Spinal-Cord": 2}
    tiny_data.describe(tmp_path / "Dataset005_Necks", "none", names)
    block = np.zeros((8, 30, 30), np.uint8)
    block[:, 4:14, 4:14], block[:, 20:25, 20:25] = 1, 2
    tiny_data.write(tmp_path / "Dataset005_Necks" / "labelsTr" / "a.nii.gz", block)
    (folder,) = prepare_dataset(tmp_path / "Dataset005_Necks", tmp_path / "cache")
    legend = Legend.of(Case(folder))
    assert legend.other.tolist() == [True, False, False]
    assert not legend.outside.any()
    index, more = maps.varied(np.random.default_rng(0), Case(folder).labels, legend)
    assert len(np.unique(index[block[:, 4:25, 4:25] == 0])) > 1, "it is not one grey"
    assert set(np.unique(index[block[:, 4:25, 4:25] == 1])) == {1}
    assert len(more.other) == len(more.tissues.group) == len(more.outside)
    assert predefined_classes(tmp_path) == tuple(names), "no heads with FreeSurfer's numbers"


def test_parts_lie_within_their_label(torso: Case) -> None:
    legend, index = Legend.of(torso), np.asarray(torso.labels)
    lung = torso.meta["ids"].index(3)
    for seed in range(8):
        part, more, wanted = maps.parted(np.random.default_rng(seed), index, legend, lung, 1)
        number = len(legend.other)
        assert wanted in (lung, number)
        assert len(more.tissues.group) == number + 1
        inside = part == number
        assert 0.1 < inside.sum() / (index == lung).sum() < 0.9
        assert (index[inside] == lung).all()
        np.testing.assert_array_equal(part[~inside], index[~inside])


def test_tissues_know_names() -> None:
    names = ["", "kidney_left", "kidney_right", "rib_left_7", "rib_right_7", "Parotid-Lt"]
    names += ["Parotid-Rt", "urinary_bladder", "colon", "vertebrae_L1", "something"]
    tissues = named_tissues(names)
    assert tissues.pairs == ((1, 2), (3, 4), (5, 6))
    assert np.flatnonzero(tissues.hollow).tolist() == [7, 8]
    assert tissues.group[3] == tissues.group[9] >= 0
    assert tissues.group[[0, 10]].tolist() == [-1, -1]
    ct = tissues.orders[0]
    assert ct[AIR] < ct[FAT] < ct[tissues.group[7]] < ct[MUSCLE] < ct[tissues.group[3]]


def test_every_shared_label_of_a_torso_has_a_tissue() -> None:
    names = ["aorta", "iliac_vena_left", "portal_vein_and_splenic_vein", "inferior_vena_cava"]
    names += ["autochthon_left", "spinal_cord", "costal_cartilages", "heart", "skull", "brain"]
    assert (named_tissues(names).group >= 0).all()


def test_hollow_organs_hold_air_or_fluid_or_contrast() -> None:
    tissues = named_tissues(["", "stomach", "liver"])
    seen = [contrast(np.random.default_rng(s), 3, tissues)[0][1] for s in range(120)]
    assert np.mean(np.less(seen, 25)) > 0.1
    assert np.mean(np.greater(seen, 230)) > 0.1


def test_an_oblique_course_shifts_every_slice_alike() -> None:
    warp = Warp(rotation=0, stretch=0, elastic=0, drift=0, flips=False, lean=6)
    shifts = []
    for seed in range(40):
        rows, columns = random_grid(np.random.default_rng(seed), 5, 16, (8, 8), (1, 1), warp)
        if len(rows) > 1:
            steps = np.stack([np.diff(a[:, 0, 0]) for a in (rows, columns)])
            assert np.ptp(steps, 1).max() < 1e-4
            shifts.append(np.abs(steps).max())
    assert 8 < len(shifts) < 30
    assert max(shifts) <= 6.001
