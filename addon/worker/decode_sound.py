# SPDX-License-Identifier: GPL-3.0-or-later
"""A program for a Blender of its own: writes what Blender plays of a file as WAV.

Run as ``blender --background --factory-startup --python decode_sound.py -- IN OUT.wav``, or by a Python with bpy.
"""

import struct
import sys
from pathlib import Path
from typing import Any

LARGEST = 1 << 28  # samples that are held at once, a gigabyte: of more only the mean of the channels, at 16 kHz
RATE = 16_000


def write(source: str, target: str) -> None:
    """Decode a sound, with all its channels and at its own rate where it is not too long for that."""
    import bpy  # noqa: F401 (it brings aud, where it is a module)

    import aud  # isort: skip

    sound: Any = aud.Sound(source)
    rate, channels = sound.specs
    if sound.length * channels > LARGEST:
        sound = sound.rechannel(1).resample(RATE, 3)
        rate, channels = RATE, 1
    samples = sound.data()  # aud writes files, too, but some lengths of its buffer fail, and others add silence
    size = samples.nbytes
    form = struct.pack("<HHIIHH", 3, channels, int(rate), int(rate) * channels * 4, channels * 4, 32)
    with Path(target).open("wb") as file:
        file.write(b"RIFF" + struct.pack("<I", min(36 + size, 0xFFFFFFFF)) + b"WAVE")
        file.write(b"fmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", min(size, 0xFFFFFFFF)))
        samples.tofile(file)


if __name__ == "__main__":
    write(*sys.argv[sys.argv.index("--") + 1 :])
