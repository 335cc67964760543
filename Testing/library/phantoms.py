"""Bodies with a ball, which tests learn and find."""

from __future__ import annotations

import numpy as np
from S2VNetSlicerLib.library.learning import learn

SHAPE, SPACING = (16, 96, 96), (3.0, 1.5, 1.5)


def phantom(centre=(8, 40, 60), seed=1):
    """A body with a bright ball among darker ones; the image and the ball."""
    random = np.random.default_rng(seed)
    z, y, x = np.indices(SHAPE)
    image = random.normal(8, 3, SHAPE)
    body = ((y - 48) / 42) ** 2 + ((x - 48) / 42) ** 2 < 1
    image[body] += 80
    image[((y - 66) ** 2 + (x - 30) ** 2 + (2 * (z - 8)) ** 2 < 100) & body] -= 40
    ball = (y - centre[1]) ** 2 + (x - centre[2]) ** 2 + (2 * (z - centre[0])) ** 2 < 144
    image[ball] += 90
    return image.astype(np.float32), ball


def taught(session, ball, slices=(6, 8, 10)):
    session.load(ball.astype(np.uint8))
    for z in slices:
        session.accept(z)
    return learn(session, 1, "Ball", weights="small", colour=(0.1, 0.2, 0.3))
