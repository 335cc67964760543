"""Where does the automatic mode draw nothing? How surely it sees each part of the body in every
volume.

A volume below ``least_confidence`` of a card has none of the classes of that part. Give
``s2vnet publish --least`` a value between the volumes that show the part and all others.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from S2VNetSlicerLib.evaluation.cases import Dataset
from S2VNetSlicerLib.library.learned import Orientation
from S2VNetSlicerLib.network.weights import load_model
from S2VNetSlicerLib.propagation.body_parts import part_facts, presence
from S2VNetSlicerLib.propagation.session import Session
from S2VNetSlicerLib.volumes.reading import read_volume

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("volumes", nargs="*", type=Path, help="More volumes than the shared ones.")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--only", default="Dataset", help="data sets with this in their name")
    chosen = parser.parse_args()
    model, card = load_model(chosen.weights)
    needed = {
        part.name or card.get("name", "weights"): part_facts(card, part.name)
        for part in model.body_parts
    }
    print(*(f"{name}: {f.get('least_confidence', 0)} is needed" for name, f in needed.items()))
    print(f"| volume | modality | {' | '.join(needed)} |\n|---|---|{'---|' * len(needed)}")
    volumes: list[tuple[str, Path, str | None]] = [(p.name, p, None) for p in chosen.volumes]
    for folder in sorted(chosen.data.glob(f"*{chosen.only}*/imagesTr")):
        for case in Dataset(folder.parent).cases("Tr"):
            volumes.append((f"{folder.parent.name}, {case.name}", case.image, case.modality))
    for name, path, modality in volumes:
        volume = read_volume(path, modality)
        session = Session(model, volume.array, volume.geometry.spacing, volume.modality, 1)
        lies = Orientation.of(volume.geometry.ijk_to_ras)
        anatomy = session.volume.anatomy(lies.axes, lies.grows)
        parts = session.volume.model.body_parts
        found = [presence(part, session.volume, card, anatomy).sure for part in parts]
        session.close()
        figures = " | ".join(f"{sure:.3f}" for sure in found)
        print(f"| {name} | {volume.modality} | {figures} |", flush=True)


if __name__ == "__main__":
    main()
