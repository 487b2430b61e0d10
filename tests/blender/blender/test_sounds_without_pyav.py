# SPDX-License-Identifier: GPL-3.0-or-later
"""In Blender, without PyAV: what neither library reads is decoded by a Blender of its own."""

import os
import sys

import numpy as np
import pytest

from facewright.addon.worker import process
from facewright.inference.audio.decode import load_audio
from facewright.inference.audio.other_program import VARIABLE
from facewright.inference.core.errors import AudioError

pytest.importorskip("aud", reason="this bpy is built without sound")

RATE = 16_000


@pytest.fixture
def without_pyav(addon, monkeypatch):
    """As a worker sees the world that Blender started."""
    monkeypatch.setitem(sys.modules, "av", None)
    monkeypatch.setenv(VARIABLE, process.environment()[VARIABLE])


@pytest.fixture(scope="module")
def wave(speech):
    """Three seconds of speech."""
    return load_audio(speech, duration=3.0).samples


def encode(path, wave, codec) -> None:
    """A file as Blender itself writes it."""
    import aud

    sound = aud.Sound.buffer(np.repeat(wave, 3)[:, None].astype(np.float32), 48_000)
    kind = aud.CONTAINER_MATROSKA if path.suffix == ".mkv" else aud.CONTAINER_OGG
    sound.write(str(path), 48_000, 1, aud.FORMAT_S16, kind, codec, 192_000, 4800)


@pytest.fixture(params=["AAC", "AC3", "FLAC"])
def film(request, wave, tmp_path):
    """A Matroska file, which libsndfile does not know."""
    import aud

    encode(tmp_path / "phone.mkv", wave, getattr(aud, f"CODEC_{request.param}"))
    return tmp_path / "phone.mkv"


def test_what_blender_plays_is_heard(film, without_pyav, wave):
    audio = load_audio(film)
    n = min(len(audio.samples), len(wave))
    alike = np.fft.irfft(np.fft.rfft(audio.samples, 1 << 17) * np.conj(np.fft.rfft(wave, 1 << 17)))
    lag = int(alike[: RATE // 2].argmax())
    assert lag / RATE < 0.07  # an encoder begins with a frame or two of its own
    assert np.corrcoef(audio.samples[lag:n], wave[: n - lag])[0, 1] > 0.9
    part = load_audio(film, start=1.0, duration=1.0)
    np.testing.assert_allclose(part.samples[200:-200], audio.samples[RATE + 200 : 2 * RATE - 200], atol=1e-4)


def test_what_it_does_not_play_is_refused_without_a_word_of_pip(tmp_path, without_pyav):
    for name in ("notes.txt", "broken.mp4"):
        (tmp_path / name).write_bytes(b"\0\0\0\x20ftypisom" + bytes(range(256)) * 20)
        with pytest.raises(AudioError) as told:
            load_audio(tmp_path / name)
        assert name in str(told.value) and "Save its sound as WAV" in str(told.value) and "pip" not in str(told.value)
    assert not list(tmp_path.glob("*.wav"))


def test_another_track_than_blender_plays_is_refused(film, without_pyav):
    with pytest.raises(AudioError, match="Blender plays the first alone"):
        load_audio(film, track=2)


def test_a_program_that_is_gone_is_named(film, without_pyav, monkeypatch):
    monkeypatch.setenv(VARIABLE, '["/nowhere/blender"]')
    with pytest.raises(AudioError, match="/nowhere/blender"):
        load_audio(film)


def test_the_worker_is_told_of_it(addon):
    environment = process.environment()
    assert "decode_sound.py" in environment[VARIABLE]
    assert VARIABLE not in os.environ
