# SPDX-License-Identifier: GPL-3.0-or-later
"""What every convention in inference/rigs promises, run over each file that is found there."""

import re
import tomllib
from dataclasses import replace

import numpy as np
import pytest

from facewright.inference.audio.decode import load_audio
from facewright.inference.core.channels import ARKIT, CHANNELS, VISEMES, mirrored
from facewright.inference.core.errors import RigError
from facewright.inference.pipeline.animate import animate
from facewright.inference.retarget.convention import FOLDER, KINDS, SHAPE_KEY, conventions, read_convention
from facewright.inference.retarget.matching import recognise
from facewright.inference.retarget.rig import MOUTH, Rig, bone_lines, lines_for, lines_of

EVERY = conventions()
DRIVEN = [convention for convention in EVERY if convention.targets]
each = pytest.mark.parametrize("convention", EVERY, ids=lambda convention: convention.key)
driven = pytest.mark.parametrize("convention", DRIVEN, ids=lambda convention: convention.key)


def controls(convention, extra=True):
    """Names of shapes and of bones."""
    kept = [target for target in convention.targets if extra or not target.extra]
    return [[t.name for t in kept if (t.kind == SHAPE_KEY) == shapes] for shapes in (True, False)]


@pytest.fixture(scope="module")
def talk(spoken):
    return animate(load_audio(spoken), fps=50.0)


def test_all_files_are_found():
    assert {path.stem for path in FOLDER.iterdir() if path.suffix == ".toml"} == {one.key for one in EVERY}
    assert len(EVERY) >= 15


@each
def test_it_says_what_it_is_and_where_its_names_come_from(convention):
    assert convention.name and convention.about
    assert convention.sources
    assert all(re.fullmatch(r"https://\S+", url) for url in convention.sources)
    assert convention.note or convention.targets


@driven
def test_names_are_unique_and_channels_and_numbers_make_sense(convention):
    names = [(n, t.kind) for t in convention.targets for n in (t.name, *t.also, *t.loose)]
    assert len(set(names)) == len(names)
    for target in convention.targets:
        assert set(target.weights) <= set(CHANNELS)
        assert all(0 < abs(weight) <= 1 for weight in target.weights.values()), target.name
        assert target.kind in KINDS
        assert target.low < target.high


@driven
def test_the_mouth_is_driven(convention):
    assert convention.channels.intersection((*MOUTH, *VISEMES))


@driven
def test_left_and_right_are_driven_alike(convention):
    moved = {channel for target in convention.targets for channel in target.weights}
    assert {mirrored(channel) for channel in moved} == moved
    for channel in moved:
        sums = [sum(abs(t.weights.get(side, 0)) for t in convention.targets) for side in (channel, mirrored(channel))]
        assert sums[0] == pytest.approx(sums[1]), channel


@driven
def test_no_left_control_is_moved_by_a_right_channel_alone(convention):
    for target in convention.targets:
        ends = re.search(r"(?:Left|[._]L|(?<=[a-z])L)$", target.name)
        if ends and set(target.weights) <= set(ARKIT) and "look" not in target.name.lower():
            whole = {"mouthRight", "jawRight"}  # move both corners
            assert not any("Right" in channel for channel in target.weights.keys() - whole), target.name


@driven
def test_a_complete_character_is_recognised_as_itself(convention):
    best, *others = recognise(*controls(convention))
    assert (
        best.convention is convention
        or best.score - next(one.score for one in others if one.convention is convention) < 1e-6
    )
    assert best.missing == () and best.unmatched == () and not best.guessed
    assert set(best.covered) >= convention.channels


@driven
def test_speech_moves_it(convention, talk):
    names, bones = controls(convention, extra=False)
    lines = lines_for([names])[0] + bone_lines(dict.fromkeys(bones, 1.0))
    rig = Rig(tuple(replace(line, target=f"{line.target} {line.kind}") for line in lines))
    values = rig.retarget(talk)
    mouth = [
        column
        for column, name in enumerate(rig.controls)
        if any(line.target == name and line.channel in (*MOUTH, *VISEMES) for line in rig.lines)
    ]
    travel = np.ptp(values[:, mouth], axis=0)
    most = 0.05 if bones else 0.2  # radians and lengths of the jaw, or shapes
    assert travel.max() > most
    assert (travel > most / 5).sum() >= min(4, len(mouth))
    if not bones:
        assert values.min() >= 0 and values.max() <= 1


@driven
def test_a_mouth_of_visemes_is_driven_by_visemes(convention):
    core = [target for target in convention.targets if not target.extra]
    if any(set(target.weights) & set(MOUTH) for target in core):
        pytest.skip("its mouth is made of ARKit-like shapes")
    names = [target.name for target in core]
    (lines,) = lines_for([names])
    assert {line.channel for line in lines if line.use and line.channel in (*MOUTH, *VISEMES)} <= set(VISEMES)
    assert any(line.channel == "viseme_aa" and line.gain == 1 for line in lines)


def test_every_range_is_reached_by_its_channels_at_one():
    """A control that can never pass half its way is a slip in a file, unless neighbours share it."""
    for convention in DRIVEN:
        for target in [target for target in convention.targets if target.kind == SHAPE_KEY]:
            assert sum(max(line.gain, 0) for line in lines_of(target, target.name)) >= 0.3, (
                convention.key,
                target.name,
            )


BAD = {
    "not TOML": ('name = "x"\nabout = = 1\n', r"'bad\.toml' to be TOML.*line 2"),
    "no name": ("about = 'x'\n", r"'bad\.toml' complete and right, but 'name' is missing"),
    "unknown key": ("name='x'\nabout='x'\nsauces=[]\n", "'sauces' is not known; known are .*about"),
    "unknown channel": (
        "name='x'\nabout='x'\ntargets=[\n{name = \"Open\", from = \"jawOpn\"}]\n",
        r"'bad\.toml', line 4, target 'Open', .*'jawOpn' is not known in 'from'",
    ),
    "weight": (
        "name='x'\nabout='x'\ntargets=[{name='a',from={jawOpen='much'}}]\n",
        "should be a number, not a text",
    ),
    "twice": (
        "name='x'\nabout='x'\ntargets=[{name='a',from='jawOpen'},{name='b',also=['a'],from='jawLeft'}]\n",
        "every name once",
    ),
    "range": ("name='x'\nabout='x'\ntargets=[{name='a',from='jawOpen',min=1}]\n", "'min' below 'max'"),
    "kind": ("name='x'\nabout='x'\ntargets=[{name='a',from='jawOpen',kind='bone'}]\n", "'bone' is not known in 'kind'"),
    "unless": (
        "name='x'\nabout='x'\ntargets=[{name='a',from='jawOpen',unless=['b']}]\n",
        "under 'unless' of 'a', got 'b'",
    ),
    "infinite": ("name='x'\nabout='x'\ntargets=[{name='a',from={jawOpen=inf}}]\n", "a number <= 1000000"),
    "neither": ("name='x'\nabout='x'\n", "either 'targets' or 'patterns'"),
    "pattern": ("name='x'\nabout='x'\npatterns=['(']\n", "regular expressions"),
}


@pytest.mark.parametrize(("text", "says"), BAD.values(), ids=BAD.keys())
def test_a_wrong_file_is_refused_with_where_and_what(tmp_path, text, says):
    path = tmp_path / "bad.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RigError, match=says):
        read_convention(path)


def test_every_file_is_plain_toml():
    for path in FOLDER.glob("*.toml"):
        assert tomllib.loads(path.read_text(encoding="utf-8"))["name"]
