# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be seen of a saved file with bpy alone: read by `make_saved.py` when it saves, and by the test afterwards.

Only names that files and scripts of artists rely on are used: operators, properties, custom properties of Actions.
"""

import hashlib
import json
import re

import bpy

SEEN = (1, 9, 17, 27, 38, 49)  # frames that were looked at when the files were saved
WITHIN = slice(1, 4)  # of these: a line comes from rest and goes back there now, which it did not then
FRAMES = SEEN[WITHIN]
BAKE = ("into", "keys", "interpolation", "error", "use_range", "first", "last", "blend", "keep_edits")


def read(roots):
    """All facts of some characters, and of the scene around them. Takes are shown one after the other for it."""
    scene = bpy.context.scene
    return {
        "characters": {name: character(bpy.data.objects[name]) for name in roots},
        "bake": {name: plain(getattr(scene.facewright_bake, name)) for name in BAKE},
        "markers": sorted([marker.name, marker.frame] for marker in scene.timeline_markers),
        "animated": animated(),
        "actions": actions(),
    }


def character(root):
    own = root.facewright
    was_on, own.preview = own.preview, False
    stands = over_time()
    shown = previews(root)
    own.preview = was_on
    return {
        "takes": [take(item) for item in own.takes],
        "active": own.take_index,
        "settings": {name: plain(getattr(own, name)) for name in ("frame", "seed", "source", "take_count", "hold")},
        "mix": {name: plain(getattr(own.take_mix, name)) for name in ("other", "parts", "first", "last", "blend")},
        "style": sha(root.facewright_style.content),
        "dials": dials(root),
        "mapping": [line(item) for item in own.mapping],
        "stands": stands,
        "previews": shown,
    }


def take(item):
    about = json.loads(item.about)
    about["speech"].pop("path")
    about["speech"].pop("speed", None)  # which earlier versions did not know
    return {
        "name": item.name,
        "star": item.star,
        "about": about,
        "recipe": sha(item.recipe),
        "motion": sha(item.motion),
        "has a key": bool(item.key),
    }


def line(item):
    return [item.source, item.target, item.use, item.kind, item.where, item.curve] + [
        plain(getattr(item, name)) for name in ("gain", "offset", "min", "max", "power")
    ]


def dials(root):
    """Sliders, emotions, masks and phones that do not stand at their defaults."""
    found = {}
    for one in root.facewright.bl_rna.properties:
        if one.identifier.startswith(("slider_", "emotion_", "mask_", "phone_")):
            now = getattr(root.facewright, one.identifier)
            if abs(now - one.default) > 1e-6:
                found[one.identifier] = plain(now)
    return found


def controls():
    """Everything of the scene that a take may move: name of the control -> value at the scene's frame."""
    found = {}
    for obj in bpy.context.scene.objects:
        for block in obj.data.shape_keys.key_blocks[1:] if obj.type == "MESH" and obj.data.shape_keys else ():
            found[f"{obj.name} | {block.name}"] = block.value
        for axis, number in zip("xyz", obj.rotation_euler, strict=True):
            found[f"{obj.name} | turn {axis}"] = number
        found[f"{obj.name} | hidden"] = float(obj.hide_viewport) + 2 * float(obj.hide_render)
        for bone in obj.pose.bones if obj.pose else ():
            for name in ("location", "rotation_quaternion"):
                for index, number in enumerate(getattr(bone, name)):
                    found[f"{obj.name} | {bone.name} {name} {index}"] = number
        for modifier in drawing_modifiers(obj):
            found[f"{obj.name} | drawing"] = float(modifier.offset)
    return found


def drawing_modifiers(obj):
    """The Time Offset modifiers of a Grease Pencil object, of both kinds."""
    every = [*obj.modifiers, *getattr(obj, "grease_pencil_modifiers", ())]
    return [one for one in every if one.type in {"GREASE_PENCIL_TIME", "GP_TIME"}]


def over_time(frames=FRAMES):
    """Controls that are not 0 at all times: name -> a value for each frame. The scene's frame is put back."""
    scene, found = bpy.context.scene, {}
    before = scene.frame_current
    for place, frame in enumerate(frames):
        scene.frame_set(frame)
        for name, number in controls().items():
            found.setdefault(name, [0.0] * len(frames))[place] = plain(number)
    scene.frame_set(before)
    return {name: values for name, values in found.items() if any(values)}


def previews(root):
    """What each take shows, by its name; afterwards the active one is as before, and none is shown."""
    own, found = root.facewright, {}
    active = own.take_index
    for place, item in enumerate(own.takes):
        own.take_index = place
        own.preview = True
        found[item.name] = over_time()
    own.take_index = active
    own.preview = False
    return found


def fcurves(block):
    """The F-curves of the Action in use, in any Blender."""
    data = block.animation_data
    if data is None or data.action is None:
        return []
    return list(of_action(data.action, getattr(data, "action_slot", None)))


def of_action(action, slot):
    if not hasattr(action, "layers"):
        return action.fcurves
    bags = [strip.channelbag(slot) for layer in action.layers for strip in layer.strips] if slot else []
    return [curve for bag in bags if bag is not None for curve in bag.fcurves]


def blocks():
    """Data-blocks of the scene that may be animated, with a name each."""
    for obj in bpy.context.scene.objects:
        yield obj.name, obj
        if obj.type == "MESH" and obj.data.shape_keys is not None:
            yield f"{obj.name} keys", obj.data.shape_keys
        if obj.type in {"GREASEPENCIL", "GPENCIL"}:
            yield f"{obj.name} drawings", obj.data


def animated():
    """Of each animated data-block: the Action, its curves with the number of their keys, tracks, drivers."""
    found = {}
    for name, block in blocks():
        data = block.animation_data
        if data is None or not (data.action or data.nla_tracks or data.drivers):
            continue
        found[name] = {
            "action": data.action.name if data.action else "",
            "curves": {place(curve): len(curve.keyframe_points) for curve in fcurves(block)},
            "tracks": [
                [track.name, [[strip.action.name, strip.blend_type] for strip in track.strips if strip.action]]
                for track in data.nla_tracks
            ],
            "drivers": [curve.data_path for curve in data.drivers],
        }
    return found


def place(curve):
    """Where a curve lies, the same for the Grease Pencil of all Blenders."""
    return f"{curve.data_path.replace('grease_pencil_modifiers', 'modifiers')} {curve.array_index}"


def actions():
    """Every Action with the memory of bakes that lies on it: which custom properties, of how many data-blocks each."""
    found = {}
    for action in bpy.data.actions:
        own = {key: action[key] for key in action.keys() if key.startswith("facewright")}  # noqa: SIM118
        found[action.name] = {
            "fake": action.use_fake_user,
            "memory": {key: len(value) if hasattr(value, "__len__") else 1 for key, value in sorted(own.items())},
        }
    return found


def plain(value):
    """As JSON holds it."""
    if isinstance(value, float):
        return round(value, 5) + 0.0
    return sorted(value) if isinstance(value, set) else value


def sha(text):
    return hashlib.sha256(text.encode()).hexdigest() if text else ""


def write(found, path):
    """As JSON, lists of plain values on one line."""
    text = json.dumps(found, indent=1, ensure_ascii=False)
    text = re.sub(r"\[\s*([^\[\]{}]*?)\s*\]", lambda one: "[" + re.sub(r"\n\s*", " ", one[1]) + "]", text)
    path.write_text(text + "\n", encoding="utf-8")
