# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines for numbered expression keys, on a full-size model in FLAME's layout made by code."""

import numpy as np
import pytest
from support.flame_layout import flame_arrays

from facewright.inference.core.channels import ARKIT
from facewright.inference.core.errors import RigError
from facewright.inference.core.motion import Motion
from facewright.inference.flame.convert import parameters_of
from facewright.inference.flame.face import flame_face
from facewright.inference.flame.keys import RANGE, expression_lines
from facewright.inference.flame.model import FlameModel
from facewright.inference.retarget.rig import Rig


@pytest.fixture(scope="module")
def face(tmp_path_factory):
    path = tmp_path_factory.mktemp("flame") / "flame.npz"
    np.savez(path, **{name: array for name, array in flame_arrays().items() if isinstance(array, np.ndarray)})
    return flame_face(FlameModel.load(path))


def names(face, first=0, form="Exp{:03d}"):
    return [form.format(first + k) for k in range(len(face.model.expression))]


def test_keys_get_the_coefficients_that_parameters_have(face):
    values = np.random.default_rng(0).uniform(0, 1, (20, len(ARKIT)))
    motion = Motion(values, ARKIT, 25.0)
    rig = Rig(expression_lines(face, ["Basis", "jawBig", *names(face)]))
    made = dict(zip(rig.controls, rig.retarget(motion).T, strict=True))
    wanted = parameters_of(motion, face).expression
    for key, name in enumerate(names(face)):
        possible = np.clip(wanted[:, key], -RANGE, RANGE)
        np.testing.assert_allclose(made.get(name, 0.0), possible, atol=0.2)  # small gains are left out
    assert max(np.abs(row).max() for row in made.values()) > 1.0


def test_numbers_may_count_from_one_and_names_differ(face):
    zero = expression_lines(face, names(face))
    one = expression_lines(face, names(face, 1, "expression_{}"))
    assert [line.gain for line in one] == [line.gain for line in zero]
    assert one[0].target.startswith("expression_")


def test_fewer_keys_are_fitted_for_themselves(face):
    few, all_of_them = expression_lines(face, names(face)[:5]), expression_lines(face, names(face))
    assert {line.target for line in few} <= set(names(face)[:5])
    gain = {(line.channel, line.target): line.gain for line in all_of_them}
    assert any(gain.get((line.channel, line.target)) != line.gain for line in few)


@pytest.mark.parametrize(("keys", "told"), [(["Smile"], "got none"), (["Exp007", "Exp008"], "'Exp007'")])
def test_other_keys_are_refused(face, keys, told):
    with pytest.raises(RigError, match=told):
        expression_lines(face, keys)
