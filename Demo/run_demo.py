"""Three brain structures from strokes on one axial slice, through the real command line.

The volume is the ICBM 152 T1 template (1 mm) that comes inside nilearn; nothing is downloaded.

    python Demo/run_demo.py --output demo-output
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

import nibabel
import numpy as np
from matplotlib.colors import to_rgb
from nilearn.datasets import load_mni152_template, load_mni152_wm_template
from picture import draw
from S2VNetSlicerLib.errors import UserError
from S2VNetSlicerLib.network.weights import load_model
from S2VNetSlicerLib.propagation.session import Session
from S2VNetSlicerLib.scene.files import write_segmentation
from S2VNetSlicerLib.segmenting import audit, segment
from S2VNetSlicerLib.volumes.reading import read_seeds, read_volume
from S2VNetSlicerLib.volumes.writing import write_label_map
