# SPDX-License-Identifier: GPL-3.0-or-later
"""Built-in heads that talk to each other, with takes that need no model, and where their baked eyes look."""

import bpy
import numpy as np

from facewright.addon.blender import actions
from facewright.addon.blender.sequencer import Speech
from facewright.addon.character import character
from facewright.addon.takes import lines, store
from facewright.addon.targets.kinds.objects import MARK
from facewright.inference.core.channels import CHANNELS
from facewright.inference.core.eyes import FULL_DOWN, FULL_SIDE, FULL_UP
from facewright.inference.core.motion import Motion
from facewright.inference.core.parts import channels_of_parts

FPS = 25
MOUTH = channels_of_parts(["mouth", "jaw", "tongue"])


def add_head(name, x, turned):
    """A built-in head at x metres, turned by degrees from the viewer to its left; its root."""
    bpy.ops.mesh.facewright_head()
    root = character.family_root(bpy.context.object)
    root.name, root.location, root.rotation_euler = name, (x, 0, 0), (0, 0, np.radians(turned))
    return root


def skin(root):
    return max((one for one in root.children_recursive if one.type == "MESH"), key=lambda one: len(one.data.vertices))


def neck(root):
    return next(one for one in root.children_recursive if MARK in one)


def say(scene, root, frame, seconds, number=0):
    """A line whose mouth moves and whose eyes and head do not."""
    speech = Speech(f"/{root.name}{number}.wav", frame=float(frame))
    values = np.zeros((round(seconds * 50), len(CHANNELS)))
    open_and_shut = 0.3 + 0.3 * np.sin(np.arange(len(values)) * 0.4)
    values[:, CHANNELS.index("jawOpen")] = open_and_shut
    return lines.add(scene, root, [store.Take(Motion(values, CHANNELS, 50.0), speech, number, "CPU")]).key


def empty(scene, name, place):
    """An empty to look at."""
    target = bpy.data.objects.new(name, None)
    scene.collection.objects.link(target)
    target.location = place
    return target


def select(root):
    bpy.context.view_layer.objects.active = root


def bake(root, **given):
    select(root)
    assert bpy.ops.facewright.bake(**given) == {"FINISHED"}


def unbake(root, **given):
    select(root)
    assert bpy.ops.facewright.unbake(**given) == {"FINISHED"}


def curves(root):
    """All baked curves of a head: (object or mesh, data path, index) -> F-curve."""
    blocks = [neck(root), *(one.data.shape_keys for one in root.children_recursive if one.type == "MESH")]
    return {
        (block.name, curve.data_path, curve.array_index): curve
        for block in blocks
        if block is not None
        for curve in actions.fcurves_of(block)
    }


def keys(root):
    """All keys of a head, as bytes: curve -> frame -> value."""
    return {
        place: {round(frame, 3): value for frame, value in actions.read(curve)["co"].tolist()}
        for place, curve in curves(root).items()
    }


def baked(root, shape, frames):
    """A shape of the skin over frames, as it was baked."""
    curve = curves(root)[skin(root).data.shape_keys.name, f'key_blocks["{shape}"].value', 0]
    return np.array([curve.evaluate(frame) for frame in frames])


def turn(root, axis, frames):
    """Turns of the head about one of its axes over frames, degrees, as they were baked."""
    found = next(curve for (name, _, index), curve in curves(root).items() if name == neck(root).name and index == axis)
    return np.degrees([found.evaluate(frame) for frame in frames])


def baked_gaze(root, frames):
    """Where head and left eye look together, degrees of yaw and pitch [shape=(F, 2)], as they were baked."""
    inward, out, down, up = (baked(root, f"eyeLook{way}Left", frames) for way in ("In", "Out", "Down", "Up"))
    yaw, pitch = np.degrees((inward - out) * FULL_SIDE), np.degrees(down * FULL_DOWN - up * FULL_UP)
    return np.stack([yaw - turn(root, 2, frames), pitch + turn(root, 0, frames)], axis=1)


def seen(root):
    """Where head and left eye look together as they are now, degrees of yaw and pitch."""
    blocks = skin(root).data.shape_keys.key_blocks
    yaw = (blocks["eyeLookInLeft"].value - blocks["eyeLookOutLeft"].value) * FULL_SIDE
    pitch = blocks["eyeLookDownLeft"].value * FULL_DOWN - blocks["eyeLookUpLeft"].value * FULL_UP
    x, _, z = neck(root).rotation_euler
    return np.degrees((yaw - z, pitch + x))
