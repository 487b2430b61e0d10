# SPDX-License-Identifier: GPL-3.0-or-later
"""On a linked character operators say what cannot be edited, each its own thing; those that edit nothing work."""

import bpy
import pytest

from facewright.addon.ui.character_edit import CharacterAction, CharacterEdit

THINGS = {"mapping": "mapping", "drawing": "mapping", "drawings": "mapping", "style": "style", "dial": "sliders"}


def all_subclasses(kind):
    return {kind, *(one for child in kind.__subclasses__() for one in all_subclasses(child))}


def names(kind, but=None):
    found = all_subclasses(kind) - (all_subclasses(but) if but else set())
    return sorted(one.bl_idname.partition(".")[2] for one in found if "bl_idname" in vars(one))


@pytest.fixture
def linked(face, tmp_path):
    """A character whose objects are linked, and active."""
    path = str(tmp_path / "library.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    with bpy.data.libraries.load(path, link=True) as (there, wanted):
        wanted.objects = there.objects
    for obj in wanted.objects:
        bpy.context.scene.collection.objects.link(obj)
    bpy.context.view_layer.objects.active = bpy.data.objects["Bob face"]


@pytest.mark.parametrize("name", names(CharacterEdit))
def test_a_linked_character_says_what_cannot_be_edited(linked, name):
    with pytest.raises(RuntimeError, match=f"append it, to edit its {THINGS[name.partition('_')[0]]}"):
        getattr(bpy.ops.facewright, name)()


@pytest.mark.parametrize("name", names(CharacterAction, but=CharacterEdit))
def test_what_changes_nothing_of_a_character_works_on_a_linked_one(linked, name):
    assert getattr(bpy.ops.facewright, name).poll()


def test_without_an_active_object_all_say_so(scene):
    for name in names(CharacterAction):
        with pytest.raises(RuntimeError, match="Click a character first"):
            getattr(bpy.ops.facewright, name)()
