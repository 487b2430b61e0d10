# SPDX-License-Identifier: GPL-3.0-or-later
"""Time in capture: frame rates that vary, gaps, frames in which nothing was found."""

import numpy as np
import pytest

from facewright.inference.capture import timing
from facewright.inference.capture.report import CaptureReport
from facewright.inference.capture.tracking import NUMBERS, Sightings
from facewright.inference.core.errors import CaptureError


def seen(times, lost=()) -> Sightings:
    """A point cloud that moves right by a pixel a second."""
    times = np.asarray(times, float)
    points = np.zeros((len(times), len(NUMBERS), 3), np.float32) + times[:, None, None].astype(np.float32)
    points[list(lost)] = np.nan
    return Sightings(times, points, 1, 0.0)


def test_a_frame_rate_that_varies_is_evened_out_by_time_stamps():
    steps = np.random.default_rng(0).choice([1 / 30, 2 / 30, 1 / 15], 60, p=[0.7, 0.2, 0.1])
    found = seen(np.concatenate([[0.5], 0.5 + np.cumsum(steps)]))
    assert timing.is_uneven(found.times) and timing.frame_rate(found) == 30.0
    tracks, times, away = timing.evenly_spaced(found, 30.0)
    np.testing.assert_allclose(np.diff(times), 1 / 30)
    np.testing.assert_allclose(tracks.points[:, 0, 0], times, atol=1e-5)
    assert not away.any() and times[0] == 0.5


@pytest.mark.parametrize("rate", [24000 / 1001, 25.0, 30000 / 1001, 30.0, 50.0, 60.0])
def test_known_rates_are_kept_exactly(rate):
    times = np.round(np.arange(50) / rate, 3)  # containers round to milliseconds
    assert not timing.is_uneven(times) and timing.frame_rate(seen(times)) == rate


def test_more_than_sixty_frames_a_second_are_thinned():
    tracks, times, _ = timing.evenly_spaced(seen(np.arange(240) / 120), timing.frame_rate(seen(np.arange(240) / 120)))
    assert tracks.fps == 60.0 and len(times) == 120


def test_short_gaps_are_bridged_and_in_long_ones_the_mouth_comes_to_rest():
    times = np.arange(100) / 25
    found = seen(times, [*range(10, 14), *range(50, 80)])
    tracks, _, away = timing.evenly_spaced(found, 25.0)
    np.testing.assert_allclose(tracks.points[:, 0, 0], times, atol=1e-5)
    assert away.sum() == 34
    gaps = timing.long_gaps(found, 25.0)
    assert gaps == [(2.0, pytest.approx(3.16))]
    presence = timing.presence(times, gaps)
    assert (presence[:51] == 1).all() and (presence[56:74] == 0).all() and (presence[80:] == 1).all()
    assert np.abs(np.diff(presence)).max() < 0.25


def test_too_few_faces_and_too_short_clips_are_refused():
    with pytest.raises(CaptureError, match="found one in 40 of 100"):
        timing.check_found(seen(np.arange(100) / 25, range(60)), "clip.mp4")
    with pytest.raises(CaptureError, match="found one in 10 of 10"):
        timing.check_found(seen(np.arange(10) / 25), "clip.mp4")


def test_a_neutral_part_outside_the_video_is_refused():
    times = np.arange(50) / 25
    assert timing.resting_frames(times, (0.2, 0.6)).sum() == 11
    with pytest.raises(CaptureError, match=r"from 0\.00 to 1\.96 s, got 5 to 6"):
        timing.resting_frames(times, (5, 6))


def test_the_report_says_only_what_is_worth_knowing():
    calm = CaptureReport(100, 100, 0, (), 0, 30, 1, False, 1.0)
    assert len(calm.sentences()) == 1
    rough = CaptureReport(100, 80, 5, ((1.0, 1.6),), 7, 2, 2, True, 1.0)
    text = " ".join(rough.sentences())
    for word in ("80 of 100", "20 frames lost", "1.0 to 1.6 s", "7 frames", "--neutral", "largest", "varies"):
        assert word in text
