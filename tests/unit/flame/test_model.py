# SPDX-License-Identifier: GPL-3.0-or-later
"""FLAME's own arithmetic against a plain, slow writing-down of it, vertex by vertex with 4 x 4 matrices."""

import numpy as np
import pytest
from support.flame_layout import flame_arrays

from facewright.inference.core.errors import MotionError
from facewright.inference.flame import model as flame
from facewright.inference.flame.model import FlameModel
from facewright.inference.flame.parameters import Parameters


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("flame") / "flame.npz"
    np.savez(path, **{name: array for name, array in flame_arrays().items() if isinstance(array, np.ndarray)})
    return FlameModel.load(path)


def random_parameters(frames, seed=0, expressions=100, identity=40):
    rng = np.random.default_rng(seed)
    return Parameters.still(
        frames,
        25.0,
        expression=rng.normal(size=(frames, expressions)),
        root=rng.normal(0, 0.5, (frames, 3)),
        neck=rng.normal(0, 0.3, (frames, 3)),
        jaw=rng.normal(0, 0.2, (frames, 3)),
        eyes=rng.normal(0, 0.3, (frames, 6)),
        translation=rng.normal(0, 1, (frames, 3)),
        shape=rng.normal(size=identity),
    )


def by_hand(parameters, frame, chosen):
    """The chosen vertices of one frame, in float64, as the papers write it."""
    arrays = flame_arrays()
    betas = np.zeros(400)
    betas[: len(parameters.shape)] = parameters.shape
    betas[300 : 300 + parameters.expression.shape[1]] = parameters.expression[frame]
    shaped = arrays["v_template"] + arrays["shapedirs"] @ betas
    joints = arrays["J_regressor"] @ shaped
    pose = np.concatenate([getattr(parameters, name)[frame] for name in ("root", "neck", "jaw", "eyes")]).astype(float)
    turns = [rodrigues(pose[3 * k : 3 * k + 3]) for k in range(5)]
    feature = np.concatenate([(turn - np.eye(3)).ravel() for turn in turns[1:]])
    posed = shaped + arrays["posedirs"] @ feature
    world = []
    for k, parent in enumerate((-1, 0, 1, 1, 1)):
        local = np.eye(4)
        local[:3, :3] = turns[k]
        local[:3, 3] = joints[k] - (joints[parent] if parent >= 0 else 0)
        world.append(world[parent] @ local if parent >= 0 else local)
    for k in range(5):
        world[k] = world[k].copy()
        world[k][:3, 3] -= world[k][:3, :3] @ joints[k]
    result = []
    for v in chosen:
        blend = sum(arrays["weights"][v, k] * world[k] for k in range(5))
        result.append((blend @ np.append(posed[v], 1))[:3] + parameters.translation[frame])
    return np.array(result)


def rodrigues(vector):
    angle = np.linalg.norm(vector)
    x, y, z = vector / angle
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross


@pytest.mark.parametrize("expressions", [100, 50])
def test_skinning_agrees_with_the_formula(model, expressions):
    parameters = random_parameters(40, expressions=expressions)
    moved = model.vertices(parameters)
    assert moved.shape == (40, 5023, 3) and moved.dtype == np.float32
    chosen = np.random.default_rng(1).choice(5023, 60, replace=False)
    for frame in (0, 17, 39):
        np.testing.assert_allclose(moved[frame, chosen], by_hand(parameters, frame, chosen), atol=3e-6)


def test_chunks_are_the_whole_and_stay_small(model):
    parameters = random_parameters(3 * flame.CHUNK + 5)
    parts = list(model.chunks(parameters))
    assert max(len(part) for part in parts) == flame.CHUNK
    np.testing.assert_array_equal(np.concatenate(parts), model.vertices(parameters))


def test_at_rest_it_is_the_template(model):
    moved = model.vertices(Parameters.still(2, 25.0))
    np.testing.assert_allclose(moved[1], model.template, atol=1e-7)


def test_a_positive_jaw_angle_opens_the_mouth(model):
    moved = model.vertices(Parameters.still(1, 25.0, jaw=np.array([[0.3, 0, 0]])))[0]
    assert moved[3414, 1] < model.template[3414, 1] - 0.01
    assert abs(moved[3564] - model.template[3564]).max() < 0.002


def test_too_many_coefficients_are_refused(model):
    with pytest.raises(MotionError, match="Expected up to 100 expression coefficients"):
        model.vertices(Parameters.still(2, 25.0, expression=np.zeros((2, 101))))
    with pytest.raises(MotionError, match="Expected up to 300 identity coefficients"):
        model.vertices(Parameters.still(2, 25.0, shape=np.zeros(301)))


def test_parameters_say_what_does_not_fit():
    with pytest.raises(MotionError, match=r"jaw of shape \(4, 3\), got \(3, 3\)"):
        Parameters.still(4, 25.0, jaw=np.zeros((3, 3)))
    with pytest.raises(MotionError, match="NaN"):
        Parameters.still(1, 25.0, neck=np.full((1, 3), np.nan))
    with pytest.raises(MotionError, match="fps"):
        Parameters.still(1, 0.0)
