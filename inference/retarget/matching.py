# SPDX-License-Identifier: GPL-3.0-or-later
"""Which convention a character follows, told from the names of its controls alone.

First every name is found that is one of a convention in some known spelling; then the names that are left are compared
word by word (Ratcliff and Obershelp's ratio, `difflib`) with the controls that are left. A wrong match is worse than
none: sides must agree, words such as up, lower or inner are never taken for one another, and of two names that are
equally near neither is taken.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache, lru_cache

from ..core.channels import CHANNELS
from .convention import SHAPE_KEY, Convention, ConventionEntry, conventions
from .spelling import KNOWN_PREFIX, KNOWN_SUFFIX, TELLING, Key, Reading, is_copy, key_of, keys_of, readings, words

# Words that tell a control from its opposite: each matches itself only, never a similar word.
_UP_OR_DOWN = "up down upper lower top bottom u d in out inner outer"
OPPOSITES = frozenset(f"{_UP_OR_DOWN} open close closed forward fwd back backward front wide narrow".split())
ALIKE = 0.8  # two words of four letters and more are one word misspelled: smile and smlie are, smile and smirk are not
SHARED = 4  # names that share an unknown prefix make it known
_SYNONYMS = {"eyebrow": "brow", "lip": "mouth", "fwd": "forward"}


@dataclass(frozen=True)
class Recognition:
    """How well one convention fits the names of a character.

    Parameters
    ----------
    convention : Convention
        The convention that was compared.
    found : mapping of str to tuple of ConventionEntry
        Name on the character to the controls of the convention that it is, in the order of the names.
    guessed : mapping of str to float
        The names of `found` that are misspelled, and how similar they are (0 to 1).
    score : float
        0 to 1: controls found, out of those of the convention and the names that only other conventions know.
    unmatched : tuple of str
        Names the convention does not know.
    """

    convention: Convention
    found: Mapping[str, tuple[ConventionEntry, ...]]
    guessed: Mapping[str, float]
    score: float
    unmatched: tuple[str, ...]

    @property
    def covered(self) -> tuple[str, ...]:
        """The channels that move something, in the order of CHANNELS."""
        moved = {channel for targets in self.found.values() for target in targets for channel in target.weights}
        return tuple(channel for channel in CHANNELS if channel in moved)

    @property
    def missing(self) -> tuple[str, ...]:
        """The channels a complete character of the convention has and this one lacks."""
        wanted = self.convention.channels.difference(self.covered)
        return tuple(channel for channel in CHANNELS if channel in wanted)


def recognise(names: Iterable[str], bones: Iterable[str] = ()) -> tuple[Recognition, ...]:
    """The conventions that know any of these names, the best first; empty where none does.

    Parameters
    ----------
    names : iterable of str
        Shape keys and custom properties of one character.
    bones : iterable of str
        Its bones.
    """
    return _recognise(tuple(dict.fromkeys(names)), tuple(dict.fromkeys(bones)))


@lru_cache(maxsize=64)
def _recognise(names: tuple[str, ...], bones: tuple[str, ...]) -> tuple[Recognition, ...]:
    trust = Trust(names)
    exact = {convention.key: spelled(convention, names, trust, bones) for convention in conventions()}
    known = {name for matches in exact.values() for name in matches}
    plain = {key: {name for name in matches if _is_plain(name, key)} for key, matches in exact.items()}
    plainly = set().union(*plain.values())
    near = sorted(conventions(), key=lambda convention: -_score(convention, exact[convention.key], known))[:4]
    results = []
    for convention in conventions():
        matches = exact[convention.key]
        guessed: dict[str, float] = {}
        if convention in near and matches:
            extra = similar(convention, [n for n in names if n not in known], _targets(matches.values()), trust)
            guessed = {name: ratio for name, (_, ratio) in extra.items()}
            matches = {**matches, **{name: (target,) for name, (target, _) in extra.items()}}
        if matches:
            ordered = {name: matches[name] for name in (*names, *bones) if name in matches}
            score = _score(convention, ordered, known.union(ordered)) + 1e-3 * _plain(ordered, convention)
            forced = (plainly & ordered.keys()) - plain[convention.key]  # vrc.v_aa is VRM's aa only where no better is
            score *= 1 - 0.5 * len(forced) / len(ordered)
            unmatched = tuple(name for name in names if name not in matches)
            results.append(Recognition(convention, ordered, guessed, min(score, 1.0), unmatched))
    return tuple(
        sorted(results, key=lambda each: (each.convention.fallback and not known <= {*each.found}, -each.score))
    )


class Trust:
    """Which prefixes and suffixes of a character's names mean nothing and may be cut away.

    These are the known ones, and those that several otherwise well-spelled names share, unless they name a control
    themselves: ``jawOpen_mouthClose`` is neither ``jawOpen`` nor ``mouthClose``.
    """

    def __init__(self, names: Sequence[str]) -> None:
        shared: dict[tuple[bool, tuple[str, ...]], set[Key]] = defaultdict(set)
        all_keys = _every_key()
        for name in names:
            for reading in readings(name):
                if (reading.prefix or reading.suffix) and reading.key in all_keys:
                    shared[True, reading.prefix].add(reading.key)
                    shared[False, reading.suffix].add(reading.key)
        self._trusted = {
            side
            for side, keys in shared.items()
            if len(keys) >= SHARED and not any(TELLING.fullmatch(part) for part in side[1])
            if not any(len(part) > 3 and Key(part, ()) in all_keys for part in (*side[1], "".join(side[1])))
        }

    def __call__(self, reading: Reading) -> bool:
        """Whether all that a reading cuts away means nothing."""
        return self._may_cut(True, reading.prefix, KNOWN_PREFIX) and self._may_cut(False, reading.suffix, KNOWN_SUFFIX)

    def _may_cut(self, before: bool, parts: tuple[str, ...], known: re.Pattern[str]) -> bool:
        return not parts or all(map(known.fullmatch, parts)) or (before, parts) in self._trusted


def spelled(
    convention: Convention, names: Sequence[str], trust: Trust, bones: Sequence[str] = (), enough: bool = False
) -> dict[str, tuple[ConventionEntry, ...]]:
    """The names that are a control of the convention in some spelling, each with the controls that it is.

    Every control is taken once; of several names the plainest spelling wins. `enough` says that loose names count
    however few they are, since the character has more of them on other meshes.
    """
    if convention.patterns:
        forms = re.compile("|".join(convention.patterns), re.IGNORECASE)
        return {name: () for name in names if forms.fullmatch(re.split(r"[:|]", name)[-1])}
    table, loose = _table(convention)
    best: dict[int, tuple[int, int, str, bool]] = {}  # target -> cost, position, name, whether loose
    for position, name in enumerate(names):
        for reading in readings(name):
            index = table.get(reading.key)
            if index is None or not trust(reading):
                continue
            cost = 2 * len(reading.prefix) + 2 * len(reading.suffix) + is_copy(name)
            candidate = (cost, position, name, (reading.key, index) in loose)
            best[index] = min(best.get(index, candidate), candidate)
            break
    if not enough and sum(is_loose for *_, is_loose in best.values()) < convention.together:
        best = {index: value for index, value in best.items() if not value[3]}
    matches: dict[str, tuple[ConventionEntry, ...]] = {}
    for index, (_, _, name, _) in sorted(best.items(), key=lambda item: item[1][1]):
        matches[name] = (*matches.get(name, ()), convention.targets[index])
    axes = _axes(convention)
    if len(axes.keys() & set(bones)) >= convention.together:
        matches.update({name: axes[name] for name in bones if name in axes})
    return matches


def similar(
    convention: Convention, names: Sequence[str], taken: set[int], trust: Trust
) -> dict[str, tuple[ConventionEntry, float]]:
    """Misspelled names of controls that are still free, each with its control and their similarity; none in doubt."""
    free = [
        (target, _no_plurals(_no_sides(target.name)), key_of(words(target.name)).sides)
        for target in convention.targets
        if id(target) not in taken and target.kind == SHAPE_KEY and not _is_bare(key_of(words(target.name)))
    ]
    near: list[tuple[float, str, ConventionEntry]] = []
    for name in names:
        if is_copy(name):
            continue
        best: dict[str, tuple[float, ConventionEntry]] = {}
        for reading in readings(name):
            if not trust(reading):
                continue
            theirs = _no_plurals(reading.words)
            for target, ours, sides in free:
                if reading.key.sides == sides and (ratio := _likeness(theirs, ours)):
                    best[target.name] = max(best.get(target.name, (0.0, target)), (ratio, target), key=lambda x: x[0])
        near += [(ratio, name, target) for ratio, target in best.values()]
    return dict(_undisputed(near))


def _undisputed(near: list[tuple[float, str, ConventionEntry]]) -> Iterator[tuple[str, tuple[ConventionEntry, float]]]:
    """Pairs of name and control in which each is clearly the best match of the other."""
    for ratio, name, target in near:
        rivals = [r for r, n, t in near if (n == name) != (t.name == target.name)]
        if all(r < ratio - 0.02 for r in rivals):
            yield name, (target, ratio)


def _likeness(theirs: tuple[str, ...], ours: tuple[str, ...]) -> float:
    """Mean ratio of words paired one to one; 0 where a word has no partner, or fewer than half are equal."""
    if len(theirs) != len(ours) or len(ours) < 2:
        return 0.0
    left, total, equal = list(theirs), 0.0, 0
    for word in sorted(ours, key=lambda w: w not in theirs):  # equal words find each other first
        if word in left:
            left.remove(word)
            total, equal = total + 1.0, equal + 1
            continue
        ratio, partner = max(((_ratio(other, word), other) for other in left), default=(0.0, ""))
        if ratio < ALIKE:
            return 0.0
        left.remove(partner)
        total += ratio
    return total / len(ours) if 2 * equal >= len(ours) else 0.0


@lru_cache(maxsize=65536)
def _ratio(theirs: str, ours: str) -> float:
    if len(ours) < 4 or len(theirs) < 3 or theirs in OPPOSITES or theirs.isdigit() or ours.isdigit():
        return 0.0
    return SequenceMatcher(None, theirs, ours, autojunk=False).ratio()


def _no_sides(name: str) -> tuple[str, ...]:
    return tuple(word for word in words(name) if word not in ("left", "right"))


def _no_plurals(parts: tuple[str, ...]) -> tuple[str, ...]:
    single = (word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word for word in parts)
    return tuple(_SYNONYMS.get(word, word) for word in single)


def _score(convention: Convention, matches: Mapping[str, tuple[ConventionEntry, ...]], known: set[str]) -> float:
    """The score of a `Recognition` with these matches; `known` are the names that any convention knows."""
    if not matches:
        return 0.0
    matched = _targets(matches.values())
    wanted = sum(not target.extra or id(target) in matched for target in convention.targets)
    others = len(known.difference(matches))
    return (len(matched) or len(matches)) / ((wanted or len(matches)) + others)


def _targets(found: Iterable[tuple[ConventionEntry, ...]]) -> set[int]:
    return {id(target) for targets in found for target in targets}


def _plain(found: Mapping[str, tuple[ConventionEntry, ...]], convention: Convention) -> float:
    """The share of names in their makers' own spelling, less 1: tells conventions with equal names apart."""
    exact = sum(any(name in (t.name, *t.also, *t.loose) for t in targets) for name, targets in found.items())
    return exact / len(found) - 1.0


def _is_plain(name: str, key: str) -> bool:
    """Whether a name is one of a convention with no prefix or suffix cut away."""
    convention = next(each for each in conventions() if each.key == key)
    return any(not r.prefix and not r.suffix and r.key in _table(convention)[0] for r in readings(name)[:1])


def _is_bare(key: Key) -> bool:
    """Whether a name is so short that it means something only among its like: A, aa, FV."""
    return len(key.stem) <= 3 and key.stem.isascii() and not (key.sides and key.stem)


@cache
def _table(convention: Convention) -> tuple[dict[Key, int], set[tuple[Key, int]]]:
    """The index in `Convention.targets` of each spelling, and which spellings are loose."""
    table: dict[Key, int] = {}
    loose: set[tuple[Key, int]] = set()
    for index, target in enumerate(convention.targets):
        if target.kind != SHAPE_KEY:
            continue
        for name in (target.name, *target.also, *target.loose):
            for key in keys_of(name):
                if table.setdefault(key, index) == index and (name in target.loose or _is_bare(key)):
                    loose.add((key, index))
    return table, loose


@cache
def _axes(convention: Convention) -> dict[str, tuple[ConventionEntry, ...]]:
    """The bones of a convention and the axes that are moved of each."""
    axes: dict[str, tuple[ConventionEntry, ...]] = {}
    for target in convention.targets:
        if target.kind != SHAPE_KEY:
            for name in (target.name, *target.also):
                axes[name] = (*axes.get(name, ()), target)
    return axes


@cache
def _every_key() -> frozenset[Key]:
    """The keys of all controls of all conventions."""
    return frozenset(key for convention in conventions() for key in _table(convention)[0])
