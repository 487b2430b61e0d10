# SPDX-License-Identifier: GPL-3.0-or-later
"""Unbake: everything comes back, bake by bake, and nothing that was worked on is lost."""

import bpy
import pytest
from support.bakes import action_of, edit, hand_animate, snapshot
from support.characters import bake_it, random_motion

from facewright.addon.bake import unbake
from facewright.inference.core.errors import FacewrightError


@pytest.mark.parametrize(
    "mode",
    [
        {},
        {"keys": "SPARSE", "interpolation": "BEZIER"},
        {"into": "EXISTING"},
        {"into": "EXISTING", "span": (30, 60)},
        {"span": (30, 60)},
        {"into": "ADDITIVE"},
    ],
    ids=lambda mode: "-".join(str(v) for v in mode.values()) or "plain",
)
@pytest.mark.parametrize("start", ["values", "hand", "beside", "baked"])
def test_unbake_brings_everything_back(face, who, scene, motion, mode, start):
    face.data.shape_keys.key_blocks["browInnerUp"].value = 0.4
    if start == "hand":
        hand_animate(face)
    if start == "beside":
        face.shape_key_add(name="wrinkles")
        hand_animate(face, shape="wrinkles")
        hand_animate(face)
    if start == "baked":
        bake_it(who, random_motion(150, seed=7))
        edit(face)
    scene.frame_set(10)
    before = snapshot()
    bake_it(who, motion, **mode)
    assert snapshot() != before
    unbake.unbake(who)
    scene.frame_set(10)
    assert snapshot() == before


def test_unbake_goes_back_bake_by_bake(face, who, scene, motion):
    states = [snapshot()]
    for seed in (1, 2, 3):
        bake_it(who, random_motion(100, seed=seed), into="EXISTING" if seed == 2 else "NEW")
        states.append(snapshot())
    for state in states[-2::-1]:
        unbake.unbake(who)
        assert snapshot() == state
    with pytest.raises(FacewrightError, match="holds no bake"):
        unbake.unbake(who)


def test_unbake_keeps_a_bake_that_was_worked_on(face, who, scene, motion):
    bake_it(who, motion)
    edit(face)
    name = action_of(face).name
    said = unbake.unbake(who)
    assert bpy.data.actions[name].use_fake_user
    assert name in said


def test_unbake_refuses_when_another_action_is_in_use(face, who, scene, motion):
    bake_it(who, motion)
    face.data.shape_keys.animation_data.action = bpy.data.actions.new("mine")
    before = snapshot()
    with pytest.raises(FacewrightError, match="another Action"):
        unbake.unbake(who)
    assert snapshot() == before
