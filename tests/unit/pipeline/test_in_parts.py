# SPDX-License-Identifier: GPL-3.0-or-later
"""A long take is finished part by part as it would be in one piece, and takes no more memory for being long."""

import os
import subprocess
import sys

import numpy as np
import pytest
import soundfile

from facewright.inference import Audio, Style, animate, load_audio
from facewright.inference.core.audio import RATE
from facewright.inference.pipeline import stages
from facewright.inference.pipeline.in_parts import LONG, PART, take_in_parts


@pytest.fixture(scope="module")
def voice(spoken) -> np.ndarray:
    return load_audio(spoken).samples


@pytest.mark.parametrize("fps", [23.976, 50.0, 60.0])
@pytest.mark.parametrize("silence", [0.3, PART / 50 - 1.0, PART / 50 + 4.5])
def test_parts_are_those_of_the_whole(tiny, voice, fps, silence):
    """Wherever the first phrase lies, whose lips part before it."""
    sound = Audio(np.concatenate([np.zeros(round(silence * RATE), np.float32), np.tile(voice, 40)]))
    style = Style(name="quick", lead=0.04, gains=np.full((40, 5), 1.2, np.float32))
    encoding = stages.encode(tiny, sound, style)
    plain = stages.sample(tiny, encoding, 3, style=style)
    whole = stages.finished(plain, encoding.phonemes, style=style, seed=3, fps=fps)
    parts = take_in_parts(tiny, encoding, 3, style=style, fps=fps)
    assert (parts.channels, parts.fps, parts.start) == (whole.channels, whole.fps, whole.start)
    assert parts.values.shape == whole.values.shape
    assert np.abs(parts.values - whole.values).max() < 1e-5


def test_a_long_sound_is_animated_in_parts_by_itself(tiny, voice):
    sound = Audio(np.resize(voice, (LONG + 700) * RATE // 50))
    done = []
    motion = animate(sound, fps=25.0, predictor=tiny, progress=done.append)
    assert motion.frames == (LONG + 700) // 2
    assert done == sorted(done) and done[-1] == 1.0


@pytest.mark.skipif(sys.platform != "linux", reason="reads a process's own peak memory from /proc")
def test_a_quarter_of_an_hour_more_takes_hardly_more_memory(tiny, voice, tmp_path):
    """From the file to the take: 15 minutes more of sound are 58 MB, and of a take 16 MB."""
    for minutes in (16, 31):
        soundfile.write(tmp_path / f"{minutes}.wav", np.resize(voice, minutes * 60 * RATE), RATE)
    code = (
        "from pathlib import Path\n"
        "from facewright.inference import animate, load_audio, load_predictor\n"
        f"predictor = load_predictor({str(tiny.card.folder)!r}, 'cpu')\n"
        "for minutes in (16, 31):\n"
        f"    motion = animate(load_audio(Path({str(tmp_path)!r}) / f'{{minutes}}.wav'), predictor=predictor)\n"
        "    assert motion.frames > minutes * 3590\n"
        "    print(Path('/proc/self/status').read_text().partition('VmHWM:')[2].split()[0])\n"
    )
    environment = {**os.environ, "MALLOC_ARENA_MAX": "1"}  # as the worker's
    given = {"capture_output": True, "text": True, "check": True, "env": environment}
    out = subprocess.run([sys.executable, "-c", code], **given).stdout.split()
    one, two = (int(kilobytes) * 1024 for kilobytes in out)
    assert two - one < 45e6
