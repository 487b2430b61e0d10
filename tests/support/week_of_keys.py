# SPDX-License-Identifier: GPL-3.0-or-later
"""What an artist keys in a week, and all of it that a bake must give back."""

import bpy
import numpy as np

from facewright.addon.blender import actions
from support.characters import curve

MODES = [
    {},
    {"keys": "SPARSE", "interpolation": "BEZIER"},
    {"into": "EXISTING"},
    {"into": "EXISTING", "span": (31, 60), "interpolation": "BEZIER", "keys": "SPARSE"},
    {"span": (30, 60)},
    {"into": "ADDITIVE"},
]


def bits(one):
    return str([record.tobytes().hex() for record in actions.read(one)])


def where(obj):
    home = actions.slot_in_use(obj.data.shape_keys)
    return home.action, home.slot


def action_of(obj):
    return where(obj)[0]


def plain(thing, *skipped):
    """All numbers, words and switches of a thing of Blender's, but for what is selected."""
    found = {}
    for prop in thing.bl_rna.properties:
        if prop.identifier not in (*skipped, "select", "active") and prop.type not in ("POINTER", "COLLECTION"):
            one = getattr(thing, prop.identifier)
            found[prop.identifier] = tuple(one) if getattr(prop, "is_array", False) else one
    return repr(sorted(found.items()))


def curves_of(action):
    if not actions.SLOTTED:
        return [("", list(action.fcurves))]
    bags = [bag for layer in action.layers for strip in layer.strips for bag in strip.channelbags]
    return [(bag.slot.identifier, list(bag.fcurves)) for bag in bags if len(bag.fcurves)]


def everything():
    """Every Action, curve, key, handle, modifier, strip, driver and assignment in the file."""
    state = []
    for action in sorted(bpy.data.actions, key=lambda one: one.name):
        state.append((action.name, action.use_fake_user, action.use_cyclic, tuple(action.frame_range)))
        for slot, curves in curves_of(action):
            for one in sorted(curves, key=lambda c: (c.data_path, c.array_index)):
                state.append((action.name, slot, one.group.name if one.group else "", plain(one, "is_empty")))
                state += [(one.data_path, plain(modifier)) for modifier in one.modifiers]
                state.append((one.data_path, bits(one)))
    for block in [*bpy.data.shape_keys, *bpy.data.objects]:
        data = block.animation_data
        if data is None:
            continue
        slot = data.action_slot.identifier if actions.SLOTTED and data.action_slot else ""
        state.append((block.name, plain(data), data.action.name if data.action else "", slot))
        state += [(one.data_path, one.driver.expression) for one in data.drivers]
        for track in data.nla_tracks:
            state.append((track.name, plain(track)))
            state += [(strip.action.name, plain(strip)) for strip in track.strips]
    return [*state, *((key.name, [(b.name, b.value, b.mute) for b in key.key_blocks]) for key in bpy.data.shape_keys)]


def assert_same(now, before):
    different = [f"{one}\n  was {other}" for one, other in zip(now, before, strict=False) if one != other]
    assert not different and len(now) == len(before), "\n".join(different)


def key(block, shape, frames, interpolation="BEZIER", left="AUTO_CLAMPED", right="AUTO_CLAMPED"):
    """Keys of one shape as an artist sets them."""
    rng = np.random.default_rng(len(frames))
    for frame in frames:
        block.key_blocks[shape].value = float(rng.random())
        block.key_blocks[shape].keyframe_insert("value", frame=frame)
    one = next(c for c in actions.fcurves_of(block) if c.data_path == f'key_blocks["{shape}"].value')
    for number, point in enumerate(one.keyframe_points):
        point.interpolation = interpolation
        point.handle_left_type, point.handle_right_type = left, right
        if {"FREE", "ALIGNED"} & {left, right}:
            point.handle_left = (point.co[0] - 2.3 - 0.1 * number, point.co[1] - 0.07)
            point.handle_right = (point.co[0] + 1.7, point.co[1] + 0.05)
        point.type = ("KEYFRAME", "EXTREME", "BREAKDOWN")[number % 3]
    one.update()
    return one


def a_week(face):
    """Curves of every kind on a face and its teeth, keys between frames among them."""
    block, frames = face.data.shape_keys, [1, 12.5, 33.25, 40, 58.75, 80, 120]
    key(block, "jawOpen", frames)
    key(block, "jawLeft", frames, left="FREE", right="FREE")
    key(block, "jawRight", frames, left="ALIGNED", right="ALIGNED")
    key(block, "mouthLeft", frames, left="FREE", right="VECTOR")
    key(block, "mouthRight", frames, left="VECTOR", right="ALIGNED")
    key(block, "mouthFunnel", frames, left="AUTO", right="FREE")
    key(block, "mouthPucker", frames, interpolation="CONSTANT")
    key(block, "mouthClose", frames, interpolation="BOUNCE")
    key(block, "cheekPuff", frames, interpolation="LINEAR").mute = True
    key(block, "tongueOut", frames).lock = True
    key(block, "browInnerUp", frames[:3]).modifiers.new("CYCLES")
    noise = key(block, "noseSneerLeft", frames).modifiers.new("NOISE")
    noise.strength, noise.phase = 0.2, 3.0
    one = key(block, "eyeWideLeft", frames)
    one.extrapolation, one.color_mode, one.color = "LINEAR", "CUSTOM", (0.1, 0.6, 0.3)
    action = action_of(face)
    groups = action.layers[0].strips[0].channelbags[0].groups if actions.SLOTTED else action.groups
    curve(face).group = groups.new("Mouth")
    block.key_blocks["eyeSquintLeft"].driver_add("value").driver.expression = "0.25"
    key(bpy.data.objects["Bob teeth"].data.shape_keys, "jawOpen", [1, 30, 90])
