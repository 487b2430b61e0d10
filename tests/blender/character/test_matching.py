# SPDX-License-Identifier: GPL-3.0-or-later
"""Characters of other conventions: recognised by name, baked, moved."""

import bpy
import numpy as np
import pytest
from support.characters import top, value
from support.mapped import at_one, baked, lines, names_of

from facewright.addon.bake import bake
from facewright.addon.character import character
from facewright.inference.audio.decode import load_audio
from facewright.inference.core.channels import ARKIT, VISEMES
from facewright.inference.core.errors import RigError
from facewright.inference.pipeline.animate import animate


@pytest.fixture(scope="module")
def talk(spoken):
    """Real speech, animated."""
    return animate(load_audio(spoken), fps=50.0)


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


def test_teeth_of_visemes_below_an_arkit_face_have_a_line_of_their_own(face, make_mesh, scene):
    face.shape_key_add(name="viseme_aa", from_mix=False)
    make_mesh("Bob gums", ["viseme_aa", "viseme_O"], parent=face.parent)
    bpy.ops.facewright.mapping_match()
    on = {(line.target, line.where): line.use for line in lines(face) if line.channel in VISEMES}
    assert on == {("viseme_aa", "Bob face"): False, ("viseme_aa", "Bob gums"): True, ("viseme_O", ""): True}
