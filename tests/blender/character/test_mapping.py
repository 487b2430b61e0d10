# SPDX-License-Identifier: GPL-3.0-or-later
"""The mapping table: matched, edited, soloed, copied, kept in files, still there after save, append and override."""

import bpy
import numpy as np
import pytest
from support.characters import error_of, random_motion, top, value

from facewright.addon.bake import bake
from facewright.addon.blender.sequencer import Speech
from facewright.addon.character import character, mapping
from facewright.addon.takes import store
from facewright.addon.ui.mapping import files
from facewright.inference.audio.decode import load_audio
from facewright.inference.core.channels import ARKIT, CHANNELS, VISEMES
from facewright.inference.core.errors import RigError
from facewright.inference.core.motion import Motion
from facewright.inference.pipeline.animate import animate
from facewright.inference.retarget import mapping_file
from facewright.inference.retarget.convention import conventions
from facewright.inference.retarget.rig import Line


def names_of(key):
    convention = next(one for one in conventions() if one.key == key)
    return [target.name for target in convention.targets]


def lines(obj):
    return mapping.stored(character.family_root(obj))


def at_one(channel):
    values = np.zeros((2, len(CHANNELS)), np.float32)
    values[:, CHANNELS.index(channel)] = 1.0
    return Motion(values, CHANNELS, 24.0)


def baked(obj, scene, motion, frame=2):
    """Values of all shape keys at a frame after a bake."""
    bake.bake_motion(scene, character.find(obj, scene), motion, frame=1.0, name="speech")
    scene.frame_set(frame)
    return {block.name: block.value for block in obj.data.shape_keys.key_blocks[1:]}


@pytest.fixture
def own(face):
    """A character whose mapping is written out."""
    assert bpy.ops.facewright.mapping_match() == {"FINISHED"}
    return face


@pytest.fixture(scope="module")
def talk(spoken):
    """Real speech, animated."""
    return animate(load_audio(spoken), fps=50.0)


@pytest.fixture
def presets(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "folder", lambda create=False: tmp_path)
    return tmp_path


@pytest.mark.parametrize("key", ["mmd", "vrm_0", "vrm_1", "character_creator", "daz_genesis_9", "metahuman", "rhubarb"])
def test_a_character_of_another_convention_is_recognised_bakes_and_moves(make_mesh, scene, key, talk):
    obj = make_mesh("face", names_of(key))
    who = character.find(obj, scene)
    assert who.recognised[0].convention.key == key
    assert who.recognised[0].convention.name in who.convention
    assert "100 %" in who.convention
    assert who.missing == ()
    bake.bake_motion(scene, who, talk, frame=1.0, name="speech")
    places = []
    for frame in range(1, 60):
        scene.frame_set(frame)
        places.append(top(obj))
    assert np.ptp(places, axis=0).max() > 0.1


def test_a_mouth_of_visemes_moves_by_visemes(make_mesh, scene):
    obj = make_mesh("face", ["あ", "い", "う", "え", "お", "まばたき"])
    assert baked(obj, scene, at_one("viseme_aa"))["あ"] == pytest.approx(1)
    assert baked(obj, scene, at_one("jawOpen"))["あ"] == pytest.approx(0)
    assert baked(obj, scene, at_one("eyeBlinkLeft"))["まばたき"] == pytest.approx(0.5)


def test_a_character_creator_face_and_tongue(make_mesh, scene):
    root = bpy.data.objects.new("Kevin", None)
    scene.collection.objects.link(root)
    tongue = make_mesh("CC_Base_Tongue", ["V_Tongue_up", "V_Tongue_Raise", "Tongue_Out"], parent=root)
    body = make_mesh("CC_Base_Body", [n for n in names_of("character_creator") if "Tongue" not in n], parent=root)
    who = character.find(body, scene)
    assert who.coverage == "52 of 52 ARKit shapes on 2 meshes"
    moved = baked(body, scene, at_one("mouthPucker"))
    assert [name for name, v in moved.items() if v > 0.5] == [
        "Mouth_Pucker_Up_L", "Mouth_Pucker_Up_R", "Mouth_Pucker_Down_L", "Mouth_Pucker_Down_R",
    ]  # fmt: skip
    baked(body, scene, at_one("viseme_DD"))
    assert value(tongue, "V_Tongue_up") == pytest.approx(0.8)
    assert value(body, "V_Lip_Open") == pytest.approx(0)


def test_expression_components_say_what_to_do(make_mesh, scene):
    obj = make_mesh("smplx", [f"Exp{number:03}" for number in range(10)])
    with pytest.raises(RigError, match=r"'smplx' has FLAME / SMPL-X expressions.*Expressions from FLAME File"):
        character.find(obj, scene)


def test_names_are_matched_anew_until_the_first_edit(face, scene):
    assert lines(face) is None
    face.shape_key_add(name="viseme_aa", from_mix=False)
    assert not character.find(face, scene).mapped
    assert bpy.ops.facewright.mapping_match() == {"FINISHED"}
    assert len(lines(face)) == 53
    assert {line.target for line in lines(face) if not line.use} == {"viseme_aa"}  # the mouth is ARKit's
    who = character.find(face, scene)
    assert who.mapped
    assert who.channels == set(ARKIT)
    assert bpy.ops.facewright.mapping_clear() == {"FINISHED"}
    assert lines(face) is None


def test_the_table_drives_what_matching_drives(face, scene, motion):
    before = [part.rig for part in character.find(face, scene).parts]
    bpy.ops.facewright.mapping_match()
    after = [part.rig for part in character.find(face, scene).parts]
    for old, new in zip(before, after, strict=True):
        order = [new.controls.index(name) for name in old.controls]
        np.testing.assert_array_equal(old.retarget(motion), new.retarget(motion)[:, order])


def test_teeth_of_visemes_below_an_arkit_face_have_a_line_of_their_own(face, make_mesh, scene):
    face.shape_key_add(name="viseme_aa", from_mix=False)
    make_mesh("Bob gums", ["viseme_aa", "viseme_O"], parent=face.parent)
    bpy.ops.facewright.mapping_match()
    on = {(line.target, line.where): line.use for line in lines(face) if line.channel in VISEMES}
    assert on == {("viseme_aa", "Bob face"): False, ("viseme_aa", "Bob gums"): True, ("viseme_O", ""): True}


def test_gain_offset_range_curve_and_switch_count(own, scene):
    table = own.parent.facewright.mapping
    row = next(item for item in table if item.target == "jawOpen")
    row.gain, row.offset, row.max = 0.5, 0.25, 0.7
    assert baked(own, scene, at_one("jawOpen"))["jawOpen"] == pytest.approx(0.7)
    row.curve, row.power, row.offset = "power", 2.0, 0.0
    half = Motion(at_one("jawOpen").values * 0.5, CHANNELS, 24.0)
    assert baked(own, scene, half)["jawOpen"] == pytest.approx(0.125)
    row.use = False
    channels = character.find(own, scene).channels
    assert "jawOpen" not in channels and "jawLeft" in channels
    row.min, row.max = 1.0, 0.0  # turned round by mistake
    assert lines(own)[list(table).index(row)].high == 1.0


def test_add_and_remove_lines(face, scene):
    face.shape_key_add(name="wrinkles", from_mix=False)
    assert "wrinkles" in character.find(face, scene).unmatched
    assert bpy.ops.facewright.mapping_add(source="browInnerUp", target="wrinkles", gain=0.5) == {"FINISHED"}
    assert len(lines(face)) == 53  # the matched ones were written out first
    assert character.find(face, scene).unmatched == ()
    assert baked(face, scene, at_one("browInnerUp"))["wrinkles"] == pytest.approx(0.5)
    assert bpy.ops.facewright.mapping_remove() == {"FINISHED"}
    assert "wrinkles" in character.find(face, scene).unmatched
    assert bpy.ops.facewright.mapping_remove(index=0) == {"FINISHED"}
    assert len(lines(face)) == 51
    assert "there is no line 99" in error_of(bpy.ops.facewright.mapping_remove, index=99)


def test_a_character_nobody_knows_is_mapped_by_hand(make_mesh, scene):
    obj = make_mesh("box", ["smirk", "grin"])
    assert "is known" in error_of(bpy.ops.facewright.mapping_match)
    assert bpy.ops.facewright.mapping_add(source="jawOpen", target="grin") == {"FINISHED"}
    who = character.find(obj, scene)
    assert (who.convention, who.coverage, who.unmatched) == ("Own names", "1 channels on 1 mesh", ("smirk",))
    assert baked(obj, scene, at_one("jawOpen"))["grin"] == pytest.approx(1)
    obj.facewright.mapping[0].use = False
    with pytest.raises(RigError, match="moves none of its shape keys"):
        character.find(obj, scene)


def test_solo_and_back(own, scene):
    table = own.parent.facewright.mapping
    table[3].use = False
    before = [item.use for item in table]
    assert bpy.ops.facewright.mapping_solo(index=17) == {"FINISHED"}
    assert character.find(own, scene).channels == {table[17].source}
    bpy.ops.facewright.mapping_solo(index=5)
    assert character.find(own, scene).channels == {table[5].source}
    bpy.ops.facewright.mapping_solo(index=5)
    assert [item.use for item in table] == before


def test_a_line_switched_while_another_is_soloed_stays_so(own, scene):
    table = own.parent.facewright.mapping
    table[3].use = False
    before = [item.use for item in table]
    bpy.ops.facewright.mapping_solo(index=17)
    table[3].use = True  # on, and back to being seen
    table[8].use, table[8].use = True, False  # off for good
    table[17].use = False  # the one that is soloed
    assert character.find(own, scene).channels == {table[3].source}
    bpy.ops.facewright.mapping_solo(index=17)
    expected = {3: True, 8: False, 17: False}
    assert [item.use for item in table] == [expected.get(index, was) for index, was in enumerate(before)]
    bpy.ops.facewright.mapping_solo(index=5)
    bpy.ops.facewright.mapping_solo(index=5)
    assert [item.use for item in table] == [expected.get(index, was) for index, was in enumerate(before)]


def test_what_is_handed_on_knows_no_solo(own, presets, make_mesh):
    own.parent.facewright.mapping[3].use = False
    mine = lines(own)
    ann = make_mesh("Ann", ["jawOpen", "mouthFunnel"])
    bpy.context.view_layer.objects.active = own
    bpy.ops.facewright.mapping_solo(index=17)
    path = presets / "out.toml"
    assert bpy.ops.facewright.mapping_export(filepath=str(path)) == {"FINISHED"}
    assert bpy.ops.facewright.mapping_copy(to="Ann") == {"FINISHED"}
    assert mapping_file.read(path) == lines(ann) == mine
    assert sum(item.use for item in own.parent.facewright.mapping) == 1


def test_see_a_line_at_one(own, scene):
    index = [item.target for item in own.parent.facewright.mapping].index("jawOpen")
    own.parent.facewright.mapping[index].gain = 0.8
    assert bpy.ops.facewright.mapping_test(index=index) == {"FINISHED"}
    for name in ("Bob face", "Bob teeth", "Bob tongue"):
        assert value(bpy.data.objects[name], "jawOpen") == pytest.approx(0.8)
    own.parent.facewright.mapping[index].target = "gone"
    assert "Nothing of 'Bob' is called 'gone'" in error_of(bpy.ops.facewright.mapping_test, index=index)


def test_every_edit_is_one_undo_step(face, scene):
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.facewright.mapping_match("EXEC_DEFAULT", True)
    bpy.ops.facewright.mapping_solo("EXEC_DEFAULT", True, index=2)
    bpy.ops.facewright.mapping_remove("EXEC_DEFAULT", True, index=2)
    assert len(lines(bpy.data.objects["Bob face"])) == 51
    bpy.ops.ed.undo()
    assert sum(line.use for line in lines(bpy.data.objects["Bob face"])) == 1
    bpy.ops.ed.undo()
    assert sum(line.use for line in lines(bpy.data.objects["Bob face"])) == 52
    bpy.ops.ed.undo()
    assert lines(bpy.data.objects["Bob face"]) is None
    bpy.ops.ed.redo()
    assert len(lines(bpy.data.objects["Bob face"])) == 52


def test_an_edit_shows_in_the_preview_at_once(own, scene):
    root = own.parent
    take = store.Take(random_motion(50), Speech("/nowhere/a.wav", frame=1.0), 0, "CPU")
    store.store(root, take)
    root.facewright.preview = True
    scene.frame_set(5)
    shown = value(own, "jawOpen")
    assert shown > 0.05
    row = next(item for item in root.facewright.mapping if item.target == "jawOpen")
    row.gain = 0.5
    assert value(own, "jawOpen") == pytest.approx(shown / 2)
    row.use = False
    assert value(own, "jawOpen") == 0.0  # the artist's own value
    root.facewright.preview = False


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


def test_a_row_says_what_the_search_looks_for(own):
    assert own.parent.facewright.mapping[0].name == "eyeBlinkLeft eyeBlinkLeft"
    own.parent.facewright.mapping[0].target = "lid"
    assert own.parent.facewright.mapping[0].name == "eyeBlinkLeft lid"
    assert Line("eyeBlinkLeft", "lid") in lines(own)
