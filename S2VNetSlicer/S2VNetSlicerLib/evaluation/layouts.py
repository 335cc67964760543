"""The published layouts of the paper's data sets: WORD, BTCV, AMOS and MSD.

A reader lists the cases of an unpacked download and what the download says about itself; it opens
no image. Class names and numbers stay as published, spelling included.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import UserError

TRAINING, VALIDATION, TEST = "Tr", "Val", "Ts"
SPLITS = {TRAINING: "training", VALIDATION: "validation", TEST: "test"}
ENDING = ".nii.gz"
_NUMBER = "[0-9][0-9][0-9][0-9]"

WORD_CLASSES = (
    "liver",
    "spleen",
    "left_kidney",
    "right_kidney",
    "stomach",
    "gallbladder",
    "esophagus",
    "pancreas",
    "duodenum",
    "colon",
    "intestine",
    "adrenal",
    "rectum",
    "bladder",
    "Head_of_femur_L",
    "Head_of_femur_R",
)
BTCV_CLASSES = (
    "spleen",
    "right kidney",
    "left kidney",
    "gallbladder",
    "esophagus",
    "liver",
    "stomach",
    "aorta",
    "inferior vena cava",
    "portal vein and splenic vein",
    "pancreas",
    "right adrenal gland",
    "left adrenal gland",
)
BTCV_TEST = (1, 2, 3, 4, 8, 22, 25, 29, 32, 35, 36, 38)
"""The 12 test cases of TransUNet; the other 18 of BTCV's 30 labelled cases train. Source:
github.com/Beckschen/TransUNet, lists/lists_Synapse/test_vol.txt."""
AMOS_LAST_CT = 500
"""AMOS numbers its CT up to here, its MR from there on. Source: its readme.md ("id numbers less
than 500 belong to CT data, otherwise they belong to MRI data") and nnU-Net's
nnunetv2/dataset_conversion/Dataset218_Amos2022_task1.py, which takes test case 500 as CT."""


@dataclass(frozen=True)
class Published:
    """One case: ``split`` is "Tr", "Val" or "Ts"; ``label`` None where it was not published."""

    name: str
    split: str
    image: Path
    label: Path | None


@dataclass(frozen=True)
class Layout:
    """What a download holds. ``channels``: names of the image's channels; ``labels``: number of
    each class by name; ``facts``: licence, reference and so on, for dataset.json."""

    cases: list[Published]
    channels: list[str]
    labels: dict[str, int]
    facts: dict[str, Any] = field(default_factory=dict)


def word(source: Path, modality: str | None = None) -> Layout:
    """WORD-V0.1.0: images{Tr,Val,Ts}/word_0001.nii.gz, the same for labels, dataset.json.

    100 cases train, 20 validate, 30 test, as in the paper (Luo et al., Medical Image Analysis 82,
    2022). The test labels come as a file of their own, WORD_V0.1.0_labelsTs.zip, to be unpacked
    beside. Sources: github.com/HiLab-git/WORD; a copy of WORD's dataset.json in
    github.com/UCSC-VLAA/SwinMM, Pretrain/jsons/dataset12_WORD.json; the folder tree in
    github.com/openmedlab/Awesome-Medical-Dataset, resources/WORD.md.
    """
    _only(modality, "CT", "WORD")
    facts = _facts(source)
    labels = _labels(facts) if "labels" in facts else _numbered(WORD_CLASSES)
    known = {
        "name": "WORD",
        "licence": "GNU General Public License v3.0",
        "reference": "https://github.com/HiLab-git/WORD",
    }
    cases = [case for split in SPLITS for case in _folder(source, "word", split, split)]
    return _layout(source, cases, ["CT"], labels, known | _kept(facts))


def btcv(source: Path, modality: str | None = None) -> Layout:
    """BTCV's Abdomen/RawData: Training/img/img0001.nii.gz, Training/label/label0001.nii.gz.

    Of its 30 labelled cases 18 train and 12 test (``BTCV_TEST``). Testing/img, whose labels were
    never published, is left out. Sources: synapse.org, syn3193805 (registration; numbers and names
    of the classes in its wiki); the folder tree in the read-me of MONAI's model
    swin_unetr_btcv_segmentation; TransUNet for the split.
    """
    _only(modality, "CT", "BTCV")
    training = next(
        (p for p in (source / "RawData" / "Training", source / "Training", source) if _is_btcv(p)),
        None,
    )
    if training is None:
        raise _unlike(source, "RawData/Training/img/img0001.nii.gz and .../label/label0001.nii.gz")
    cases = []
    for image in sorted((training / "img").glob(f"img{_NUMBER}{ENDING}")):
        number = image.name.removeprefix("img").removesuffix(ENDING)
        label = training / "label" / f"label{number}{ENDING}"
        split = TEST if int(number) in BTCV_TEST else TRAINING
        cases.append(Published(f"btcv_{number}", split, image, label if label.is_file() else None))
    facts = {
        "name": "BTCV",
        "licence": "not stated; access by registration at Synapse",
        "reference": "https://www.synapse.org/Synapse:syn3193805",
        "description": "Multi-Atlas Labeling Beyond the Cranial Vault, abdomen",
    }
    return _layout(source, cases, ["CT"], _numbered(BTCV_CLASSES), facts)


def amos(source: Path, modality: str | None = None) -> Layout:
    """amos22: images{Tr,Va,Ts}/amos_0001.nii.gz, labels{Tr,Va}, dataset.json.

    CT and MR are two data sets here, so ``modality`` must be stated. Sources: AMOS's readme.md
    (zenodo.org/records/7262581; Ji et al., NeurIPS 2022) and nnU-Net's
    nnunetv2/dataset_conversion/Dataset218_Amos2022_task1.py.
    """
    if modality not in ("CT", "MR"):
        raise UserError(f"{source} holds CT and MR: say which with --modality CT or --modality MR.")
    facts = _facts(source)
    if "labels" not in facts:
        raise _unlike(source, "dataset.json with the names of the classes")
    folders = {TRAINING: "Tr", VALIDATION: "Va", TEST: "Ts"}
    cases = [
        case
        for split, folder in folders.items()
        for case in _folder(source, "amos", folder, split)
        if (int(case.name.rpartition("_")[2]) <= AMOS_LAST_CT) == (modality == "CT")
    ]
    known = {"reference": "https://zenodo.org/records/7262581"}
    found = known | _kept(facts) | {"name": f"AMOS {modality}"}
    return _layout(source, cases, [modality], _labels(facts), found)


def msd(source: Path, modality: str | None = None) -> Layout:
    """Medical Segmentation Decathlon, TaskNN_Name: imagesTr, labelsTr, imagesTs, dataset.json.

    "training" there lists pairs, "test" images without labels. The image of several channels is
    4D. Sources: medicaldecathlon.com; dataset.json of Task05_Prostate in nnU-Net v1's
    documentation/dataset_conversion.md; nnunetv2/dataset_conversion/convert_MSD_dataset.py.
    """
    facts = _facts(source)
    if not {"labels", "modality", "training"} <= set(facts):
        raise _unlike(source, "dataset.json of a decathlon task")
    cases = []
    for item in facts["training"]:
        image, label = (source / item[key] for key in ("image", "label"))
        cases.append(Published(_stem(image), TRAINING, image, label))
    for item in facts.get("test", []):
        image = source / (item["image"] if isinstance(item, dict) else item)
        cases.append(Published(_stem(image), TEST, image, None))
    names = [facts["modality"][key] for key in sorted(facts["modality"], key=int)]
    channels = [_channel(name) for name in names]
    if modality is not None and any(not name.startswith(modality) for name in channels):
        raise UserError(f"{source} holds {', '.join(channels)}: leave out --modality.")
    return _layout(source, cases, channels, _labels(facts), _kept(facts))


LAYOUTS: dict[str, Callable[[Path, str | None], Layout]] = {
    "word": word,
    "btcv": btcv,
    "amos": amos,
    "msd": msd,
}


def read_layout(source: Path, kind: str, modality: str | None = None) -> Layout:
    """The cases of a download of ``kind`` (see ``LAYOUTS``).

    Raises UserError where ``source`` is not such a download, lacks a file or a training label.
    """
    if kind not in LAYOUTS:
        raise UserError(f"The kind {kind} is unknown: use {', '.join(LAYOUTS)}.")
    if not source.is_dir():
        raise UserError(f"{source} is no folder: give the folder of the unpacked download.")
    try:
        return LAYOUTS[kind](source, modality and modality.upper())
    except UserError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _unlike(source, f"dataset.json as {kind} was published with", error) from error


def _layout(
    source: Path,
    cases: list[Published],
    channels: list[str],
    labels: dict[str, int],
    facts: dict[str, Any],
) -> Layout:
    if not any(case.split == TRAINING for case in cases):
        raise UserError(f"{source} holds no case to train on: unpack the whole download there.")
    for case in cases:
        if case.label is None and case.split == TRAINING:
            raise UserError(f"{case.image} has no label: unpack the labels of the data set too.")
        for path in (case.image, case.label):
            if path is not None and not path.is_file():
                raise UserError(f"{path} is missing: unpack the whole data set again.")
    return Layout(cases, channels, {"background": 0} | labels, facts)


def _folder(source: Path, prefix: str, folder: str, split: str) -> Iterable[Published]:
    """The cases PREFIX_0001 ... of images{folder}, with labels{folder} where they are."""
    for image in sorted((source / f"images{folder}").glob(f"{prefix}_{_NUMBER}{ENDING}")):
        label = source / f"labels{folder}" / image.name
        yield Published(_stem(image), split, image, label if label.is_file() else None)


def _facts(source: Path) -> dict[str, Any]:
    """dataset.json of the download, empty where there is none."""
    path = source / "dataset.json"
    if not path.is_file():
        return {}
    try:
        facts = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"{path} cannot be read", error) from error
    if not isinstance(facts, dict):
        raise UserError(f"{path} is not the dataset.json of a data set: unpack it again.")
    return facts


def _kept(facts: dict[str, Any]) -> dict[str, Any]:
    """What is passed on of a published dataset.json; some spell "release" as "relase"."""
    release = facts.get("release", facts.get("relase"))
    licence = facts.get("licence", facts.get("license"))
    kept = {key: facts.get(key) for key in ("name", "description", "reference")}
    kept |= {"licence": licence, "release": release}
    return {key: value for key, value in kept.items() if value}


def _labels(facts: dict[str, Any]) -> dict[str, int]:
    """{"liver": 1, ...} of the published {"1": "liver", ...}."""
    return {name: int(number) for number, name in facts["labels"].items() if int(number)}


def _numbered(names: Iterable[str]) -> dict[str, int]:
    return {name: number for number, name in enumerate(names, 1)}


def _channel(name: str) -> str:
    """CT or MR with the name of the sequence: a decathlon's channel may be "MRI" or "FLAIR"."""
    if name.upper() in ("CT", "MR", "MRI"):
        return name.upper()[:2]
    return f"MR {name}"


def _stem(path: Path) -> str:
    return path.name.removesuffix(ENDING)


def _is_btcv(folder: Path) -> bool:
    return (folder / "img").is_dir() and (folder / "label").is_dir()


def _only(modality: str | None, known: str, name: str) -> None:
    if modality not in (None, known):
        raise UserError(f"{name} holds {known} only: leave out --modality.")


def _unlike(source: Path, wanted: str, cause: Exception | None = None) -> UserError:
    what, remedy = f"{source} has no {wanted}", "Give the folder of the unpacked download."
    return UserError(what if cause else f"{what}.", cause, remedy)
