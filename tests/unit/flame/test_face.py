# SPDX-License-Identifier: GPL-3.0-or-later
"""The 52 ARKit shapes on a FLAME head, and curves to FLAME and back, on a full-size model made by code."""

import tracemalloc

import numpy as np
import pytest
from support.flame_layout import flame_arrays

from facewright.inference.core.channels import ARKIT, CHANNELS, EYES, HEAD
from facewright.inference.core.errors import MotionError
from facewright.inference.core.motion import Motion
from facewright.inference.flame import convert, graph, transfer
from facewright.inference.flame import landmarks as lm
from facewright.inference.flame.face import EYE, flame_face, gaze, touching_lips
from facewright.inference.flame.model import FlameModel
from facewright.inference.flame.register import flame_axes

MOUTH = [name for name in ARKIT if name.startswith(("mouth", "jaw", "cheekPuff"))]
FOUND = [name for name in ARKIT if name != "tongueOut"]  # FLAME has no tongue


@pytest.fixture(scope="module")
def face(tmp_path_factory):
    path = tmp_path_factory.mktemp("flame") / "flame.npz"
    np.savez(path, **{name: array for name, array in flame_arrays().items() if isinstance(array, np.ndarray)})
    return flame_face(FlameModel.load(path))


def lively(frames=240, fps=30.0, seed=3):
    """Every channel moves slowly and rests often; eyes look where their eyeLook weights say; lips shut on a jaw."""
    rng = np.random.default_rng(seed)
    slow = np.stack([smooth(rng.normal(size=frames + 40)) for _ in CHANNELS], axis=1)
    values = np.clip(0.6 * slow - 0.6, 0, 0.8)
    at = CHANNELS.index
    values[:, at("jawOpen")] = np.clip(0.5 * slow[:, at("jawOpen")] + 0.25, 0, 1)
    values[:, at("mouthClose")] = np.minimum(values[:, at("mouthClose")], values[:, at("jawOpen")])
    for left in ("jawLeft", "mouthLeft"):  # to both sides at once is to neither
        right = left.replace("Left", "Right")
        values[:, at(right)] *= values[:, at(left)] == 0
    values[:, at("tongueOut")] = 0
    values[:, [at(name) for name in HEAD]] = 0.2 * slow[:, [at(name) for name in HEAD]]
    angles = 0.2 * slow[:, [at(name) for name in EYES]]
    angles[:, [2, 5]] = 0
    values[:, [at(name) for name in EYES]] = angles
    for name in convert.LOOKS:
        values[:, at(name)] = convert.eye_look(name, angles[:, 3:] if name.endswith("Right") else angles[:, :3])
    values[:, 61:] = 0
    return Motion(values, CHANNELS, fps)


def smooth(noise):
    kernel = np.hanning(42)[1:-1]
    found = np.convolve(noise, kernel, "valid")[:-1]
    return found / found.std()


def errors(found, true, names=FOUND):
    """Root mean square and 99th percentile of the differences."""
    off = np.abs(found.select(names).values - true.select(names).values)
    return float(np.sqrt((off**2).mean())), float(np.percentile(off, 99))


def shape(face, name):
    return 1000 * face.shapes[ARKIT.index(name)].astype(float)


def head(face):
    return 1000 * face.neutral.astype(float)


@pytest.mark.parametrize(
    ("name", "vertex", "direction"),
    [
        ("jawOpen", lm.CHIN, (0, -1, -0.7)),
        ("jawForward", lm.CHIN, (0, 0, 1)),
        ("jawLeft", lm.CHIN, (1, 0, 0)),
        ("jawRight", lm.CHIN, (-1, 0, 0)),
        ("mouthSmileLeft", lm.BORDER_CORNERS[0], (0.6, 0.7, -0.3)),
        ("mouthSmileRight", lm.BORDER_CORNERS[1], (-0.6, 0.7, -0.3)),
        ("mouthFrownLeft", lm.BORDER_CORNERS[0], (0, -1, 0)),
        ("mouthStretchRight", lm.BORDER_CORNERS[1], (-1, 0, 0)),
        ("mouthPucker", lm.BORDER_CORNERS[0], (-1, 0, 0)),
        ("mouthFunnel", 3531, (0, 0.5, 0.5)),
        ("mouthFunnel", 3504, (0, -0.5, 0.5)),
        ("mouthUpperUpLeft", 1670, (0, 1, 0)),
        ("mouthLowerDownRight", 2907, (0, -1, 0)),
        ("mouthRollLower", lm.BORDER_LOWER[7], (0, 1, -0.3)),
        ("mouthShrugUpper", 3531, (0, 0.6, 0.5)),
        ("mouthLeft", 3531, (1, 0, 0)),
        ("browInnerUp", 3868, (0, 1, 0)),
        ("browDownLeft", 27, (0, -1, 0)),
        ("browOuterUpRight", 337, (0, 1, 0)),
        ("eyeBlinkLeft", lm.EYES[0][1], (0, -1, 0)),
        ("eyeWideRight", lm.EYES[1][1], (0, 1, 0)),
        ("noseSneerLeft", 1676, (0, 1, 0)),
        ("eyeLookUpLeft", 4051, (0, 1, 0)),
        ("eyeLookOutLeft", lm.SKIN, (1, 0, 0)),
        ("eyeLookOutRight", lm.SKIN + EYE, (-1, 0, 0)),
        ("eyeLookInLeft", lm.SKIN, (-1, 0, 0)),
    ],
)
def test_shapes_move_what_they_are_called_after(face, name, vertex, direction):
    moved = shape(face, name)[vertex]
    if vertex == 4051:  # a vertex in front of the real eye; here the front of the eye is its first
        moved = shape(face, name)[lm.SKIN]
    wanted = np.array(direction) / np.linalg.norm(direction)
    assert np.linalg.norm(moved) > 0.8
    assert moved @ wanted > 0.6 * np.linalg.norm(moved), moved


def test_shapes_are_as_large_as_on_the_built_in_head(face):
    for name, own in transfer.own_shapes().items():
        if name not in ("tongueOut", "mouthClose") and not name.startswith("eyeLook"):
            size = np.linalg.norm(shape(face, name), axis=1).max() / np.linalg.norm(own, axis=1).max()
            assert 0.6 < size < 1.6, (name, size)


def test_what_a_shape_has_no_business_with_stays(face):
    still = np.abs(head(face) - head(face)[lm.IBUG[33]]).max(axis=1) > 130
    for name in ARKIT:
        assert np.abs(shape(face, name)[still]).max() < 0.5, name
    assert not shape(face, "tongueOut").any()
    left, right = (np.linalg.norm(shape(face, f"mouthSmile{side}"), axis=1) for side in ("Left", "Right"))
    assert right[lm.BORDER_CORNERS[0]] < 0.3 > left[lm.BORDER_CORNERS[1]]


def test_lips_meet_again_when_the_mouth_closes_on_an_open_jaw(face):
    rest, opened = head(face), head(face) + shape(face, "jawOpen")
    closed = opened + shape(face, "mouthClose")
    middle = slice(3, -3)  # at the corners, inside the mouth, nobody sees them part
    pairs = [(lm.SEAM_UPPER, lm.SEAM_LOWER, 0.3), (lm.INSIDE_UPPER[middle], lm.INSIDE_LOWER[middle], 4.0)]
    for upper, lower, most in pairs:
        gap = [(points[list(upper)] - points[list(lower)])[:, 1] for points in (rest, opened, closed)]
        assert gap[1].max() > gap[0].max() + 12
        assert np.abs(gap[2] - gap[0]).max() < most


def test_vertices_that_touch_at_rest_touch_when_the_mouth_is_shut(face):
    edges = graph.edges(face.model.faces[face.model.faces.max(axis=1) < lm.SKIN])
    side = graph.lip_side(head(face)[: lm.SKIN], edges, *transfer.lip_rows())
    upper, lower = touching_lips(head(face), side)
    assert len(upper) > 40
    apart = [np.linalg.norm(moved[upper] - moved[lower], axis=1) for moved in (shape(face, "jawOpen"), shut(face))]
    assert apart[0].mean() > 15 and apart[1].mean() < 0.3 and apart[1].max() < 3


def shut(face):
    return shape(face, "jawOpen") + shape(face, "mouthClose")


def test_lids_meet_when_they_blink_and_stay_outside_the_eye(face):
    joints = 1000 * face.joints
    for eye, side in enumerate(("Left", "Right")):
        closed = head(face) + shape(face, f"eyeBlink{side}")
        _, *upper, _, inner, outer = lm.EYES[eye]
        apart = closed[upper] - closed[[outer, inner]]
        assert np.linalg.norm(apart, axis=1).max() < 0.8
        ball = head(face)[lm.SKIN + EYE * eye : lm.SKIN + EYE * (eye + 1)]
        radius = np.linalg.norm(ball - joints[3 + eye], axis=1).max()
        assert np.linalg.norm(closed[upper] - joints[3 + eye], axis=1).min() > radius


def test_the_jaw_is_flames_own_joint(face):
    angles = np.degrees(face.jaw[[ARKIT.index(name) for name in ("jawOpen", "jawLeft", "jawRight")]])
    assert 10 < angles[0, 0] < 25 and angles[1, 1] > 2 and angles[2, 1] < -2
    assert np.count_nonzero(face.jaw) == 3


def test_as_a_face_model_it_is_in_this_projects_axes(face):
    model = face.face_model()
    assert set(model.shapes) == set(ARKIT) and set(model.parts) == {"skin", "eye_left", "eye_right"}
    assert model.neutral[3564, 1] == model.neutral[: lm.SKIN, 1].min()  # the nose is in front, at -y
    assert model.eye_centers[0, 0] > 0 > model.eye_centers[1, 0]
    for part in model.parts.values():
        used = np.unique(model.faces[part.polygons][:, :3])
        assert used.min() >= part.vertices.start and used.max() < part.vertices.stop
    assert model.vertices(lively(4)).shape == (4, 5023, 3)


def test_parameters_follow_the_curves(face):
    motion = lively()
    made = convert.parameters_of(motion, face)
    assert made.frames == motion.frames and made.fps == motion.fps and made.expression.shape[1] == 100
    np.testing.assert_allclose(
        made.jaw[:, 0], motion.channel("jawOpen") * face.jaw[ARKIT.index("jawOpen"), 0], atol=1e-6
    )
    turned = face.model.vertices(made)
    direct = flame_axes(face.face_model().vertices(motion))
    lips = [*lm.BORDER_UPPER, *lm.BORDER_LOWER, *lm.SEAM_UPPER, *lm.SEAM_LOWER]
    assert 1000 * np.linalg.norm(turned - direct, axis=2)[:, lips].mean() < 2.0
    eyes = slice(lm.SKIN, None)
    assert (
        1000 * np.linalg.norm(turned - direct, axis=2)[:, eyes].max() < 1.0
    )  # expression moves FLAME's joints a little


def test_eyes_without_angles_follow_their_weights(face):
    values = np.zeros((2, len(ARKIT)))
    values[1, ARKIT.index("eyeLookOutLeft")] = 1
    made = convert.parameters_of(Motion(values, ARKIT, 30.0), face)
    assert made.eyes[1, 1] == pytest.approx(-gaze("eyeLookOutLeft")[0])
    assert made.eyes[1, 1] > 0.3 and not made.eyes[1, 3:].any()


def test_curves_come_back_from_vertices(face):
    motion = lively()
    trajectory = flame_axes(face.face_model().vertices(motion))
    found = convert.motion_of_vertices(trajectory, face, motion.fps, face.neutral)
    assert errors(found, motion)[0] < 0.005 and errors(found, motion)[1] < 0.02
    for names in (HEAD, EYES):
        np.testing.assert_allclose(found.select(names).values, motion.select(names).values, atol=1e-3)
    assert not found.select(CHANNELS[61:]).values.any()


def test_curves_come_back_from_noisy_vertices(face):
    motion = lively()
    trajectory = flame_axes(face.face_model().vertices(motion))
    noise = np.random.default_rng(0).normal(0, 5e-4, trajectory.shape)
    found = convert.motion_of_vertices(trajectory + noise, face, motion.fps, face.neutral)
    assert errors(found, motion)[0] < 0.035


def test_curves_come_back_from_flame_parameters(face):
    motion = lively()
    found = convert.motion_of(convert.parameters_of(motion, face), face)
    assert errors(found, motion, MOUTH)[0] < 0.01
    assert errors(found, motion)[0] < 0.01
    np.testing.assert_allclose(found.select(HEAD).values, motion.select(HEAD).values, atol=1e-4)


def test_curves_come_back_from_another_person(face):
    """Whose face at rest is not given: the mean head's shapes explain what another head's shapes moved."""
    motion = lively()
    code = np.random.default_rng(5).normal(0, 0.7, 60)
    person = flame_face(face.model, code)
    trajectory = flame_axes(person.face_model().vertices(motion))
    found = convert.motion_of_vertices(trajectory, face, motion.fps)
    assert errors(found, motion, MOUTH)[0] < 0.05
    assert np.abs(found.select(HEAD).values - motion.select(HEAD).values).max() < 0.05


def test_memory_does_not_grow_with_the_trajectory(face, tmp_path):
    def peak(frames):
        held = np.lib.format.open_memmap(tmp_path / f"{frames}.npy", "w+", np.float32, (frames, 5023, 3))
        held[:] = face.neutral
        held.flush()
        del held
        trajectory = np.load(tmp_path / f"{frames}.npy", mmap_mode="r")
        tracemalloc.start()
        convert.motion_of_vertices(trajectory, face, 30.0, face.neutral)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    assert peak(640) < 1.2 * peak(128)


def test_a_broken_frame_is_named(face):
    trajectory = np.repeat(face.neutral[None], 70, axis=0)
    trajectory[66, 5, 1] = np.nan
    with pytest.raises(MotionError, match="frame 66"):
        convert.motion_of_vertices(trajectory, face, 30.0, face.neutral)


def test_curves_without_arkit_weights_are_refused(face):
    with pytest.raises(MotionError, match="none of the 52"):
        convert.parameters_of(Motion(np.zeros((2, 1)), ("viseme_aa",), 30.0), face)
