# SPDX-License-Identifier: GPL-3.0-or-later
"""Which shape of a character answers to which of our channels, and how curves pass from one to the other.

Names are compared as words, so that one table covers ``eyeBlinkLeft`` (ARKit), ``EyeBlinkLeft`` (Live Link Face),
``eye_blink_left``, ``eyeBlink_L``, ``eyeBlink.L``, ``L_eyeBlink``, ``ARKit_eyeBlinkLeft``, ``A14_Eye_Blink_Left`` and
``Head:blendShape1.eyeBlinkLeft``. A plain spelling wins over one with a prefix; one shape answers to one channel only.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from .channels import ARKIT, VISEMES
from .errors import RigError
from .motion import Motion

MOUTH: tuple[str, ...] = tuple(name for name in ARKIT if name.startswith(("jaw", "mouth")))

# Below this many of the 27 jaw and mouth shapes a character does not really speak ARKit: Ready Player Me's plain heads,
# for one, have a smile and an open mouth beside their 15 visemes.
ENOUGH_MOUTH = 10


@dataclass(frozen=True, eq=False)
class Rig:
    """A linear map from channels to the targets of one mesh.

    Parameters
    ----------
    channels : sequence of str
        The C channels that are read.
    targets : sequence of str
        The T names that are driven, as the artist spells them, each once.
    weights : ndarray [shape=(C, T), float32]
        ``target = sum of channel * weight``.

    Raises
    ------
    RigError
        When the shape does not fit the names or a number is not finite.
    """

    channels: tuple[str, ...]
    targets: tuple[str, ...]
    weights: np.ndarray

    def __post_init__(self) -> None:
        weights = np.ascontiguousarray(self.weights, dtype=np.float32)
        if weights.shape != (len(self.channels), len(self.targets)):
            raise RigError(
                f"Expected weights of shape ({len(self.channels)}, {len(self.targets)}), got {weights.shape}."
            )
        if not np.isfinite(weights).all():
            raise RigError("Expected finite rig weights, got NaN or infinity. Correct the mapping.")
        if len(set(self.targets)) != len(self.targets):
            raise RigError("Expected every target of a rig once. Remove the double line of the mapping.")
        weights.flags.writeable = False
        object.__setattr__(self, "weights", weights)
        object.__setattr__(self, "channels", tuple(self.channels))
        object.__setattr__(self, "targets", tuple(self.targets))

    @classmethod
    def from_names(cls, matched: Mapping[str, str]) -> Rig:
        """The plain rig in which every target copies one channel.

        Parameters
        ----------
        matched : mapping of str to str
            Target name to channel name, as `match` returns it.
        """
        channels = tuple(dict.fromkeys(matched.values()))
        weights = np.zeros((len(channels), len(matched)), np.float32)
        for column, channel in enumerate(matched.values()):
            weights[channels.index(channel), column] = 1.0
        return cls(channels, tuple(matched), weights)

    def retarget(self, motion: Motion) -> np.ndarray:
        """Target values [shape=(F, T), float32] of a motion; channels the motion lacks count as 0."""
        have = [(row, name) for row, name in enumerate(self.channels) if name in motion.channels]
        rows = [row for row, _ in have]
        return motion.select([name for _, name in have]).values @ self.weights[rows]  # (F, C) @ (C, T)


def match(names: Iterable[str]) -> dict[str, str]:
    """Which of these names are ARKit shapes or Oculus visemes.

    Parameters
    ----------
    names : iterable of str
        Shape keys of one mesh.

    Returns
    -------
    dict of str to str
        Name to channel, in the order given. Two names may share a channel only as its halves
        (``browInnerUp_L`` and ``browInnerUp_R`` both are ``browInnerUp``).
    """
    return dict(_match(tuple(dict.fromkeys(names))))


@lru_cache(maxsize=256)  # a panel asks at every redraw
def _match(names: tuple[str, ...]) -> dict[str, str]:
    trusted = _trusted_prefixes(names)
    best: dict[_Spelled, tuple[int, int, str]] = {}  # -> (cost, position, name)
    for position, name in enumerate(names):
        for prefix, words in _readings(name):
            found = _TABLE.get(words)
            if found is None or (prefix and prefix not in trusted):
                continue
            cost = 2 * bool(prefix) + bool(_COPY.search(name))
            best[found] = min(best.get(found, (99, 0, "")), (cost, position, name))
            break
    whole = {spelled.channel for spelled in best if not spelled.half}
    # Letters such as "E" mean a viseme only where most of the set is there.
    letters = sum(spelled.bare for spelled in best) >= 8
    kept = {
        (position, name): spelled.channel
        for spelled, (_, position, name) in best.items()
        if (not spelled.half or spelled.channel not in whole) and (letters or not spelled.bare)
    }
    return {name: kept[position, name] for position, name in sorted(kept)}


def match_arkit(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The ARKit shapes among these names: channel to the name, or to the two halves, that answer to it."""
    found: dict[str, tuple[str, ...]] = {}
    for name, channel in match(names).items():
        if channel in ARKIT:
            found[channel] = (*found.get(channel, ()), name)
    return {channel: found[channel] for channel in ARKIT if channel in found}


def rigs_for(meshes: Sequence[Iterable[str]]) -> tuple[Rig, ...]:
    """One rig for each mesh of a character, given the shape names of each.

    ARKit and visemes both move the mouth, so driving both would double it: where the character has ARKit's mouth
    shapes the visemes rest, and otherwise visemes make the mouth and ARKit's few mouth shapes rest. A mesh that has
    only the other kind (teeth with visemes below an ARKit face) is driven by that kind.
    """
    return _rigs_for(tuple(tuple(names) for names in meshes))


@lru_cache(maxsize=64)
def _rigs_for(meshes: tuple[tuple[str, ...], ...]) -> tuple[Rig, ...]:
    matched = [match(names) for names in meshes]
    mouths = {channel for one in matched for channel in one.values() if channel in MOUTH}
    visemes = any(channel in VISEMES for one in matched for channel in one.values())
    resting = VISEMES if len(mouths) >= ENOUGH_MOUTH or not visemes else MOUTH
    return tuple(Rig.from_names(_without(one, resting)) for one in matched)


def _without(matched: dict[str, str], resting: tuple[str, ...]) -> dict[str, str]:
    speaking = [channel for channel in matched.values() if channel in MOUTH or channel in VISEMES]
    if all(channel in resting for channel in speaking):
        return matched
    return {name: channel for name, channel in matched.items() if channel not in resting}


# Words that say where a shape comes from or what it sits on, and nothing about what it does.
_KNOWN_PREFIX = re.compile(
    r"(arkit|ar|bs|blendshapes?\d*|shapes?|face|facial|head\d*|mesh|body|skin|teeth|tooth|tongue|gums?|brows?|"
    r"eyebrows?|lash(es)?|eyelash(es)?|eyes?|livelink|expr?|key|morph|m|[a-z]\d{1,3}|ctrl|ict|vrc|ovr)"
)
_COPY = re.compile(r"\.\d{3}$")  # Blender's suffix for a second data-block or key of the same name
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]*|[a-z]+|\d+|[^\W\d_a-zA-Z]+")
_SIDES = {"l": "left", "r": "right", "lf": "left", "rt": "right"}
_VRCHAT = {"ih": "I", "oh": "O", "ou": "U"}  # as VRChat shortens Oculus' names: vrc.v_ih


class _Spelled(NamedTuple):
    """What one spelling stands for."""

    channel: str
    half: str = ""  # "left" or "right", where the artist made two shapes of a middle one
    bare: bool = False  # a viseme without the word


def _words(text: str) -> tuple[str, ...]:
    words = (word.lower() for word in _WORD.findall(text))
    return tuple(_SIDES.get(word) or word for word in words)


def _readings(name: str) -> list[tuple[str, str]]:
    """Ways to read a name: (prefix, the rest as one lower-case word), the shortest prefix first.

    A prefix ends at a separator; capitals alone do not make one, for ``upperJawOpen`` is not ``jawOpen``.
    """
    name = _COPY.sub("", name)
    name = re.split(r"[:|]", name)[-1]  # namespaces: Head:jawOpen, |group|jawOpen
    readings = [("", "".join(_words(name)))]
    for cut in re.finditer(r"[\W_]+", name):
        prefix = " ".join("".join(_words(part)) for part in re.split(r"[\W_]+", name[: cut.start()])).strip()
        if prefix:
            readings.append((prefix, "".join(_words(name[cut.end() :]))))
    return readings


def _trusted_prefixes(names: Sequence[str]) -> set[str]:
    """Prefixes that are known, or that four or more otherwise well-spelled names share."""
    seen: Counter[str] = Counter()
    for name in names:
        seen.update({prefix for prefix, words in _readings(name) if prefix and words in _TABLE})
    shared = {prefix for prefix, count in seen.items() if count >= 4 and prefix.replace(" ", "") not in _TABLE}
    return shared | {prefix for prefix in seen if all(map(_KNOWN_PREFIX.fullmatch, prefix.split()))}


def _spellings() -> dict[str, _Spelled]:
    """Every spelling, in lower case without separators."""
    table: dict[str, _Spelled] = {}
    for channel in ARKIT:
        words = _words(channel)
        side = next((word for word in words if word in ("left", "right")), "")
        stem = "".join(word for word in words if word != side)
        for spelled in (stem + side, side + stem):
            table[spelled] = _Spelled(channel)
        if side and len(words) > 2:  # eyeLeftBlink
            table[words[0] + side + "".join(words[1:-1])] = _Spelled(channel)
        if channel in ("browInnerUp", "cheekPuff"):  # often given as two halves
            for half in ("left", "right"):
                table[stem + half] = table[half + stem] = _Spelled(channel, half)
    for channel in VISEMES:
        short = channel.removeprefix("viseme_").lower()
        for spelled in (short, *(alias for alias, name in _VRCHAT.items() if name.lower() == short)):
            for prefix in ("viseme", "vis", "v", "vrcv", "ovr", ""):
                table.setdefault(prefix + spelled, _Spelled(channel, bare=not prefix))
    return table


_TABLE = _spellings()
