# SPDX-License-Identifier: GPL-3.0-or-later
"""A puppet whose mouth is a pose Action for each of Rhubarb's nine shapes."""

import bpy

from facewright.addon.bake import bake
from facewright.addon.bake.mode import Mode
from facewright.addon.blender import actions
from facewright.addon.character import character

RHUBARB = "ABCDEFGHX"


TURN = 0.5  # of the jaw, for each step of the alphabet


def pose(block, name, at, frame=1.0):
    """An Action that keys numbers on one frame: (path, index) -> value."""
    home = actions.new_home(block, block.name, name, None)
    home.action.name = name
    home.action.use_fake_user = True
    for (path, index), number in at.items():
        home.fcurves.new(path, index=index).keyframe_points.insert(frame, number)
    return home.action


def baked(obj, motion, **mode):
    scene = bpy.context.scene
    report = bake.bake_motion(scene, character.find(obj, scene), motion, frame=1.0, name="speech", mode=Mode(**mode))
    scene.frame_set(1)
    return report


def jaw(rig):
    evaluated = rig.evaluated_get(bpy.context.evaluated_depsgraph_get())
    return evaluated.pose.bones["jaw"].matrix_channel.to_quaternion().angle


def lip(rig):
    evaluated = rig.evaluated_get(bpy.context.evaluated_depsgraph_get())
    return evaluated.pose.bones['lip "L"'].matrix_channel.translation.x
