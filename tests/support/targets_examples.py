# SPDX-License-Identifier: GPL-3.0-or-later
"""A small character for each kind of control, on which its contract is tried.

A new file in addon/targets/kinds needs one here, under its own name: a function that makes the character in the scene,
with nothing wrong about it, and gives its active object. It may write files into the folder that it is given.
"""

import bpy

from facewright.addon.character import mapping
from facewright.inference.core.channels import ARKIT
from facewright.inference.retarget.rig import Line
from support import puppets
from support.characters import make_mesh
from support.drawn_mouths import RHUBARB, grease_pencil, held_still, make_plane, write_pictures


def shape_keys(folder):
    """A face with all ARKit shapes."""
    return make_mesh("Bob", ARKIT)


def properties(folder):
    """A control panel: an object with a property for each ARKit shape, one of them a whole number."""
    panel = make_mesh("Panel", [])
    for name in ARKIT:
        panel[name] = 0 if name == "tongueOut" else 0.0
        end = 20 if name == "tongueOut" else 1.0
        panel.id_properties_ui(name).update(min=type(end)(0), max=end, soft_max=end, default=type(end)(0))
    return panel


def actions(folder):
    """A puppet with a pose Action for each mouth."""
    return puppets.add_poses(puppets.make_rig())


def bones(folder):
    """The same puppet without poses: its jaw turns and a lip moves, one by quaternions and one by Euler angles."""
    rig = puppets.make_rig()
    rig.pose.bones['lip "L"'].rotation_mode = "XYZ"
    lines = [
        Line("jawOpen", "jaw", 0.5, low=-1.0, high=1.0, kind="rotation_x"),
        Line("mouthSmileLeft", 'lip "L"', 0.2, low=-1.0, high=1.0, kind="location_z"),
        Line("mouthPucker", 'lip "L"', -0.4, low=-1.0, high=1.0, kind="scale_x"),
        Line("mouthRollLower", 'lip "L"', 0.3, low=-1.0, high=1.0, kind="rotation_y"),
    ]
    mapping.store(rig, lines)
    return rig


def objects(folder):
    """A hat that nods along and slips."""
    hat = make_mesh("Hat", [])
    lines = [
        Line("headPitch", "Hat", low=-1.0, high=1.0, kind="rotation_x"),
        Line("browInnerUp", "Hat", 0.1, low=-1.0, high=1.0, kind="location_z"),
    ]
    mapping.store(hat, lines)
    return hat


def grease_pencil_mouth(folder):
    """Nine mouths on frames 1 to 9, of which a modifier shows one."""
    return grease_pencil("Bob mouth", ["Lines", "Fills"], range(1, 10))


def image_sequence(folder):
    """A plane with nine pictures of mouths."""
    return held_still(make_plane(write_pictures(folder)))


def object_swap(folder):
    """Nine objects named after mouths, and a nose."""
    root = bpy.data.objects.new("Bob", None)
    bpy.context.scene.collection.objects.link(root)
    for letter in RHUBARB:
        make_mesh(f"Bob mouth {letter}", [], parent=root)
    return make_mesh("Bob nose", [], parent=root)


EXAMPLES = {
    "actions": actions,
    "bones": bones,
    "grease_pencil": grease_pencil_mouth,
    "image_sequence": image_sequence,
    "object_swap": object_swap,
    "objects": objects,
    "properties": properties,
    "shape_keys": shape_keys,
}
