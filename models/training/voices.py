# SPDX-License-Identifier: GPL-3.0-or-later
"""Synthetic speech with espeak-ng (https://github.com/espeak-ng/espeak-ng), for tests, the demo and training.

The library and its voices come in the wheel ``espeakng-loader``; its C interface is ``speak_lib.h``.
"""

from __future__ import annotations

import ctypes
import os
import wave
from functools import cache
from pathlib import Path

_RETRIEVAL = 1  # espeak_AUDIO_OUTPUT: hand the samples over, play nothing
_UTF8 = 1  # espeakCHARS_UTF8
_FROM_CHARACTER = 1  # espeak_POSITION_TYPE
_OK = 0
_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


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
    library, rate = _espeak()
    parts: list[bytes] = []

    def collect(samples: ctypes._Pointer[ctypes.c_short], count: int, _events: int) -> int:
        if samples and count:
            parts.append(ctypes.string_at(samples, 2 * count))
        return 0  # go on

    callback = _CALLBACK(collect)
    library.espeak_SetSynthCallback(callback)
    if library.espeak_SetVoiceByName(voice.encode()) != _OK:
        raise RuntimeError(f"Expected a voice of espeak-ng such as 'en-us' or 'de', got {voice!r}.")
    data = text.encode() + b"\0"
    done = library.espeak_Synth(data, ctypes.c_size_t(len(data)), 0, _FROM_CHARACTER, 0, _UTF8, None, None)
    if done != _OK or library.espeak_Synchronize() != _OK or not parts:
        raise RuntimeError(f"espeak-ng could not say {text[:40]!r} (status {done}).")
    with wave.open(str(Path(path)), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(b"".join(parts))


@cache
def _espeak() -> tuple[ctypes.CDLL, int]:
    """The library, initialised once for the process, and its sample rate."""
    import espeakng_loader

    library = ctypes.CDLL(espeakng_loader.get_library_path())
    rate = library.espeak_Initialize(_RETRIEVAL, 0, espeakng_loader.get_data_path().encode(), 0)
    if rate <= 0:
        raise RuntimeError(f"espeak-ng did not start (status {rate}). Install the wheel espeakng-loader again.")
    return library, rate
