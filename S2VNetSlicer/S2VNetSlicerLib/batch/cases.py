"""The cases of a batch: files, nnU-Net raw data sets and DICOM trees, each with the marks beside.

The volumes of a scene: see ``scenes``.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import UserError, cause_of
from ..volumes import dicom
from ..volumes.markups import SUFFIX as MARKUPS
from ..volumes.reading import VOLUME_SUFFIXES, read_seeds, read_volume
from ..volumes.seeds import Colour, Seeds
from ..volumes.volume import Volume

SCENE_SUFFIXES = (".mrb", ".mrml")
_NNUNET = ("imagesTr", "imagesTs")
_DETACHED = (".mhd", ".nhdr")
_LONGEST_NAME = 100


@dataclass(frozen=True)
class Case:
    """A volume to be segmented: ``image`` is its file, or the folder of a DICOM series.

    ``name`` names its result and is unique in a batch. ``series`` is the volume's key (see
    ``volumes.dicom``) where the folder holds several, ``structures`` names and colours that the
    marks' file cannot hold, ``modality`` what the source states about it. A ``problem`` is why the
    case must fail.
    """

    name: str
    image: Path
    series: str = ""
    seeds: Path | None = None
    structures: tuple[tuple[str, Colour], ...] = ()
    modality: str | None = None
    problem: str = ""

    def read(self, modality: str | None = None) -> Volume:
        """The volume; ``modality`` "CT" or "MR" overrides. Raises UserError as ``read_volume``."""
        if self.problem:
            raise UserError(self.problem)
        modality = modality or self.modality
        return read_volume(self.image, modality, self.series or None)

    def read_seeds(self, volume: Volume) -> Seeds:
        """The marks on the grid of ``volume``; UserError when there are none."""
        if self.seeds is None:
            raise UserError(
                f"{self.image} has no marks: put {self.name}.seeds.nii.gz or {self.name}{MARKUPS} "
                "where the marks are, or use the automatic mode."
            )
        seeds = read_seeds(self.seeds, volume)
        if len(self.structures) == len(seeds.names):
            seeds.names = [name for name, _ in self.structures]
            seeds.colours = [colour for _, colour in self.structures]
        return seeds

    def stamp(self) -> list[tuple[str, int, int]]:
        """Name, bytes and time of change (ns) of every input file that is there."""
        files: list[Path] = []
        with suppress(OSError):  # a folder or file that is gone makes another stamp
            files += _files(self.image, self.series)
        with suppress(OSError):
            files += _files(self.seeds) if self.seeds else []
        stamps = []
        for file in files:
            with suppress(OSError):
                facts = file.stat()
                stamps.append((file.name, facts.st_size, facts.st_mtime_ns))
        return sorted(stamps)


def _files(path: Path, series: str = "") -> Iterable[Path]:
    if series:
        return dicom.look_into(path).files(series)
    if path.is_dir():
        return [file for file in path.iterdir() if file.is_file()]
    if path.name.lower().endswith(_DETACHED):  # the voxels lie in a file of that name beside
        return [f for f in path.parent.iterdir() if f.name.startswith(path.stem + ".")]
    return [path]


def find_cases(source: Path, output: Path, seeds: Path | None = None) -> list[Case]:
    """The cases of a volume file, a folder of volumes, an nnU-Net raw data set or a DICOM tree.

    Marks lie in the folder ``seeds``, by default beside each volume, as NAME.seeds.nii.gz (or
    another volume format) or NAME.mrk.json. ``output`` inside ``source`` is left out. Raises
    UserError when there is no case.
    """
    source, output = Path(source).absolute(), Path(output).absolute()
    if not source.exists():
        raise UserError(f"{source} does not exist: check the path.")
    if seeds is not None and not seeds.is_dir():
        raise UserError(f"{seeds} is no folder: give the folder that holds the marks.")
    if output == source:
        raise UserError(f"{output} holds the volumes: give another folder for the results.")
    if source.is_file():
        cases = [Case(_clean(_stem(source)), source)]
    elif folders := _nnunet_folders(source):
        cases = [case for folder in folders for case in _nnunet_cases(folder)]
    else:
        cases = [case for folder in _walk(source, output) for case in _in_folder(source, folder)]
    if not cases:
        raise UserError(
            f"{source} holds no volumes: give a volume ({', '.join(VOLUME_SUFFIXES)}), a folder "
            "of volumes or DICOM series, or a scene (.mrb, .mrml)."
        )
    cases = unique_names(cases, source)
    return [replace(case, seeds=_find_seeds(case, seeds)) for case in cases]


def _walk(source: Path, output: Path) -> Iterator[Path]:
    """``source`` and the folders below, links followed once, without hidden ones and results."""
    seen = set()
    for folder, below, _ in os.walk(source, followlinks=True):
        real = os.path.realpath(folder)
        if real in seen or Path(folder) == output:
            below.clear()
            continue
        seen.add(real)
        below[:] = sorted(name for name in below if not name.startswith("."))
        yield Path(folder)


def _in_folder(source: Path, folder: Path) -> Iterator[Case]:
    """The volumes that lie directly in ``folder``."""
    names = sorted(f.name for f in folder.iterdir() if not f.is_dir() and f.name[0] != ".")
    prefix = folder.relative_to(source).parts
    volumes = [name for name in names if _is_volume(name)]
    for name in volumes:
        yield Case(_clean("_".join([*prefix, _stem(Path(name))])), folder / name)
    if all(name in volumes or name.lower().endswith((".json", ".csv", ".txt")) for name in names):
        return
    found = dicom.look_into(folder)
    own = "_".join(prefix) or source.name
    alone = len(found.volumes) == 1
    for series in found.volumes:
        name = own if alone else f"{own}_{series.text}"
        yield Case(_clean(name), folder, "" if alone else series.key)
    if not found.volumes and found.damaged:  # reading it says what is wrong
        yield Case(_clean(own), folder)


def _nnunet_folders(source: Path) -> list[Path]:
    if source.name in _NNUNET:
        return [source]
    return [source / name for name in _NNUNET if (source / name).is_dir()]


def _nnunet_cases(folder: Path) -> Iterator[Case]:
    """CASE_0000.*: the first channel of each case."""
    try:
        facts = json.loads((folder.parent / "dataset.json").read_text("utf-8"))
        channel = str((facts.get("channel_names") or facts["modality"])["0"]).upper()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        channel = ""
        logging.getLogger(__name__).warning(
            "%s does not say what its channels are (%s): the voxels of each volume tell",
            folder.parent / "dataset.json",
            cause_of(error),
        )
    modality = {"CT": "CT", "MR": "MR", "MRI": "MR"}.get(channel)
    for path in sorted(folder.iterdir()):
        if _is_volume(path.name) and (found := re.fullmatch(r"(.+)_0000", _stem(path))):
            yield Case(_clean(found[1]), path, modality=modality)


def _find_seeds(case: Case, folder: Path | None) -> Path | None:
    stem = case.image.name if case.image.is_dir() else _stem(case.image)
    # The folder of several series has no marks of its own.
    stems = [case.name] if case.series else [stem, case.name]
    endings = [*(f".seeds{suffix}" for suffix in VOLUME_SUFFIXES), MARKUPS]
    paths = [(folder or case.image.parent) / (stem + end) for stem in stems for end in endings]
    return next((path for path in paths if path.is_file()), case.seeds)


def _is_volume(name: str) -> bool:
    low = name.lower()
    if not low.endswith(VOLUME_SUFFIXES) or low.startswith("."):
        return False
    return not _stem(Path(low)).endswith((".seeds", ".seg"))


def _stem(path: Path) -> str:
    """The file's name without its suffix, .nii.gz being one."""
    return re.sub(r"(\.nii\.gz|\.[^.]+)$", "", path.name, flags=re.IGNORECASE)


def _clean(name: str) -> str:
    """``name`` without what some file systems refuse."""
    clean = re.sub(r"[^\w.+-]+", "_", name).strip("._") or "case"
    return clean if len(clean) <= _LONGEST_NAME else f"{clean[:_LONGEST_NAME]}-{_short(name)}"


def _short(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:8]


def unique_names(cases: list[Case], source: Path) -> list[Case]:
    """``cases`` with names that also differ where case does not count; the others' stay."""
    counts = Counter(case.name.casefold() for case in cases)
    return [
        replace(
            case, name=f"{case.name}-{_short(os.path.relpath(case.image, source) + case.series)}"
        )
        if counts[case.name.casefold()] > 1
        else case
        for case in cases
    ]
