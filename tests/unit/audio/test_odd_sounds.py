# SPDX-License-Identifier: GPL-3.0-or-later
"""Sounds as recorders, phones, pipes and editors leave them, made here: every sample that is there is heard."""

import struct

import numpy as np
import pytest
import soundfile

from facewright.inference.audio.decode import load_audio
from facewright.inference.core.errors import AudioError

RATE = 16_000


@pytest.fixture(scope="module")
def wave():
    """Three seconds in which no moment is like another."""
    rng = np.random.default_rng(3)
    loud = np.interp(np.arange(3 * RATE), np.arange(0, 3 * RATE + 800, 800), rng.uniform(0.1, 1, 61))
    time = np.arange(3 * RATE) / RATE
    return (0.4 * loud * np.sin(2 * np.pi * (150 * time + 40 * time**2))).astype(np.float32)


def chunk(name: bytes, data: bytes, size: int | None = None, *, pad: bool = True) -> bytes:
    padding = b"\0" if pad and len(data) % 2 else b""
    return name + struct.pack("<I", len(data) if size is None else size) + data + padding


def fmt(kind=1, channels=1, rate=RATE, bits=16, extra=b"") -> bytes:
    block = channels * bits // 8
    return chunk(b"fmt ", struct.pack("<HHIIHH", kind, channels, rate, rate * block, block, bits) + extra)


def riff(*chunks: bytes, kind=b"RIFF", size: int | None = None) -> bytes:
    body = b"WAVE" + b"".join(chunks)
    return kind + struct.pack("<I", len(body) if size is None else size) + body


def pcm(wave) -> bytes:
    return (wave * 32767).astype("<i2").tobytes()


def float_file(wave, channels, peak: bytes) -> bytes:
    data = np.repeat(wave.astype("<f4"), channels).tobytes()
    return riff(fmt(3, channels, bits=32), chunk(b"fact", struct.pack("<I", len(wave))), peak, chunk(b"data", data))


LIST = b"INFOISFT" + struct.pack("<I", 5) + b"Lavf\0"
WAVS = {
    "size 0": lambda w: riff(fmt(), chunk(b"data", pcm(w), size=0), size=0),
    "size 0 in a right file": lambda w: riff(fmt(), chunk(b"data", pcm(w), size=0)),
    "size of a pipe": lambda w: riff(fmt(), chunk(b"data", pcm(w), size=0xFFFFFFFF), size=0xFFFFFFFF),
    "size of another pipe": lambda w: riff(fmt(), chunk(b"data", pcm(w), size=0x7FFFF000), size=0x7FFFF024),
    "36 too many": lambda w: riff(fmt(), chunk(b"data", pcm(w), size=2 * len(w) + 36)),
    "two bytes short": lambda w: riff(fmt(), chunk(b"data", pcm(w) + b"\0\0"))[:-2],
    "half a frame more": lambda w: riff(fmt(), chunk(b"data", pcm(w) + b"\1", pad=False)),
    "size of the file wrong": lambda w: riff(fmt(), chunk(b"data", pcm(w)), size=1234),
    "odd chunk without its byte": lambda w: riff(fmt(), chunk(b"LIST", LIST, pad=False), chunk(b"data", pcm(w))),
    "odd chunk": lambda w: riff(chunk(b"JUNK", b"x" * 27), fmt(), chunk(b"data", pcm(w))),
    "a list of zeros": lambda w: riff(fmt(), chunk(b"LIST", b"\0" * 393_164), chunk(b"data", pcm(w))),
    "notes behind": lambda w: riff(fmt(), chunk(b"data", pcm(w)), chunk(b"id3 ", b"ID3\x03" + b"\0" * 5000)),
    "peak for one channel of two": lambda w: float_file(w, 2, chunk(b"PEAK", struct.pack("<IIfI", 1, 0, 0.5, 10))),
    "rf64": lambda w: riff(
        chunk(b"ds64", struct.pack("<QQQI", 2 * len(w) + 72, 2 * len(w), len(w), 0)),
        fmt(),
        chunk(b"data", pcm(w), size=0xFFFFFFFF),
        kind=b"RF64",
        size=0xFFFFFFFF,
    ),
    "rf64 without sizes": lambda w: riff(
        chunk(b"ds64", bytes(28)), fmt(), chunk(b"data", pcm(w), size=0xFFFFFFFF), kind=b"RF64", size=0xFFFFFFFF
    ),
}


@pytest.mark.parametrize("name", WAVS)
def test_a_wav_is_heard_whole(tmp_path, wave, name):
    (tmp_path / "a.wav").write_bytes(WAVS[name](wave))
    audio = load_audio(tmp_path / "a.wav")
    assert len(audio.samples) == len(wave)
    np.testing.assert_allclose(audio.samples, wave, atol=1e-3)
    assert audio.notes == ()
    part = load_audio(tmp_path / "a.wav", start=1.0, duration=1.0)
    np.testing.assert_array_equal(part.samples, audio.samples[RATE : 2 * RATE])


@pytest.mark.parametrize("kind", ["GSM610", "ALAW", "ULAW", "MS_ADPCM", "IMA_ADPCM"])
def test_old_codecs_of_wav_from_any_second_on(tmp_path, wave, kind):
    soundfile.write(tmp_path / "a.wav", wave, RATE, subtype=kind)
    audio = load_audio(tmp_path / "a.wav")
    assert abs(len(audio.samples) - len(wave)) < 0.1 * RATE
    assert np.corrcoef(audio.samples[: len(wave)], wave)[0, 1] > 0.97
    part = load_audio(tmp_path / "a.wav", start=1.25, duration=1.0)
    np.testing.assert_array_equal(part.samples, audio.samples[20_000 : 20_000 + RATE])


@pytest.mark.parametrize("name", ["a.ogg", "a.mp3"])
def test_a_part_of_a_lossy_file_is_that_part_of_the_whole(tmp_path, name):
    """After a seek in an Ogg Vorbis file libsndfile gives wrong samples about one time in six."""
    rng = np.random.default_rng(1)
    noise = np.convolve(rng.standard_normal(20 * RATE), np.hanning(9) / 4, "same").astype(np.float32) * 0.2
    soundfile.write(tmp_path / name, noise, RATE)
    whole = load_audio(tmp_path / name).samples
    for start in np.round(rng.uniform(0.1, 18, 40), 4):
        part = load_audio(tmp_path / name, start=float(start), duration=0.5).samples
        first = round(start * RATE)
        np.testing.assert_array_equal(part, whole[first : first + len(part)])


def test_joined_mp3s_are_heard_to_the_end(tmp_path, wave):
    for part, sound in (("one", wave), ("two", wave[::-1])):
        soundfile.write(tmp_path / f"{part}.mp3", sound, RATE)
    one, two = ((tmp_path / f"{part}.mp3").read_bytes() for part in ("one", "two"))
    first = len(load_audio(tmp_path / "one.mp3").samples)
    (tmp_path / "both.mp3").write_bytes(one + two + one)
    audio = load_audio(tmp_path / "both.mp3")
    assert audio.seconds == pytest.approx(9.0, abs=0.4)  # each joint leaves the silence of an encoder
    np.testing.assert_array_equal(audio.samples[:first], load_audio(tmp_path / "one.mp3").samples)
    second = audio.samples[first : first + len(wave) + 3000]
    found = np.correlate(second[: RATE + 3000], wave[::-1][:RATE], "valid")
    assert found.max() > 0.9 * np.dot(wave[::-1][:RATE], wave[::-1][:RATE])


def test_the_picture_of_an_mp3_is_not_heard(tmp_path, wave):
    soundfile.write(tmp_path / "a.mp3", wave, RATE)
    plain, size = load_audio(tmp_path / "a.mp3").samples, 400_000
    digits = bytes(size >> shift & 127 for shift in (21, 14, 7, 0))
    picture = np.random.default_rng(1).bytes(size)
    (tmp_path / "b.mp3").write_bytes(b"ID3\x03\0\0" + digits + picture + (tmp_path / "a.mp3").read_bytes())
    np.testing.assert_array_equal(load_audio(tmp_path / "b.mp3").samples, plain)


def test_a_channel_can_be_chosen(tmp_path, wave):
    soundfile.write(tmp_path / "a.wav", np.stack([wave * 0, wave], 1), RATE, subtype="FLOAT")
    np.testing.assert_array_equal(load_audio(tmp_path / "a.wav", channel=2).samples, wave)
    for channel, said in ((1, "only silence on this channel"), (3, "of 1 to 2, got 3"), (0, "from 1 on, got 0")):
        with pytest.raises(AudioError, match=said):
            load_audio(tmp_path / "a.wav", channel=channel)
    with pytest.raises(AudioError, match="a track of 1 to 1, got 2"):
        load_audio(tmp_path / "a.wav", track=2)


def told(tmp_path, channels) -> tuple[str, ...]:
    soundfile.write(tmp_path / "a.wav", np.stack(channels, 1), RATE, subtype="FLOAT")
    return load_audio(tmp_path / "a.wav").notes


def test_channels_of_different_sounds_are_told(tmp_path, wave):
    hum = 0.2 * np.sin(2 * np.pi * 100 * np.arange(len(wave)) / RATE).astype(np.float32)
    rng = np.random.default_rng(0)
    hiss = 0.05 * rng.standard_normal(len(wave)).astype(np.float32)
    for other in (hum, hiss, np.roll(wave[::-1], RATE)):
        (note,) = told(tmp_path, [wave, other])
        assert "The 2 channels of 'a.wav' are of different sounds" in note
    for other in (wave, 0.3 * np.roll(wave, 160), wave * 0, 0.0005 * hiss):
        assert told(tmp_path, [wave, other]) == ()
    assert load_audio(tmp_path / "a.wav", channel=1).notes == ()


def film(path, tracks, picture=4.0, late=0.0, gap=None, codec="aac") -> None:
    """A film with sound tracks at 48 kHz that begin later than the picture, or have a gap (where, how long)."""
    av = pytest.importorskip("av", reason="needs PyAV, the optional extra `video`")
    with av.open(str(path), "w") as container:
        seen = container.add_stream("mpeg4", rate=25)
        seen.width = seen.height = 64
        seen.pix_fmt = "yuv420p"
        heard = [container.add_stream(codec, rate=48_000, layout="mono") for _ in tracks]
        for number in range(int(picture * 25)):
            image = np.full((64, 64, 3), number % 255, np.uint8)
            container.mux(seen.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(seen.encode())
        for stream, track in zip(heard, tracks, strict=True):
            samples, size = np.repeat(track, 3), stream.codec_context.frame_size or 1024
            for first in range(0, len(samples), size):
                frame = av.AudioFrame.from_ndarray(samples[None, first : first + size], format="fltp", layout="mono")
                frame.rate = 48_000
                shift = late + (gap[1] if gap and first >= gap[0] * 48_000 else 0.0)
                frame.pts = first + round(shift * 48_000)
                container.mux(stream.encode(frame))
            container.mux(stream.encode())


def place(samples, wave) -> float:
    """The second at which a sound begins in another."""
    size = 1 << 18
    alike = np.fft.irfft(np.fft.rfft(samples, size) * np.conj(np.fft.rfft(wave, size)))
    return int(alike[: len(samples)].argmax()) / RATE


@pytest.mark.parametrize("kind", ["mp4", "mov", "mkv"])
@pytest.mark.parametrize("picture", [1.0, 9.0])
def test_the_picture_of_a_film_may_be_longer_or_shorter(tmp_path, wave, kind, picture):
    film(tmp_path / f"a.{kind}", [wave], picture)
    audio = load_audio(tmp_path / f"a.{kind}")
    assert audio.seconds == pytest.approx(3.0, abs=0.05) and audio.notes == ()
    assert place(audio.samples, wave) < 0.03


@pytest.mark.parametrize("kind", ["mp4", "mkv"])
def test_sound_that_begins_later_than_the_picture_does_so_here(tmp_path, wave, kind):
    film(tmp_path / f"a.{kind}", [wave], late=1.0)
    audio = load_audio(tmp_path / f"a.{kind}")
    assert place(audio.samples, wave) == pytest.approx(1.0, abs=0.03)
    part = load_audio(tmp_path / f"a.{kind}", start=0.5)
    assert place(part.samples, wave) == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize("kind", ["mp4", "mkv"])
def test_a_gap_is_silent_for_as_long_as_it_is(tmp_path, wave, kind):
    film(tmp_path / f"a.{kind}", [wave], picture=6.0, gap=(1.5, 2.0))
    audio = load_audio(tmp_path / f"a.{kind}")
    assert audio.seconds == pytest.approx(5.0, abs=0.05)
    assert place(audio.samples, wave[: int(1.4 * RATE)]) < 0.03
    assert place(audio.samples, wave[int(1.6 * RATE) :]) == pytest.approx(3.6, abs=0.03)
    assert np.abs(audio.samples[2 * RATE : 3 * RATE]).max() == 0.0


def test_a_sound_track_can_be_chosen(tmp_path, wave):
    film(tmp_path / "a.mkv", [wave[::-1].copy(), wave])
    assert place(load_audio(tmp_path / "a.mkv", track=2).samples, wave) < 0.03
    with pytest.raises(AudioError, match=r"a track of 1 to 2, got 3: 'a\.mkv' has 2 sound tracks"):
        load_audio(tmp_path / "a.mkv", track=3)


def test_raw_aac_is_heard_whatever_length_is_guessed(tmp_path, wave):
    av = pytest.importorskip("av", reason="needs PyAV, the optional extra `video`")
    with av.open(str(tmp_path / "a.aac"), "w", format="adts") as container:
        stream = container.add_stream("aac", rate=RATE, layout="mono")
        frame = av.AudioFrame.from_ndarray(wave[None], format="fltp", layout="mono")
        frame.rate = RATE
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    audio = load_audio(tmp_path / "a.aac")
    assert audio.seconds == pytest.approx(3.0, abs=0.15)
    assert place(audio.samples, wave) < 0.15  # an encoder begins with a frame or two of its own
