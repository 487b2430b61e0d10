# SPDX-License-Identifier: GPL-3.0-or-later
"""Hand animation, hand edits, and all that Unbake has to bring back."""

import bpy

from facewright.addon.blender import actions
from support.characters import curve


def action_of(obj):
    return obj.data.shape_keys.animation_data.action


def hand_animate(obj, frames=(1, 40, 80, 120), shape="jawOpen"):
    """Bezier keys as an artist sets them."""
    block = obj.data.shape_keys.key_blocks[shape]
    for number, frame in enumerate(frames):
        block.value = 0.2 + 0.5 * (number % 2)
        block.keyframe_insert("value", frame=frame)
    return curve(obj, f'key_blocks["{shape}"].value')


def snapshot():
    """Everything that Unbake has to bring back."""
    state = []
    for key in bpy.data.shape_keys:
        data = key.animation_data
        state.append((key.name, {block.name: block.value for block in key.key_blocks}))
        if data is not None:
            slot = data.action_slot.identifier if actions.SLOTTED and data.action_slot else ""
            tracks = [(t.name, [(s.name, s.action.name) for s in t.strips]) for t in data.nla_tracks]
            state.append((data.action.name if data.action else "", slot, tracks))
            state += [(c.data_path, c.lock, actions.read(c).tobytes()) for c in actions.fcurves_of(key)]
    return state, sorted((a.name, a.use_fake_user) for a in bpy.data.actions)


def edit(obj):
    """Change a key, move one, add one, delete two."""
    one = curve(obj)
    one.keyframe_points[9].co.y = 0.77
    one.keyframe_points[19].co.x += 0.4
    one.keyframe_points.insert(30.5, 0.33)
    for _ in range(2):
        one.keyframe_points.remove(one.keyframe_points[50])
    one.update()
