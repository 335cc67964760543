"""S2VNet in 3D Slicer, in the browser and on the command line."""

import os

# By default the threads of GNU's OpenMP wait for one another in a busy loop, for milliseconds.
# Where another program takes one of the cores, all wait for the thread that was put aside: two
# threads beside one busy core took 118 s for what one thread does in 7 s. So short a loop costs an
# idle machine nothing that could be measured. OpenMP reads this once, when torch loads it.
if "OMP_WAIT_POLICY" not in os.environ:
    os.environ.setdefault("GOMP_SPINCOUNT", "3000")
