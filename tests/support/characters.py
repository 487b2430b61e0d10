# SPDX-License-Identifier: GPL-3.0-or-later
"""Small characters in Blender, motion for them, and what is read of them."""

import bpy
import numpy as np
import pytest

from facewright.addon.bake import bake
from facewright.addon.bake.mode import Mode
from facewright.addon.blender import actions
from facewright.inference.core.channels import ARKIT, CHANNELS
from facewright.inference.core.motion import Motion

JAW = 'key_blocks["jawOpen"].value'


def only(**values):
    """Two frames of these channels, all others at rest."""
    still = np.zeros((2, len(CHANNELS)), np.float32)
    for channel, number in values.items():
        still[:, CHANNELS.index(channel)] = number
    return Motion(still, CHANNELS, 24.0)


def bake_it(who, motion, frame=1.0, **mode):
    """A bake in the mode of these words."""
    return bake.bake_motion(bpy.context.scene, who, motion, frame=frame, name="speech", mode=Mode(**mode))


def curve(obj, path=JAW):
    """The F-curve of a shape key."""
    return next(one for one in actions.fcurves_of(obj.data.shape_keys) if one.data_path == path)


def held(obj, path=JAW):
    """Its keys: frame to value."""
    return {round(float(f), 3): float(v) for f, v in actions.read(curve(obj, path))["co"]}


def random_motion(frames, fps=50.0, start=0.0, seed=1):
    values = np.random.default_rng(seed).random((frames, len(CHANNELS)))
    values[:, CHANNELS.index("viseme_PP")] *= 0.2  # no p, b or m is heard, on which lips would have to meet
    return Motion(values, CHANNELS, fps, start)


def make_mesh(name, shapes, parent=None, faces=1):
    mesh = bpy.data.meshes.new(name)
    corners = [(x + 2 * number, y, 0) for number in range(faces) for x, y in ((0, 0), (1, 0), (0, 1))]
    mesh.from_pydata(corners, [], [(3 * number, 3 * number + 1, 3 * number + 2) for number in range(faces)])
    obj = bpy.data.objects.new(name, mesh)
    obj.parent = parent
    bpy.context.scene.collection.objects.link(obj)
    if shapes:
        obj.shape_key_add(name="Basis", from_mix=False)
    for number, shape in enumerate(shapes):
        block = obj.shape_key_add(name=shape, from_mix=False)
        block.value = 0.0  # 5.0 adds keys switched on
        for point in block.data:
            point.co[number % 3] += 1.0
    bpy.context.view_layer.objects.active = obj
    return obj


# A face is recognised by these, lids, brows, lips and jaw move, and a bake takes a fifth of the time of all 52.
FEW_SHAPES = ("jawOpen", "jawLeft", "mouthClose", "mouthFunnel", "mouthPucker", "mouthSmileLeft", "mouthSmileRight",
       "eyeBlinkLeft", "eyeBlinkRight", "browInnerUp", "tongueOut", "eyeLookDownLeft")  # fmt: skip


def make_face(shapes=ARKIT):
    """A face, teeth and a tongue under one empty; the face is active."""
    root = bpy.data.objects.new("Bob", None)
    bpy.context.scene.collection.objects.link(root)
    make_mesh("Bob teeth", ["jawOpen", "jawLeft"], parent=root)
    make_mesh("Bob tongue", ["jawOpen", "tongueOut"], parent=root)
    return make_mesh("Bob face", shapes, parent=root)


def top(obj):
    """Where the first vertex of the evaluated mesh is."""
    evaluated = obj.evaluated_get(bpy.context.evaluated_depsgraph_get())
    return np.array(evaluated.data.vertices[0].co)


def value(obj, shape):
    return obj.data.shape_keys.key_blocks[shape].value


def shape_over(face, scene, frames, name="jawOpen"):
    """Values of a shape key, as seen on frames."""
    seen = []
    for frame in frames:
        scene.frame_set(int(frame))
        seen.append(value(face, name))
    return np.array(seen)


def error_of(operator, **arguments):
    """The text an operator fails with."""
    with pytest.raises(RuntimeError) as raised:
        operator(**arguments)
    return str(raised.value)


def strips(scene):
    """All strips of the scene's Sequencer."""
    editor = scene.sequence_editor
    return [] if editor is None else list(editor.strips_all if hasattr(editor, "strips_all") else editor.sequences_all)


def fingerprint(scene):
    """What a failed operator must leave as it was."""
    return (
        sorted(action.name for action in bpy.data.actions),
        [(strip.name, strip.channel, strip.frame_start) for strip in strips(scene)],
        sorted(sound.name for sound in bpy.data.sounds),
        scene.sync_mode,
        (scene.frame_start, scene.frame_end, scene.frame_current),
        sorted((key.name, b.name, b.value) for key in bpy.data.shape_keys for b in key.key_blocks),
        sorted(
            (
                o.name,
                o.facewright.source,
                o.facewright.filepath,
                o.facewright.frame,
                o.facewright.seed,
                o.facewright.preview,
            )
            for o in scene.objects
        ),
    )
