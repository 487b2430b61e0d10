# SPDX-License-Identifier: GPL-3.0-or-later
"""The inference process, spoken to as the add-on speaks to it."""

import contextlib
import io
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from support.paths import ROOT
from support.workers import COMMAND, started

from facewright.inference.audio.decode import load_audio
from facewright.inference.core.channels import CHANNELS
from facewright.inference.core.errors import WorkerError
from facewright.inference.core.motion import Motion
from facewright.inference.pipeline.animate import animate
from facewright.inference.style_learning.context import context_of
from facewright.inference.styles.file import to_json
from facewright.inference.styles.style import Style
from facewright.inference.worker.protocol import PROTOCOL, read_message, write_message


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


def ask(process, raw=b"", **request):
    """Everything the worker says to a request: progress, and the last message."""
    write_message(process.stdin, {"id": 7, **request}, raw)
    progress = []
    while True:
        header, payload = read_message(process.stdout)
        assert header["id"] == 7
        if header["event"] != "progress":
            return progress, header, payload
        progress.append(header)


def test_it_says_who_it_is():
    with subprocess.Popen(COMMAND, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        hello, payload = read_message(process.stdout)
        write_message(process.stdin, {"do": "quit"})
        assert process.stdout.read() == b""
    assert process.returncode == 0 and payload == b""
    assert hello["event"] == "ready" and hello["protocol"] == PROTOCOL
    assert hello["model"] and hello["version"] and hello["provider"] in ("CPU", "CUDA")


def test_it_answers_with_the_motion_that_animate_makes(worker, speech):
    progress, header, payload = ask(worker, do="animate", path=str(speech), fps=30.0, seed=5)
    values = np.frombuffer(payload, np.float32).reshape(header["shape"])
    expected = animate(load_audio(speech), fps=30.0, seed=5)
    assert (header["event"], tuple(header["channels"]), header["fps"]) == ("motion", CHANNELS, 30.0)
    np.testing.assert_array_equal(values, expected.values)
    fractions = [message["fraction"] for message in progress]
    assert fractions == sorted(fractions) and fractions[0] >= 0 and fractions[-1] <= 1
    assert all(message["stage"] for message in progress)


def test_a_part_of_a_sound_keeps_its_time(worker, speech):
    _, header, _ = ask(worker, do="animate", path=str(speech), start=1.0, duration=0.5, fps=24.0, device="cpu")
    assert (header["start"], header["shape"]) == (1.0, [12, len(CHANNELS)])  # 25 frames at 50 fps end at 0.48 s


def test_a_path_in_any_script(worker, speech_wav):
    assert ask(worker, do="animate", path=str(speech_wav))[1]["event"] == "motion"


def test_style_steps_and_pins_reach_the_model(tiny, tiny_worker, speech):
    audio = load_audio(speech, start=0.5, duration=2.0)
    _, told, _ = ask(tiny_worker, do="style", path=str(speech), name="mine")
    assert (told["event"], told["name"]) == ("style", "mine")
    np.testing.assert_allclose(told["slots"], tiny.style_of(load_audio(speech)).slots, rtol=1e-6)
    pins = Motion(np.full((10, 2), 0.9), ("jawOpen", "headYaw"), 24.0, 1.0)  # second 1 of the file, half a second in
    more = Motion(np.full((6, 1), 0.2), ("jawOpen",), 24.0, 2.0)
    headers = [{"shape": p.values.shape, "channels": p.channels, "fps": p.fps, "start": p.start} for p in (pins, more)]
    begins = context_of(Motion(np.linspace([0.0, 0.0], [0.6, 0.3], 9), ("browInnerUp", "headPitch"), 50.0))
    style = Style("mine", told["slots"], context=begins)
    request = {"style": to_json(style), "steps": 2, "seed": 4, "pins": headers}
    sent = pins.values.tobytes() + more.values.tobytes()
    _, answer, payload = ask(
        tiny_worker, sent, do="animate", path=str(speech), start=0.5, duration=2.0, fps=24.0, **request
    )
    values = np.frombuffer(payload, np.float32).reshape(answer["shape"])
    both = [replace(pins, start=0.5), replace(more, start=1.5)]
    expected = animate(audio, fps=24.0, style=style, seed=4, steps=2, pins=both, predictor=tiny)
    np.testing.assert_array_equal(values, expected.values)
    columns = [answer["channels"].index(name) for name in pins.channels]
    np.testing.assert_allclose(values[12:22][:, columns], 0.9, atol=1e-4)
    np.testing.assert_allclose(values[36:42, columns[0]], 0.2, atol=1e-4)
    for wrong, kind in [({"steps": 3}, "FacewrightError"), ({"style": "{}"}, "StyleError")]:
        _, answer, _ = ask(tiny_worker, do="animate", path=str(speech), **wrong)
        assert (answer["event"], answer["kind"]) == ("error", kind)


def test_it_refuses_in_words_and_goes_on(worker, speech, tmp_path):
    soundfile.write(tmp_path / "silent.wav", np.zeros(16_000), 16_000)
    for request, kind, said in [
        ({"path": str(tmp_path / "gone.wav")}, "AudioError", "there is none at"),
        ({"path": str(tmp_path / "silent.wav")}, "AudioError", "only silence"),
        ({"path": str(speech), "start": 1e6}, "AudioError", "Start earlier"),
        ({"path": str(speech), "fps": -1}, "MotionError", "frame rate above 0"),
        ({"path": str(speech), "seed": -1}, "FacewrightError", "seed from 0"),
        ({"path": str(speech), "device": "abacus"}, "ModelError", "auto, cpu or cuda"),
        ({"path": 5}, "WorkerError", "unforeseen"),
        ({"do": "dance"}, "WorkerError", "'dance'"),
    ]:
        _, header, _ = ask(worker, **{"do": "animate", **request})
        assert (header["event"], header["kind"]) == ("error", kind)
        assert said in header["message"]
    assert ask(worker, do="info")[1]["model"]


def test_what_libraries_print_does_not_reach_the_pipe(speech):
    noisy = (
        "import os, sys\nfrom inference.worker import server as worker\nload = worker.load_audio\n"
        "def talkative(*a, **k):\n print('a library prints'); sys.stdout.flush(); os.write(1, b'so does C')\n"
        " return load(*a, **k)\n"
        "worker.load_audio = talkative\nsys.exit(worker.main())"
    )
    with started([sys.executable, "-c", noisy]) as process:
        assert ask(process, do="animate", path=str(speech))[1]["event"] == "motion"


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
        write_message(process.stdin, {"id": 1, "do": "animate", "path": str(tmp_path / "long.wav")})
        assert read_message(process.stdout)[0]["event"] == "progress"
        process.kill()
        with contextlib.suppress(WorkerError):  # that is the other way it may be noticed: inside a message
            while read_message(process.stdout) is not None:
                pass
    assert process.returncode == -signal.SIGKILL
    with started() as process:
        assert ask(process, do="animate", path=str(spoken))[1]["event"] == "motion"


def test_without_its_model_it_says_so_and_ends(tmp_path):
    code = (
        "import sys, pathlib\nfrom inference.policy import predictor\nfrom inference.worker import server as worker\n"
        f"predictor.RELEASED = pathlib.Path({str(tmp_path)!r})\nsys.exit(worker.main())"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        header, _ = read_message(process.stdout)
        assert process.wait(timeout=30) == 1
    assert (header["event"], header["kind"]) == ("error", "ModelError")


@pytest.mark.parametrize("payload", [b"", b"\x00\xff" * 5, memoryview(np.arange(6, dtype=np.float32)).cast("B")])
def test_messages_come_out_as_they_went_in(payload):
    pipe = io.BytesIO()
    write_message(pipe, {"id": 1, "path": "речь ü \n.wav"}, payload)
    write_message(pipe, {"id": 2})
    pipe.seek(0)
    header, raw = read_message(pipe)
    assert (header["path"], raw) == ("речь ü \n.wav", bytes(payload))
    assert read_message(pipe) == ({"id": 2}, b"")
    assert read_message(pipe) is None


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\x05\x00\x00\x00{}", "stopped inside a message"),
        (b"\x02\x00", "stopped inside a message"),
        (b"Traceback (most recent call last)", "not this protocol"),
        (b"\x04\x00\x00\x00}}}}", "got something else"),
        (b"\x02\x00\x00\x00[]", "got something else"),
        (b'\x0b\x00\x00\x00{"bytes":9}123', "Expected 9 more bytes, got 3"),
    ],
)
def test_what_is_no_message_is_refused(data, said):
    with pytest.raises(WorkerError, match=said):
        read_message(io.BytesIO(data))
