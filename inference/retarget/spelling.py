# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of controls as words: ``mouthSmileLeft``, ``Mouth_Smile_L`` and ``Head:bs_mouth smile.左`` are one name.

A name is cut into words; words that mean a side are kept apart from the rest, so that a left control is never taken
for a right one. The part before or after a separator may be a prefix or suffix; `readings` lists every way to read a
name, and `inference.retarget.matching` decides which prefixes to trust.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

# Words that say where a control comes from or what it sits on, and nothing about what it does.
KNOWN_PREFIX = re.compile(
    r"(arkit|ar|bs|blendshapes?\d*|shapes?|face|facial|head\d*|mesh|body|skin|teeth|tooth|tongue|gums?|brows?|eyebrows?|"
    r"lash(es)?|eyelash(es)?|eyes?|livelink|expr?|expressions?|key|morphs?|m|[a-z]\d{1,3}|ctrl|ict|vrc|ovr|facs|char|"
    r"geo|fcl|genesis\d*(female|male)?|ccbase|rig|顔|表情|\d{1,3})"
)
KNOWN_SUFFIX = re.compile(
    r"(bs|shapes?|blendshapes?|blend|morphs?|target|geo|mesh|head|face|skin|body|key|div2|v?\d{1,3}|lod\d|final|new|顔)"
)
# A prefix or suffix that makes another control of a name, so that it must not be cut away: jawOpen_fix is not jawOpen.
TELLING = re.compile(
    r"(fix|corr(ective)?s?|combo|inv(erse|erted)?|neg(ative)?|half|mid|old|backup|bak|orig(inal)?|test)"
)

_COPY = re.compile(r"\.\d{3}$")  # Blender's suffix for a second data-block or key of the same name
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]*|[a-z]+|\d+|[左右]|[^\W\d_a-zA-Z左右]+")
_SEPARATOR = re.compile(r"[\W_]+")
_LEFT, _RIGHT = ("l", "left", "lf", "lft", "左"), ("r", "right", "rt", "rgt", "右")
_SIDES = {word: (side,) for side, written in (("left", _LEFT), ("right", _RIGHT)) for word in written}
_QUARTERS = {"ul": ("u", "left"), "ur": ("u", "right"), "dl": ("d", "left"), "dr": ("d", "right")}


class Key(NamedTuple):
    """A spelling reduced to its meaning: equal keys name the same control."""

    stem: str  # all words but the sides, joined, in lower case
    sides: tuple[str, ...]  # "left" and "right", in their order


class Reading(NamedTuple):
    """One way to read a name."""

    prefix: tuple[str, ...]  # lower-case parts that are not part of the meaning
    suffix: tuple[str, ...]
    key: Key
    words: tuple[str, ...]  # without the sides


@lru_cache(maxsize=16384)
def words(text: str) -> tuple[str, ...]:
    """Words of a name in lower case, sides spelled out; full-width letters and half-width kana made usual."""
    parts: list[str] = []
    for word in _WORD.findall(unicodedata.normalize("NFKC", text)):
        word = word.lower()
        parts.extend(_QUARTERS.get(word) or _SIDES.get(word) or (word,))
    return tuple(parts)


def key_of(parts: tuple[str, ...]) -> Key:
    """The key of words."""
    sides = tuple(word for word in parts if word in ("left", "right"))
    return Key("".join(word for word in parts if word not in ("left", "right")), sides)


def keys_of(name: str) -> tuple[Key, ...]:
    """Keys under which a well-spelled name is found, those of its spellings without capitals and separators last."""
    parts = words(name)
    key = key_of(parts)
    if not key.sides:
        return (key,)
    return tuple(dict.fromkeys((key, Key("".join(parts), ()), Key("".join((*key.sides, key.stem)), ()))))


def is_copy(name: str) -> bool:
    """Whether Blender made the name unique by a number at its end (.001)."""
    return bool(_COPY.search(name))


@lru_cache(maxsize=4096)
def readings(name: str) -> tuple[Reading, ...]:
    """Ways to read a name: the plain one first, then with ever more cut away.

    A prefix ends and a suffix begins at a separator; capitals alone do not make one, for ``upperJawOpen`` is not
    ``jawOpen``. Sides are never cut away.
    """
    name = re.split(r"[:|]", _COPY.sub("", name))[-1]  # namespaces: Head:jawOpen, |group|jawOpen
    parts = [part for part in _SEPARATOR.split(name) if part]
    whole = words(name)
    ways = [Reading((), (), key_of(whole), _no_sides(whole))] if whole else []
    for end in range(len(parts), 0, -1):
        for begin in range(end):
            before, after = _joined(parts[:begin]), _joined(parts[end:])
            if (before or after) and not {"left", "right"}.intersection((*before, *after)):
                kept = words("_".join(parts[begin:end]))
                ways.append(Reading(before, after, key_of(kept), _no_sides(kept)))
    ways.sort(key=lambda reading: len(reading.prefix) + len(reading.suffix))  # stable: plain first
    return tuple(ways)


def _joined(parts: list[str]) -> tuple[str, ...]:
    return tuple("".join(words(part)) for part in parts)


def _no_sides(parts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for word in parts if word not in ("left", "right"))
