# SPDX-License-Identifier: GPL-3.0-or-later
"""What every kind of control promises (`addon.targets.control.Target`), run over each file that is found there."""

import inspect

import bpy
import numpy as np
import pytest
from support.characters import bake_it, make_mesh, random_motion
from support.drawn_mouths import motion as drawn_motion
from support.targets_examples import EXAMPLES

from facewright.addon.bake import unbake
from facewright.addon.blender import actions
from facewright.addon.character import character, mapping
from facewright.addon.character.family import family
from facewright.addon.targets.control import Target, speaks
from facewright.addon.targets.drawings import KINDS as DRAWN
from facewright.addon.targets.registry import all_controls, kinds, lines_of, targets
from facewright.inference.core.channels import ARKIT
from facewright.inference.core.errors import RigError
from facewright.inference.retarget.convention import SHAPE_KEY
from facewright.inference.retarget.matching import Recognition
from facewright.inference.retarget.rig import Line

FUNCTIONS = [name for name in dir(Target) if not name.startswith("_") and inspect.isfunction(getattr(Target, name))]
every = pytest.mark.parametrize("kind", targets(), ids=lambda kind: name_of(kind))


def name_of(kind):
    return kind.__name__.rpartition(".")[2]


@pytest.fixture
def example(kind, scene, tmp_path):
    """The small character of this kind: its active object."""
    name = name_of(kind)
    assert name in EXAMPLES, f"Add a small character with '{name}' to EXAMPLES in tests/support/targets_examples.py."
    return EXAMPLES[name](tmp_path)


@pytest.fixture
def motion(kind):
    """What moves such a character."""
    return drawn_motion() if DRAWN.intersection(kind.KINDS) else random_motion(60)


def parts_of(example, kind):
    """What of a character is of this kind."""
    found = [part for part in character.find(example, bpy.context.scene).parts if part.target is kind]
    assert found, "its example has no control of this kind"
    return found


def values_of(part):
    return np.array([part.target.value(part.block, name) for name in part.rig.controls])


def test_every_example_is_of_a_kind_there_is():
    assert {name_of(kind) for kind in targets()} == EXAMPLES.keys()


@every
def test_it_says_where_it_stands_and_which_lines_it_takes(kind):
    assert isinstance(kind.ORDER, int)
    assert kind.KINDS
    for name, label in kind.KINDS.items():
        assert name == name.lower() and name.isidentifier()
        assert label[:1].isupper() and label == label.strip()
        assert kinds()[name] == label


@every
@pytest.mark.parametrize("name", FUNCTIONS)
def test_it_has_the_functions_of_the_contract(kind, name):
    wanted = list(inspect.signature(getattr(Target, name)).parameters.values())[1:]  # without self
    given = list(inspect.signature(getattr(kind, name)).parameters.values())
    assert [one.name for one in wanted] == [one.name.lstrip("_") for one in given]
    assert [one.default for one in wanted] == [one.default for one in given]


@every
def test_every_public_function_says_what_it_does(kind):
    for name, function in inspect.getmembers(kind, inspect.isfunction):
        if not name.startswith("_") and function.__module__.startswith("facewright.addon.targets"):
            assert function.__doc__, f"{function.__module__}.{name} needs a docstring"


@every
def test_where_nothing_is_nothing_is_found(kind, scene):
    assert list(kind.found([])) == []
    assert tuple(kind.recognised(())) == ()
    assert list(kind.matched((), ())) == []


@every
def test_it_finds_its_controls_each_block_once(kind, example):
    members = family(character.find(example, bpy.context.scene).root, bpy.context.scene)
    found = list(kind.found(members))
    assert found and len({one.block.as_pointer() for one in found}) == len(found)
    known = {block.as_pointer() for block in kind.blocks()}
    for one in found:
        assert one.obj in members
        assert one.names and all(isinstance(name, str) for name in one.names)
        assert one.block.as_pointer() in known
    assert all(isinstance(one, Recognition) for one in kind.recognised(found))
    for line in kind.matched(found, ()):
        assert isinstance(line, Line) and line.kind in kind.KINDS
        assert any(line.target in one.names and line.where in ("", one.obj.name) for one in found)


@every
def test_a_mouth_is_moved_once(kind, example):
    """Beside a face whose shape keys speak, lines of this kind that would speak, too, are off."""
    root = character.find(example, bpy.context.scene).root
    mapping.store(root, [])
    members = [*family(root, bpy.context.scene), make_mesh("Face", ARKIT)]
    lines = lines_of(all_controls(members))
    assert {line.kind for line in lines if line.use and speaks([line])} == {SHAPE_KEY}


@every
def test_a_value_that_is_set_is_the_value_read(kind, example, motion):
    for part in parts_of(example, kind):
        before = values_of(part)
        for row in part.rig.retarget(motion)[[0, len(motion.values) // 2]]:
            for name, number in zip(part.rig.controls, row.tolist(), strict=True):
                kind.set_value(part.block, name, number)
                assert kind.value(part.block, name) == pytest.approx(number, abs=1e-5), name
        kind.set_values(part.block, dict(zip(part.rig.controls, before.tolist(), strict=True)))
        np.testing.assert_allclose(values_of(part), before, atol=1e-6)


@every
def test_many_values_at_once_are_seen_at_once(kind, example, motion):
    for part in parts_of(example, kind):
        before = dict(zip(part.rig.controls, values_of(part).tolist(), strict=True))
        row = part.rig.retarget(motion)[len(motion.values) // 2]
        for values in (dict(zip(part.rig.controls, row.tolist(), strict=True)), before):
            kind.set_values(part.block, {**values, "gone": 0.5})
            bpy.context.view_layer.update()
            shown = part.block.evaluated_get(bpy.context.evaluated_depsgraph_get())
            for name in part.rig.controls:
                assert kind.value(shown, name) == pytest.approx(values[name], abs=1e-5), name


@every
def test_its_curve_is_a_place_that_can_be_keyed(kind, example, motion):
    for part in parts_of(example, kind):
        row = part.rig.retarget(motion)[len(motion.values) // 2]
        home = actions.new_slot(part.block, "keyed", "keyed", None)
        places = [kind.curve(part.block, name) for name in part.rig.controls]
        assert len(set(places)) == len(places)
        for (path, index), number in zip(places, row.tolist(), strict=True):
            found = part.block.path_resolve(path)
            assert index < len(found) if hasattr(found, "__len__") else index == 0
            home.fcurves.new(path, index=index).keyframe_points.insert(5, number)
        actions.assign(home)
        bpy.context.scene.frame_set(5)
        np.testing.assert_allclose(values_of(part), row, atol=1e-5)


@every
def test_nothing_is_in_the_way_of_a_sound_character(kind, example, motion):
    for part in parts_of(example, kind):
        kind.ensure_editable(part.obj, part.block)
        assert kind.obstacles(part.obj, part.block, part.rig.controls, part.rig.retarget(motion)) == []


@every
def test_what_is_linked_is_refused_with_what_to_do(kind, example, tmp_path):
    path = tmp_path / "library.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    with bpy.data.libraries.load(str(path), link=True) as (there, wanted):
        wanted.objects, wanted.actions = there.objects, there.actions
    for obj in wanted.objects:
        bpy.context.scene.collection.objects.link(obj)
    members = sorted(wanted.objects, key=lambda one: one.parent is not None)  # the root first, as in a family
    found = list(kind.found(members))
    assert found
    for one in found:
        with pytest.raises(RigError, match=r"linked from 'library\.blend'.*[Oo]verride.*\.$"):
            kind.ensure_editable(one.obj, one.block)


@every
def test_unbake_gives_back_what_stood_there(kind, example, motion, scene):
    parts = parts_of(example, kind)
    before = [values_of(part) for part in parts]
    who = character.find(example, scene)
    assert bake_it(who, motion).keys > 0
    seen = []
    for frame in (2, 12, 22):
        scene.frame_set(frame)
        seen.append(np.concatenate([values_of(part) for part in parts]))
    assert np.ptp(seen, axis=0).max() > 0.01
    unbake.unbake(character.find(example, scene))
    scene.frame_set(3)
    for part, values in zip(parts, before, strict=True):
        np.testing.assert_allclose(values_of(part), values, atol=1e-6)
