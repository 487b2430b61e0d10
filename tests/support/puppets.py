# SPDX-License-Identifier: GPL-3.0-or-later
"""A puppet whose mouth is a pose Action for each of Rhubarb's nine shapes."""

import bpy
from mathutils import Quaternion

from facewright.addon.bake import bake
from facewright.addon.bake.mode import Mode
from facewright.addon.blender import actions
from facewright.addon.character import character

RHUBARB = "ABCDEFGHX"


TURN = 0.5  # of the jaw, for each step of the alphabet


def make_rig():
    """An armature with a jaw, a lip whose name has quotes, and a spine; it is active."""
    data = bpy.data.armatures.new("Puppet")
    rig = bpy.data.objects.new("Puppet", data)
    bpy.context.scene.collection.objects.link(rig)
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    for number, name in enumerate(("jaw", 'lip "L"', "spine")):
        bone = data.edit_bones.new(name)
        bone.head, bone.tail = (number, 0, 0), (number, 1, 0)  # own axes are those of the rig
    bpy.ops.object.mode_set(mode="OBJECT")
    return rig


def add_poses(rig):
    """Rhubarb's nine shapes: the jaw turns (quaternions) and a lip moves; a spine that no pose moves is keyed too."""
    for number, letter in enumerate(RHUBARB[:-1]):
        turn = Quaternion((1, 0, 0), TURN * number / 8)
        at = {('pose.bones["jaw"].rotation_quaternion', i): turn[i] for i in range(4)}
        at |= {('pose.bones["lip \\"L\\""].location', 0): 0.01 * number}
        at |= {('pose.bones["spine"].location', i): 0.0 for i in range(3)}
        pose(rig, letter, at, frame=7.0)
    pose(rig, "X", {('pose.bones["lip \\"L\\""].location', 0): 0.0})
    pose(rig, "Walk", {("location", 0): 3.0})
    return rig


def pose(block, name, at, frame=1.0):
    """An Action that keys numbers on one frame: (path, index) -> value."""
    home = actions.new_slot(block, block.name, name, None)
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
