# SPDX-License-Identifier: GPL-3.0-or-later
"""From controls back to channels: what a mapping makes of motion is taken apart again."""

import numpy as np
import pytest

from facewright.inference.core.channels import ARKIT, CHANNELS
from facewright.inference.core.errors import RigError
from facewright.inference.core.motion import Motion
from facewright.inference.retarget.inverse import channels_of
from facewright.inference.retarget.rig import Line, Rig, lines_for


def random_motion(frames: int = 40) -> Motion:
    return Motion(np.random.default_rng(0).random((frames, len(CHANNELS))), CHANNELS, 25.0, 1.0)


def back(*rigs: Rig) -> Motion:
    motion = random_motion()
    return channels_of([rig.lines for rig in rigs], [rig.retarget(motion) for rig in rigs], 25.0, 1.0)


def compare(found: Motion, atol: float) -> None:
    motion = random_motion().select(found.channels)
    np.testing.assert_allclose(found.values, motion.values, atol=atol)
    assert (found.fps, found.start) == (25.0, 1.0)


def test_shape_keys_give_back_their_channels():
    rigs = map(Rig, lines_for([ARKIT, ARKIT[14:41]]))
    found = back(*rigs)
    assert set(found.channels) == set(ARKIT)
    compare(found, 1e-3)


def test_gain_offset_and_curves_are_undone():
    lines = (
        Line("jawOpen", "Open", 0.5, 0.1, -1, 2),
        Line("mouthPucker", "Pucker", 1.5, 0.0, -1, 2, curve="ease"),
        Line("mouthFunnel", "Funnel", -0.8, 0.0, -1, 2, curve="power", power=0.5),
    )
    compare(back(Rig(lines)), 2e-3)


def test_lines_that_add_up_in_several_controls_are_taken_apart():
    lines = (
        Line("jawOpen", "Drop", 1.0, 0.0, -3, 3),
        Line("mouthClose", "Drop", -0.7, 0.0, -3, 3),
        Line("mouthClose", "Seal", 0.6, 0.0, -3, 3),
        Line("jawOpen", "Chin", 0.4, 0.0, -3, 3),
    )
    compare(back(Rig(lines)), 5e-3)


def test_two_channels_in_one_control_share_it():
    lines = (Line("mouthSmileLeft", "Smile", 0.5), Line("mouthSmileRight", "Smile", 0.5))
    motion = Motion(np.full((5, 2), 0.6), ("mouthSmileLeft", "mouthSmileRight"), 25.0)
    found = channels_of([lines], [Rig(lines).retarget(motion)], 25.0)
    np.testing.assert_allclose(found.values, motion.values, atol=5e-3)


@pytest.mark.parametrize("lines", [[], [[]], [[Line("jawOpen", "Open", 0.0)]]])
def test_a_mapping_that_moves_nothing_is_refused(lines):
    with pytest.raises(RigError, match="See Mapping"):
        channels_of(lines, [np.zeros((3, 1), np.float32) for _ in lines], 25.0)
