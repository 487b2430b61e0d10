# SPDX-License-Identifier: GPL-3.0-or-later
"""Synthetic speech knows its phones: every one is ARPAbet, times ascend, and lips that are shut make no sound."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from facewright.inference.core.channels import PHONES
from facewright.models.training.corpora.synthetic import espeak, festival, flite, kokoro, speech
from facewright.models.training.corpora.synthetic import texts as synthetic_texts

RATE = 16_000
LANGUAGES = sorted(path.stem for path in synthetic_texts.OWN.glob("*.txt"))
needs_flite = pytest.mark.skipif(not shutil.which("flite"), reason="needs the program flite: apt install flite")
needs_festival = pytest.mark.skipif(not shutil.which("festival"), reason="needs Festival: apt install festival")


def loudness(samples, begin, end):
    return float(np.sqrt(np.mean(samples[int(begin * RATE) : int(end * RATE)] ** 2)))


def check(utterance):
    """Phones are ours, follow one another without a gap, and lie within the sound, which has speech in it."""
    assert utterance.samples.dtype == np.float32
    assert {phone for phone, _, _ in utterance.phones} <= set(PHONES)
    begins, ends = np.array([times for _, *times in utterance.phones]).T
    assert (ends > begins).all()
    np.testing.assert_allclose(begins[1:], ends[:-1], atol=1e-9)
    assert ends[-1] == pytest.approx(len(utterance.samples) / RATE, abs=0.15)
    heard = {phone: [] for phone in PHONES}
    for phone, begin, end in utterance.phones:
        heard[phone].append(loudness(utterance.samples, begin, end))
    vowels = [level for phone in ("AA", "AE", "AY", "EY", "IY", "OW") for level in heard[phone]]
    assert np.median(heard["SIL"]) < 0.2 * np.median(vowels)


def check_papa(utterance):
    """The first half of the second p is shut: at most a fifth as loud as the vowel before it."""
    names = [phone for phone, _, _ in utterance.phones]
    second = [k for k, name in enumerate(names) if name == "P"][1]
    begin, end = utterance.phones[second][1:]
    vowel = loudness(utterance.samples, *utterance.phones[second - 1][1:])
    quietest = min(loudness(utterance.samples, t, t + 0.015) for t in np.arange(begin, (begin + end) / 2, 0.005))
    assert quietest < 0.2 * vowel


@pytest.mark.parametrize("language", LANGUAGES)
def test_espeak_says_every_sentence_in_known_phones(language):
    voice = "en-us" if language == "en" else language
    said = espeak.say(" ".join(synthetic_texts.own(language)), voice)
    assert {phone for phone, _, _ in said.phones} <= set(PHONES)
    check(espeak.say(synthetic_texts.own(language)[0], f"{voice}+f3", 150, 60))


@pytest.mark.parametrize("voice", ["en-us", "en-GB-x-rp+f2", "en-us+m3"])
def test_espeak_stops_begin_with_their_closure(voice):
    said = espeak.say("papa said papa", voice)
    check(said)
    check_papa(said)


def test_foreign_lips_come_first():
    assert espeak.phones("ˈyː") == ["UW"]
    assert espeak.phones("ɔ̃") == ["AO"]
    assert espeak.phones("ts.h") == ["CH"]
    assert espeak.phones("ˈiɛ") == ["IY", "EH"]
    assert espeak.phones("ˈɑːɹ") == ["AA", "R"]
    assert espeak.phones("r̝̊") == ["ZH"]
    assert espeak.phones("") == ["SIL"]
    with pytest.raises(KeyError, match="ǃ"):
        espeak.phones("ǃ")


@needs_flite
@pytest.mark.parametrize("voice", flite.VOICES)
def test_flite(voice):
    said = flite.say(" ".join(synthetic_texts.own("en")[:40]), voice)
    check(said)
    assert {phone for phone, _, _ in said.phones} == set(PHONES)
    check_papa(flite.say("papa said papa", voice))


@needs_flite
def test_flite_says_which_voice_is_unknown_and_stretches():
    usual, slow = (flite.say("a box of apples", "slt", stretch) for stretch in (1.0, 1.4))
    assert len(slow.samples) > 1.2 * len(usual.samples)
    assert slow.phones[-1][2] > 1.2 * usual.phones[-1][2]


@needs_festival
@pytest.mark.parametrize("voice", festival.VOICES)
def test_festival(voice):
    language = festival.VOICES[voice].language
    texts = ["papa said papa"] if language == "en" else synthetic_texts.own(language)[:2]
    try:
        said = festival.say(texts, voice)
    except RuntimeError as error:
        if "undefined" in str(error) or "unbound" in str(error):
            pytest.skip(f"needs the voice: apt install {festival.VOICES[voice].package}")
        raise
    assert len(said) == len(texts)
    for utterance in said:
        check(utterance)
    if language == "en":
        check_papa(said[0])


@needs_festival
def test_a_voice_that_is_not_installed_names_its_package(monkeypatch):
    missing = festival.Voice("no_such_voice", "en", "festvox-no-such-voice")
    monkeypatch.setitem(festival.VOICES, "none", missing)
    with pytest.raises(RuntimeError, match="apt install festival festvox-no-such-voice"):
        festival.say(["papa"], "none")


def test_programs_that_are_missing_are_named(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RuntimeError, match=r"apt install flite festival .*festvox-kallpc16k"):
        speech.require()


def test_silence_around_an_utterance_moves_its_phones():
    said = espeak.say("papa said papa")
    padded = speech.padded(said, np.random.default_rng(0))
    shift = padded.phones[0][1] - said.phones[0][1]
    assert speech.SILENCE[0] <= shift + 1e-3 and shift <= speech.SILENCE[1]
    longest = max(said.phones, key=lambda phone: phone[2] - phone[1])
    moved = loudness(padded.samples, longest[1] + shift, longest[2] + shift)
    assert moved == pytest.approx(loudness(said.samples, *longest[1:]), rel=0.1)
    assert len(padded.samples) >= len(said.samples) + 2 * speech.SILENCE[0] * RATE - 2


@pytest.mark.parametrize("language", kokoro.LANGUAGES)
def test_kokoro_spells_every_sentence_in_known_phones(language):
    for text in synthetic_texts.own(language):
        spelled = list(kokoro.spelled(text, language))
        assert {phone for _, phones in spelled for phone in phones} <= set(PHONES)
        spoken = [letters for letters, phones in spelled if phones not in ([], ["SIL"])]
        assert len(spoken) > 5 and all(spoken)
        assert not any(letter.isdigit() for letters in spoken for letter in letters)


def test_kokoro_tells_when_its_phones_are_said():
    class Session:
        """Says every letter for two units, the last 0.15 s of them in silence."""

        def run(self, _, inputs):
            units = np.full(inputs["tokens"].shape[1], 2)
            sound = np.full(int(units.sum() * kokoro.UNIT * kokoro.OWN_RATE), 0.1, np.float32)
            sound[-round(0.15 * kokoro.OWN_RATE) :] = 0.0
            return sound, units

    numbers = {letter: number for number, letter in enumerate(" .,bɪnˈʧ", 1)}
    said = kokoro.Voices(Session(), numbers, Path()).say("bin chin", "en", np.zeros((510, 256), np.float32))
    assert [phone for phone, _, _ in said.phones] == ["B", "IH", "N", "CH", "IH", "N", "SIL", "SIL"]
    times = np.array([(begin, end) for _, begin, end in said.phones])
    np.testing.assert_allclose(times[1:, 0], times[:-1, 1])
    assert times[0, 0] == 0.0 and times[-1, 1] == pytest.approx(len(said.samples) / 16_000, abs=1e-3)
    second = said.phones[1]
    assert second[1:] == pytest.approx((0.1 - kokoro.LATE, 0.2 - kokoro.LATE))  # stress is a letter, too


def test_a_phone_of_kokoro_ends_where_a_pause_begins():
    sound = np.full(16_000, 0.1, np.float32)
    sound[6_400:12_800] = 1e-5
    told = [("SIL", 0.0, 0.16), ("AA", 0.16, 0.8), ("SIL", 0.8, 0.86), ("B", 0.86, 0.96), ("SIL", 0.96, 1.0)]
    phones = kokoro.heard(told, sound)
    assert [name for name, _, _ in phones] == ["SIL", "AA", "SIL", "B", "SIL"]
    np.testing.assert_allclose([begin for _, begin, _ in phones], [0.0, 0.1, 0.4, 0.8, 0.9], atol=0.011)
    assert phones[-1][2] == 1.0
