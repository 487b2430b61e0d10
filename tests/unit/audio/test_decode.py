# SPDX-License-Identifier: GPL-3.0-or-later
"""Sound files as people have them, whole and broken."""

import sys
import tracemalloc

import numpy as np
import pytest
import soundfile
import soxr

from facewright.inference.audio import decode
from facewright.inference.audio.decode import load_audio
from facewright.inference.core.audio import RATE
from facewright.inference.core.errors import AudioError


@pytest.fixture(scope="session")
def wave(spoken):
    """The spoken sentence as float32 at 16 kHz, peak 0.5."""
    samples, rate = soundfile.read(spoken, dtype="float32")
    samples = soxr.resample(samples, rate, RATE)
    return (samples / np.abs(samples).max() / 2).astype(np.float32)


def likeness(a, b):
    """Correlation of two sounds, without moving one against the other."""
    n = min(len(a), len(b))
    return np.corrcoef(a[:n], b[:n])[0, 1]


@pytest.mark.parametrize(
    ("name", "kind", "subtype"),
    [
        ("a.wav", "WAV", "PCM_U8"),
        ("a.wav", "WAV", "PCM_16"),
        ("a.wav", "WAV", "PCM_24"),
        ("a.wav", "WAV", "PCM_32"),
        ("a.wav", "WAV", "FLOAT"),
        ("a.wav", "WAV", "DOUBLE"),
        ("a.wav", "WAV", "ULAW"),
        ("a.wav", "RF64", "PCM_16"),
        ("a.flac", "FLAC", "PCM_24"),
        ("a.aiff", "AIFF", "PCM_16"),
        ("a.ogg", "OGG", "VORBIS"),
        ("a.opus", "OGG", "OPUS"),
        ("a.mp3", "MP3", "MPEG_LAYER_III"),
        ("Я говорю — naïve, ça va? #1 {x}.wav", "WAV", "PCM_16"),
        ("no suffix", "WAV", "PCM_16"),
    ],
)
def test_every_format_sounds_like_what_was_written(tmp_path, wave, name, kind, subtype):
    soundfile.write(tmp_path / name, wave, RATE, format=kind, subtype=subtype)
    audio = load_audio(tmp_path / name)
    assert abs(audio.seconds - len(wave) / RATE) < 0.1
    assert likeness(audio.samples, wave) > 0.97


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000, 192_000])
def test_at_any_rate_a_tone_keeps_its_time_pitch_and_level(tmp_path, rate):
    time = np.arange(2 * rate) / rate
    tone = np.where((time >= 1) & (time < 1.5), 0.5 * np.sin(2 * np.pi * 440 * time), 0)
    soundfile.write(tmp_path / "tone.wav", tone, rate, subtype="FLOAT")
    samples = load_audio(tmp_path / "tone.wav").samples
    assert len(samples) == 2 * RATE
    assert np.abs(samples[: RATE - 200]).max() < 1e-3
    inside = samples[RATE + 200 : RATE + 200 + 4000]
    expected = 0.5 * np.sin(2 * np.pi * 440 * (RATE + 200 + np.arange(4000)) / RATE)
    np.testing.assert_allclose(inside, expected, atol=2e-3)


def test_channels_are_averaged(tmp_path, wave):
    soundfile.write(tmp_path / "six.wav", np.stack([wave, 0 * wave, wave / 2, 0 * wave, 0 * wave, 0 * wave], 1), RATE)
    np.testing.assert_allclose(load_audio(tmp_path / "six.wav").samples, wave / 4, atol=1e-4)


def test_resampling_in_blocks_is_resampling_at_once(tmp_path, wave):
    long = np.tile(np.repeat(wave, 3), 4)  # several blocks at 48 kHz
    soundfile.write(tmp_path / "long.wav", long, 48_000, subtype="FLOAT")
    np.testing.assert_allclose(load_audio(tmp_path / "long.wav").samples, soxr.resample(long, 48_000, RATE), atol=1e-5)


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.mp3", "a.ogg"])
def test_a_part_is_that_part_of_the_whole(tmp_path, wave, name):
    soundfile.write(tmp_path / name, wave, RATE)
    whole, part = load_audio(tmp_path / name).samples, load_audio(tmp_path / name, start=1.0, duration=1.5).samples
    assert len(part) == 1.5 * RATE
    assert likeness(part[2000:], whole[RATE + 2000 : RATE + len(part)]) > 0.999


def test_memory_does_not_grow_with_rate_and_channels(tmp_path, wave):
    soundfile.write(tmp_path / "big.wav", np.repeat(np.tile(wave, 30), 6)[:, None].repeat(2, 1), 96_000)
    tracemalloc.start()
    audio = load_audio(tmp_path / "big.wav")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < audio.samples.nbytes * 1.3 + 6e6


def film(path, wave, *, sound=True):
    """An .mp4 with a black picture, and `wave` as AAC."""
    av = pytest.importorskip("av", reason="needs PyAV, the optional extra `video`")
    with av.open(str(path), "w") as container:
        picture = container.add_stream("mpeg4", rate=25)
        picture.width = picture.height = 64
        picture.pix_fmt = "yuv420p"
        track = container.add_stream("aac", rate=RATE, layout="mono") if sound else None
        for _ in range(25):
            container.mux(picture.encode(av.VideoFrame(64, 64, "yuv420p")))
        container.mux(picture.encode())
        if track:
            frame = av.AudioFrame.from_ndarray(wave[None], format="fltp", layout="mono")
            frame.rate = RATE
            container.mux(track.encode(frame))
            container.mux(track.encode())


def test_the_sound_of_a_video_file(tmp_path, wave):
    film(tmp_path / "Фильм à moi.mp4", wave)
    audio = load_audio(tmp_path / "Фильм à moi.mp4")
    lag = np.argmax(np.correlate(audio.samples[: 2 * RATE], wave[: 2 * RATE], "full")) - (2 * RATE - 1)
    assert abs(lag) <= 0.07 * RATE  # an AAC encoder begins with one or two frames of 1024 samples of its own
    assert likeness(audio.samples[max(lag, 0) :], wave[max(-lag, 0) :]) > 0.9
    part = load_audio(tmp_path / "Фильм à moi.mp4", start=1.0, duration=1.0)
    np.testing.assert_allclose(part.samples, audio.samples[RATE : 2 * RATE], atol=1e-6)


def refusal(path, **options):
    with pytest.raises(AudioError) as caught:
        load_audio(path, **options)
    return str(caught.value)


def test_a_silent_film_is_refused(tmp_path, wave):
    film(tmp_path / "mute.mp4", wave, sound=False)
    assert "no sound track" in refusal(tmp_path / "mute.mp4")


def test_without_pyav_a_video_file_is_refused_with_two_ways_out(tmp_path, wave, monkeypatch):
    film(tmp_path / "a.mp4", wave)
    monkeypatch.setitem(sys.modules, "av", None)
    message = refusal(tmp_path / "a.mp4")
    assert "as WAV" in message and "pip install av" in message


def test_no_such_file(tmp_path):
    assert f"there is none at '{tmp_path / 'gone.wav'}'" in refusal(tmp_path / "gone.wav")


def test_a_folder(tmp_path):
    assert "is a folder" in refusal(tmp_path)


def test_an_empty_file(tmp_path):
    (tmp_path / "a.wav").touch()
    assert "empty (0 bytes)" in refusal(tmp_path / "a.wav")


def test_a_sound_file_without_samples(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.zeros(0), RATE)
    assert "holds no samples" in refusal(tmp_path / "a.wav")


@pytest.mark.parametrize("with_pyav", [True, False])
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("notes.txt", b"Dear diary, today I animated nothing.\n" * 50),
        ("scene.blend", b"BLENDER-v405RENDH\x01" + bytes(range(256)) * 40),
        ("lies.wav", b"this is not RIFF" * 300),
        ("headerless.raw", bytes(range(256)) * 300),
        ("noise.mp3", np.random.default_rng(0).bytes(20_000)),
    ],
)
def test_what_is_not_sound(tmp_path, monkeypatch, name, content, with_pyav):
    if not with_pyav:
        monkeypatch.setitem(sys.modules, "av", None)
    (tmp_path / name).write_bytes(content)
    message = refusal(tmp_path / name)
    assert name in message and "Expected a" in message
    assert (tmp_path / name).read_bytes() == content


@pytest.mark.parametrize("name", ["a.wav", "a.aiff", "a.mp3"])
def test_of_a_file_that_was_cut_off_all_is_used_that_is_there(tmp_path, wave, name):
    soundfile.write(tmp_path / name, wave, RATE)
    whole = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(whole[: len(whole) * 6 // 10])
    audio = load_audio(tmp_path / name)
    assert audio.seconds == pytest.approx(0.6 * len(wave) / RATE, rel=0.05)
    assert likeness(audio.samples, wave[: len(audio.samples)]) > 0.97
    (note,) = audio.notes
    assert name in note and "was cut off" in note and "are not there" in note


def test_a_flac_that_was_cut_off_is_damaged(tmp_path, wave):
    soundfile.write(tmp_path / "a.flac", wave, RATE)
    whole = (tmp_path / "a.flac").read_bytes()
    (tmp_path / "a.flac").write_bytes(whole[: len(whole) * 6 // 10])
    assert "is damaged" in refusal(tmp_path / "a.flac")


@pytest.mark.parametrize("name", ["a.flac", "a.ogg", "a.mp3"])
def test_a_file_with_a_hole(tmp_path, wave, name):
    soundfile.write(tmp_path / name, wave, RATE)
    data = bytearray((tmp_path / name).read_bytes())
    middle = slice(len(data) // 3, 2 * len(data) // 3)
    data[middle] = np.random.default_rng(1).bytes(len(data[middle]))
    (tmp_path / name).write_bytes(data)
    assert "is damaged" in refusal(tmp_path / name)


def test_a_wav_of_a_program_that_wrote_to_a_pipe_is_whole(tmp_path, wave):
    soundfile.write(tmp_path / "a.wav", wave, RATE)
    data = bytearray((tmp_path / "a.wav").read_bytes())
    data[4:8] = data[40:44] = b"\xff\xff\xff\xff"
    (tmp_path / "a.wav").write_bytes(data)
    assert len(load_audio(tmp_path / "a.wav").samples) == len(wave)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_samples_that_are_no_numbers(tmp_path, wave, bad):
    broken = wave.copy()
    broken[RATE + 800] = bad
    soundfile.write(tmp_path / "a.wav", broken, RATE, subtype="FLOAT")
    message = refusal(tmp_path / "a.wav")
    assert "NaN or infinity in 'a.wav', first at 1.050 s" in message


def test_whole_numbers_stored_as_float(tmp_path, wave):
    soundfile.write(tmp_path / "a.wav", wave * 32767, RATE, subtype="FLOAT")
    assert "Expected samples in [-1, 1]" in refusal(tmp_path / "a.wav")


@pytest.mark.parametrize(("level", "said"), [(0.0, "every sample is zero"), (3e-5, "at -90 dB")])
def test_silence(tmp_path, level, said):
    soundfile.write(tmp_path / "a.wav", level * np.sign(np.sin(np.arange(RATE))), RATE, subtype="PCM_24")
    message = refusal(tmp_path / "a.wav")
    assert "'a.wav' holds only silence" in message and said in message


def test_a_whisper_is_not_silence(tmp_path, wave):
    soundfile.write(tmp_path / "a.wav", wave * 0.001, RATE, subtype="PCM_24")
    assert np.abs(load_audio(tmp_path / "a.wav").samples).max() == pytest.approx(0.0005, rel=0.01)


def test_channels_that_cancel_out(tmp_path, wave):
    soundfile.write(tmp_path / "a.wav", np.stack([wave, -wave], 1), RATE, subtype="PCM_24")
    assert "cancel each other out" in refusal(tmp_path / "a.wav")


def test_too_short(tmp_path, wave):
    soundfile.write(tmp_path / "a.wav", wave[:1500], RATE)
    assert "at least 0.1 s" in refusal(tmp_path / "a.wav")


def seven_hours(path):
    """A WAV of a constant, 8 bit at 8 kHz; nothing of it is really on the disk but its header."""
    soundfile.write(path, np.zeros(8_000), 8_000, subtype="PCM_U8")
    header = bytearray(path.read_bytes()[:44])
    size = 7 * 3600 * 8_000
    header[4:8], header[40:44] = (size + 36).to_bytes(4, "little"), size.to_bytes(4, "little")
    path.write_bytes(header)
    with path.open("r+b") as file:
        file.truncate(44 + size)


def test_hours_are_refused_at_once_but_parts_of_them_are_not(tmp_path):
    seven_hours(tmp_path / "a.wav")
    message = refusal(tmp_path / "a.wav")
    assert "at most 6 hours" in message and "got 7.0 hours" in message and "parts" in message
    assert load_audio(tmp_path / "a.wav", start=6.5 * 3600, duration=2.0).seconds == 2.0


def test_a_stream_of_unknown_length_is_read_and_limited(tmp_path, wave, monkeypatch):
    pytest.importorskip("av", reason="needs PyAV, the optional extra `video`")
    soundfile.write(tmp_path / "a.flac", wave, RATE)
    data = bytearray((tmp_path / "a.flac").read_bytes())
    data[21] &= 0xF0  # the number of samples: the last 36 bits of STREAMINFO before its checksum
    data[22:26] = bytes(4)
    data[26:42] = bytes(16)
    (tmp_path / "a.flac").write_bytes(data)
    assert len(load_audio(tmp_path / "a.flac").samples) == len(wave)
    monkeypatch.setattr(decode, "LONGEST", 1.0)
    assert "hours of sound at once" in refusal(tmp_path / "a.flac")


@pytest.mark.parametrize("options", [{"start": -1}, {"start": np.nan}, {"duration": 0}, {"duration": -2}])
def test_impossible_parts(tmp_path, wave, options):
    soundfile.write(tmp_path / "a.wav", wave, RATE)
    assert "Expected a start of at least 0 s and a duration above 0 s" in refusal(tmp_path / "a.wav", **options)


@pytest.mark.parametrize("name", ["a.wav", "a.mp4"])
def test_a_start_after_the_end(tmp_path, wave, name):
    film(tmp_path / name, wave) if name == "a.mp4" else soundfile.write(tmp_path / name, wave, RATE)
    assert "got 3600.00 s" in refusal(tmp_path / name, start=3600)
