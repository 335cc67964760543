"""What a whole volume costs: S2VNet beside the networks of nnU-Net, SwinMM and nnInteractive.

Writes peers.json and peers.md. Cost only: the peers' networks come from their own packages with
random weights, each in a process of its own, on the same synthetic volume. Their packages are the
extra "peers": pip install 's2vnet-slicer[peers]' (monai, dynamic-network-architectures).

What each one does, so that the figures can be judged:
nnU-Net         3d_fullres, PlainConvUNet of 6 stages, patches of 128x128x128 as its planner gives
                for isotropic volumes, steps of half a patch, 14 classes; each patch the mean of
                its 8 mirror images, as nnU-Net predicts unless told otherwise, and in a line of
                its own without them.
SwinMM          Swin UNETR, feature size 48, patches of 64x64x64, overlap 0.5, 14 classes (its
                WORD/main.py); one view, of which it fuses three.
nnInteractive   ResEnc-L, one patch of 192x192x192, 8 channels (image, former result, six kinds of
                marks), 2 classes: one round for one structure, without its zooming out.
S2VNet          encoding every slice and one round of marks on two structures.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from itertools import combinations
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import torch
from facts import facts, in_own_process, options, peak_memory, use_weights
from report import OURS, markdown, report
from S2VNetSlicerLib.network.weights import load_model
from S2VNetSlicerLib.propagation.session import Session
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

SIZE = (128, 128, 128)
LARGE = (181, 217, 181)
"""The volume of cost_benchmark.py, for which the peers' time follows from their patches."""
CLASSES = 14
PLAIN = "nnU-Net, no mirroring"
PEERS = ("nnU-Net", PLAIN, "SwinMM", "nnInteractive")
MIRRORED = [axes for n in range(4) for axes in combinations((2, 3, 4), n)]
"""Axes of a patch [1, channels, k, j, i] along which nnU-Net mirrors it; none first."""
PACKAGES = ("monai", "dynamic_network_architectures")


def main() -> None:
    parser = options(__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, nargs=3, default=SIZE, metavar=("K", "J", "I"))
    parser.add_argument("--only", nargs="*", choices=(OURS, *PEERS), default=(OURS, *PEERS))
    parser.add_argument("--child", choices=(OURS, *PEERS), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    size = tuple(chosen.size)
    if chosen.child:
        measure = ours if chosen.child == OURS else peer
        print(json.dumps(measure(chosen.child, size, chosen.weights)))
        return
    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing:
        print(f"{', '.join(missing)} is not installed (extra 'peers'): nothing was measured.")
        return
    stated = facts(use_weights(chosen.weights)) | {"volume": "x".join(map(str, size))}
    rows = {}
    for name in chosen.only:
        said = in_own_process(__file__, chosen.weights, "--child", name, "--size", *size)
        rows[name] = json.loads(said.splitlines()[-1])
        print(f"{name}: {rows[name]}", flush=True)
    report(chosen.output, "peers", table(rows), {"rows": rows}, stated)


def peer(name: str, size: tuple[int, ...], weights: Path | None) -> dict[str, Any]:
    """Seconds, peak memory and operations of a peer's network on a volume of ``size``."""
    from monai.inferers import sliding_window_inference

    network, patch, channels = PEER_NETWORKS[name]()
    network.eval()
    volume = torch.from_numpy(synthetic(size)[0])[None, None]
    patches = 1 if name == "nnInteractive" else count(size, patch)
    with torch.inference_mode():
        began = time.perf_counter()
        if name == "nnInteractive":
            network(torch.zeros(1, channels, patch, patch, patch))
        else:
            # Batches of one patch, predictions weighted with a Gaussian, as the peers do.
            predict = partial(mirrored, network) if name == "nnU-Net" else network
            sliding_window_inference(volume, (patch,) * 3, 1, predict, overlap=0.5, mode="gaussian")
        seconds = time.perf_counter() - began
        peak = peak_memory()
        with FlopCounterMode(display=False) as counter:
            network(torch.zeros(1, channels, patch, patch, patch))
    passes = patches * (len(MIRRORED) if name == "nnU-Net" else 1)
    return figures(network, seconds, peak, counter.get_total_flops() * passes) | {
        "patch": patch,
        "patches": patches,
    }


def mirrored(network: nn.Module, patch: Tensor) -> Tensor:
    """The mean over all mirror images, as ``nnUNetPredictor`` has it [1, classes, k, j, i]."""
    summed = network(patch)
    for axes in MIRRORED[1:]:
        summed += network(patch.flip(axes)).flip(axes)
    return summed / len(MIRRORED)


def nnunet() -> tuple[nn.Module, int, int]:
    """3d_fullres of nnU-Net v2's default planner for an isotropic volume."""
    from dynamic_network_architectures.architectures.unet import PlainConvUNet

    network = PlainConvUNet(
        1,
        6,
        (32, 64, 128, 256, 320, 320),
        nn.Conv3d,
        3,
        (1, 2, 2, 2, 2, 2),
        2,
        CLASSES,
        2,
        **_NNUNET,
    )
    return network, 128, 1


def swinmm() -> tuple[nn.Module, int, int]:
    """Swin UNETR as SwinMM (github.com/UCSC-VLAA/SwinMM, WORD/main.py) configures it."""
    from monai.networks.nets import SwinUNETR

    return SwinUNETR(in_channels=1, out_channels=CLASSES, feature_size=48), 64, 1


def nninteractive() -> tuple[nn.Module, int, int]:
    """ResEnc-L on 192x192x192, with the seven channels of marks of nnInteractive's session."""
    from dynamic_network_architectures.architectures.unet import ResidualEncoderUNet

    network = ResidualEncoderUNet(
        8,
        6,
        (32, 64, 128, 256, 320, 320),
        nn.Conv3d,
        3,
        (1, 2, 2, 2, 2, 2),
        (1, 3, 4, 6, 6, 6),
        2,
        (1, 1, 1, 1, 1),
        **_NNUNET,
    )
    return network, 192, 8


_NNUNET: dict[str, Any] = {
    "conv_bias": True,
    "norm_op": nn.InstanceNorm3d,
    "norm_op_kwargs": {"eps": 1e-5, "affine": True},
    "nonlin": nn.LeakyReLU,
    "nonlin_kwargs": {"inplace": True},
}
PEER_NETWORKS: dict[str, Callable[[], tuple[nn.Module, int, int]]] = {
    "nnU-Net": nnunet,
    PLAIN: nnunet,
    "SwinMM": swinmm,
    "nnInteractive": nninteractive,
}


def ours(name: str, size: tuple[int, ...], weights: Path | None) -> dict[str, Any]:
    """Seconds, peak memory and operations of encoding and one round of marks."""
    model = load_model(weights)[0].fuse()
    image, labels = synthetic(size)

    def run() -> None:
        session = Session(model, image, (1.0, 1.0, 1.0), "MR", 2)
        for _ in session.encode():
            pass
        middle = size[0] // 2
        marks = np.zeros(size[1:], np.uint8)
        marks[::4] = labels[middle][::4] + 1
        session.mark(middle, marks)
        for _ in (*session.propagate(), *session.refine_across_planes()):
            pass
        session.close()

    began = time.perf_counter()
    run()
    seconds = time.perf_counter() - began
    peak = peak_memory()
    with FlopCounterMode(display=False) as counter:
        run()
    return figures(model, seconds, peak, counter.get_total_flops())


def figures(network: nn.Module, seconds: float, peak: float, flops: float) -> dict[str, Any]:
    parameters: list[Tensor] = list(network.parameters())
    return {
        "seconds": round(seconds, 2),
        "peak_gib": round(peak, 2),
        "parameters_m": round(sum(p.numel() for p in parameters) / 1e6, 2),
        "tflops": round(flops / 1e12, 3),
    }


def synthetic(size: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """A noisy float32 volume with two ellipsoids, and their labels uint8."""
    # Nothing larger than the volume: its memory is not that of a network.
    down, along, across = np.meshgrid(
        *(np.linspace(-1, 1, n, dtype=np.float32) for n in size), indexing="ij", sparse=True
    )
    labels = np.zeros(size, np.uint8)
    for k, column in enumerate((-0.35, 0.35), 1):
        labels[(down / 0.7) ** 2 + (along / 0.5) ** 2 + ((across - column) / 0.3) ** 2 < 1] = k
    image = np.random.default_rng(1).standard_normal(size, np.float32)
    image *= 10
    image += 100
    image += 60 * labels
    return image, labels


def count(size: tuple[int, ...], patch: int) -> int:
    """Patches at steps of half a patch that cover a volume."""
    steps = (ceil(max(0, n - patch) / (patch / 2)) + 1 for n in size)
    return int(np.prod(list(steps)))


def table(rows: dict[str, dict[str, Any]]) -> str:
    """Markdown: a line a network; the last column follows from seconds a patch."""
    large = "x".join(map(str, LARGE))
    heads = [
        "network",
        "s",
        "peak GiB",
        "M parameters",
        "TFLOP",
        "patches",
        f"s for {large}, computed",
    ]
    lines = []
    for name, row in rows.items():
        tiled = "patches" in row and name != "nnInteractive"
        more = count(LARGE, row["patch"]) / row["patches"] if tiled else None
        computed = "" if more is None else f"{more * row['seconds']:.0f}"
        cells = (row[key] for key in ("seconds", "peak_gib", "parameters_m", "tflops"))
        lines.append([name, *cells, row.get("patches", ""), computed])
    notes = (
        "One pass over the volume; TFLOP are 10^12 multiplications and additions. Further views "
        "(SwinMM) and zooming out (nnInteractive) are not in."
    )
    return f"{markdown(heads, lines)}\n{notes}\n"


if __name__ == "__main__":
    main()
