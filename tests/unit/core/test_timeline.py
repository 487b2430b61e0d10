# SPDX-License-Identifier: GPL-3.0-or-later
"""Seconds and frames, there and back."""

import numpy as np
import pytest

from facewright.inference.core.timeline import Timeline


def test_second_0_falls_on_the_first_frame():
    line = Timeline(24, first_frame=101.5)
    assert (line.frame(0.0), line.frame(2.0), line.seconds(125.5)) == (101.5, 149.5, 1.0)
    assert line.seconds(100) == pytest.approx(-1.5 / 24), "before the first frame time is negative"


@pytest.mark.parametrize("fps", [24, 25, 30 / 1.001, 120])
def test_many_at_once_and_back(fps):
    seconds = np.linspace(-1, 3600, 1001).reshape(7, 143)
    line = Timeline(fps, 7.25)
    frames = line.frame(seconds)
    assert frames.shape == seconds.shape
    assert frames[3, 5] == line.frame(float(seconds[3, 5]))
    np.testing.assert_allclose(line.seconds(frames), seconds, atol=1e-9)


def test_whole_frames_lie_around_the_ends():
    line = Timeline(10, 1.0)
    assert line.whole_frames(0.05, 0.25) == (1, 4)
    assert line.whole_frames(0.0, 0.2) == (1, 3)
    assert line.whole_frames(0.5, 0.1) == (6, 6), "never none"


def test_timelines_are_equal_by_value():
    assert Timeline(24.0, 1.0) == Timeline(24, 1)
    assert hash(Timeline(24.0, 1.0)) == hash(Timeline(24, 1))
