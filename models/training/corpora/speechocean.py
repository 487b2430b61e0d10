# SPDX-License-Identifier: GPL-3.0-or-later
"""Reader for speechocean762: read English of 250 non-native speakers, half of them children, with force-aligned phones.

Zhang et al. (2021), "speechocean762: An open-source non-native English speech corpus for pronunciation assessment",
https://www.openslr.org/101/, free for commercial and non-commercial use.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

KEPT_SILENCE = 0.3  # seconds left before and after the words


@dataclass(frozen=True, eq=False)
class Utterance:
    """One clip: mono 16 kHz samples and its phones, (ARPAbet, start s, end s)."""

    samples: np.ndarray
    phones: list[tuple[str, float, float]]
    speaker: str


def read(folder: Path, speakers: frozenset[str] | None = None) -> Iterator[Utterance]:
    """Clips of these speakers (of all, if None), silence around the words cut to ``KEPT_SILENCE``."""
    with zipfile.ZipFile(folder / "audio.zip") as archive:
        for line in (folder / "utterances.jsonl").read_text().splitlines():
            entry = json.loads(line)
            if speakers is None or entry["speaker"] in speakers:
                made = utterance(archive, entry)
                if made is not None:
                    yield made


def utterance(archive: zipfile.ZipFile, entry: dict) -> Utterance | None:
    """The clip of one line of ``utterances.jsonl``, silence around the words cut; None where nobody speaks."""
    import soundfile

    samples, rate = soundfile.read(io.BytesIO(archive.read(f"{entry['id']}.ogg")), dtype="float32")
    phones = [(phone, begin / 100, (begin + length) / 100) for phone, begin, length in entry["phones"]]
    spoken = [phone for phone in phones if phone[0] != "SIL"]
    if not spoken:
        return None
    begin = max(spoken[0][1] - KEPT_SILENCE, 0.0)
    part = samples[int(begin * rate) : int((spoken[-1][2] + KEPT_SILENCE) * rate)]
    return Utterance(part, [(p, a - begin, b - begin) for p, a, b in phones], entry["speaker"])


def split(folder: Path) -> tuple[frozenset[str], frozenset[str]]:
    """Speakers to train on, and every twelfth of the 250, never trained on."""
    lines = (folder / "utterances.jsonl").read_text().splitlines()
    speakers = sorted({json.loads(line)["speaker"] for line in lines})
    return frozenset(speakers) - frozenset(speakers[::12]), frozenset(speakers[::12])


def choosing(folder: Path) -> frozenset[str]:
    """Every other of the voices that are never trained on: where p, b and m close lips was chosen on these."""
    return frozenset(sorted(split(folder)[1])[::2])
