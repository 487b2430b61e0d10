# SPDX-License-Identifier: GPL-3.0-or-later
"""Speech of espeak-ng (https://github.com/espeak-ng/espeak-ng), for tests, the demo and training; not shipped.

The library and its voices come in the wheel ``espeakng-loader``; its C interface is ``speak_lib.h``.
"""

from __future__ import annotations

import ctypes
import os
import wave
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

_RETRIEVAL = 1  # espeak_AUDIO_OUTPUT: hand the samples over, play nothing
_PHONES_IN_IPA = 3  # espeakINITIALIZE_PHONEME_EVENTS | espeakINITIALIZE_PHONEME_IPA
_UTF8 = 1  # espeakCHARS_UTF8
_FROM_CHARACTER = 1  # espeak_POSITION_TYPE
_RATE, _PITCH = 1, 3  # espeak_PARAMETER
_LAST_EVENT, _PHONE_EVENT = 0, 7  # espeak_EVENT_TYPE
_OK = 0
_IPA = 2  # espeak_TextToPhonemes: IPA in UTF-8
_SEPARATOR = "_"


class _Event(ctypes.Structure):
    """espeak_EVENT; its last member is a union, of which a phone's event holds text."""

    _fields_ = [
        ("type", ctypes.c_int),
        ("message", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("milliseconds", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("name", ctypes.c_char * 8),
    ]


_CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)  # fmt: skip


def speak(text: str, path: str | os.PathLike[str], voice: str = "en-us") -> None:
    """Say `text` into a mono 16-bit WAV file.

    Parameters
    ----------
    text : str
        What to say, in any script the voice can read.
    path : str or PathLike
        The WAV file, at espeak-ng's own rate (22,050 Hz).
    voice : str
        A voice or language of espeak-ng, such as "en-us", "de", "ru", "en-us+f3".

    Raises
    ------
    RuntimeError
        When espeak-ng does not know the voice or fails.
    """
    data, rate, _ = synthesise(text, voice)
    with wave.open(str(Path(path)), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(data)


def synthesise(
    text: str, voice: str = "en-us", words_per_minute: int = 175, pitch: int = 50
) -> tuple[bytes, int, list[tuple[str, int]]]:
    """Say `text` and tell when each phone begins.

    Parameters
    ----------
    text, voice : str
        As for ``speak``.
    words_per_minute : int
        80 to 450.
    pitch : int
        0 to 100, 50 being the voice's own.

    Returns
    -------
    data : bytes
        Mono 16-bit samples.
    rate : int
        Samples per second.
    phones : list of (str, int)
        In the International Phonetic Alphabet with stress and length marks ("" is a pause), and the first sample.

    Raises
    ------
    RuntimeError
        When espeak-ng does not know the voice or fails.
    """
    library, rate = _library()
    parts: list[bytes] = []
    phones: list[tuple[str, int]] = []

    def collect(samples: Any, count: int, events: Any) -> int:
        if samples and count:
            parts.append(ctypes.string_at(samples, 2 * count))
        k = 0
        while events[k].type != _LAST_EVENT:
            if events[k].type == _PHONE_EVENT:
                phones.append((events[k].name.decode("utf-8", "ignore"), events[k].sample))
            k += 1
        return 0  # go on

    callback = _CALLBACK(collect)
    library.espeak_SetSynthCallback(callback)
    if library.espeak_SetVoiceByName(voice.encode()) != _OK:
        raise RuntimeError(f"Expected a voice of espeak-ng such as 'en-us' or 'de', got {voice!r}.")
    library.espeak_SetParameter(_RATE, words_per_minute, 0)
    library.espeak_SetParameter(_PITCH, pitch, 0)
    data = text.encode() + b"\0"
    done = library.espeak_Synth(data, ctypes.c_size_t(len(data)), 0, _FROM_CHARACTER, 0, _UTF8, None, None)
    if done != _OK or library.espeak_Synchronize() != _OK or not parts:
        raise RuntimeError(f"espeak-ng could not say {text[:40]!r} (status {done}).")
    return b"".join(parts), rate, phones


def transcribe(text: str, voice: str = "en-us") -> list[list[str]]:
    """Phones of every word of `text` as a voice would say it, in the International Phonetic Alphabet without stress."""
    plain = " ".join(_transcriptions(text, voice)).replace("ˈ", "").replace("ˌ", "")
    return [[phone for phone in word.split(_SEPARATOR) if phone] for word in plain.split()]


def clauses(text: str, voice: str = "en-us") -> list[list[list[str]]]:
    """Phones of every word of every clause of `text`, with their marks of stress and length."""
    return [
        [[phone for phone in word.split(_SEPARATOR) if phone] for word in clause.split()]
        for clause in _transcriptions(text, voice)
    ]


def _transcriptions(text: str, voice: str) -> Iterator[str]:
    library, _ = _library()
    if library.espeak_SetVoiceByName(voice.encode()) != _OK:
        raise RuntimeError(f"Expected a voice of espeak-ng such as 'en-us' or 'de', got {voice!r}.")
    library.espeak_TextToPhonemes.restype = ctypes.c_char_p
    rest = ctypes.c_char_p(text.encode())
    while rest.value:
        yield library.espeak_TextToPhonemes(ctypes.byref(rest), _UTF8, ord(_SEPARATOR) << 8 | _IPA).decode()


@cache
def _library() -> tuple[ctypes.CDLL, int]:
    """The library, initialised once for the process, and its sample rate."""
    import espeakng_loader

    library = ctypes.CDLL(espeakng_loader.get_library_path())
    rate = library.espeak_Initialize(_RETRIEVAL, 0, espeakng_loader.get_data_path().encode(), _PHONES_IN_IPA)
    if rate <= 0:
        raise RuntimeError(f"espeak-ng did not start (status {rate}). Install the wheel espeakng-loader again.")
    return library, rate
