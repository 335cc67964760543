"""The predefined classes of the automatic mode, by the part of the body that shows them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from . import brain_classes


def _sides(name: str, labels: str) -> dict[str, str]:
    """A structure that there is on both sides; ``labels`` with words for the side to fill in."""
    return {
        f"{side}_{name}": labels.format(side=side, short=short)
        for side, short in (("left", "lt"), ("right", "rt"))
    }


@dataclass(frozen=True)
class TaughtClasses:
    """``classes``: for each predefined class a regular expression of the names of all labels, in
    lower case, that make it up in a data set; ``symmetric``: in a mirror left and right classes
    change places and all others stay."""

    classes: Mapping[str, str]
    symmetric: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.classes)

    def numbers(self, labels: Mapping[str, int]) -> list[list[int]]:
        """Of each class the numbers of a data set's ``labels`` (name: number)."""
        return [
            [number for name, number in labels.items() if re.fullmatch(pattern, name.lower())]
            for pattern in self.classes.values()
        ]


BODY_PARTS = {
    "brain": TaughtClasses({name: name for name in brain_classes.NAMES}, symmetric=True),
    "torso": TaughtClasses(
        {
            **{"liver": "liver", "spleen": "spleen"},
            **_sides("kidney", "kidney_(cyst_)?{side}"),
            **{"gallbladder": "gallbladder", "stomach": "stomach", "pancreas": "pancreas"},
            **_sides("adrenal_gland", "adrenal_gland_{side}"),
            **{"duodenum": "duodenum", "small_bowel": "small_bowel", "colon": "colon"},
            **{"esophagus": "esophagus", "urinary_bladder": "urinary_bladder"},
            **_sides("lung", "lung_([a-z]*_lobe_)?{side}"),
            **{"heart": "heart|atrial_appendage_left", "aorta": "aorta"},
            **{"inferior_vena_cava": "inferior_vena_cava"},
            **{"portal_vein": "portal_vein_and_splenic_vein"},
            **_sides("iliac_vessels", "iliac_(artery|vena)_{side}"),
            **{"spinal_cord": "spinal_cord", "vertebrae": "vertebrae(_[clt][0-9]+)?"},
            **{"sacrum": "sacrum|vertebrae_s1"},
            **_sides("ribs", "rib_{side}_[0-9]+"),
            **_sides("hip", "hip_{side}"),
            **_sides("femur", "femur_{side}"),
            **_sides("iliopsoas", "iliopsoas_{side}"),
            **_sides("autochthon", "autochthon_{side}"),
            **_sides("gluteus", "gluteus_[a-z]+_{side}"),
        }
    ),
    "head-neck": TaughtClasses(
        {
            **{"brain": "brain", "brain_stem": "brainstem"},
            **{"spinal_canal": "spinal-canal", "spinal_cord": "spinal-?cord"},
            **_sides("lung", "lung-{short}"),
            "mandible": "mandible",
            **_sides("parotid", "parotid-{short}|{side}parotid"),
            **_sides("submandibular", "submandibular-{short}"),
            **_sides("orbit", "orbit-{short}"),
            **_sides("lens", "lens-{short}"),
            **_sides("lacrimal", "lacrimal-{short}"),
            **_sides("optic_nerve", "optic-nerve-{short}"),
            **_sides("cochlea", "cochlea-{short}"),
        },
        symmetric=True,
    ),
}
"""The torso's labels are named as by TotalSegmentator, those of head and neck as in radiotherapy
plans; label maps of brains have FreeSurfer's numbers instead of names (``brain_classes``)."""


def body_part(classes: Sequence[str]) -> TaughtClasses:
    """The part of the body whose ``classes`` these are; others are labels of a data set, one
    each."""
    for part in BODY_PARTS.values():
        if part.names == tuple(classes):
            return part
    return TaughtClasses({name: re.escape(name.lower()) for name in classes})
