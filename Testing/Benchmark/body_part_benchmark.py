"""Where does the automatic mode draw nothing? How surely it sees its classes in every volume.

A volume below ``least_confidence`` of the weights' card has none of the predefined classes. Give
``s2vnet publish --least`` a value between the volumes that show the classes and all others.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from S2VNetSlicerLib.evaluation.cases import Dataset
from S2VNetSlicerLib.library.finding import shown
from S2VNetSlicerLib.library.learned import Orientation
from S2VNetSlicerLib.network.weights import load_model
from S2VNetSlicerLib.propagation.session import Session
from S2VNetSlicerLib.volumes.reading import read_volume

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("volumes", nargs="*", type=Path, help="More volumes than the shared ones.")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--weights", type=Path)
    chosen = parser.parse_args()
    model, card = load_model(chosen.weights)
    print(f"{card.get('name')}: {card.get('recogniser', {}).get('least_confidence', 0)} is needed")
    print("| volume | modality | confidence |\n|---|---|---|")
    volumes: list[tuple[str, Path, str | None]] = [(p.name, p, None) for p in chosen.volumes]
    for folder in sorted(chosen.data.glob("Dataset*/imagesTr")):
        for case in Dataset(folder.parent).cases("Tr"):
            volumes.append((f"{folder.parent.name}, {case.name}", case.image, case.modality))
    for name, path, modality in volumes:
        volume = read_volume(path, modality)
        session = Session(model, volume.array, volume.geometry.spacing, volume.modality, 1)
        sure = shown(session, Orientation.of(volume.geometry.ijk_to_ras))
        session.close()
        print(f"| {name} | {volume.modality} | {sure:.3f} |", flush=True)


if __name__ == "__main__":
    main()
