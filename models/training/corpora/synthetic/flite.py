# SPDX-License-Identifier: GPL-3.0-or-later
"""Speech of flite (http://www.festvox.org/flite/) with the times of its phones.

The voices ``awb``, ``rms`` and ``slt`` are built from the recordings of three adult native speakers (CMU ARCTIC,
http://www.festvox.org/cmu_arctic/), ``kal16`` joins recorded diphones. ``flite -psdur`` prints where each phone ends.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from facewright.inference.core.channels import PHONES
from facewright.models.training.corpora.speechocean import Utterance

VOICES = ("awb", "rms", "slt", "kal16")
OTHER = {"pau": "SIL", "h#": "SIL", "brth": "SIL", "ax": "AH", "axr": "ER", "ix": "IH", "dx": "D", "en": "N", "el": "L"}


def phone(name: str) -> str:
    """ARPAbet or SIL for a phone of flite's English voices, also those of Festival, which has the same set."""
    return OTHER.get(name) or name.upper()


def say(text: str, voice: str = "slt", stretch: float = 1.0) -> Utterance:
    """`text` said by one of ``VOICES``, every phone lasting `stretch` times as long as usual.

    Raises
    ------
    RuntimeError
        When flite is not installed, does not know the voice, or says a phone that ``phone`` does not map.
    """
    import soundfile

    if shutil.which("flite") is None:
        raise RuntimeError("Expected the program flite, for synthetic speech; install it with: apt install flite")
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "said.wav"
        options = ["-voice", voice, "--setf", f"duration_stretch={stretch}", "-psdur", "-t", text, "-o", str(wav)]
        done = subprocess.run(["flite", *options], capture_output=True, text=True, check=False)
        if done.returncode or not wav.is_file():
            raise RuntimeError(f"flite could not say {text[:40]!r} with the voice {voice!r}: {done.stderr.strip()}")
        samples, _ = soundfile.read(wav, dtype="float32")  # 16 kHz, as all of VOICES are
    phones, begin = [], 0.0
    for entry in done.stdout.split():
        name, _, end = entry.rpartition(":")
        if phone(name) not in PHONES:
            raise RuntimeError(f"flite said the phone {name!r}, which is none of ARPAbet's; add it to OTHER.")
        phones.append((phone(name), begin, float(end)))
        begin = float(end)
    return Utterance(samples, phones, f"flite_{voice}")
