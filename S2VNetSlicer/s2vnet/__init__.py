"""Interactive segmentation of CT and MR volumes with S2VNet: the public Python API.

Arrays are ``[k, j, i]`` (slices, rows, columns), spacings mm in the same order. Labels are uint8: 0
background, 1 the first structure. Everything else below ``S2VNetSlicerLib`` may change.
"""

from S2VNetSlicerLib.errors import UserError
from S2VNetSlicerLib.interactive import InteractiveSession, Model, load_model
from S2VNetSlicerLib.logs import software_version
from S2VNetSlicerLib.propagation.settings import SessionSettings
from S2VNetSlicerLib.segmenting import Segmentation, segment, segment_automatically
from S2VNetSlicerLib.volumes.reading import read_seeds, read_volume
from S2VNetSlicerLib.volumes.writing import write_label_map

__all__ = [
    "InteractiveSession",
    "Model",
    "Segmentation",
    "SessionSettings",
    "UserError",
    "load_model",
    "read_seeds",
    "read_volume",
    "segment",
    "segment_automatically",
    "write_label_map",
]
__version__ = software_version()
