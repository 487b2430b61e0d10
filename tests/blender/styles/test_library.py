# SPDX-License-Identifier: GPL-3.0-or-later
"""A character's style in Blender: chosen, learned from its keys, kept in the .blend and in the library."""

from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest

from facewright.addon.blender import sequencer
from facewright.addon.blender.timeline import timeline_of
from facewright.addon.character import character
from facewright.addon.styles import store
from facewright.addon.takes import store as takes
from facewright.addon.targets.composite import CompositeRig, RigSubset
from facewright.addon.targets.rotations import QUATERNION, AxisRig
from facewright.addon.ui.styles import learn, panel
from facewright.inference import Motion, load_audio, load_predictor
from facewright.inference.core.channels import CHANNELS, MOUTH
from facewright.inference.formats import export
from facewright.inference.pipeline.stages import finished, plain_take
from facewright.inference.retarget.rig import Line, Rig
from facewright.inference.styles.context import SHOWN
from facewright.inference.styles.file import from_json, read, to_json, write
from facewright.inference.styles.library import Library
from facewright.inference.styles.style import Style

HALF = Style("half", gains=np.full((40, 5), 0.5))


@pytest.fixture(autouse=True)
def library(tmp_path, monkeypatch) -> Library:
    own = Library(tmp_path / "styles")
    monkeypatch.setattr(store, "library", lambda: own)
    return own


@pytest.fixture
def head(face) -> Any:
    return face.parent


@pytest.fixture(scope="module")
def shown(long_speech) -> Motion:
    """What an actor does who moves half as much."""
    audio = load_audio(long_speech, duration=6.0)
    return finished(*plain_take(load_predictor(device="cpu"), audio), style=HALF, fps=24.0)


def test_a_preset_is_chosen_and_is_saved_with_the_file(head, library, tmp_path):
    assert store.name_of(head) == "neutral" and store.request(head) is None
    assert bpy.ops.facewright.style_choose(name="cartoon") == {"FINISHED"}
    assert store.of(head).lead == pytest.approx(0.04)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a.blend"))
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "a.blend"))
    root = next(obj for obj in bpy.data.objects if store.name_of(obj) == "cartoon")
    assert to_json(store.of(root)) == to_json(library.get("cartoon"))
    with pytest.raises(RuntimeError, match="one of the styles"):
        bpy.ops.facewright.style_choose(name="Zoe")


def test_the_library_is_looked_after_from_blender(head, library, tmp_path):
    bpy.ops.facewright.style_choose(name="clear")
    with pytest.raises(RuntimeError, match="a preset and keeps its name"):
        bpy.ops.facewright.style_rename(name="mine")
    bpy.ops.facewright.style_duplicate()
    bpy.ops.facewright.style_rename(name="mine")
    assert list(library.own) == ["mine"] and store.name_of(head) == "mine"
    bpy.ops.facewright.style_blend(other="mumbled", part=0.25)
    assert len(library.own) == 2
    bpy.ops.facewright.style_average(styles={"subtle", "clear", "mine"}, name="us")
    assert "us" in library.own and store.name_of(head) == "us"
    bpy.ops.facewright.style_export(filepath=str(tmp_path / "handed on"))
    assert read(tmp_path / "handed on.fwstyle").name == "us"
    bpy.ops.facewright.style_delete()
    assert "us" not in library.own and store.name_of(head) == "us"
    write(Style("hers", head=2.0), tmp_path / "hers.fwstyle")
    bpy.ops.facewright.style_import(filepath=str(tmp_path / "hers.fwstyle"))
    assert store.of(head).head == 2 and "hers" in library.own
    (tmp_path / "bad.fwstyle").write_text("{}")
    with pytest.raises(RuntimeError, match="facewright style"):
        bpy.ops.facewright.style_import(filepath=str(tmp_path / "bad.fwstyle"))


def test_a_style_stored_by_a_newer_version_is_told(head):
    head.facewright_style.content = '{"format": "facewright style", "version": 9}'
    assert store.name_of(head) == "Damaged style"
    with pytest.raises(RuntimeError, match="newer facewright"):
        bpy.ops.facewright.generate(filepath="/nowhere.wav")


def test_keys_are_read_back_as_channels(head, shown, long_speech):
    scene = bpy.context.scene
    scene.render.fps, scene.render.fps_base = 24, 1.0
    who = character.find(head, scene)
    give_take(who.root, shown, long_speech)
    assert bpy.ops.facewright.bake() == {"FINISHED"}
    found = learn.animated(who, 13, 84, timeline_of(scene, 1.0))
    assert found.fps == 24 and found.start == pytest.approx(0.5)
    for name in ("jawOpen", "mouthFunnel", "mouthUpperUpLeft", "browInnerUp"):
        np.testing.assert_allclose(found.channel(name), shown.at(found.times)[:, CHANNELS.index(name)], atol=0.02)


def test_only_what_is_keyed_as_lines_say_is_read_back():
    turned = Line("headYaw", "head rotation_z"), Line("jawForward", "lip location_y")
    bones = AxisRig(turned, {"head rotation": QUATERNION})
    keys = Rig((Line("jawOpen", "open"), Line("mouthClose", "open")))
    rig = CompositeRig.of([keys, RigSubset(bones.lines, bones, ("lip location_y",)), bones])
    assert [line.channel for line in rig.direct_lines] == [
        "jawOpen", "mouthClose", "jawForward", "jawForward"
    ]  # fmt: skip
    assert AxisRig(turned).direct_lines == turned


def give_take(root: Any, motion: Motion, speech: Path) -> None:
    takes.store(root, takes.Take(motion, sequencer.Speech(str(speech), duration=6.0), 0, "CPU"))


def test_a_style_is_learned_from_keys_and_used(head, library, shown, long_speech):
    scene = bpy.context.scene
    scene.render.fps, scene.frame_start, scene.frame_end = 24, 1, 140
    give_take(head, shown, long_speech)
    with pytest.raises(RuntimeError, match="has no keys to learn from"):
        bpy.ops.facewright.style_learn_keys()
    bpy.ops.facewright.bake()
    assert bpy.ops.facewright.style_learn_keys(name="timid") == {"FINISHED"}
    style = store.of(head)
    assert style.name == "timid" and "timid" in library.own
    assert 0.4 < np.median(style.gains[:, 0]) < 0.8  # towards the half that was shown
    assert "s of speech in" in style.about
    assert from_json(store.request(head)).does_as(style)
    with pytest.raises(RuntimeError, match="first frame before the last"):
        bpy.ops.facewright.style_learn_keys(first=5, last=5)


def test_a_style_is_learned_from_curves_and_from_a_voice(head, shown, long_speech, tmp_path, monkeypatch):
    give_take(head, shown, long_speech)
    export(shown, tmp_path / "shown.csv")
    bpy.ops.facewright.style_learn_curves(filepath=str(tmp_path / "shown.csv"), name="from curves")
    assert store.of(head).gains.mean() < 0.9
    bpy.ops.facewright.style_learn_voice(filepath=str(long_speech), name="from voice")
    assert not np.allclose(store.of(head).slots, 1) and "voice alone" in store.of(head).about
    with pytest.raises(RuntimeError, match="there is none at"):
        bpy.ops.facewright.style_learn_voice(filepath=str(tmp_path / "gone.wav"))
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(store, "library", lambda: Library(tmp_path / "file" / "styles"))  # which cannot be made
    assert bpy.ops.facewright.style_learn_voice(filepath=str(long_speech), name="not in the library") == {"FINISHED"}
    assert store.of(head).name == "not in the library"


def test_a_style_is_learned_in_the_context_of_keys(head, shown, long_speech):
    """A take then begins as the keys ended, and so do the keys of its bake."""
    scene = bpy.context.scene
    scene.render.fps, scene.frame_start, scene.frame_end = 24, 1, 120
    turned = shown.with_channels(["headYaw"], 0.3 * (shown.times > 2.0)[:, None])
    give_take(head, turned.with_channels(["browInnerUp"], 0.9 * (shown.times > 2.0)[:, None]), long_speech)
    bpy.ops.facewright.bake()
    assert bpy.ops.facewright.style_learn_keys(name="Ada", in_context=True) == {"FINISHED"}
    style = store.of(head)
    assert style.context is not None and "In context: takes begin as" in style.about
    assert "headYaw" not in style.context.channels and "Head did not move there." in style.about  # it has no bone
    assert style.context.channel("browInnerUp")[-1] == pytest.approx(0.9, abs=0.02)
    assert store.of(head).does_as(style) and not store.of(head).is_neutral
    bpy.ops.facewright.generate(filepath=str(long_speech), seed=3, frame=1)
    take = takes.get(head)
    assert next(take.recipe.generated()).style.does_as(style)
    assert not panel.made_in_another_style(take, style)
    begins = take.motion.channel("browInnerUp")[:50]
    assert begins[0] > 0.7 and begins[0] > begins[25] + 0.2  # and leaves it
    bpy.ops.facewright.bake()
    baked = learn.animated(character.find(head, scene), 1, 48, timeline_of(scene, 1.0))
    np.testing.assert_allclose(
        baked.channel("browInnerUp"), take.motion.at(baked.times)[:, CHANNELS.index("browInnerUp")], atol=0.02
    )
    bpy.ops.facewright.punch_in(first=1, last=12, seed=9)
    assert takes.get(head).motion.channel("browInnerUp")[0] > 0.7  # begun again, in the same context


def test_a_style_is_learned_in_the_context_of_curves(head, shown, long_speech, tmp_path):
    give_take(head, shown, long_speech)
    export(shown.with_channels(["headRoll"], np.linspace(0, 0.2, shown.frames)[:, None]), tmp_path / "shown.csv")
    bpy.ops.facewright.style_learn_curves(filepath=str(tmp_path / "shown.csv"), name="Bea", in_context=True)
    assert store.of(head).context.channel("headRoll")[-1] == pytest.approx(0.2, abs=0.01)
    bpy.ops.facewright.style_learn_curves(filepath=str(tmp_path / "shown.csv"), name="Cleo")
    assert store.of(head).context is None
    export(shown.with_channels(SHOWN, np.zeros((shown.frames, len(SHOWN)))), tmp_path / "mouth.npz")
    with pytest.raises(RuntimeError, match="brows, head or gaze move"):
        bpy.ops.facewright.style_learn_curves(filepath=str(tmp_path / "mouth.npz"), in_context=True)


def test_generate_uses_the_style(head, long_speech, tmp_path):
    jaws = []
    for name in ("neutral", "mumbled"):
        bpy.ops.facewright.style_choose(name=name)
        bpy.ops.facewright.generate(filepath=str(long_speech), seed=3)
        take = takes.get(head)
        jaws.append(take.motion.select(MOUTH).channel("jawOpen"))
    assert 0.3 < jaws[1].std() / jaws[0].std() < 0.8
    assert next(take.recipe.generated()).style.name == "mumbled"
    assert not panel.made_in_another_style(take, store.of(head))
    bpy.ops.facewright.style_choose(name="cartoon")
    assert panel.made_in_another_style(take, store.of(head))
