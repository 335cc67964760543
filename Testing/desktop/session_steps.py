"""What a user does in a session with the panel on a small volume, and what it then shows."""

from __future__ import annotations

import numpy as np

SHAPE, SPACING, ORIGIN = (12, 40, 36), (1.0, 1.0, 2.0), (-18.0, -20.0, -12.0)
"""[k, j, i]; mm along i, j, k; RAS."""
MIDDLE = (100, 100)
"""Pixel of the slice view's centre, where the ball is."""


def ball(seed=3):
    """A volume int16 with a bright ball around the origin, and where the ball is, bool."""
    k, j, i = np.indices(SHAPE)
    inside = (k - 6) ** 2 * 4 + (j - 20) ** 2 + (i - 18) ** 2 < 80
    noise = np.random.default_rng(seed).normal(0, 5, SHAPE)
    return (80 + 150 * inside + noise).astype(np.int16), inside


def choose(widget, name="head"):
    """The user's first steps."""
    ui = widget.ui
    ui.volumeSelector.choose(name)
    ui.addClassButton.click()
    ui.markButton.click()
    ui.radiusSlider.value = 3.0


def state(widget):
    return widget.panel.presenter.state


def mark(widget, host):
    host.slice_widget().drag([MIDDLE, (104, 100), (104, 104)])
    host.slice_widget().click(60, 100, ctrl=True)
    widget.panel.presenter.wait()
