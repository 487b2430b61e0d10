# SPDX-License-Identifier: GPL-3.0-or-later
"""Every button that is greyed says why: no operator refuses a context without a sentence."""

import bpy
import pytest
from support.characters import random_motion

from facewright.addon.blender.sequencer import Speech
from facewright.addon.takes import lines, store

OURS = ("facewright", "mesh", "import_mesh", "import_scene", "preferences")


def operators():
    """Our operators by their name."""
    found = {}
    for name in dir(bpy.types):
        kind = getattr(bpy.types, name)
        if "_OT_" in name and getattr(kind, "__module__", "").startswith("facewright."):
            group, _, own = kind.bl_idname.partition(".")
            found[kind.bl_idname] = getattr(getattr(bpy.ops, group), own)
    return found


def refusals():
    """What each operator that refuses the context says, by its name."""
    said = {}
    for name, operator in operators().items():
        if not operator.poll():
            with pytest.raises(RuntimeError) as raised:
                operator()
            said[name] = str(raised.value).strip()
    return said


def nothing(scene):
    bpy.context.view_layer.objects.active = None


def cube(scene):
    bpy.ops.mesh.primitive_cube_add()


def editing(scene):
    bpy.ops.mesh.primitive_cube_add()
    bpy.ops.object.mode_set(mode="EDIT")


def character(scene):
    bpy.ops.mesh.facewright_head()


def locked(scene):
    bpy.ops.mesh.facewright_head()
    root = bpy.data.objects["Facewright Head"]
    lines.add(scene, root, [store.Take(random_motion(50), Speech("/none.wav"), 0, "CPU")])
    lines.items(root)[0].lock = True


@pytest.mark.parametrize("state", [nothing, cube, editing, character, locked])
def test_a_greyed_button_says_why(scene, state):
    assert len(operators()) > 40
    state(scene)
    said = refusals()
    if state is nothing:
        assert len(said) > 20
    silent = [name for name, text in said.items() if "context is incorrect" in text]
    assert not silent
    assert all(text.endswith(".") for text in said.values()), said
