"""The strip: geometry, colours, what is painted where, clicks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6 import QtCore, QtGui, QtTest

WIDTH = 400
NONE = np.full(10, np.nan, np.float32)


@pytest.fixture
def strip(host):
    made = host.load("S2VNetSlicerLib.desktop.confidence_strip").ConfidenceStrip(lambda z: None)
    made.resize(WIDTH, 32)
    yield made
    made.deleteLater()


def pixel(strip, x, y):
    colour = strip.grab().toImage().pixelColor(x, y)
    return colour.red(), colour.green(), colour.blue()


def test_every_slice_can_be_hit(strip):
    @settings(max_examples=50, deadline=None)
    @given(slices=st.integers(1, 380), share=st.floats(0, 1))
    def check(slices, share):
        strip.show_slices(None, None, 0, slices, None)
        z = min(slices - 1, int(share * slices))
        assert strip.slice_at(strip.x_of(z)) == z
        assert strip.slice_at(-50) == 0
        assert strip.slice_at(WIDTH + 50) == slices - 1

    check()


def test_surer_is_lighter(strip):
    import S2VNetSlicerLib.desktop.confidence_strip as module

    colours = [module.colour_of(c) for c in np.linspace(0.3, 0.9, 30)]
    lightness = [0.2126 * red + 0.7152 * green + 0.0722 * blue for red, green, blue in colours]
    assert lightness == sorted(lightness)
    assert lightness[-1] > 4 * lightness[0]
    assert module.colour_of(float("nan")) == module.UNKNOWN
    assert module.colour_of(0.0) == module.colour_of(0.3)


def test_the_bar_shows_each_slice(strip):
    confidence = NONE.copy()
    confidence[2], confidence[7] = 0.4, 0.95
    strip.show_slices(confidence, None, 5, 10, None)
    import S2VNetSlicerLib.desktop.confidence_strip as module

    assert pixel(strip, strip.x_of(2), 8) == module.colour_of(0.4)
    assert pixel(strip, strip.x_of(7), 8) == module.colour_of(0.95)
    assert pixel(strip, strip.x_of(0), 8) == module.UNKNOWN
    assert pixel(strip, strip.x_of(5), 8) == (20, 20, 20), "the current slice"


def test_a_narrow_strip_shows_the_least_sure_slice(strip):
    confidence = np.full(4000, 0.95, np.float32)
    confidence[2001] = 0.4
    strip.show_slices(confidence, None, 0, 4000, None)
    import S2VNetSlicerLib.desktop.confidence_strip as module

    assert strip.colour_at(strip.x_of(2001)) == module.colour_of(0.4)


def test_ticks_tell_marked_from_accepted(strip):
    slice_status = np.zeros(10, np.uint8)
    slice_status[3], slice_status[6], slice_status[8] = 2, 3, 1
    strip.show_slices(None, slice_status, 0, 10, None)
    below = 24
    background = pixel(strip, strip.x_of(1), below)
    marked, accepted = (pixel(strip, strip.x_of(z), below) for z in (3, 6))
    assert len({marked, accepted, background}) == 3
    assert pixel(strip, strip.x_of(8), below) == background


def test_ticks_are_seen_on_a_dark_theme(strip):
    palette = QtGui.QPalette(QtGui.QColor(30, 30, 30))  # Qt derives the text's colour
    strip.setPalette(palette)
    strip.setAutoFillBackground(True)
    slice_status = np.zeros(10, np.uint8)
    slice_status[3], slice_status[6] = 2, 3
    strip.show_slices(None, slice_status, 0, 10, None)
    background, *ticks = (pixel(strip, strip.x_of(z), 24) for z in (1, 3, 6))
    assert all(max(tick) > max(background) + 100 for tick in ticks)


def test_the_worst_slice_is_shown(strip):
    strip.show_slices(NONE, None, 0, 10, None)
    plain = pixel(strip, strip.x_of(8), 5)
    strip.show_slices(NONE, None, 0, 10, 8)
    assert pixel(strip, strip.x_of(8), 5) != plain


def test_a_click_jumps(host):
    jumps = []
    strip = host.load("S2VNetSlicerLib.desktop.confidence_strip").ConfidenceStrip(jumps.append)
    strip.resize(WIDTH, 32)
    left = QtCore.Qt.MouseButton.LeftButton
    QtTest.QTest.mouseClick(strip, left, pos=QtCore.QPoint(200, 5))
    assert jumps == [], "there are no slices yet"
    strip.show_slices(NONE, None, 0, 10, None)
    QtTest.QTest.mouseClick(strip, left, pos=QtCore.QPoint(strip.x_of(7), 5))
    QtTest.QTest.mouseClick(strip, left, pos=QtCore.QPoint(WIDTH - 1, 5))
    assert jumps == [7, 9]


def test_the_words(strip):
    confidence, slice_status = NONE.copy(), np.zeros(10, np.uint8)
    confidence[3], slice_status[3] = 0.876, 2
    strip.show_slices(confidence, slice_status, 0, 10, None)
    assert strip.describe(3) == "Slice 4 of 10: marked, expected agreement 88 %"
    assert strip.describe(0) == "Slice 1 of 10: not reached yet"
    strip.show_slices(confidence, slice_status, 0, 10, 3)
    assert strip.describe(3).endswith("88 %, the worst")
