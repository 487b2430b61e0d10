# SPDX-License-Identifier: GPL-3.0-or-later
"""What is animated is what Blender plays: the same seconds of the same sound, in every format that both read."""

import numpy as np
import pytest
import soundfile
import soxr

from facewright.inference.audio.decode import load_audio

pytest.importorskip("aud", reason="this bpy is built without sound")

RATE = 16_000
FRAME = 1 / 24  # seconds
FORMATS = {
    "a.wav": {},
    "24.wav": {"subtype": "PCM_24"},
    "float.wav": {"subtype": "FLOAT"},
    "alaw.wav": {"subtype": "ALAW"},
    "gsm.wav": {"subtype": "GSM610", "samplerate": 8_000},
    "adpcm.wav": {"subtype": "MS_ADPCM"},
    "a.aiff": {},
    "a.au": {},
    "a.caf": {},
    "a.w64": {},
    "a.flac": {},
    "a.ogg": {},
    "a.opus": {"format": "OGG", "subtype": "OPUS", "samplerate": 48_000},
    "a.mp3": {},
    "44100.mp3": {"samplerate": 44_100},
}
BROKEN = {
    "cut.wav": lambda data: data[:-9_001],
    "size0.wav": lambda data: data[:40] + b"\0" * 4 + data[44:],
    "pipe.wav": lambda data: data[:4] + b"\xff" * 4 + data[8:40] + b"\xff" * 4 + data[44:],
    "joined.mp3": lambda data: data + data,
    "joined with a tag.mp3": lambda data: data + b"ID3\x04\0\0\0\0\0\x23" + b"\0" * 35 + data,
}


@pytest.fixture(scope="module")
def wave(speech):
    """Three seconds of speech."""
    return load_audio(speech, duration=3.0).samples


def played(path) -> np.ndarray:
    """What Blender decodes, mono at 16 kHz."""
    import aud

    sound = aud.Sound(str(path))
    rate, _ = sound.specs
    return soxr.resample(sound.data().mean(axis=1), rate, RATE)


def compare(path) -> None:
    ours, theirs = load_audio(path).samples, played(path)
    assert abs(len(ours) - len(theirs)) / RATE < FRAME
    for part in (slice(0, 2 * RATE), slice(-2 * RATE, None)):  # of joined files both
        assert abs(lag(ours[part], theirs[part])) / RATE < 0.010 + abs(len(ours) - len(theirs)) / RATE


def lag(ours, theirs) -> int:
    """By how many samples ours is later."""
    size = 1 << 17
    alike = np.fft.irfft(np.fft.rfft(ours, size) * np.conj(np.fft.rfft(theirs, size)))
    found = int(alike.argmax())
    return found - size if found > size // 2 else found


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_is_heard_when_blender_plays_it(tmp_path, wave, name):
    given = {"samplerate": RATE, **FORMATS[name]}
    soundfile.write(tmp_path / name, soxr.resample(wave, RATE, given["samplerate"]), **given)
    compare(tmp_path / name)


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_is_not_as_it_should_be_too(tmp_path, wave, name):
    soundfile.write(tmp_path / name, wave, RATE)
    (tmp_path / name).write_bytes(BROKEN[name]((tmp_path / name).read_bytes()))
    compare(tmp_path / name)


@pytest.mark.parametrize("name", ["a.m4a", "a.mp4", "a.mov", "a.webm", "a.aac"])
def test_films_and_telephones(tmp_path, wave, name):
    av = pytest.importorskip("av", reason="needs PyAV, the optional extra `video`")
    kind = {"a.m4a": "ipod", "a.aac": "adts"}.get(name)
    with av.open(str(tmp_path / name), "w", format=kind) as container:
        codec, rate = ("libopus", 48_000) if name == "a.webm" else ("aac", RATE)
        stream = container.add_stream(codec, rate=rate, layout="mono")
        resampler = av.AudioResampler(stream.codec_context.format, "mono", rate, frame_size=960)
        frame = av.AudioFrame.from_ndarray(wave[None], format="fltp", layout="mono")
        frame.rate = RATE
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(part))
        container.mux(stream.encode())
    compare(tmp_path / name)
