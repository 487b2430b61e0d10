# SPDX-License-Identifier: GPL-3.0-or-later
"""Characters with something wrong about their sound, for the pre-flight checks of it."""

import bpy

from facewright.addon.bake import bake
from facewright.addon.blender.sequencer import Speech
from facewright.addon.takes import store
from support.characters import random_motion
from support.listening import need_sound, strips_of


def move_the_start(face, who):
    """A take that begins elsewhere than where it was baked."""
    settings = who.root.facewright
    speech = Speech(settings.filepath, frame=settings.frame)
    store.add(who.root, [store.Take(random_motion(100), speech, 1, "CPU")])
    bake.bake(bpy.context.scene, who)
    settings.frame += 48


def mute_the_strip(face, who):
    scene, sound = bpy.context.scene, who.root.facewright.filepath
    need_sound(scene, sound)
    strips_of(scene).new_sound("line", sound, 1, 1).mute = True
    who.root.facewright.source, who.root.facewright.strip = "STRIP", "line"
