# SPDX-License-Identifier: GPL-3.0-or-later
"""A batch that bakes: in a Blender that stays alive between shots, and dies with whoever started it."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import bpy
import msgspec
import numpy as np
import pytest
import soundfile
from msgspec.structs import replace
from support.characters import top

from facewright.inference.batch.blender_studio import BlenderStudio
from facewright.inference.batch.making import Cancelled, Maker, Run
from facewright.inference.batch.shot import Bake, Shot
from facewright.inference.core.errors import WorkerError


@pytest.fixture
def out(tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


@pytest.fixture
def shot(face, speech, tmp_path):
    """A shot of a second, for the character in a saved .blend."""
    samples, rate = soundfile.read(speech)
    soundfile.write(tmp_path / "line.wav", samples[: 2 * rate], rate)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    bake = Bake(blend=str(tmp_path / "shot.blend"))
    return Shot(row=1, name="sc1/line", sound=str(tmp_path / "line.wav"), make=(".blend", ".npz"), bake=bake)


@pytest.fixture
def maker(out):
    studio = BlenderStudio("")
    yield Maker(Run(key="run", out=str(out), device="cpu"), studio)
    studio.close()


def blenders():
    """Numbers of the Blenders of this Python that serve a batch: other suites may run beside this one."""
    if not Path("/proc/self/cmdline").exists():
        pytest.skip("looks for processes in /proc")
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it has ended meanwhile
            command = path.read_bytes()
            if b"addon.command.serve as serve" in command and command.startswith(sys.executable.encode() + b"\0"):
                found.append(int(path.parent.name))
    return found


def heights(path):
    bpy.ops.wm.open_mainfile(filepath=str(path))
    seen = []
    for frame in range(1, 50, 2):
        bpy.context.scene.frame_set(frame)
        seen.append(top(bpy.data.objects["Bob face"]))
    return np.array(seen)


def test_shots_are_baked_into_copies_by_one_blender(maker, shot, out):
    before = Path(shot.bake.blend).read_bytes()
    first = maker.make(shot)
    assert first.state == "made", first.why
    serving = blenders()
    second = maker.make(replace(shot, name="other", row=2, seed=5))
    assert blenders() == serving
    assert len(serving) == 1
    assert Path(shot.bake.blend).read_bytes() == before
    assert set(first.outputs) == {"sc1/line.blend", "sc1/line.npz"}
    assert first.figures.keys > 100
    assert first.figures.coverage
    assert second.state == "made"
    assert np.ptp(heights(out / "sc1/line.blend"), axis=0).max() > 0.02
    assert bpy.data.objects["Bob"].facewright.seed == 0
    heights(out / "other.blend")
    assert bpy.data.objects["Bob"].facewright.seed == 5
    assert [path.name for path in out.rglob(".*")] == [".facewright"]


def test_it_bakes_what_the_command_in_blender_bakes(maker, shot, out, tmp_path):
    from facewright.addon import command

    maker.make(replace(shot, seed=3))
    bpy.ops.wm.open_mainfile(filepath=shot.bake.blend)
    goal = str(tmp_path / "alone.blend")
    assert command.main(["bake", "--audio", shot.sound, "--seed", "3", "--output", goal]) == 0
    np.testing.assert_allclose(heights(out / "sc1/line.blend"), heights(goal), atol=2e-6)


def test_style_sliders_frame_and_mode_are_those_of_the_row(maker, shot, out):
    bake = replace(shot.bake, keys="SPARSE", error=0.02, span=(12, 40))
    sliders = {"values": {"jaw": 1.5}, "masks": {"brows": 0.0}}
    outcome = maker.make(replace(shot, style="clear", sliders=sliders, frame=10.0, bake=bake))
    assert outcome.state == "made", outcome.why
    heights(out / "sc1/line.blend")
    settings = bpy.data.objects["Bob"].facewright
    assert (round(settings.slider_jaw, 3), settings.mask_brows, settings.frame) == (1.5, 0.0, 10.0)
    assert '"clear"' in bpy.data.objects["Bob"].facewright_style.content
    ends = {tuple(round(frame) for frame in action.frame_range) for action in bpy.data.actions}
    assert ends == {(12, 40)}


def test_a_blend_that_cannot_be_baked_fails_with_a_sentence(maker, shot, out, tmp_path):
    (tmp_path / "broken.blend").write_bytes(b"nothing")
    broken = maker.make(replace(shot, bake=Bake(blend=str(tmp_path / "broken.blend"))))
    assert "Expected a .blend that Blender can open" in broken.why
    nobody = maker.make(replace(shot, bake=replace(shot.bake, character="Nobody")))
    assert "got 'Nobody'" in nobody.why
    assert maker.make(shot).state == "made", "and the next one is made all the same"


def test_a_blender_that_dies_is_replaced(maker, shot):
    assert maker.make(shot).state == "made"
    died = []

    def check():
        if not died:
            died.extend(blenders())
            os.kill(died[0], signal.SIGKILL)

    with pytest.raises(WorkerError, match=r"stopped before|opened first"):
        maker.make(replace(shot, seed=1), check)
    assert maker.make(replace(shot, seed=1)).state == "made"
    assert blenders() != died


def test_a_cancelled_shot_ends_its_blender(maker, shot, out):
    asked = []

    def check():
        asked.append(1)
        if len(asked) > 3 and blenders():
            raise Cancelled

    with pytest.raises(Cancelled):
        maker.make(shot, check)
    assert not blenders()
    assert not list(out.rglob("line*"))


def test_blender_ends_when_whoever_started_it_is_killed(shot, out):
    script = (
        "import sys, msgspec, time\n"
        "from facewright.inference.batch.blender_studio import BlenderStudio\n"
        "from facewright.inference.batch.making import Maker, Run\n"
        "from facewright.inference.batch.shot import Shot\n"
        "shot = msgspec.json.decode(sys.argv[1], type=Shot)\n"
        "Maker(Run(key='run', out=sys.argv[2], device='cpu'), BlenderStudio('')).make(shot)\n"
        "print('made', flush=True)\n"
        "time.sleep(60)\n"
    )
    command = [sys.executable, "-c", script, msgspec.json.encode(shot).decode(), str(out)]
    started = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert started.stdout.readline() == "made\n"
    assert len(blenders()) == 1
    started.kill()
    started.wait()
    deadline = time.monotonic() + 10
    while blenders() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not blenders()
