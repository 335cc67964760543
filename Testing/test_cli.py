"""The command line: files in, files out; whatever is wrong is one sentence and exit code 2."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
import torch
from S2VNetSlicerLib.network.weights import load_model
from S2VNetSlicerLib.propagation import records
from S2VNetSlicerLib.propagation import session as session_module
from S2VNetSlicerLib.propagation.records import SliceStatus
from S2VNetSlicerLib.propagation.session import Session
from S2VNetSlicerLib.segmenting import audit, likely_axis, segment
from S2VNetSlicerLib.volumes.reading import read_seeds, read_volume

SHAPE, SPACING = (6, 32, 40), (2.5, 1.0, 1.0)
MARKED = 2


@pytest.fixture(autouse=True)
def _small_and_on_one_thread(monkeypatch, small_slices):
    small_slices(40)
    anywhere = partial(records.SessionSettings, growth=None)  # untrained masks jump
    for module in (records, session_module):
        monkeypatch.setattr(module, "SessionSettings", anywhere)


def read(path: Path) -> np.ndarray:
    return sitk.GetArrayFromImage(sitk.ReadImage(str(path)))


@pytest.fixture
def files(tmp_path, save_network, write) -> dict[str, Path]:
    """An image, marks on slice 2, and weights."""
    image = np.random.default_rng(1).normal(200, 40, SHAPE).astype(np.int16)
    seeds = np.zeros(SHAPE, np.uint8)
    seeds[MARKED, 3:6, 3:9] = 1
    seeds[MARKED, 12:16, 14:20] = 2
    seeds[MARKED, 22:26, 25:31] = 3
    card = {"name": "tiny", "commit": "abc"}
    weights = save_network(tmp_path / "tiny.safetensors", card)
    return {
        "image": write(tmp_path / "image.nii.gz", image),
        "seeds": write(tmp_path / "seeds.nii.gz", seeds),
        "weights": weights,
        "output": tmp_path / "result.nii.gz",
    }


@pytest.fixture
def s2vnet(files, call) -> Callable[..., tuple[int, str, str]]:
    """Runs the command ``segment`` with changed or added options: exit code, stdout, stderr."""

    def run(*more: str, **changes: Any) -> tuple[int, str, str]:
        paths = {**files, **changes}
        named = ((f"--{name}", paths[name]) for name in ("seeds", "output", "weights"))
        return call("segment", paths["image"], *more, *chain(*named))

    return run


def one_sentence(result: tuple[int, str, str], *words: object) -> None:
    """Exit code 2, and nothing but one line that says ``words`` after the modality."""
    code, out, err = result
    lines = [line for line in err.splitlines() if line and not line.startswith("image.nii.gz: ")]
    shown = [line for line in lines if line.startswith("Error: ")]
    assert code == 2, err
    assert out == ""
    assert len(shown) == 1
    assert shown[0] == lines[-1]
    assert shown[0].endswith(".")
    assert "Traceback" not in err
    for word in words:
        assert str(word) in shown[0], shown[0]


# ---- segment -------------------------------------------------------------------------------------


def test_segment_writes_labels_on_the_grid_of_the_image_and_reports(s2vnet, files):
    code, _, err = s2vnet()
    assert code == 0, err
    result = sitk.ReadImage(str(files["output"]))
    image = sitk.ReadImage(str(files["image"]))
    assert result.GetSpacing() == pytest.approx(image.GetSpacing())
    assert result.GetOrigin() == pytest.approx(image.GetOrigin())
    labels, seeds = sitk.GetArrayFromImage(result), read(files["seeds"])
    assert labels.dtype == np.uint8
    assert np.array_equal(labels[seeds > 0], seeds[seeds > 0] - 1)
    assert labels[[0, 1, 3, 4, 5]].any()
    assert "image.nii.gz: MR (" in err
    assert "structure 2" in err
    assert " at " in err  # the lowest confidence and its slice
    assert f"wrote {files['output']}" in err


@pytest.fixture
def unmarked(files, call) -> Callable[..., tuple[int, str, str]]:
    """Runs the command ``segment`` without --seeds."""
    named = ("--output", files["output"], "--weights", files["weights"])
    return partial(call, "segment", files["image"], *named)


def test_without_marks_the_classes_of_the_weights_are_segmented(files, save_network, unmarked):
    save_network(files["weights"], {}, classes=("spleen", "liver"))
    code, _, err = unmarked("--auto", "--classes", "liver")
    assert code == 0, err
    assert "liver" in err
    assert "spleen" not in err
    assert read(files["output"]).max() <= 1
    code, _, err = unmarked("--auto", "--classes", "lung")
    assert code == 2
    assert "lung" in err
    assert "the weights know spleen, liver" in err


def test_classes_that_the_volume_does_not_show_are_named_not_drawn(files, save_network, unmarked):
    card = {"recogniser": {"least_confidence": 1.0}}
    save_network(files["weights"], card, classes=("spleen", "liver"))
    code, _, err = unmarked("--auto")
    assert code == 0, err
    assert "Not found in image.nii.gz: spleen, liver." in err
    assert not read(files["output"]).any()


def test_what_to_segment_must_be_said_once(s2vnet, files, unmarked):
    for code, _, err in (s2vnet("--auto"), unmarked()):
        assert code == 2
        assert "either --seeds with marks or --auto" in err
    assert not files["output"].exists()


@pytest.mark.parametrize("suffix", [".nii.gz", ".nii", ".nrrd", ".mha"])
def test_every_label_map_format(s2vnet, files, tmp_path, suffix):
    assert s2vnet()[0] == 0
    output = tmp_path / f"other{suffix}"
    assert s2vnet(output=output)[0] == 0
    assert np.array_equal(read(output), read(files["output"]))


def test_the_command_does_what_the_session_does(s2vnet, files):
    assert s2vnet("--no-across")[0] == 0
    alone = read(files["output"])
    assert s2vnet()[0] == 0
    model, _ = load_model(files["weights"])
    volume = read_volume(files["image"])
    session = Session(model, volume.array, SPACING, "MR", 2)
    session.mark(MARKED, read(files["seeds"])[MARKED])
    assert list(session.propagate()) != []
    assert np.array_equal(alone, session.labels)
    assert list(session.refine_across_planes()) != []
    assert np.array_equal(read(files["output"]), session.labels)


def test_what_the_weights_know_is_looked_for_first(s2vnet, monkeypatch):
    asked = []
    monkeypatch.setattr(Session, "recognise", lambda *about: iter(asked.append(about) or [asked]))
    assert s2vnet()[0] == 0
    assert s2vnet("--no-names")[0] == 0
    (session, card, axes, grows), (silent, *_) = asked
    assert session.settings.recognise
    assert not silent.settings.recognise
    assert card["name"] == "tiny"
    assert sorted(axes) == [0, 1, 2]
    assert len(grows) == 3


def test_seeds_from_markups(s2vnet, files, tmp_path):
    """Points in RAS at voxels (i, j, k); ITK's origin is in LPS."""

    def markup(name: str, i: int, j: int) -> dict[str, Any]:
        lps = [5 + i, -7 + j, 11 + 2.5 * MARKED]
        point = {"id": "1", "position": [-lps[0], -lps[1], lps[2]], "label": f"{name}-1"}
        return {
            "type": "Fiducial",
            "name": name,
            "coordinateSystem": "RAS",
            "controlPoints": [point],
        }

    content = {"markups": [markup("liver", 16, 14), markup("spleen", 28, 24), markup("bg", 5, 4)]}
    seeds = tmp_path / "marks.mrk.json"
    seeds.write_text(json.dumps(content))
    code, _, err = s2vnet(seeds=seeds)
    assert code == 0, err
    labels = read(files["output"])
    assert labels[MARKED, 14, 16] == 1
    assert labels[MARKED, 24, 28] == 2
    assert labels[MARKED, 4, 5] == 0
    assert "liver" in err
    assert "spleen" in err


def test_accepted_slices_are_kept_voxel_for_voxel(s2vnet, files, tmp_path, write, monkeypatch):
    seeds = read(files["seeds"])
    done = np.random.default_rng(4).integers(1, 4, SHAPE[1:]).astype(np.uint8)
    seeds[4] = done
    marks = write(tmp_path / "accepted.nii.gz", seeds)
    assert s2vnet("--accept", "4", seeds=marks)[0] == 0
    assert np.array_equal(read(files["output"])[4], done - 1)
    monkeypatch.setattr("S2VNetSlicerLib.segmenting.Session", None)  # nothing is computed
    one_sentence(s2vnet("--accept", "5", seeds=marks), "Slice 5", "--accept")
    one_sentence(s2vnet("--accept", "60", seeds=marks), "Slice 60")


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_axis(s2vnet, files, monkeypatch, axis):
    axes = []
    start = Session.__init__

    def note(self: Session, *arguments: Any, **options: Any) -> None:
        axes.append(options["axis"])
        start(self, *arguments, **options)

    monkeypatch.setattr(Session, "__init__", note)
    code, _, err = s2vnet("--axis", str(axis))
    assert code == 0, err
    assert axes == [axis]
    seeds = read(files["seeds"])
    assert np.array_equal(read(files["output"])[seeds > 0], seeds[seeds > 0] - 1)


def test_the_axis_of_the_marks_is_found():
    for axis in range(3):
        seeds = np.zeros((20, 20, 20), np.uint8)
        np.moveaxis(seeds, axis, 0)[[3, 9], 4:9, 4:9] = 2
        assert likely_axis(seeds, (1, 1, 1)) == axis
    point = np.zeros((20, 20, 20), np.uint8)
    point[4, 5, 6] = 2
    assert likely_axis(point, (1, 5, 1)) == 1


# ---- what can be wrong ---------------------------------------------------------------------------


def test_missing_files(s2vnet, tmp_path):
    for name in ("image", "seeds", "weights"):
        path = tmp_path / f"none.{'safetensors' if name == 'weights' else 'nii.gz'}"
        one_sentence(s2vnet(**{name: path}), path)


def test_damaged_files(s2vnet, files, tmp_path):
    for name in ("image", "seeds", "weights"):
        whole = files[name].read_bytes()
        path = tmp_path / f"cut-{files[name].name}"
        path.write_bytes(whole[: len(whole) // 2])
        one_sentence(s2vnet(**{name: path}), path)


def test_marks_that_do_not_fit(s2vnet, files, tmp_path, write):
    one_sentence(s2vnet(seeds=write(tmp_path / "a.nii", np.ones((6, 32, 32), np.uint8))), "a.nii")
    one_sentence(s2vnet(seeds=write(tmp_path / "b.nii", np.zeros(SHAPE, np.uint8))), "no marks")
    one_sentence(s2vnet(seeds=write(tmp_path / "c.nii", np.ones(SHAPE, np.uint8))), "background")


def test_options_that_mean_nothing(s2vnet, files, tmp_path):
    one_sentence(s2vnet("--modality", "PET"), "PET", "CT or MR")
    one_sentence(s2vnet("--device", "tpu"), "tpu", "cpu")
    one_sentence(s2vnet(output=tmp_path / "result.jpg"), "result.jpg", ".nii.gz")
    one_sentence(s2vnet(output=tmp_path / "none" / "result.nrrd"), "result.nrrd", "folder")
    code, _, err = s2vnet("--axis", "3")
    assert code == 2
    assert "--axis" in err


def test_a_device_that_is_not_there(s2vnet, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    one_sentence(s2vnet("--device", "cuda"), "cuda is not available")


def test_nothing_is_computed_when_the_result_cannot_be_written(s2vnet, tmp_path, monkeypatch):
    monkeypatch.setattr(Session, "__init__", lambda *a, **k: pytest.fail("computed in vain"))
    (tmp_path / "folder.nrrd").mkdir()
    one_sentence(s2vnet(output=tmp_path / "folder.nrrd"), "folder.nrrd")


def test_a_failed_write_leaves_the_old_result(s2vnet, files, monkeypatch):
    files["output"].write_bytes(b"old")
    before = sorted(files["output"].parent.iterdir())

    def fail(path: Path, *about: object) -> None:
        path.write_bytes(b"half")
        raise RuntimeError("disk full")

    monkeypatch.setattr("S2VNetSlicerLib.volumes.writing.write_nifti", fail)
    one_sentence(s2vnet(), files["output"], "cannot be written: disk full")
    assert files["output"].read_bytes() == b"old"
    assert sorted(files["output"].parent.iterdir()) == before


def test_names_with_brackets_and_colons_are_no_markup(s2vnet, files, tmp_path):
    """Rich would swallow [b] and stumble over [/]."""
    folder = tmp_path / "[b]scan[" / "]:smile:"
    folder.mkdir(parents=True)
    one_sentence(s2vnet(image=folder / "none.nii"), folder / "none.nii")
    image = folder / "[red]image.nii.gz"
    image.write_bytes(files["image"].read_bytes())
    code, _, err = s2vnet(image=image, output=folder / "out.nrrd")
    assert code == 0, err
    assert "[red]image.nii.gz: MR" in err
    assert str(folder / "out.nrrd") in err


# ---- interruption --------------------------------------------------------------------------------


def test_an_interrupted_run_writes_the_finished_slices(s2vnet, files, monkeypatch):
    assert s2vnet("--no-across")[0] == 0
    whole = read(files["output"])
    propagate = Session.propagate
    done = []

    def interrupted(self: Session, *limits: int) -> Any:
        for result in propagate(self, *limits):
            if len(done) == 3:
                raise KeyboardInterrupt
            done.append(result.z)
            yield result

    monkeypatch.setattr(session_module.Session, "propagate", interrupted)
    code, _, err = s2vnet("--no-across")
    assert code == 130
    assert "Interrupted" in err
    found = read(files["output"])
    assert done[0] == MARKED
    assert np.array_equal(found[done[:2]], whole[done[:2]])
    assert not found[[0, 5]].any()
    assert whole[[0, 5]].any()


def test_the_outcome_says_who_made_each_slice_and_how_sure_it_is(files, make_network, monkeypatch):
    volume = read_volume(files["image"])
    seeds = read_seeds(files["seeds"], volume)
    seen = []
    result = segment(
        make_network(seed=8), volume, seeds, progress=lambda done, total: seen.append((done, total))
    )
    assert seen[-1] == (6, 6)
    assert result.complete
    assert result.axis == 0
    assert result.confidence.shape == (6, 2)
    assert np.isfinite(result.confidence).all()
    facts = json.loads(json.dumps(audit(result, {"name": "tiny", "commit": "abc"})))
    assert facts["made"] == [
        SliceStatus.MARKED if z == MARKED else SliceStatus.MODEL for z in range(6)
    ]
    assert facts["model"] == "tiny"
    assert facts["meaning"]["2"] == "marked"
    assert audit(result, {})["model"] == "unknown"


# ---- info and help -------------------------------------------------------------------------------


def test_info(files, call, save_network):
    weights = save_network(files["weights"], {"name": "tiny"}, classes=("cortex",))
    save_network(weights.with_name(f"{weights.stem}-torso.safetensors"), {}, classes=("liver",))
    code, out, _ = call("info", "--weights", weights)
    assert code == 0
    for words in (("classes of the weights", "cortex"), ("classes of the torso", "liver")):
        assert any(all(word in line for word in words) for line in out.splitlines())
    assert all(word in out for word in (torch.__version__, '"name": "tiny"', "M parameters"))


def test_info_where_the_package_is_not_installed(files, monkeypatch, call):
    """As inside 3D Slicer."""
    import importlib.metadata

    def version(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    for module in ("logs", "commands.info"):
        monkeypatch.setattr(f"S2VNetSlicerLib.{module}.version", version)
    code, out, _ = call("info", "--weights", files["weights"])
    assert code == 0
    assert "not installed" in out


def test_info_on_missing_and_damaged_weights(files, tmp_path, call):
    path = tmp_path / "none.safetensors"
    one_sentence(call("info", "--weights", path), path, "missing")
    files["weights"].write_bytes(b"PK\x03\x04 pickled")
    one_sentence(call("info", "--weights", files["weights"]), files["weights"])
    one_sentence(call("info", "--weights", tmp_path / "weights.pt"), "pickled")


def test_help_names_every_command_and_its_limits(call):
    code, out, _ = call("--help")
    assert code == 0
    for word in ("segment", "train", "info", "not a medical device"):
        assert word in " ".join(out.split())
