# SPDX-License-Identifier: GPL-3.0-or-later
"""The inference process, spoken to as the add-on speaks to it."""

import contextlib
import io
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from support.paths import ROOT
from support.workers import COMMAND, ask, next_reply, started

from facewright.inference.audio.decode import load_audio
from facewright.inference.core.channels import CHANNELS
from facewright.inference.core.clip import Clip
from facewright.inference.core.errors import WorkerError
from facewright.inference.core.motion import Motion
from facewright.inference.pipeline.animate import animate
from facewright.inference.style_learning.context import context_of
from facewright.inference.styles.file import from_json, to_json
from facewright.inference.styles.style import Style
from facewright.inference.worker.framing import read_packet, write_packet
from facewright.inference.worker.protocol import (
    PROTOCOL,
    Analysed,
    Describe,
    Failed,
    Generate,
    Learn,
    Progress,
    Quit,
    Ready,
    Replay,
    StyleLearned,
    TakeMade,
    send,
)


@pytest.fixture(scope="module")
def worker():
    with started() as process:
        yield process


@pytest.fixture(scope="module")
def tiny_worker(tiny):
    """A worker with the tiny model in the place of the released one."""
    folder = tiny.card.folder
    code = (
        "import sys, pathlib\nfrom inference.policy import predictor\nfrom inference.worker import server as worker\n"
        f"predictor.RELEASED, predictor.DEFAULT = pathlib.Path({str(folder.parent)!r}), {folder.name!r}\n"
        "sys.exit(worker.main())"
    )
    with started([sys.executable, "-c", code]) as process:
        yield process


def answer(worker, request, motions=()):
    """The last thing that the worker says to a request, and its motions."""
    return ask(worker, request, motions)[-1]


def clip(path, start=0.0, duration=None) -> Clip:
    return Clip(str(path), start, duration)


def test_it_says_who_it_is():
    with subprocess.Popen(COMMAND, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        hello, motions = next_reply(process)
        send(process.stdin, Quit())
        assert process.stdout.read() == b""
    assert process.returncode == 0 and motions == ()
    assert isinstance(hello, Ready) and hello.protocol == PROTOCOL
    assert hello.model and hello.version and hello.provider in ("CPU", "CUDA")


def test_it_answers_with_the_motion_that_animate_makes(worker, speech):
    replies = ask(worker, Generate(clip=clip(speech), fps=30.0, seeds=(5,)))
    (made, (motion,)) = replies[-1]
    expected = animate(load_audio(speech), fps=30.0, seed=5)
    assert isinstance(made, TakeMade) and (motion.channels, motion.fps, made.seed) == (CHANNELS, 30.0, 5)
    np.testing.assert_array_equal(motion.values, expected.values)
    progress = [reply for reply, _ in replies if isinstance(reply, Progress)]
    fractions = [reply.fraction for reply in progress]
    assert fractions == sorted(fractions) and fractions[0] >= 0 and fractions[-1] <= 1
    assert all(reply.stage for reply in progress)


def test_several_takes_of_one_sound_are_those_made_one_by_one(worker, speech):
    together = ask(worker, Generate(clip=clip(speech, duration=3.0), fps=50.0, seeds=(1, 2, 3)))
    made = [(reply, motions[0]) for reply, motions in together if isinstance(reply, TakeMade)]
    assert [reply.seed for reply, _ in made] == [1, 2, 3]
    for reply, motion in made:
        one, (alone,) = answer(worker, Generate(clip=clip(speech, duration=3.0), fps=50.0, seeds=(reply.seed,)))
        np.testing.assert_array_equal(motion.values, alone.values)
        assert reply.recipe == one.recipe


def test_a_take_is_made_again_from_its_recipe(worker, speech):
    made, (motion,) = answer(worker, Generate(clip=clip(speech, 0.5, 2.0), fps=25.0, seeds=(3,)))
    replies = ask(worker, Replay(path=str(speech), recipe=made.recipe))
    again, (same,) = replies[-1]
    np.testing.assert_array_equal(same.values, motion.values)
    assert again.recipe == made.recipe and again.doubts == ()
    assert any(isinstance(reply, Analysed) for reply, _ in replies)


def test_a_part_of_a_sound_counts_from_its_own_beginning(worker, speech):
    request = Generate(clip=clip(speech, 1.0, 0.5), fps=24.0, device="cpu")
    _, (motion,) = answer(worker, request)
    assert (motion.start, motion.frames) == (0.0, 12)  # 25 frames at 50 fps end at 0.48 s


def test_a_path_in_any_script(worker, speech_wav):
    assert isinstance(answer(worker, Generate(clip=clip(speech_wav)))[0], TakeMade)


def test_style_steps_and_pins_reach_the_model(tiny, tiny_worker, speech):
    audio = load_audio(speech, start=0.5, duration=2.0)
    pins = Motion(np.full((10, 2), 0.9), ("jawOpen", "headYaw"), 24.0, 0.5)
    more = Motion(np.full((6, 1), 0.2), ("jawOpen",), 24.0, 1.5)
    begins = context_of(Motion(np.linspace([0.0, 0.0], [0.6, 0.3], 9), ("browInnerUp", "headPitch"), 50.0))
    style = Style("mine", tiny.slots_of(load_audio(speech)), context=begins)
    request = Generate(clip=clip(speech, 0.5, 2.0), fps=24.0, style=to_json(style), steps=2, seeds=(4,))
    made, (motion,) = answer(tiny_worker, request, [pins, more])
    expected = animate(audio, fps=24.0, style=style, seed=4, steps=2, pins=[pins, more], predictor=tiny)
    np.testing.assert_array_equal(motion.values, expected.values)
    assert made.recipe == "", "pins are in no recipe"
    np.testing.assert_allclose(motion.select(pins.channels).values[12:22], 0.9, atol=1e-4)
    np.testing.assert_allclose(motion.channel("jawOpen")[36:42], 0.2, atol=1e-4)
    for wrong, kind in [({"steps": 3}, "FacewrightError"), ({"style": "{}"}, "StyleError")]:
        failed, _ = answer(tiny_worker, Generate(clip=clip(speech), **wrong))
        assert isinstance(failed, Failed) and failed.kind == kind


def test_a_voice_gives_a_style(tiny, tiny_worker, speech):
    learned, _ = answer(tiny_worker, Learn(clip=clip(speech), name="mine"))
    assert isinstance(learned, StyleLearned)
    style = from_json(learned.style)
    assert style.name == "mine"
    np.testing.assert_allclose(style.slots, tiny.slots_of(load_audio(speech)), rtol=1e-6)


def test_it_refuses_in_words_and_goes_on(worker, speech, tmp_path):
    soundfile.write(tmp_path / "silent.wav", np.zeros(16_000), 16_000)
    for request, kind, said in [
        (Generate(clip=clip(tmp_path / "gone.wav")), "AudioError", "there is none at"),
        (Generate(clip=clip(tmp_path / "silent.wav")), "AudioError", "only silence"),
        (Generate(clip=clip(speech, 1e6)), "AudioError", "Start earlier"),
        (Generate(clip=clip(speech), fps=-1), "MotionError", "frame rate above 0"),
        (Generate(clip=clip(speech), seeds=(-1,)), "FacewrightError", "seed from 0"),
        (Generate(clip=clip(speech), device="abacus"), "DeviceError", "auto, cuda, webgpu, cpu"),
    ]:
        failed, _ = answer(worker, request)
        assert isinstance(failed, Failed) and failed.kind == kind
        assert said in failed.message
    for message, said in [
        ({"type": "Dance", "id": 7}, "'Dance'"),
        ({"type": "Generate", "id": 7, "clip": {"path": 5}}, "clip.path"),
        ({"type": "Describe", "id": 7, "colour": "red"}, "colour"),
    ]:
        write_packet(worker.stdin, message)
        failed, _ = next_reply(worker)
        assert (failed.kind, failed.id) == ("WorkerError", 7) and said in failed.message
    assert answer(worker, Describe())[0].model


def test_what_libraries_print_does_not_reach_the_pipe(speech):
    noisy = (
        "import os, sys\nfrom inference.worker import server as worker\nload = worker.load_clip\n"
        "def talkative(*a, **k):\n print('a library prints'); sys.stdout.flush(); os.write(1, b'so does C')\n"
        " return load(*a, **k)\n"
        "worker.load_clip = talkative\nsys.exit(worker.main())"
    )
    with started([sys.executable, "-c", noisy]) as process:
        assert isinstance(answer(process, Generate(clip=clip(speech)))[0], TakeMade)


def test_it_ends_when_its_input_closes():
    with started() as process:
        process.stdin.close()
        assert process.wait(timeout=30) == 0


def runs(pid):
    """Whether there is such a process; one that ended but was not collected yet does not count."""
    try:
        return "zombie" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="looks for the process in Linux's /proc")
def test_it_ends_when_blender_is_killed():
    code = (
        "import subprocess, sys, time\n"
        f"w = subprocess.Popen({COMMAND!r}, cwd={str(ROOT)!r}, stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
        "w.stdout.read(4); print(w.pid, flush=True); time.sleep(600)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    pid = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 30
    while runs(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not runs(pid)


def test_a_kill_in_the_middle_is_noticed_and_a_new_worker_works(spoken, tmp_path):
    samples, rate = soundfile.read(spoken, dtype="float32")
    soundfile.write(tmp_path / "long.wav", np.tile(samples, 3600 * rate // len(samples)), rate)
    with started() as process:
        send(process.stdin, Generate(id=1, clip=clip(tmp_path / "long.wav")))
        assert isinstance(next_reply(process)[0], Progress)
        process.kill()
        with contextlib.suppress(WorkerError):  # that is the other way it may be noticed: inside a message
            while next_reply(process) is not None:
                pass
    assert process.returncode == -signal.SIGKILL
    with started() as process:
        assert isinstance(answer(process, Generate(clip=clip(spoken)))[0], TakeMade)


def test_without_its_model_it_says_so_and_ends(tmp_path):
    code = (
        "import sys, pathlib\nfrom inference.policy import predictor\nfrom inference.worker import server as worker\n"
        f"predictor.RELEASED = pathlib.Path({str(tmp_path)!r})\nsys.exit(worker.main())"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        failed, _ = next_reply(process)
        assert process.wait(timeout=30) == 1
    assert isinstance(failed, Failed) and failed.kind == "ModelError"


@pytest.mark.parametrize("frames", [(), (1,), (5, 3)])
def test_messages_come_out_as_they_went_in(frames):
    pipe, motions = io.BytesIO(), [Motion(np.full((n, 2), n / 7), ("a", "b"), 24.0, 0.5) for n in frames]
    write_packet(pipe, {"id": 1, "path": "речь ü \n.wav"}, motions)
    write_packet(pipe, {"id": 2})
    pipe.seek(0)
    message, found = read_packet(pipe)
    assert message == {"id": 1, "path": "речь ü \n.wav"}
    assert [(one.channels, one.fps, one.start) for one in found] == [(("a", "b"), 24.0, 0.5)] * len(frames)
    assert all(np.array_equal(one.values, sent.values) for one, sent in zip(found, motions, strict=True))
    assert read_packet(pipe) == ({"id": 2}, ())
    assert read_packet(pipe) is None


_HEADER = b'{"message": {}, "motions": [{"shape": [1, 2], "channels": ["a", "b"], "fps": 1, "start": 0}]}'
CUT = len(_HEADER).to_bytes(4, "little") + _HEADER + b"123"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\x05\x00\x00\x00{}", "stopped inside a message"),
        (b"\x02\x00", "stopped inside a message"),
        (b"Traceback (most recent call last)", "not this protocol"),
        (b"\x04\x00\x00\x00}}}}", "got something else"),
        (b"\x02\x00\x00\x00[]", "got something else"),
        (CUT, "Expected 8 more bytes, got 3"),
    ],
)
def test_what_is_no_message_is_refused(data, said):
    with pytest.raises(WorkerError, match=said):
        read_packet(io.BytesIO(data))
