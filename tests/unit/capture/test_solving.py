# SPDX-License-Identifier: GPL-3.0-or-later
"""Capture's solver on faces whose weights are known: the built-in head, tracked as a camera would see it."""

import numpy as np
import pytest

from facewright.inference.capture import person, solving
from facewright.inference.capture.builtin import marked_builtin_head, uncalibrated
from facewright.inference.capture.eyes import solve_eyes
from facewright.inference.capture.landmarks import (
    CORNERS_LEFT,
    CORNERS_RIGHT,
    IRIS_LEFT,
    IRIS_RIGHT,
    LIDS_LEFT,
    LIDS_RIGHT,
    Tracks,
)
from facewright.inference.capture.tracking import NUMBERS, followed
from facewright.inference.core.channels import ARKIT, LIVE_LINK
from facewright.inference.core.rotations import upright

FPS = 25.0
SAID = {  # peaks of smooth bumps: channel -> (seconds, size)
    "jawOpen": ((0.8, 0.5), (1.6, 0.3)),
    "mouthPucker": ((1.6, 0.5),),
    "mouthSmileLeft": ((2.4, 0.4),),
    "mouthSmileRight": ((2.4, 0.4),),
    "mouthLowerDownLeft": ((0.8, 0.3),),
    "mouthLowerDownRight": ((0.8, 0.3),),
    "browInnerUp": ((2.0, 0.6),),
    "browOuterUpLeft": ((2.0, 0.5),),
    "browOuterUpRight": ((2.0, 0.5),),
}


def spoken(fps: float) -> np.ndarray:
    """Weights of a made-up sentence with rests between (F, 52)."""
    times = np.arange(round(3 * fps)) / fps
    weights = np.zeros((len(times), len(ARKIT)))
    for name, peaks in SAID.items():
        for at, size in peaks:
            weights[:, ARKIT.index(name)] += size * np.clip(1 - ((times - at) / 0.3) ** 2, 0, 1) ** 2
    return weights


def filmed(weights: np.ndarray, fps: float, *, noise: float = 0.0) -> Tracks:
    """The calibrated head as a tracker sees it: turning slowly, in pixels of a picture, y down, z away."""
    head = marked_builtin_head()
    rng = np.random.default_rng(0)
    known = {number: column for column, number in enumerate(head.numbers)}
    extra = {number: rng.normal(size=3) * (3, 3, 1) + (0, 5, 0) for number in NUMBERS if number not in known}
    for lids in (LIDS_RIGHT, LIDS_LEFT):
        for upper, lower in lids:
            extra[upper], extra[lower] = extra[lower] + (0, 0.6, 0), extra[lower]
    points = np.empty((len(weights), len(NUMBERS), 3))
    moved = head.neutral + np.einsum("fc,clx->flx", weights, head.deltas)
    for column, number in enumerate(NUMBERS):
        points[:, column] = moved[:, known[number]] if number in known else extra[number]
    turn = turning(len(weights), fps)
    points = np.einsum("fij,flj->fli", turn, points) * 22 + (320, -240, 0)
    return Tracks((points + noise * rng.normal(size=points.shape)) * (1, -1, -1), NUMBERS, fps)


def turning(count: int, fps: float) -> np.ndarray:
    """A head that nods and shakes a little, as rotations of head axes (y up, z in front)."""
    times = np.arange(count) / fps
    own = upright(0.15 * np.sin(2 * times), 0.1 * np.sin(3 * times), 0.05 * np.sin(times))
    axes = np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]])  # from this project's axes
    return axes @ own @ axes.T


def solved(tracks: Tracks, still: np.ndarray | None = None) -> np.ndarray:
    """The 61 curves; `still` are frames of the resting face."""
    head = marked_builtin_head()
    if still is None:
        return person.solve_person({"": tracks}, head)[""]
    face = person.align_person({"": tracks})[0][""]
    neutral = np.median(face.face.points[still], axis=0)
    return person.solve_clip(face, neutral, head, solving.mouth_problem(head), solving.brow_problem(head), still)


def held(tracks: Tracks) -> Tracks:
    """With the head held still."""
    return person.align_person({"": tracks})[0][""].face


def column(values: np.ndarray, name: str) -> np.ndarray:
    return values[:, LIVE_LINK.index(name)]


@pytest.mark.parametrize("fps", [25.0, 60.0])
def test_known_weights_come_back(fps):
    weights = spoken(fps)
    found = solved(filmed(weights, fps), weights.max(axis=1) == 0)
    for name in SAID:
        truth, got = weights[:, ARKIT.index(name)], column(found, name)
        assert np.corrcoef(truth, got)[0, 1] > 0.93, name
        assert np.abs(truth - got).mean() < 0.06, name
    head, own = marked_builtin_head(), weights[:, : len(ARKIT)]
    opening = np.stack([head.distances(own)[:, 0], head.distances(found)[:, 0]])
    width = np.stack([head.distances(own)[:, 1], head.distances(found)[:, 1]])
    assert np.corrcoef(opening)[0, 1] > 0.99 and np.corrcoef(width)[0, 1] > 0.98


def test_the_mouth_is_as_wide_on_the_head_that_is_shown():
    """Weights are those of the targets, whose shapes widen a mouth otherwise; the width comes out right on both."""
    weights = spoken(FPS)
    found = solved(filmed(weights, FPS), weights.max(axis=1) == 0)
    tracked = marked_builtin_head().distances(weights)[:, 1]
    for head in (marked_builtin_head(), uncalibrated()):
        width = head.distances(found)[:, 1]
        assert np.corrcoef(width, tracked)[0, 1] > 0.98
        assert np.ptp(width) == pytest.approx(np.ptp(tracked), rel=0.15)


def test_noise_of_a_pixel_does_not_make_a_face_tremble():
    still = np.zeros((75, len(ARKIT)))
    jaw = column(solved(filmed(still, FPS, noise=0.5)), "jawOpen")
    assert jaw.max() < 0.1 and np.abs(np.diff(jaw)).mean() < 0.01


def test_head_turns_as_it_was_turned():
    found = solved(filmed(spoken(FPS), FPS))
    times = np.arange(75) / FPS
    for name, size, pace in (("headYaw", 0.15, 2), ("headPitch", 0.1, 3), ("headRoll", 0.05, 1)):
        truth = size * np.sin(pace * times)
        assert np.corrcoef(truth, column(found, name))[0, 1] > 0.97, name


def test_shut_lips_shut_on_the_head():
    weights = spoken(FPS)
    found = solved(filmed(weights, FPS))
    head = marked_builtin_head()
    rest = head.distances(np.zeros((1, len(ARKIT))))[0, 0]
    shut = head.distances(weights)[:, 0] < rest + 1e-3
    assert shut.sum() > 10
    assert (head.distances(found)[shut, 0] < rest + 5e-3).all()


def test_a_part_at_rest_may_be_named():
    """Of a clip whose lips part all the time but at its end, the end says what closed is."""
    weights = spoken(FPS)
    weights[:60, ARKIT.index("jawOpen")] += 0.2
    tracks = filmed(weights, FPS)
    still = np.arange(75) >= 68
    found = solved(tracks, still)
    assert column(found, "jawOpen")[5] == pytest.approx(weights[5, ARKIT.index("jawOpen")], abs=0.06)
    assert np.abs([column(found, name)[still].mean() for name in ("headYaw", "headPitch")]).max() < 1e-6


def test_a_blink_is_read_off_the_lids():
    tracks = held(filmed(np.zeros((75, len(ARKIT))), FPS))
    points = tracks.points.copy()
    for upper, lower in LIDS_RIGHT + LIDS_LEFT:
        points[30:34, NUMBERS.index(upper)] = points[30:34, NUMBERS.index(lower)]
    shut = solve_eyes(Tracks(points, NUMBERS, FPS))["eyeBlinkLeft"]
    assert (shut[30:34] > 0.95).all() and shut[:28].max() < 0.05 and shut[36:].max() < 0.05


def test_eyes_that_look_aside_do_so():
    tracks = held(filmed(np.zeros((75, len(ARKIT))), FPS))
    points = tracks.points.copy()
    for iris, corners in ((IRIS_RIGHT, CORNERS_RIGHT), (IRIS_LEFT, CORNERS_LEFT)):
        ends = points[:, [NUMBERS.index(number) for number in corners]]
        points[:, NUMBERS.index(iris)] = ends.mean(axis=1)
        width = np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1)
        points[40:60, NUMBERS.index(iris), 0] -= 0.15 * width[40:60]  # to the own right
    looked = solve_eyes(Tracks(points, NUMBERS, FPS))
    assert looked["leftEyeYaw"][45:55].min() > 0.2 and looked["eyeLookOutRight"][45:55].min() > 0.3
    assert np.abs(looked["leftEyeYaw"][:35]).max() < 0.1


def test_calibration_only_mixes_shapes_of_the_mouth_and_of_the_brows():
    plain, mixed = uncalibrated(), marked_builtin_head()
    for name in ARKIT:
        same = np.array_equal(plain.deltas[ARKIT.index(name)], mixed.deltas[ARKIT.index(name)])
        assert same == (name not in (*solving.MOUTH, *solving.BROW)), name


def test_another_face_is_followed_only_when_it_is_much_larger():
    small = np.array([[0, 0, 0], [100, 100, 0]], np.float32)
    near, far, giant = small + 5, small * 1.3 + 400, small * 2 + 400
    assert followed([far, near], small) is near
    assert followed([near, giant], small) is giant
    assert followed([near, far], None) is far
