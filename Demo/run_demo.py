"""Three brain structures from strokes on one axial slice, through the real command line.

The volume is the ICBM 152 T1 template (1 mm) that comes inside nilearn; nothing is downloaded.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
import time
from pathlib import Path

import nibabel
import numpy as np
import SimpleITK as sitk
from nilearn.datasets import load_mni152_gm_template, load_mni152_template, load_mni152_wm_template
from picture import draw
from S2VNetSlicerLib.network.weights import load_model
from S2VNetSlicerLib.propagation.session import Session
from S2VNetSlicerLib.volumes.reading import read_seeds, read_volume
from S2VNetSlicerLib.volumes.seeds import Seeds
from S2VNetSlicerLib.volumes.volume import Volume
from S2VNetSlicerLib.volumes.writing import write_label_map

HEIGHT = -28.0
"""The marked axial slice: z in mm (RAS, the template's MNI coordinates)."""
CUTS = (-42.0, -8.0)
"""Where the picture shows a coronal cut (y) and a sagittal one (x), mm."""
Stroke = list[tuple[float, float]]
STROKES: dict[str, list[Stroke]] = {
    "cerebrum": [
        [(-38, 18), (-50, -4), (-54, -28), (-55, -42)],
        [(38, 18), (50, -4), (54, -28), (55, -42)],
        [(-28, 2), (-28, -16)],
        [(28, 2), (28, -16)],
        [(-8, 54), (-8, 28)],
        [(8, 54), (8, 28)],
    ],
    "cerebellum": [
        [(-8, -58), (-30, -52), (-46, -58)],
        [(8, -58), (30, -52), (46, -58)],
        [(-10, -86), (-26, -84), (-40, -74)],
        [(10, -86), (26, -84), (40, -74)],
        [(0, -60), (0, -74)],
        [(-14, -42), (-22, -34)],
        [(14, -42), (22, -34)],
    ],
    "brain stem": [
        [(-10, -18), (0, -16), (10, -18)],
        [(-12, -30), (0, -33), (12, -30)],
    ],
    "background": [
        [(0, -42), (0, -47)],
        [(-8, 2), (8, 2)],
        [(-20, -24), (-18, -14)],
        [(20, -24), (18, -14)],
        [(-60, -56), (-58, -70), (-36, -92), (0, -98), (36, -92), (58, -70), (60, -56)],
        [(-72, -30), (-70, 6), (-44, 34), (-22, 34), (-20, 58), (0, 68)],
        [(72, -30), (70, 6), (44, 34), (22, 34), (20, 58), (0, 68)],
    ],
}
"""Freehand strokes as (x, y) in mm."""
COLOURS = {
    "cerebrum": (0.98, 0.75, 0.30),
    "cerebellum": (0.27, 0.67, 0.98),
    "brain stem": (0.93, 0.35, 0.55),
    "background": (0.85, 0.85, 0.85),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("demo-output"))
    parser.add_argument("--weights", type=Path, help="default: the shipped ones")
    options = parser.parse_args()
    folder: Path = options.output
    folder.mkdir(parents=True, exist_ok=True)

    image, marks = folder / "icbm152.nii.gz", folder / "marks.mrk.json"
    write_template(image)
    write_marks(marks)
    volume = read_volume(image)
    seeds = read_seeds(marks, volume)
    write_label_map(folder / "marks.nii.gz", seeds.labels, volume.geometry)

    for result in (folder / "icbm152.seg.nrrd", folder / "icbm152.mrb"):
        segment(image, marks, result, options.weights)
    encoding, propagation = measure(volume, seeds, options.weights)

    labels = read_labels(folder / "icbm152.seg.nrrd", volume)
    voxel = float(np.prod(volume.geometry.spacing)) / 1000
    facts = [
        f"{name}: {voxel * (labels == n).sum():.0f} ml" for n, name in enumerate(seeds.names, 1)
    ]
    facts.append(f"encoding {encoding:.1f} s, propagation {propagation:.1f} s")
    tissue = [load_mni152_gm_template(resolution=1), load_mni152_wm_template(resolution=1)]
    brain = np.sum([np.asarray(image.dataobj).T for image in tissue], axis=0) > 0.5
    dice = 2 * (brain & (labels > 0)).sum() / (brain.sum() + (labels > 0).sum())
    facts.append(f"all together against the template's own grey and white matter: Dice {dice:.2f}")
    print("\n".join(facts))
    picture = folder / "icbm152.png"
    draw(picture, volume, seeds, labels, CUTS)
    print(f"Look at {picture}; open {folder / 'icbm152.mrb'} in 3D Slicer, or mark it yourself in")
    print(f"the browser: make run IMAGE={shlex.quote(str(folder / 'icbm152.nii.gz'))}")
    offer(folder / "icbm152.nii.gz", options.weights)


def offer(image: Path, weights: Path | None) -> None:
    """Ask whoever sits at a terminal whether to open the volume in the browser, and do it."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return
    try:
        answer = input("Open it in the browser now (Ctrl-C ends the server)? [y/N] ")
    except (EOFError, KeyboardInterrupt):
        answer = ""
    if answer.strip().lower() not in ("y", "yes"):
        return
    try:
        s2vnet("serve", image, *(["--weights", weights] if weights else []))
    except KeyboardInterrupt:
        print()


def write_template(path: Path) -> None:
    """The template as 8-bit NIfTI, as it is stored inside nilearn."""
    template = load_mni152_template(resolution=1)
    array = np.rint(255 * np.asarray(template.dataobj)).astype(np.uint8)
    nibabel.Nifti1Image(array, template.affine).to_filename(path)


def write_marks(path: Path) -> None:
    """The strokes as a markups file of 3D Slicer, one open curve a stroke."""
    curves = [
        {
            "type": "Curve",
            "name": name,
            "coordinateSystem": "RAS",
            "controlPoints": [{"position": [x, y, HEIGHT]} for x, y in stroke],
            "display": {"color": COLOURS[name], "selectedColor": COLOURS[name]},
        }
        for name, strokes in STROKES.items()
        for stroke in strokes
    ]
    path.write_text(json.dumps({"markups": curves}, indent=1))


def segment(image: Path, marks: Path, result: Path, weights: Path | None) -> None:
    """Run ``s2vnet segment`` as a user would; its failure is the demo's."""
    weighted = ["--weights", weights] if weights else []
    code = s2vnet("segment", image, "--seeds", marks, "--output", result, *weighted)
    if code:
        sys.exit(code)


def s2vnet(*arguments: object) -> int:
    """Run the command line of this installation and show what is run; its exit status."""
    words = ["s2vnet", *map(str, arguments)]
    print("$", shlex.join(words), flush=True)
    scripts = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return subprocess.run(words, env={**os.environ, "PATH": scripts}, check=False).returncode


def measure(volume: Volume, seeds: Seeds, weights: Path | None) -> tuple[float, float]:
    """Seconds for encoding all slices and for carrying the marks through them."""
    model, _ = load_model(weights)
    spacing = volume.geometry.spacing
    session = Session(model, volume.array, spacing, volume.modality, len(seeds.names))
    marked = np.flatnonzero(seeds.labels.any((1, 2))).tolist()
    began = time.perf_counter()
    for _ in session.encode(marked[0]):
        pass
    encoded = time.perf_counter()
    for z in marked:
        session.mark(z, seeds.labels[z])
    for _ in (*session.propagate(), *session.refine_across_planes()):
        pass
    propagated = time.perf_counter()
    session.close()
    return encoded - began, propagated - encoded


def read_labels(path: Path, volume: Volume) -> np.ndarray:
    """The label map [k, j, i] of a .seg.nrrd, which Slicer crops, on the volume's grid."""
    grid = volume.geometry.to_sitk(np.zeros(volume.geometry.shape, np.uint8))
    whole = sitk.Resample(
        sitk.ReadImage(str(path)), grid, sitk.Transform(), sitk.sitkNearestNeighbor
    )
    return sitk.GetArrayFromImage(whole)


if __name__ == "__main__":
    main()
