# SPDX-License-Identifier: GPL-3.0-or-later
"""Adjustments: the sliders, emotions, masks and gains of phonemes that an artist sets, and how they change a motion."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..core.analysis import Voice
from ..core.errors import StyleError
from ..core.motion import Motion
from ..core.phonemes import Phonemes
from ..core.regions import REGIONS, mixed
from ..lips.constraint import constrain
from ..lips.contacts import lip_contacts
from ..lips.overlay import constrain_overlay
from .emotions import emotions, overlaid
from .phoneme_gains import LARGEST, SPOKEN, with_gains
from .sliders import is_timing, sliders

Level = float | np.ndarray  # one number, or one for each frame [shape=(F,)]


@dataclass(frozen=True, eq=False)
class Adjustments:
    """The adjustments of a take. Each value is one number, or a curve with one for each frame [shape=(F,)].

    Parameters
    ----------
    values : mapping of str to float or ndarray
        By slider (`sliders.sliders`); neutral for those not given.
    emotions : mapping of str to float or ndarray
        Amounts in [0, 1] by emotion (`emotions.emotions`); 0 for those not given.
    masks : mapping of str to float or ndarray
        How much of all this counts in a region of the face (`regions.REGIONS`), in [0, 1]; 1 for those not given.
    phones : mapping of str to float or ndarray
        How far the mouth goes on a phoneme, in [0, 2] (`phoneme_gains.with_gains`); 1 for those not given.
    seed : int
        Seed of the slow random movement within an emotion.

    Raises
    ------
    StyleError
        When a name is unknown or a value out of its range.
    """

    values: Mapping[str, Level] = field(default_factory=dict)
    emotions: Mapping[str, Level] = field(default_factory=dict)
    masks: Mapping[str, Level] = field(default_factory=dict)
    phones: Mapping[str, Level] = field(default_factory=dict)
    seed: int = 0

    def __post_init__(self) -> None:
        limits = {name: (slider.LOW, slider.HIGH) for name, slider in sliders().items()}
        object.__setattr__(self, "values", _checked(self.values, limits, "slider"))
        object.__setattr__(self, "emotions", _checked(self.emotions, dict.fromkeys(emotions(), (0, 1)), "emotion"))
        object.__setattr__(self, "masks", _checked(self.masks, dict.fromkeys(REGIONS, (0, 1)), "mask"))
        object.__setattr__(self, "phones", _checked(self.phones, dict.fromkeys(SPOKEN, (0, LARGEST)), "phone"))

    @property
    def is_neutral(self) -> bool:
        """Whether every adjustment is neutral. Masks alone change nothing."""
        still = all(_all(value, sliders()[name].NEUTRAL) for name, value in self.values.items())
        still = still and all(_all(value, 1) for value in self.phones.values())
        return still and all(_all(value, 0) for value in self.emotions.values())

    def to_json(self) -> dict[str, Any]:
        """All of it as plain numbers and lists, for recipes and files; `from_json` reads it back exactly."""
        plain = {kind: {name: _plain(level) for name, level in getattr(self, kind).items()} for kind in _KINDS}
        return {**{kind: levels for kind, levels in plain.items() if levels}, "seed": self.seed}

    @classmethod
    def from_json(cls, table: Mapping[str, Any]) -> Adjustments:
        """The adjustments that `to_json` wrote; raises StyleError when the table is something else."""
        if unknown := [name for name in table if name not in (*_KINDS, "seed")]:
            raise StyleError(f"Expected {', '.join(_KINDS)} and seed in a set of sliders, got '{unknown[0]}'.")
        return cls(**table)


_KINDS = ("values", "emotions", "masks", "phones")


def adjust(
    motion: Motion,
    what: Adjustments,
    *,
    phones: Phonemes | None = None,
    voice: Voice | None = None,
) -> Motion:
    """Apply adjustments to a motion.

    Gains of phonemes come first, then sliders, and lips that were closed are closed again
    (`lips.constraint.constrain`), so no slider has to keep them closed itself. Emotions go over that, and give way
    where lips meet (`lips.overlay.constrain_overlay`). Masks hold back both.

    Parameters
    ----------
    motion : Motion
        Any of ``CHANNELS``, at any rate: as generated.
    what : Adjustments
        Its curves have a value for each frame of the motion.
    phones : Phonemes, optional
        Phoneme posteriors of the same sound; only gains of phonemes need them.
    voice : Voice, optional
        How it is said, in the frames of the motion; the sliders ``energy`` and ``from_voice`` need it.

    Returns
    -------
    Motion
        The same channels and frames, weights in [0, 1]; the motion itself when every adjustment is neutral.

    Raises
    ------
    StyleError
        When a curve has another length, or phonemes or loudness are needed and missing.
    """
    if what.is_neutral:
        return motion
    before = motion  # what the constraint keeps closed: as generated, moved in time by timing sliders alone
    adjusted = _with_phoneme_gains(motion, what, phones)
    for name, slider in sliders().items():
        level = _fitting(what.values.get(name, slider.NEUTRAL), motion.frames, name)
        if _all(level, slider.NEUTRAL):
            continue
        if is_timing(slider):  # the moments at which lips are closed move along
            before = slider.apply(before, level, voice)
        adjusted = slider.apply(adjusted, level, voice)
    contacts = lip_contacts(before)
    masks = {name: _fitting(level, motion.frames, name) for name, level in what.masks.items()}
    adjusted = constrain(mixed(before, adjusted, masks), contacts, before)
    amounts = {name: _fitting(level, motion.frames, name) for name, level in what.emotions.items()}
    emotional = mixed(adjusted, overlaid(adjusted, amounts, what.seed), masks)
    return constrain_overlay(emotional, adjusted, contacts, before)


def _with_phoneme_gains(motion: Motion, what: Adjustments, phones: Phonemes | None) -> Motion:
    """The motion with the gains of phonemes applied; as it is where all are 1."""
    gains = {name: _fitting(level, motion.frames, name) for name, level in what.phones.items() if not _all(level, 1)}
    if not gains:
        return motion
    if phones is None:
        raise StyleError(f"Expected what is heard in the sound for the gain of {next(iter(gains))}. Give its phones.")
    return with_gains(motion, phones, gains)


def _checked(levels: Mapping[str, Any], limits: Mapping[str, tuple[float, float]], kind: str) -> dict[str, Level]:
    """The same levels as numbers or read-only arrays."""
    return {name: _level(name, level, limits, kind) for name, level in levels.items()}


def _level(name: str, level: Any, limits: Mapping[str, tuple[float, float]], kind: str) -> Level:
    if name not in limits:
        raise StyleError(f"Expected a {kind} called {_listed(limits)}, got '{name}'.")
    try:
        array = np.array(level, np.float32)
    except (TypeError, ValueError):
        raise StyleError(f"Expected a number for the {kind} {name}, got {level!r}.") from None
    low, high = limits[name]
    if array.ndim > 1 or array.size == 0:
        raise StyleError(f"Expected one number for the {kind} {name}, or one for each frame, got {array.shape}.")
    wrong = ~((array >= low) & (array <= high))  # true of NaN, too
    if wrong.any():
        raise StyleError(f"Expected {low:g} to {high:g} for the {kind} {name}, got {array[wrong].flat[0]:g}.")
    array.flags.writeable = False
    return array if array.ndim else float(array)


def _fitting(level: Level, frames: int, name: str) -> Level:
    """The level itself; raises StyleError when it is a curve of another length than the motion."""
    if isinstance(level, np.ndarray) and len(level) != frames:
        raise StyleError(f"Expected a value of {name} for each of {frames} frames, got {len(level)}.")
    return level


def _all(level: Level, value: float) -> bool:
    """Whether a level has this value on every frame."""
    return bool(np.all(np.asarray(level) == value))


def _plain(level: Level) -> float | list[float]:
    return level.tolist() if isinstance(level, np.ndarray) else level


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
