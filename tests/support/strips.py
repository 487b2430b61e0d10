# SPDX-License-Identifier: GPL-3.0-or-later
"""Strips of the Sequencer, changed as an artist changes them, in any Blender."""

import bpy

from facewright.addon.blender import strips


def trim(strip, left=0, right=0):
    new = hasattr(strip, "left_handle_offset")
    names = ("left_handle_offset", "right_handle_offset") if new else ("frame_offset_start", "frame_offset_end")
    for name, frames in zip(names, (left, right), strict=True):
        setattr(strip, name, frames)


def trim_content(strip, frames):
    setattr(strip, "content_trim_start" if hasattr(strip, "content_trim_start") else "animation_offset_start", frames)


def move(strip, frame):
    setattr(strip, "content_start" if hasattr(strip, "content_start") else "frame_start", frame)


def select(scene, *chosen):
    for strip in strips.every_strip(scene):
        strip.select = strip in chosen
    scene.sequence_editor.active_strip = chosen[0]


def operate(scene, operator, *chosen, **options):
    """Run an operator of the Sequencer on some strips."""
    if hasattr(bpy.context.workspace, "sequencer_scene"):
        bpy.context.workspace.sequencer_scene = scene
    window = bpy.context.window_manager.windows[0]
    area = window.screen.areas[0]
    area.type, area.spaces[0].view_type = "SEQUENCE_EDITOR", "SEQUENCER"
    region = next(one for one in area.regions if one.type == "WINDOW")
    select(scene, *chosen)
    with bpy.context.temp_override(window=window, area=area, region=region):
        assert operator(**options) == {"FINISHED"}


def retime(scene, strip, percent):
    operator = bpy.ops.sequencer.retiming_segment_speed_set
    more = {"keep_retiming": False} if "keep_retiming" in operator.get_rna_type().properties else {}
    operate(scene, operator, strip, speed=percent, **more)


def into_meta(scene, *inside):
    """Put strips into a new meta strip, which is returned."""
    before = {one.name for one in strips.every_strip(scene)}
    operate(scene, bpy.ops.sequencer.meta_make, *inside)
    return next(one for one in strips.every_strip(scene) if one.name not in before)
