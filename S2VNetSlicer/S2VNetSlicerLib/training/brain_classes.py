"""The predefined classes of the automatic mode: 32 brain structures."""

from __future__ import annotations

FREESURFER_IDS: dict[str, int] = {
    "left_cerebral_white_matter": 2,
    "right_cerebral_white_matter": 41,
    "left_cerebral_cortex": 3,
    "right_cerebral_cortex": 42,
    "left_lateral_ventricle": 4,
    "right_lateral_ventricle": 43,
    "left_inferior_lateral_ventricle": 5,
    "right_inferior_lateral_ventricle": 44,
    "left_cerebellum_white_matter": 7,
    "right_cerebellum_white_matter": 46,
    "left_cerebellum_cortex": 8,
    "right_cerebellum_cortex": 47,
    "left_thalamus": 10,
    "right_thalamus": 49,
    "left_caudate": 11,
    "right_caudate": 50,
    "left_putamen": 12,
    "right_putamen": 51,
    "left_pallidum": 13,
    "right_pallidum": 52,
    "third_ventricle": 14,
    "fourth_ventricle": 15,
    "brain_stem": 16,
    "left_hippocampus": 17,
    "right_hippocampus": 53,
    "left_amygdala": 18,
    "right_amygdala": 54,
    "left_accumbens": 26,
    "right_accumbens": 58,
    "left_ventral_dc": 28,
    "right_ventral_dc": 60,
    "csf": 24,
}
"""FreeSurfer's number of each class; the order gives the class ids 0..31."""

NAMES: tuple[str, ...] = tuple(FREESURFER_IDS)
