# SPDX-License-Identifier: GPL-3.0-or-later
"""The solver behind the training targets, on known answers."""

import numpy as np
import pytest

pytest.importorskip("scipy", reason="training code needs the train extra (scipy)")

from facewright.inference.capture import person, solving
from facewright.inference.capture.landmarks import BROWS, STABLE, Tracks, stabilise, template
from facewright.inference.core.channels import ARKIT
from facewright.inference.core.rotations import angles
from facewright.models.training.heads import distances
from facewright.models.training.heads.ict import MARKS, IctHead

NUMBERS = tuple(dict.fromkeys((*solving.POINT_WEIGHT, *BROWS, *STABLE)))


@pytest.fixture(scope="module")
def head(shared) -> IctHead:
    return IctHead.load(shared / "head_ict_facekit.npz")


def turned(yaw: float, pitch: float, roll: float) -> np.ndarray:
    """R = Ry(-yaw) Rx(pitch) Rz(roll), written out element by element rule: a frame of known rotation."""
    cy, sy, cp, sp, cr, sr = np.cos(-yaw), np.sin(-yaw), np.cos(pitch), np.sin(pitch), np.cos(roll), np.sin(roll)
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_x = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    about_z = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    return about_y @ about_x @ about_z


def test_angles_follow_the_sign_rule():
    nose, top = np.array([0.0, 0, 1]), np.array([0.0, 1, 0])
    right, down, tilt = turned(0.2, 0, 0), turned(0, 0.2, 0), turned(0, 0, 0.2)
    assert (right @ nose)[0] < -0.1, "positive yaw turns the nose to the own right, which is -x"
    assert (down @ nose)[1] < -0.1, "positive pitch turns the nose down"
    assert (tilt @ top)[0] < -0.1, "positive roll tilts the top of the head to the own right"
    found = angles(np.stack([turned(0.3, -0.2, 0.1), turned(-0.1, 0.05, -0.4)]))
    np.testing.assert_allclose(found, [[0.3, -0.2, 0.1], [-0.1, 0.05, -0.4]], atol=1e-9)


def test_stabilise_takes_out_scale_place_and_rotation():
    rng = np.random.default_rng(0)
    shape = rng.normal(size=(len(STABLE), 3))
    poses = [(0.0, 0.0, 0.0), (0.2, -0.1, 0.05), (-0.2, 0.1, -0.05)]
    frames = [40 * (1 + 0.1 * k) * shape @ turned(*pose).T + (300 + k, -200, 5) for k, pose in enumerate(poses)]
    tracks = Tracks(np.array(frames) * (1, -1, -1), STABLE, 25.0)
    stable = stabilise(tracks, template([tracks]))
    np.testing.assert_allclose(stable.face.points[1], stable.face.points[0], atol=1e-6)
    np.testing.assert_allclose(stable.face.points[2], stable.face.points[0], atol=1e-6)
    eyes = stable.face.at((33, 263))[0]
    assert np.linalg.norm(eyes[1] - eyes[0]) == pytest.approx(1.0)


def test_solution_agrees_with_scipy_frame_by_frame():
    """Without smoothing every frame is a bounded least-squares problem that SciPy can solve as well."""
    from scipy.optimize import lsq_linear

    rng = np.random.default_rng(1)
    design, measured = rng.normal(size=(40, 6)), rng.normal(size=(12, 40)) * 2
    problem = solving.Problem(tuple("abcdef"), design, 0.3 * np.eye(6), np.full(6, 0.4), smooth=0.0)
    stacked = np.vstack([design, np.sqrt(0.3) * np.eye(6)])
    expected = [
        lsq_linear(stacked, np.r_[row, np.full(6, -0.4 / np.sqrt(0.3))], bounds=(0, 1), tol=1e-12).x for row in measured
    ]
    np.testing.assert_allclose(problem.solve(measured), expected, atol=1e-4)


def test_mouth_problem_has_one_solution(head):
    problem = solving.mouth_problem(head.marked())
    lowest = np.linalg.eigvalsh(problem.design.T @ problem.design + problem.quadratic)[0]
    assert lowest > 0, "exclusive pairs must not make the problem non-convex"


def known_face(head: IctHead, weights: np.ndarray) -> np.ndarray:
    """Rows the mouth problem would measure on the head itself."""
    numbers = tuple(solving.POINT_WEIGHT)
    columns = [MARKS[n] for n in numbers]
    moves = head.vertices(weights, columns) - head.neutral[columns]
    return solving.rows(moves.astype(float), numbers, mouth=True)


@pytest.mark.parametrize("name", ["jawOpen", "mouthPucker", "mouthFunnel", "mouthSmileLeft", "mouthStretchRight"])
def test_a_known_shape_is_found_again(head, name):
    """One shape put on both sides of the head comes back as itself, and press and frown stay out of it."""
    weights = np.zeros((9, len(ARKIT)), np.float32)
    both = {name, name.replace("Left", "Right"), name.replace("Right", "Left")}
    for channel in both:
        weights[:, ARKIT.index(channel)] = 0.4
    problem = solving.mouth_problem(head.marked())
    solved = dict(zip(problem.columns, problem.solve(known_face(head, weights))[4], strict=True))
    for channel in both:
        assert solved[channel] == pytest.approx(0.4, abs=0.12), solved
    for channel in ("mouthPressLeft", "mouthPressRight", "mouthFrownLeft", "mouthFrownRight"):
        assert solved[channel] < 0.05, solved


def test_mouth_close_never_exceeds_jaw_open(head):
    rng = np.random.default_rng(2)
    weights = rng.uniform(0, 0.5, size=(20, len(ARKIT)))
    closed = person.close_lips(weights, head.marked(), np.ones(20, bool))
    jaw, close = ARKIT.index("jawOpen"), ARKIT.index("mouthClose")
    assert (closed[:, close] <= np.maximum(closed[:, jaw], weights[:, close]) + 1e-9).all()


def test_close_lips_shuts_what_smoothing_left_ajar(head):
    weights = np.zeros((2, len(ARKIT)), np.float32)
    weights[:, ARKIT.index("jawOpen")] = 0.2
    weights[:, ARKIT.index("mouthLowerDownLeft")] = weights[:, ARKIT.index("mouthLowerDownRight")] = 0.1
    shut = head.distances(person.close_lips(weights, head.marked(), np.array([True, False])))
    rest = head.distances(np.zeros((1, len(ARKIT))))
    assert shut[0, 0] == pytest.approx(rest[0, 0], abs=1e-3)
    assert shut[1, 0] > rest[0, 0] + 0.05, "a frame that is open in the video stays open"


def test_distances_do_what_their_names_say(head):
    weights = np.zeros((4, len(ARKIT)), np.float32)
    for row, name in enumerate(("jawOpen", "mouthPucker", "mouthStretchLeft"), start=1):
        weights[row, ARKIT.index(name)] = 0.5
    opening, width, jaw = head.distances(weights).T
    assert opening[1] > opening[0] + 0.1 and jaw[1] > jaw[0] + 0.1
    assert width[2] < width[0] - 0.02 and width[3] > width[0] + 0.02
    subset = head.vertices(weights, distances.SUBSET)
    np.testing.assert_allclose(distances.from_mesh(subset, head.eye_distance)[2], jaw)
