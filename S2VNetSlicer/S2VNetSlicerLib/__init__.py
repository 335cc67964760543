"""S2VNet in 3D Slicer, in the browser and on the command line."""

import os

# By default OpenMP's threads wait for one another in a busy loop. Where another program takes one
# of the cores, they all wait for the thread that was put aside: two threads beside one busy core
# took 118 s for what one thread does in 7 s. OpenMP reads this once, when torch loads it.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
