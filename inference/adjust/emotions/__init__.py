# SPDX-License-Identifier: GPL-3.0-or-later
"""Emotions laid over speech, by rule: each is a small table of action units, found by itself.

An emotion is a TOML file in this folder. ``label`` and ``about`` are for people, ``action_units`` and ``sources`` say
what it follows: the Facial Action Coding System (Ekman, Friesen and Hager 2002, https://www.paulekman.com/facs/) and
the tables of EMFACS. ``[channels]`` are weights at amount 1 (below 0: what is there is taken back by this part) or, for
rotations, radians that are added.

Three rules are common to all. The mouth gives way to speech: while somebody speaks, only ``SPEAKING`` of its part is
there, and of what opens or presses lips less still. The face lives: every channel swells and falls a little, slowly and
by itself. And where lips meet it gives way, gently, which is `lips.overlay.constrain_overlay`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from zlib import crc32

import numpy as np

from ...core.channels import CHANNELS, EYES
from ...core.errors import StyleError
from ...core.eyes import FULL_DOWN, FULL_SIDE, FULL_UP
from ...core.motion import Motion
from ...core.regions import MOUTH_REGIONS, WEIGHTS, channels_of
from ...core.structure import Reader

SILENCE = "viseme_sil"
SPEAKING = 0.55  # of the mouth's part of an emotion, while somebody speaks
SPEAKING_LIPS = 0.25  # the same of what opens, closes or presses lips, which speech needs for itself
_GLIDE = 0.25  # s over which the mouth's part comes and goes
_LIFE = 0.16  # how much of an emotion swells and falls at most
_PERIODS = (2.3, 3.9, 7.1)  # s

_MOUTH = frozenset(channels_of(MOUTH_REGIONS))
_LIPS = frozenset(channels_of(("jaw", "lips", "rounding", "pressing")))


@dataclass(frozen=True)
class Emotion:
    """One emotion as its file tells it."""

    label: str
    about: str
    action_units: str
    sources: tuple[str, ...]
    channels: Mapping[str, float]


@cache
def emotions() -> Mapping[str, Emotion]:
    """Every emotion by its name, which is the name of its file.

    Raises
    ------
    StyleError
        When a file is not one; the text names it.
    """
    found = {path.stem: read(path) for path in sorted(Path(__file__).parent.glob("*.toml"))}
    return MappingProxyType(found)


def read(path: Path) -> Emotion:
    """Read one file; raises StyleError when it is not an emotion."""
    reader = Reader(f"the emotion '{path.name}'", "The others in its folder show what it takes.", StyleError)
    emotion = reader.convert(reader.toml(reader.text(path)), Emotion)
    for name, weight in emotion.channels.items():
        if name not in CHANNELS or name.startswith("viseme") or not abs(weight) <= 1:
            raise StyleError(f"Expected weights from -1 to 1 of channels in '{path.name}', got {name} = {weight:g}.")
    return emotion


def overlaid(motion: Motion, amounts: Mapping[str, float | np.ndarray], seed: int = 0) -> Motion:
    """The motion with emotions over it; several mix.

    Parameters
    ----------
    motion : Motion
        Any of ``CHANNELS``. Without visemes nobody can tell when it speaks, so it is taken to speak all the time.
    amounts : mapping of str to float or ndarray [shape=(F,)]
        In [0, 1]; unknown names are an error of `Sliders`.
    seed : int
        Of the slow life in it.

    Returns
    -------
    Motion
        The motion itself where all amounts are 0.
    """
    amounts = {name: np.asarray(amount, np.float32) for name, amount in amounts.items() if np.any(amount)}
    if not amounts:
        return motion
    mouth = _mouth_share(motion)
    values, column = motion.values.copy(), {name: index for index, name in enumerate(motion.channels)}
    turned = [np.zeros(motion.frames, np.float32), np.zeros(motion.frames, np.float32)]  # of the eyes: yaw, pitch
    for name, amount in amounts.items():
        for channel, weight in emotions()[name].channels.items():
            part = weight * amount * _life(motion.times, f"{seed} {name} {channel}")
            if channel in _MOUTH:
                part = part * mouth[channel in _LIPS]
            if channel in EYES[:2]:
                turned[EYES.index(channel)] += part
            elif channel in column:
                _lay(values[:, column[channel]], part, channel)
    _turn_eyes(values, column, *turned)
    return Motion(values, motion.channels, motion.fps, motion.start)


def _lay(curve: np.ndarray, part: np.ndarray, channel: str) -> None:
    """Lay a part over a curve [both shape=(F,)], in place. Weights fill up towards 1, so several never pass it."""
    if channel in WEIGHTS:
        curve += np.where(part > 0, part * (1 - curve), part * curve)
        np.clip(curve, 0, 1, out=curve)
    else:
        curve += part


def _turn_eyes(values: np.ndarray, column: Mapping[str, int], yaw: np.ndarray, pitch: np.ndarray) -> None:
    """Turn both eyes [radians, shape=(F,)], as rotations and as the eyeLook weights that say the same, in place."""
    if not (yaw.any() or pitch.any()):
        return
    turns = {"leftEyeYaw": yaw, "rightEyeYaw": yaw, "leftEyePitch": pitch, "rightEyePitch": pitch}
    for side, inward in (("Left", yaw), ("Right", -yaw)):
        turns[f"eyeLookDown{side}"] = np.maximum(pitch, 0) / FULL_DOWN
        turns[f"eyeLookUp{side}"] = np.maximum(-pitch, 0) / FULL_UP
        turns[f"eyeLookIn{side}"] = np.maximum(inward, 0) / FULL_SIDE
        turns[f"eyeLookOut{side}"] = np.maximum(-inward, 0) / FULL_SIDE
    for channel, part in turns.items():
        if channel in column:
            _lay(values[:, column[channel]], part, channel)


def _mouth_share(motion: Motion) -> tuple[np.ndarray, np.ndarray]:
    """What is left of the mouth's part over time [each shape=(F,)]: of its corners, and of lips and jaw."""
    if SILENCE in motion.channels:
        reach = max(round(_GLIDE * motion.fps), 1)
        window = np.hanning(2 * reach + 3)[1:-1]
        held = np.pad(1 - motion.channel(SILENCE), reach, mode="edge")
        speaking = np.convolve(held, window / window.sum(), mode="valid").clip(0, 1)
    else:
        speaking = np.ones(motion.frames)
    share = [(1 - (1 - least) * speaking).astype(np.float32) for least in (SPEAKING, SPEAKING_LIPS)]
    return share[0], share[1]


def _life(times: np.ndarray, name: str) -> np.ndarray:
    """A curve between 1 - ``_LIFE`` and 1 that never stands still [shape=(F,)], the same for the same name."""
    phases = np.random.default_rng(crc32(name.encode())).random(len(_PERIODS))
    waves = [np.sin(2 * np.pi * (times / period + phase)) for period, phase in zip(_PERIODS, phases, strict=True)]
    return (1 - _LIFE * (0.5 + 0.5 * np.mean(waves, axis=0))).astype(np.float32)
