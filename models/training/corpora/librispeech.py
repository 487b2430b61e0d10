# SPDX-License-Identifier: GPL-3.0-or-later
"""Reader for a part of LibriSpeech (train-clean-5): read English by 28 native speakers, with force-aligned phones.

Panayotov, Chen, Povey, Khudanpur (2015), "Librispeech: an ASR corpus based on public domain audio books",
https://www.openslr.org/31/, CC BY 4.0.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

from facewright.models.training.corpora.speechocean import Utterance, utterance

FOLDER = "librispeech_clean5"


def read(folder: Path, speakers: frozenset[str]) -> Iterator[Utterance]:
    """Clips of these speakers, silence around the words cut as in `speechocean`."""
    with zipfile.ZipFile(folder / "audio.zip") as archive:
        for entry in _entries(folder):
            if entry["speaker"] in speakers and entry["phones"]:
                made = utterance(archive, entry)
                if made is not None:
                    yield made


def split(folder: Path) -> tuple[frozenset[str], frozenset[str]]:
    """Speakers to train on, and every seventh of the 28, never trained on."""
    speakers = sorted({entry["speaker"] for entry in _entries(folder)})
    return frozenset(speakers) - frozenset(speakers[::7]), frozenset(speakers[::7])


def _entries(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "aligned.jsonl").read_text().splitlines()]
