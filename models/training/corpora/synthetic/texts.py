# SPDX-License-Identifier: GPL-3.0-or-later
"""What the synthetic voices say: English of three kinds, and our own sentences in other languages.

English is the sentences of speechocean762's ``train`` split (read from the data, not kept here), sentences of the form
that GRID's speakers read, and sentences of our own, rich in what both lack: SH, ZH, NG, OY, UH, HH, lip closures, f/v.
Our own sentences are one per line in ``sentences/<language>.txt``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np

OWN = Path(__file__).parent / "sentences"
# The grammar of Cooke et al. (2006), https://doi.org/10.1121/1.2229005: one word of each row.
GRID_WORDS = (
    ("bin", "lay", "place", "set"),
    ("blue", "green", "red", "white"),
    ("at", "by", "in", "with"),
    tuple("BCDEFGHIJKLMNOPQRSTUVXYZ"),  # GRID has no w; a lone A is read as the article
    ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    ("again", "now", "please", "soon"),
)


@cache
def own(language: str) -> list[str]:
    """Our own sentences in a language such as ``en`` or ``de``."""
    return (OWN / f"{language}.txt").read_text(encoding="utf-8").splitlines()


@cache
def read_aloud(speechocean: Path) -> list[str]:
    """The sentences of speechocean762's ``train`` split, in small letters."""
    entries = map(json.loads, (speechocean / "utterances.jsonl").read_text().splitlines())
    return sorted({entry["text"].lower() for entry in entries if entry["split"] == "train"})


def grid_sentence(rng: np.random.Generator) -> str:
    """Such as "place blue at F nine now"."""
    command, colour, place, letter, digit, adverb = (str(rng.choice(words)) for words in GRID_WORDS)
    return f"{command} {colour} {place} {letter} {digit} {adverb}"


def english(speechocean: Path, rng: np.random.Generator) -> Iterator[str]:
    """English without end: half read aloud, a quarter as in GRID, a quarter our own."""
    while True:
        kind = rng.random()
        if kind < 0.5:
            yield str(rng.choice(read_aloud(speechocean)))
        elif kind < 0.75:
            yield grid_sentence(rng)
        else:
            yield str(rng.choice(own("en")))


def foreign(language: str, rng: np.random.Generator) -> Iterator[str]:
    """Our own sentences without end, one in five followed by numbers, which every voice reads in its language."""
    while True:
        text = str(rng.choice(own(language)))
        numbers = " ".join(str(number) for number in rng.integers(0, 1000, 3))
        yield f"{text} {numbers}." if rng.random() < 0.2 else text
