"""A whole session with the shipped weights on a real brain MR, the ICBM 152 T1 inside nilearn."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from S2VNetSlicerLib.volumes.geometry import Geometry
from S2VNetSlicerLib.volumes.volume import Volume
from scipy.ndimage import distance_transform_edt

pytest.importorskip("nilearn", reason="nilearn is not installed")
sys.path.append(str(Path(__file__).resolve().parents[2] / "Demo"))
UP = np.array([0.0, 0.0, 1.0])
SLICES = slice(30, 66)


def template(name: str):
    """The slices of a template of nilearn around the marked one: array [k, j, i] and its geometry;
    all 189 would take longer."""
    from nilearn import datasets

    image = getattr(datasets, f"load_mni152_{name}template")(resolution=1)
    image = image.slicer[:, :, SLICES]
    array = np.ascontiguousarray(image.get_fdata(dtype=np.float32).T)
    return array, Geometry(array.shape, image.affine)


@pytest.fixture(scope="module")
def brain() -> np.ndarray:
    """Where the template's own grey and white matter are, bool [k, j, i]."""
    return template("gm_")[0] + template("wm_")[0] > 0.5


@pytest.fixture
def node(scene):
    from S2VNetSlicerLib.scene.volumes import volume_to_node

    array, geometry = template("")
    node = volume_to_node(Volume(np.rint(255 * array), geometry, "MR", name="T1"), scene)
    node.RemoveAttribute("DICOM.Modality")  # to be guessed
    return node


def mark_as_in_the_demo(presenter) -> dict[str, str]:
    from run_demo import COLOURS, HEIGHT, STROKES

    ids = {}
    for name, strokes in STROKES.items():
        negative = name == "background"
        if not negative:
            ids[name] = presenter.add_class(name, COLOURS[name])
        for stroke in strokes:
            points = np.array([(x, y, HEIGHT) for x, y in stroke])
            assert presenter.stroke(points, 1.5, UP, negative=negative), presenter.state.message
    return ids


def correct(presenter, z: int, wrong: np.ndarray, negative: bool) -> None:
    """A mark where an error of slice ``z`` is thickest."""
    j, i = np.unravel_index(np.argmax(distance_transform_edt(wrong)), wrong.shape)
    point = presenter.workspace.grid().ijk_to_ras_points(np.array([[i, j, z]], float))
    assert presenter.stroke(point, 4.0, UP, negative=negative), presenter.state.message
    presenter.wait(300)
    assert presenter.state.message == ""


def test_a_brain(shipped, node, brain, check, dice, interrupted, there_and_back, reopen, tmp_path):
    """Mark, preview, cancel, propagate, correct, accept, undo, save, reopen and go on."""
    presenter = shipped()
    assert presenter.choose_volume(node.GetID()), presenter.state.message
    assert presenter.state.modality == "MR"
    presenter.runs.configure(live=False)
    ids = mark_as_in_the_demo(presenter)
    presenter.wait(300)
    annotation, marked = presenter.annotation, presenter.state.slice
    marks = annotation.marks[marked].copy()
    preview = dice(annotation.labels[marked] > 0, brain[marked])
    assert preview > 0.85, "the marked slice at once"
    assert set(np.unique(annotation.labels)) == {0, 1, 2, 3}

    reached = interrupted(presenter, done=5)
    assert 5 <= reached < annotation.slices, "what was finished stays"
    assert (presenter.state.slice_status > 0).all()
    first = dice(annotation.labels > 0, brain)
    print(f"Dice: marked slice {preview:.3f}, volume {first:.3f}")
    assert first > 0.85, "marks on one slice of 36"
    assert np.array_equal(annotation.labels[marked][marks > 1], marks[marks > 1] - 1)

    presenter.runs.configure(live=True)
    assert presenter.go_to_worst()
    z = presenter.state.slice
    # What is not brain stem that high is cerebrum, whichever class it was given to.
    presenter.select_class(ids["cerebrum"])
    wrong = brain[z] & (annotation.labels[z] != 1)
    mistake = wrong if wrong.any() else brain[z]
    corrected = there_and_back(
        presenter, lambda: correct(presenter, z, mistake, negative=False), z - 3
    )
    second = dice(annotation.labels > 0, brain)
    print(f"after a correction of slice {z}: volume {second:.3f}")
    assert second > first - 0.01
    left = brain[z] & (annotation.labels[z] != 1)
    print(f"voxels of that slice in a wrong class: {wrong.sum()}, now {left.sum()}")
    assert left.sum() < max(wrong.sum(), 100)
    assert np.array_equal(annotation.labels[marked][marks > 1], marks[marks > 1] - 1)

    path = tmp_path / "brain.mrb"
    assert presenter.save_scene(path), presenter.state.message
    presenter.close()
    reopened = reopen(path, list(ids), corrected, z - 3)
    reopened.select_class(reopened.state.classes[0].id)
    correct(reopened, z - 6, brain[z - 6], negative=False)
    third = reopened.annotation.labels
    print(f"after one more: volume {dice(third > 0, brain):.3f}")
    assert np.array_equal(third[z - 3], corrected[z - 3]), "accepted is accepted"
    assert dice(third > 0, brain) > 0.9
    check(reopened)
