from __future__ import annotations

from itertools import permutations

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from S2VNetSlicerLib.library.learned import Orientation
from S2VNetSlicerLib.network.configuration import NetworkConfiguration
from S2VNetSlicerLib.network.semantic_head import BodyPart
from S2VNetSlicerLib.propagation.automatic import (
    AnatomicalOrientation,
    AutomaticRun,
    mirrored,
    presence_confidence,
)
from S2VNetSlicerLib.propagation.components import remove_crumbs
from S2VNetSlicerLib.propagation.settings import AutomaticSettings
from scipy import ndimage

WINDOW = (0.0, 255.0)
SHAPE = (40, 48, 56)  # bottom to top, front to back, right to left
"""Turned to the way in which classes are learned: LPS, as SimpleITK would give it."""


class Halves:
    """In place of a head: class 0 is bright tissue on the left, class 1 on the right."""

    def __init__(self, symmetric: bool = False) -> None:
        self.classes = ("left_half", "right_half")
        self.configuration = NetworkConfiguration(classes=self.classes, symmetric=symmetric)
        self.seen: list[torch.Tensor] = []

    def see(self, slices: torch.Tensor) -> torch.Tensor:
        self.seen.append(slices)
        bright = torch.nn.functional.avg_pool2d(slices[:, None], 2)[:, 0] > 100
        left = torch.arange(bright.shape[2]) >= bright.shape[2] / 2
        return 20.0 * torch.stack([~bright, bright & left, bright & ~left], 1)

    def __call__(self, slices: torch.Tensor) -> tuple[torch.Tensor, list[torch.Tensor]]:
        return self.see(slices), []

    @property
    def parts(self) -> list[BodyPart]:
        return [BodyPart("", self, (1, 2))]


def _head() -> np.ndarray:
    image = np.full(SHAPE, 60, np.float32)
    image[10:30, 12:36, 8:48] = 200
    return image


def _find(image: np.ndarray, axes, grows, spacing=(1.0, 1.0, 1.0), classes=(0, 1), **options):
    model, anatomy = Halves(**options), AnatomicalOrientation(axes, grows, spacing)
    run = AutomaticRun(classes, model.parts, image, WINDOW, anatomy, (0, len(image) - 1))
    done = list(run.run(torch.device("cpu")))
    return run, done, model


def test_left_is_left_whichever_way_the_volume_lies():
    """RAS, LPS, sagittal or upside down: the same voxels get the same class."""
    expected = np.zeros(SHAPE, np.uint8)
    expected[10:30, 12:36, 28:48] = 1
    expected[10:30, 12:36, 8:28] = 2
    for order in permutations(range(3)):
        for flips in ((1, 1, 1), (-1, 1, -1), (1, -1, -1), (-1, -1, 1)):
            turn = tuple(slice(None, None, flip) for flip in flips)
            image, wanted = (a[turn].transpose(order) for a in (_head(), expected))
            # The array's axes run up, to the back and to the left before they are turned.
            axes = [(2, 1, 0)[place] for place in order]
            grows = [(flips[place] > 0) == (place == 0) for place in order]
            run, done, _ = _find(image, axes, grows)
            found = np.stack([run.labels(z) for z in range(len(image))])
            assert (found == wanted).mean() > 0.97, (order, flips)
            assert sorted(set(done)) == list(range(len(image)))
            assert done[-len(image) :] == sorted(done[-len(image) :], reverse=done[-1] == 0)


@settings(max_examples=60, deadline=None)
@given(
    st.permutations(range(3)),
    st.tuples(*[st.booleans()] * 3),
    st.tuples(*[st.sampled_from([0.5, 1.0, 4.0])] * 3),
)
def test_turning_back_is_exact(axes, grows, spacing):
    array = np.arange(3 * 4 * 5).reshape(3, 4, 5)
    anatomy = AnatomicalOrientation(axes, grows, spacing)
    turned = anatomy.turn(array)
    out = np.zeros_like(array)
    anatomy.turn(out)[...] = turned
    assert np.array_equal(out, array)
    assert sorted(anatomy.spacing) == sorted(spacing)
    along = [axes[place] for place in anatomy.order]
    assert along[2] == 0
    assert along[0] in (1, 2)


def test_thick_coronal_slices_are_read_as_they_are():
    orientation = Orientation((1, 2, 0), (True, True, True))
    thick = AnatomicalOrientation(orientation.axes, orientation.grows, (4.0, 1.0, 1.0))
    assert thick.order == [0, 1, 2]
    assert AnatomicalOrientation(orientation.axes, orientation.grows, (1.2, 1.0, 1.0)).order == [
        1,
        0,
        2,
    ]


def test_what_is_not_wanted_and_what_is_not_there():
    run, _, _ = _find(_head(), (2, 1, 0), (True, False, False), classes=(-1, 1))
    labels = np.stack([run.labels(z) for z in range(40)])
    assert set(np.unique(labels)) == {0, 2}
    assert run.wanted == {1}
    assert np.isnan(run.confidence[:, 0]).all()
    assert (run.confidence[12:28, 1] > 0.9).all()
    assert (run.confidence[:8, 1] == 0).all()


def test_nothing_is_found_in_air():
    """A network that has only seen heads sees one in black slices, too."""
    image = np.zeros(SHAPE, np.float32)
    image[10:30, 12:36, 8:48] = 200

    class Everywhere(Halves):
        def __call__(self, slices: torch.Tensor) -> tuple[torch.Tensor, list[torch.Tensor]]:
            return 20.0 * (torch.ones_like(self.see(slices)).cumsum(1) == 2), []

    model = Everywhere()
    anatomy = AnatomicalOrientation((2, 1, 0), (True, False, False), (1.0, 1.0, 1.0))
    how = AutomaticSettings(min_view_mm=0)
    run = AutomaticRun((0, 1), model.parts, image, WINDOW, anatomy, (0, len(image) - 1), how)
    for _ in run.run(torch.device("cpu")):
        pass
    found = np.array([run.labels(z).any() for z in range(len(image))])
    assert found.tolist() == image.any((1, 2)).tolist()


def test_a_volume_of_air_shows_nothing():
    image = np.zeros(SHAPE, np.float32)
    run, done, model = _find(image, (2, 1, 0), (True, False, False))
    assert set(done) == set(range(len(image)))
    assert not run.everywhere[0].any()
    anatomy = AnatomicalOrientation((2, 1, 0), (True, False, False), (1.0, 1.0, 1.0))
    assert presence_confidence(model, image, WINDOW, anatomy, torch.device("cpu")) == 0


def test_heads_are_seen_at_the_size_they_were_learned_at():
    image = np.zeros((4, 200, 220), np.float32)
    image[:, 50:150, 60:160] = 150
    _, _, model = _find(image, (2, 1, 0), (True, False, False), spacing=(4.0, 1.0, 1.0))
    assert {tuple(seen.shape[1:]) for seen in model.seen} == {(192, 192)}
    assert all((seen > 100).float().mean() > 0.5 for seen in model.seen)


def test_a_symmetric_body_is_recognised_in_a_mirror_as_well():
    axes, grows = (2, 1, 0), (True, False, False)
    alone, _, once = _find(_head(), axes, grows)
    both, _, twice = _find(_head(), axes, grows, symmetric=True)
    assert len(twice.seen) == 2 * len(once.seen)
    assert torch.equal(twice.seen[1], twice.seen[0].flip(2))
    assert np.mean(both._labels == alone._labels) > 0.99, "left is not taken for right"
    names = ("left_kidney", "liver", "right_kidney", "left_eye")
    assert mirrored(names) == [2, 1, 0, 3]


def test_thin_slices_are_read_every_2_mm_in_two_ways_that_agree():
    """What is in doubt in axial slices is decided by coronal ones."""
    image = _head()

    class Doubtful(Halves):
        def __call__(self, slices: torch.Tensor) -> tuple[torch.Tensor, list[torch.Tensor]]:
            logits = self.see(slices)
            axial = slices.shape[1] > slices.shape[2] * 0.8
            return (0.02 * logits.flip(1) if axial else logits), []

    model = Doubtful()
    anatomy = AnatomicalOrientation((2, 1, 0), (True, False, False), (1.0, 1.0, 1.0))
    how = AutomaticSettings(min_view_mm=0)
    run = AutomaticRun((0, 1), model.parts, image, WINDOW, anatomy, (0, len(image) - 1), how)
    for _ in run.run(torch.device("cpu")):
        pass
    shapes = [tuple(seen.shape[1:]) for seen in model.seen for _ in seen]
    axial = [shape for shape in shapes if shape[0] > shape[1] * 0.8]
    assert 0 < len(axial) < len(shapes)
    assert len(axial) == len(image) // 2
    assert ((run.everywhere[0] > 0) == (image > 100)).mean() > 0.97


def test_of_several_parts_of_the_body_the_surest_has_a_voxel():
    """One knows halves and is sure at the left alone, the other knows only the whole."""

    class Left(Halves):
        def see(self, slices: torch.Tensor) -> torch.Tensor:
            logits = super().see(slices)
            return torch.stack([logits[:, 0], logits[:, 1], 0.1 * logits[:, 2]], 1)

    class Whole(Halves):
        def see(self, slices: torch.Tensor) -> torch.Tensor:
            nothing, left, right = super().see(slices).unbind(1)
            return 0.1 * torch.stack([nothing, left + right], 1)

    parts = [BodyPart("", Left(), (1, 2)), BodyPart("torso", Whole(), (3,))]
    anatomy = AnatomicalOrientation((2, 1, 0), (True, False, False), (1.0, 1.0, 1.0))
    image = _head()
    run = AutomaticRun((2, 0, 1), parts, image, WINDOW, anatomy, (0, len(image) - 1))
    assert set(run.run(torch.device("cpu"))) == set(range(len(image)))
    labels = run.everywhere[0][20, 14:34]
    assert (labels[:, 32:46] == 2).mean() > 0.9, "both see it, the half is surer"
    assert (labels[:, 10:26] == 1).mean() > 0.9


def test_a_thin_slab_is_read_one_way():
    """Its coronal slices are narrow bands, such as no network has learned from."""
    shapes = {}
    for thickness in (1.0, 3.0):
        image = _head()
        _, _, model = _find(image, (2, 1, 0), (True, False, False), spacing=(thickness, 3.0, 3.0))
        shapes[thickness] = {tuple(seen.shape[1:]) for seen in model.seen}
    assert len(shapes[1.0]) == 1, "40 mm"
    assert len(shapes[3.0]) == 2, "120 mm"


def test_crumbs_beside_a_structure_are_not_found():
    """A piece a tenth as large as the largest stays: there are two lungs in a class of lungs."""
    image = _head()
    image[2:4, 2:6, 20:24] = 200
    labels = {}
    for pieces in (0.1, 0.0):
        settings = AutomaticSettings(min_component=pieces)
        anatomy = AnatomicalOrientation((2, 1, 0), (True, False, False), (1.0, 1.0, 1.0))
        about = Halves().parts, image, WINDOW, anatomy, (0, len(image) - 1), settings
        run = AutomaticRun((0, 1), *about)
        yielded = list(run.run(torch.device("cpu")))
        labels[pieces] = run.everywhere[0].copy()
        assert np.array_equal(run.labels(yielded[-1]), labels[pieces][yielded[-1]])
    assert labels[0.0][2:4, 2:6].any()
    assert not labels[0.1][2:4, 2:6].any()
    assert np.array_equal(labels[0.0][8:], labels[0.1][8:])


@given(st.integers(0, 2**32 - 1), st.floats(0, 1))
@settings(max_examples=40, deadline=None)
def test_only_small_components_are_crumbs(seed, share):
    rng = np.random.default_rng(seed)
    labels = (rng.random((4, 9, 9)) < 0.4).astype(np.uint8) * rng.integers(
        1, 3, (4, 9, 9), np.uint8
    )
    before = labels.copy()
    changed = remove_crumbs(labels, share)
    assert changed == set(np.flatnonzero((labels != before).any((1, 2))).tolist())
    for number in (1, 2):
        found, count = ndimage.label(before == number)
        sizes = np.bincount(found.ravel(), minlength=count + 1)
        for piece in range(1, count + 1):
            kept = (labels[found == piece] == number).all()
            assert kept == (sizes[piece] >= share * sizes[1:].max())
            assert kept or not labels[found == piece].any()
