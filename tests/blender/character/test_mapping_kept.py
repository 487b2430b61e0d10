# SPDX-License-Identifier: GPL-3.0-or-later
"""The mapping table where it is kept: presets, files, other characters, .blend files, libraries."""

import bpy
import pytest
from support.characters import error_of
from support.mapped import lines

from facewright.addon.character import mapping
from facewright.addon.ui.mapping import files
from facewright.inference.core.channels import ARKIT
from facewright.inference.retarget import mapping_file


def test_a_preset_is_kept_and_loaded_exactly(own, presets, make_mesh, scene):
    row = own.parent.facewright.mapping[0]
    row.gain, row.min, row.curve = 0.1, -0.3, "ease"
    mine = lines(own)
    assert bpy.ops.facewright.mapping_save_preset(name="Hero: Zoë 顔") == {"FINISHED"}
    (name,) = files.preset_names()
    assert mapping_file.read(presets / f"{name}.toml") == mine
    other = make_mesh("Ann", ARKIT)
    assert bpy.ops.facewright.mapping_load_preset(name=name) == {"FINISHED"}
    assert lines(other) == mine
    assert "Expected the name of a preset" in error_of(bpy.ops.facewright.mapping_load_preset, name="nobody")


def test_a_mapping_goes_out_to_a_file_and_comes_back(own, tmp_path, scene):
    mine = lines(own)
    path = tmp_path / "Zoë" / "mine"
    path.parent.mkdir()
    assert bpy.ops.facewright.mapping_export(filepath=str(path)) == {"FINISHED"}
    bpy.ops.facewright.mapping_clear()
    assert bpy.ops.facewright.mapping_import(filepath=f"{path}.toml") == {"FINISHED"}
    assert lines(own) == mine
    (tmp_path / "bad.toml").write_text("jaw = open")
    assert "to be TOML" in error_of(bpy.ops.facewright.mapping_import, filepath=str(tmp_path / "bad.toml"))
    assert lines(own) == mine
    assert "No file is given" in error_of(bpy.ops.facewright.mapping_export)


def test_copy_to_the_other_selected_characters(own, make_mesh, scene):
    others = [make_mesh("Ann", ["jawOpen"]), make_mesh("Ben", ARKIT)]
    bpy.context.view_layer.objects.active = own
    own.parent.facewright.mapping[0].gain = 0.3
    bpy.ops.object.select_all(action="DESELECT")
    assert "No other character is selected" in error_of(bpy.ops.facewright.mapping_copy)
    for obj in (own, *others):
        obj.select_set(True)
    assert bpy.ops.facewright.mapping_copy() == {"FINISHED"}
    assert lines(others[0]) == lines(others[1]) == lines(own)
    bpy.ops.facewright.mapping_clear()
    assert bpy.ops.facewright.mapping_copy(to="Ann") == {"FINISHED"}
    assert {line.gain for line in lines(others[0])} == {1.0}


def test_it_survives_save_and_load(own, tmp_path):
    own.parent.facewright.mapping[7].gain = 0.35
    mine = lines(own)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "shot.blend"))
    assert lines(bpy.data.objects["Bob face"]) == mine
    assert mine[7].gain == 0.35


def library_of(own, tmp_path):
    """The character in a library file of its own; the scene is empty again."""
    collection = bpy.data.collections.new("Bob collection")
    bpy.context.scene.collection.children.link(collection)
    for name in ("Bob", "Bob face", "Bob teeth", "Bob tongue"):
        obj = bpy.data.objects[name]
        bpy.context.scene.collection.objects.unlink(obj)
        collection.objects.link(obj)
    path = tmp_path / "library.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    return path


def from_library(path, link):
    with bpy.data.libraries.load(str(path), link=link) as (_, wanted):
        wanted.collections = ["Bob collection"]
    (collection,) = wanted.collections
    bpy.context.scene.collection.children.link(collection)
    return collection


def test_it_survives_append(own, tmp_path):
    mine = lines(own)
    from_library(library_of(own, tmp_path), link=False)
    assert lines(bpy.data.objects["Bob face"]) == mine


def test_a_linked_character_keeps_it_and_says_how_to_edit(own, tmp_path):
    mine = lines(own)
    from_library(library_of(own, tmp_path), link=True)
    face = bpy.data.objects["Bob face"]
    assert lines(face) == mine
    bpy.context.view_layer.objects.active = face
    with pytest.raises(RuntimeError, match=r"is linked\. Make a library override"):
        bpy.ops.facewright.mapping_remove()


@pytest.mark.parametrize("written", [True, False], ids=["mapped in the library", "automatic in the library"])
def test_a_library_override_is_edited_and_the_edits_are_saved(face, tmp_path, written):
    if written:
        bpy.ops.facewright.mapping_match()
    collection = from_library(library_of(face, tmp_path), link=True)
    scene, layer = bpy.context.scene, bpy.context.view_layer
    collection.override_hierarchy_create(scene, layer, do_fully_editable=True)
    face = next(o for o in scene.objects if o.name.startswith("Bob face") and o.override_library)
    layer.objects.active = face
    face.parent.facewright.seed = 7
    if not written:
        assert lines(face) is None
        bpy.ops.facewright.mapping_match()
    face.parent.facewright.mapping[4].gain = 0.6
    face.parent.facewright.mapping[5].use = False
    assert bpy.ops.facewright.mapping_add(source="jawOpen", target="mouthFunnel", gain=0.2) == {"FINISHED"}
    mine = lines(face)
    assert len(mine) == 53
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "shot.blend"))
    face = next(o for o in bpy.context.scene.objects if o.name.startswith("Bob face") and o.override_library)
    assert face.parent.facewright.seed == 7
    assert lines(face) == mine
    assert (mine[4].gain, mine[5].use, mine[-1].target) == (0.6, False, "mouthFunnel")


def retargeted(table):
    table[5].target, table[6].source = "cheekPuff", "jawOpen"
    bpy.ops.facewright.mapping_add(source="jawOpen", target="mouthFunnel", gain=0.2)


def alike(table):
    """Lines of the same two names, and blank ones."""
    for gain in (0.2, 0.3):
        bpy.ops.facewright.mapping_add(source="mouthFunnel", target="mouthFunnel", gain=gain)
        bpy.ops.facewright.mapping_add()


def another(table):
    root = bpy.context.object
    mapping.store(root, tuple(reversed(mapping.stored(root)[:40])))


@pytest.mark.parametrize("edit", [retargeted, alike, another])
def test_whatever_is_edited_on_an_override_comes_back_line_by_line(own, tmp_path, edit):
    """Blender tells overridden lines apart by their names."""
    collection = from_library(library_of(own, tmp_path), link=True)
    scene, layer = bpy.context.scene, bpy.context.view_layer
    collection.override_hierarchy_create(scene, layer, do_fully_editable=True)

    def root():
        return next(one for one in bpy.context.scene.objects if one.override_library and one.type == "EMPTY")

    layer.objects.active = root()
    edit(root().facewright.mapping)
    mine = mapping.stored(root())
    for _ in range(2):
        bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
        bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "shot.blend"))
        assert mapping.stored(root()) == mine
