# SPDX-License-Identifier: GPL-3.0-or-later
"""Characters whose partner cannot be one."""

import bpy

from support.characters import make_face, make_mesh


def delete_the_partner(folder, sound):
    """A face whose partner is gone."""
    face = make_face()
    face.parent.facewright.filepath = str(sound)
    face.parent.facewright.partner = ball = make_mesh("Ball", [])
    bpy.data.objects.remove(ball)
    bpy.context.view_layer.objects.active = face
    return face


def talk_to_itself(folder, sound):
    """A face whose partner are its own teeth."""
    face = make_face()
    face.parent.facewright.filepath = str(sound)
    face.parent.facewright.partner = bpy.data.objects["Bob teeth"]
    return face
