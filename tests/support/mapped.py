# SPDX-License-Identifier: GPL-3.0-or-later
"""The mapping of a character, and what it makes of a channel."""

import numpy as np

from facewright.addon.bake import bake
from facewright.addon.character import character, mapping
from facewright.inference.core.channels import CHANNELS
from facewright.inference.core.motion import Motion
from facewright.inference.retarget.convention import conventions


def names_of(key):
    convention = next(one for one in conventions() if one.key == key)
    return [target.name for target in convention.targets]


def lines(obj):
    return mapping.stored(character.family_root(obj))


def at_one(channel):
    values = np.zeros((2, len(CHANNELS)), np.float32)
    values[:, CHANNELS.index(channel)] = 1.0
    return Motion(values, CHANNELS, 24.0)


def baked(obj, scene, motion, frame=2):
    """Values of all shape keys at a frame after a bake."""
    bake.bake_motion(scene, character.find(obj, scene), motion, frame=1.0, name="speech")
    scene.frame_set(frame)
    return {block.name: block.value for block in obj.data.shape_keys.key_blocks[1:]}
