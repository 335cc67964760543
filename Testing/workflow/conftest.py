"""What the tests of the workflow share: a real scene, a small volume, a presenter on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from S2VNetSlicerLib.network.weights import default_weights
from S2VNetSlicerLib.volumes.geometry import Geometry
from S2VNetSlicerLib.volumes.volume import Volume
from scipy.spatial.transform import Rotation

SHAPE = (12, 48, 64)
_APPLICATIONS: list[Any] = []


@pytest.fixture
def scene():
    pytest.importorskip("slicer", reason="slicer-core is not installed")
    from S2VNetSlicerLib.scene.application import HeadlessApplication

    # VTK aborts when an application goes before the last node that a failed test still holds.
    if not _APPLICATIONS:
        _APPLICATIONS.append(HeadlessApplication())
    _APPLICATIONS[0].scene.Clear(1)
    return _APPLICATIONS[0].scene


@pytest.fixture
def volume() -> Volume:
    """An oblique MR with two bright balls."""
    array = np.random.default_rng(1).normal(100, 20, SHAPE)
    z, y, x = np.indices(SHAPE)
    for row, column in ((20, 30), (36, 52)):
        array[(y - row) ** 2 + (x - column) ** 2 + (3 * (z - 5)) ** 2 < 130] += 100
    affine = np.eye(4)
    rotation = Rotation.from_euler("xyz", [10, -15, 30], degrees=True).as_matrix()
    affine[:3, :3] = rotation @ np.diag([0.9, 0.9, 3.0])
    affine[:3, 3] = 12.5, -40.25, 7
    return Volume(array.astype(np.int16), Geometry(SHAPE, affine), "MR", name="knee")


@pytest.fixture
def node(volume, scene):
    from S2VNetSlicerLib.scene.volumes import volume_to_node

    return volume_to_node(volume, scene)


@pytest.fixture
def weights(save_network, tmp_path, small_slices):
    """A file with a small network that uses every class."""
    small_slices(64)  # taken as it is, to be fast
    card = {"name": "small network", "commit": "abc"}
    return save_network(tmp_path / "small.safetensors", card)


@pytest.fixture
def build(scene):
    """Builds presenters; they are closed in the end."""
    from S2VNetSlicerLib.workflow.presenter import Presenter

    made = []

    def make(**options: Any) -> Presenter:
        made.append(Presenter(scene, **options))
        return made[-1]

    yield make
    for presenter in made:
        presenter.close()


@pytest.fixture
def make_presenter(weights, build):
    """Builds presenters that make one slice a tick."""

    def make(synchronous: bool = True, **options: Any) -> Any:
        presenter = build(weights=weights, synchronous=synchronous, **options)
        # An untrained network's masks are anywhere, its classes everywhere.
        settings = presenter.session.settings
        presenter.session.use(replace(settings, growth=None, max_empty_slices=None))
        return presenter

    return make


@pytest.fixture
def shipped(build):
    """Builds presenters with the shipped weights and a worker thread."""
    if not default_weights().is_file():
        pytest.skip("no weights are shipped")
    return build


@pytest.fixture
def presenter(make_presenter, node):
    """Has chosen the volume; nothing is marked yet."""
    made = make_presenter()
    assert made.choose_volume(node.GetID()), made.state.message
    return made


@pytest.fixture
def draw(volume) -> Callable[..., bool]:
    """Strokes along voxels (row, column) of slice z, seen along the slices' axis."""

    def stroke(presenter: Any, z: int, *points: tuple[int, int], **options: Any) -> bool:
        grid = presenter.workspace.grid()
        world = grid.ijk_to_ras_points(np.array([(c, r, z) for r, c in points], float))
        normal = grid.ijk_to_ras[:3, 2] / np.linalg.norm(grid.ijk_to_ras[:3, 2])
        done = presenter.stroke(world, options.pop("radius", 1.5), normal, **options)
        assert done, presenter.state.message
        return done

    return stroke


@pytest.fixture
def begin(draw):
    """Two classes marked on slice 5, background too; nothing has run. Returns the class ids."""

    def mark(presenter: Any, live: bool = False) -> tuple[str, str]:
        presenter.runs.configure(live=False)
        ids = presenter.add_class("femur"), presenter.add_class("tibia")
        presenter.select_class(ids[0])
        draw(presenter, 5, (18, 28), (22, 32))
        presenter.select_class(ids[1])
        draw(presenter, 5, (34, 50), (38, 54))
        draw(presenter, 5, (5, 5), (5, 60), negative=True)
        presenter.wait()
        presenter.runs.configure(live=live)
        return ids

    return mark


@pytest.fixture
def check():
    """Whether scene and annotation agree, voxel by voxel."""
    from S2VNetSlicerLib.scene.marks import segment_mask

    def agree(presenter: Any) -> None:
        annotation, mirror = presenter.annotation, presenter.workspace.mirror
        marks = annotation.marks_volume()
        for n, structure in enumerate(annotation.structures, 1):
            shown = segment_mask(mirror.volume_node, mirror.node, structure.id)
            assert np.array_equal(shown, annotation.labels == n), structure.name
            if mirror.marks_node is not None:
                segments = mirror.marks_node.GetSegmentation()
                if segments.GetSegment(structure.id) is None:
                    assert not (marks == n + 1).any()
                else:
                    shown = segment_mask(mirror.volume_node, mirror.marks_node, structure.id)
                    assert np.array_equal(shown, marks == n + 1), structure.name
        here = np.where(marks > 0, marks - np.uint8(1), annotation.labels)
        for z in annotation.marks:
            if annotation.slice_status[z] == 1 or annotation.pending:
                continue
            assert np.array_equal(np.moveaxis(here, annotation.axis, 0)[z], annotation.slice(z)), (
                "marks are obeyed"
            )

    return agree


@pytest.fixture
def edit():
    """Replaces a segment's voxels as an editor does at the end of a stroke."""
    from S2VNetSlicerLib.scene.marks import oriented_image
    from S2VNetSlicerLib.scene.volumes import local_geometry
    from slicer import vtkSlicerSegmentationsModuleLogic as Logic

    def replace_voxels(volume_node: Any, segmentation: Any, segment: str, mask: Any) -> None:
        image = oriented_image(mask.astype(np.uint8), local_geometry(volume_node))
        assert Logic.SetBinaryLabelmapToSegment(image, segmentation, segment, Logic.MODE_REPLACE)

    return replace_voxels


@pytest.fixture
def dice() -> Callable[[np.ndarray, np.ndarray], float]:
    return lambda a, b: 2 * (a & b).sum() / max(a.sum() + b.sum(), 1)


@pytest.fixture
def interrupted(check):
    """Propagates, cancels after ``done`` slices and goes on to the end; how many were kept."""

    def run(presenter: Any, done: int) -> int:
        presenter.propagate()
        while presenter.state.done < done and presenter.state.busy:
            presenter.tick()
        presenter.cancel()
        presenter.wait(300)
        check(presenter)
        kept = int((presenter.state.slice_status > 0).sum())
        presenter.propagate()
        presenter.wait(300)
        assert presenter.state.message == ""
        check(presenter)
        return kept

    return run


@pytest.fixture
def there_and_back(check):
    """Corrects, accepts slice ``z``, undoes both and does both again; the corrected labels."""

    def run(presenter: Any, correct: Callable[[], Any], z: int) -> np.ndarray:
        annotation = presenter.annotation
        before, marked = annotation.labels.copy(), sorted(annotation.marks)
        correct()
        corrected = annotation.labels.copy()
        assert presenter.accept(z)
        for _ in range(2):
            assert presenter.undo()
        assert np.array_equal(annotation.labels, before)
        assert sorted(annotation.marks) == marked
        for _ in range(2):
            assert presenter.redo()
        assert np.array_equal(annotation.labels, corrected)
        assert presenter.state.slice_status[z] == 3
        check(presenter)
        return corrected

    return run


@pytest.fixture
def reopen(scene, shipped, check):
    """A new presenter on a saved scene; classes, labels and the accepted slice are as given."""

    def load(path: Path, names: list[str], labels: np.ndarray, accepted: int) -> Any:
        scene.Clear(0)
        assert scene.ReadFromMRB(str(path), True, None)
        reopened = shipped()
        assert reopened.resume(), reopened.state.message
        assert [row.name for row in reopened.state.classes] == names
        assert np.array_equal(reopened.annotation.labels, labels)
        assert reopened.state.slice_status[accepted] == 3
        check(reopened)
        return reopened

    return load


@pytest.fixture(params=[True, False], ids=["by hand", "process"])
def running(request, make_presenter, node, begin):
    """A presenter in mid-run, some slices written."""
    presenter = make_presenter(request.param)
    assert presenter.choose_volume(node.GetID())
    begin(presenter)
    presenter.propagate()
    while not (presenter.state.slice_status > 0).sum() > 2:
        presenter.tick()
        assert presenter.state.busy or not request.param
    return presenter
