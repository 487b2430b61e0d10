# SPDX-License-Identifier: GPL-3.0-or-later
"""Speech of espeak-ng with the times of its phones, in many languages; each phone becomes the ARPAbet phone whose lips
are nearest (rounded front vowels become UW and UH, not IY and EH), then the one that sounds nearest.

The library tells its phones in the International Phonetic Alphabet (https://www.internationalphoneticassociation.org/).
"""

from __future__ import annotations

import unicodedata

import numpy as np
import soxr

from facewright.inference.core.audio import RATE
from facewright.models import espeak as engine
from facewright.models.training.corpora.speechocean import Utterance

# What is one phone of English comes whole; what is not, as "ts" or "iɛ", phone by phone, and shares its time.
IPA: dict[str, str] = {
    "aɪ": "AY", "aʊ": "AW", "eɪ": "EY", "oʊ": "OW", "əʊ": "OW", "ɔɪ": "OY", "ɔʏ": "OY", "ɔø": "OY", "ai": "AY",
    "au": "AW", "ɑu": "AW", "ɑʊ": "AW", "ei": "EY", "ou": "OW", "ɔi": "OY", "oi": "OY", "oɪ": "OY", "ər": "ER",
    "tʃ": "CH", "tɕ": "CH", "tʂ": "CH", "ts.": "CH", "c": "CH", "dʒ": "JH", "dʑ": "JH", "dʐ": "JH", "ɟ": "JH",
    "p": "P", "b": "B", "m": "M", "t": "T", "ʈ": "T", "d": "D", "ɖ": "D", "ɾ": "D", "ɽ": "D", "r.": "D", "k": "K",
    "q": "K", "g": "G", "ɡ": "G", "ɣ": "G", "n": "N", "ɳ": "N", "ɲ": "N", "ŋ": "NG", "nɡ": "NG", "ɴ": "NG",
    "f": "F", "ɸ": "F", "v": "V", "ʋ": "V", "β": "V", "ɱ": "V", "θ": "TH", "ð": "DH", "s": "S", "z": "Z", "ʃ": "SH",
    "ʂ": "SH", "s.": "SH", "ɕ": "SH", "ɧ": "SH", "ʒ": "ZH", "ʐ": "ZH", "ʑ": "ZH", "r̝": "ZH", "ç": "HH", "x": "HH",
    "χ": "HH", "ħ": "HH", "h": "HH", "ɦ": "HH", "ʁ": "HH", "ʕ": "HH", "ʔ": "HH", "ʝ": "Y", "j": "Y", "ʲ": "Y",
    "w": "W", "ʍ": "W", "ɥ": "W", "ɰ": "W", "l": "L", "ɫ": "L", "ɭ": "L", "ʎ": "L", "ɬ": "L", "ɹ": "R", "r": "R",
    "ʀ": "R", "ɻ": "R", "i": "IY", "i.": "IH", "ɪ": "IH", "ɨ": "IH", "ᵻ": "IH", "e": "EY", "ɛ": "EH", "æ": "AE",
    "a": "AA", "ɑ": "AA", "ɒ": "AO", "ɔ": "AO", "o": "OW", "u": "UW", "ʊ": "UH", "y": "UW", "ʉ": "UW", "ʏ": "UH",
    "ɯ": "UH", "ø": "UH", "œ": "UH", "ɵ": "UH", "ə": "AH", "ɐ": "AH", "ʌ": "AH", "ɤ": "AH", "ɘ": "AH", "ɜ": "AH",
    "ɜː": "ER", "ɚ": "ER", "ɝ": "ER",
}  # fmt: skip
MARKS = frozenset('ˈˌːˑʰʱˠˤʼʷʲᵝ:.-|_;"~h123456789')  # after a phone: stress, length, breath, tone
_TABLE = {unicodedata.normalize("NFD", sign): phone for sign, phone in IPA.items()}
_LONGEST = max(map(len, _TABLE))
_VOICELESS_STOPS = frozenset(("P", "T", "K", "CH"))
CLOSURE = 0.1  # seconds at most before a release, and half of it after a pause


def phones(symbol: str) -> list[str]:
    """ARPAbet phones for one of espeak-ng's, such as "ˈɑːɹ"; ["SIL"] for a pause.

    Raises
    ------
    KeyError
        For a letter that ``IPA`` lacks.
    """
    text, out = unicodedata.normalize("NFD", symbol).lstrip("ˈˌ_:;|-"), []
    while text:
        size = next((n for n in range(min(_LONGEST, len(text)), 0, -1) if text[:n] in _TABLE), 0)
        if (out and text[0] in MARKS) or unicodedata.combining(text[0]):
            size = 1
        elif size:
            out.append(_TABLE[text[:size]])
        else:
            raise KeyError(f"espeak-ng said {symbol!r}, of which {text!r} has no phone of ARPAbet; add it to IPA.")
        text = text[size:]
    return out or ["SIL"]


def say(text: str, voice: str = "en-us", words_per_minute: int = 175, pitch: int = 50) -> Utterance:
    """`text` said by espeak-ng; see ``models/espeak.py`` for the parameters and errors."""
    data, rate, events = engine.synthesise(text, voice, words_per_minute, pitch)
    samples = np.frombuffer(data, dtype="<i2").astype(np.float32) / 32768
    begins = [start / rate for _, start in events]
    ends = [*begins[1:], len(samples) / rate]
    timed: list[tuple[str, float, float]] = [("SIL", 0.0, begins[0])]
    for (symbol, _), begin, end in zip(events, begins, ends, strict=True):
        if symbol.startswith("("):  # "(en)": the voice changed over to another language
            continue
        parts = phones(symbol)
        edges = np.linspace(begin, end, len(parts) + 1).tolist()
        if parts[0] in _VOICELESS_STOPS:
            edges[0] = begin - closure(samples, rate, timed[-1], begin)
            timed[-1] = (*timed[-1][:2], edges[0])
        timed += zip(parts, edges[:-1], edges[1:], strict=True)
    timed = [(part, begin, end) for part, begin, end in timed if end > begin]
    return Utterance(soxr.resample(samples, rate, RATE).astype(np.float32), timed, f"espeak_{voice}")


def closure(samples: np.ndarray, rate: int, before: tuple[str, float, float], release: float) -> float:
    """Seconds of silence just before a release that belong to the stop: espeak-ng reports a stop at its burst."""
    phone, begin, _ = before
    longest = min(CLOSURE / 2 if phone == "SIL" else CLOSURE, 0.8 * (release - begin))
    part = np.abs(samples[int((release - longest) * rate) : int(release * rate)])
    loud = np.flatnonzero(part > 0.004)
    return longest - float(loud[-1] + 1) / rate if loud.size else longest
