# SPDX-License-Identifier: GPL-3.0-or-later
"""What a slider does to a motion, in its own unit, and what it does to the rest of the face and to closed lips."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from facewright.inference.adjust.sliders import (
    asymmetry,
    blinks,
    closure,
    energy,
    from_voice,
    performed,
    sliders,
    smoothing,
)
from facewright.inference.adjust.sliders.scale import SLIDERS
from facewright.inference.core.analysis import Voice
from facewright.inference.core.channels import ARKIT, VISEMES
from facewright.inference.core.motion import Motion
from facewright.inference.core.regions import REGIONS
from facewright.inference.lips.contacts import lip_contacts
from facewright.inference.prosody import size

LOUD = 6.0  # dB from the mean from which a frame tells of the slider energy
_ALMOST = 1e-9


def effect(name: str, before: Motion, after: Motion, voice: Voice) -> float:
    """What was got of a slider, in the unit in which its value is stated; of ``closure`` pressing at closed lips."""
    if name in SLIDERS:
        own = [c for c in sliders()[name].CHANNELS if c not in VISEMES and c in before.channels]
        return _ratio(before, after, own, _free(before))
    return _OTHERS[name](before, after, voice)


def others(name: str, before: Motion, after: Motion) -> float:
    """Largest change in a region that is not the slider's, as a part of what moves there."""
    own = set(sliders()[name].CHANNELS)
    shares = [0.0]
    for channels in REGIONS.values():
        rest = [c for c in channels if c in before.channels and c not in own]
        if rest:
            old, new = before.select(rest).values, after.select(rest).values
            shares.append(float(np.abs(new - old).sum() / max(np.abs(old).sum(), _ALMOST)))
    return max(shares)


def kept(before: np.ndarray, after: np.ndarray, motion: Motion, widest: float, early: float = 0.0) -> tuple[int, int]:
    """How many closures of a motion are closed still, and of how many that were.

    Parameters
    ----------
    before, after : ndarray [shape=(F,)]
        Lip opening on a mesh.
    motion : Motion
        As generated; where p, b and m are heard in it (`lip_contacts`).
    widest : float
        Opening up to which lips count as closed.
    early : float
        Seconds by which all of the mouth is moved to earlier times.
    """
    found = lip_contacts(motion)
    were = still = 0
    for begin, end in zip(found.begins, found.ends, strict=True):
        here, there = (_between(motion, begin - late, end - late) for late in (0.0, early))
        if there.any() and before[here].min() <= widest:
            were += 1
            still += bool(after[there].min() <= widest)
    return still, were


def _between(motion: Motion, begin: float, end: float) -> np.ndarray:
    """Which frames lie between two seconds [shape=(F,)]."""
    return (motion.times >= begin - _ALMOST) & (motion.times <= end + _ALMOST)


def monotone(values: list[float]) -> bool:
    """Whether a row of figures never turns back."""
    steps = np.diff(values)
    return bool((steps >= -1e-6).all() or (steps <= 1e-6).all())


def _free(motion: Motion) -> np.ndarray:
    """Frames well away from closed lips, where nothing is held back [shape=(F,)]."""
    return ~lip_contacts(motion).cover(motion.times, 0.12)


def _ratio(before: Motion, after: Motion, names: list[str], frames: np.ndarray) -> float:
    """Slope of after over before through the origin; values at the end of their range are left out."""
    old, new = before.select(names).values[frames], after.select(names).values[frames]
    inside = np.abs(new) < 1
    return float((old * new)[inside].sum() / max((old * old)[inside].sum(), _ALMOST))


def _leaning(before: Motion, after: Motion, _voice: Voice) -> float:
    sides = [_ratio(before, after, list(names), _free(before)) for names in (asymmetry.LEFT, asymmetry.RIGHT)]
    return (sides[0] - sides[1]) / 2


def _led(before: Motion, after: Motion, _voice: Voice) -> float:
    """Milliseconds by which the jaw comes earlier."""
    lags = np.arange(-250, 251, 10)
    was, now = before.select(["jawOpen"]), after.channel("jawOpen")
    fits = [float(np.square(was.at(before.times + lag / 1000)[:, 0] - now).mean()) for lag in lags]
    return float(lags[int(np.argmin(fits))])


def _averaged(before: Motion, after: Motion, _voice: Voice) -> float:
    """Width at half height, ms, of the Gaussian that explains best what became of the brows, which nothing shuts."""
    brows = [c for c in ARKIT if c.startswith("brow")]
    old, new = before.select(brows).values, after.select(brows).values
    widths = np.arange(0, 401, 10)
    tried = [float(np.square(smoothing.averaged(old, w / 1000 * before.fps) - new).mean()) for w in widths]
    return float(widths[int(np.argmin(tried))])


def _blinked(before: Motion, after: Motion, _voice: Voice) -> float:
    was, now = (len(blinks.blinks(motion.channel("eyeBlinkLeft"))) for motion in (before, after))
    return now / max(was, 1)


def _pressed(before: Motion, after: Motion, _voice: Voice) -> float:
    """Mean weight of what presses lips, at the moments they are shut."""
    return float(after.select(tuple(closure.FIRM)).at(lip_contacts(before).moments).mean())


def _driven(before: Motion, after: Motion, voice: Voice) -> float:
    """Doublings of size for 12 dB."""
    names = [c for c in SLIDERS["articulation"].CHANNELS if c in ARKIT]
    old, new = before.select(names).values.sum(axis=1), after.select(names).values.sum(axis=1)
    loudness = np.clip(voice.loudness, -energy.MOST, energy.MOST)
    told = _free(before) & (np.abs(loudness) >= LOUD) & (old > 0.05)
    size = np.log2(np.maximum(new[told], _ALMOST) / old[told])
    return float((size * loudness[told]).sum() / max((loudness[told] ** 2).sum(), _ALMOST) * 12)


def _worked(before: Motion, after: Motion, voice: Voice) -> float:
    """Doublings of size for an effort of 1, as a part of those that the slider states."""
    names = [c for c in size.MOUTH if c in ARKIT]
    old, new = before.select(names).values.sum(axis=1), after.select(names).values.sum(axis=1)
    told = _free(before) & (old > 0.05)
    grown = np.log2(np.maximum(new[told], _ALMOST) / old[told])
    effort = voice.effort[told]
    return from_voice.NEUTRAL + float((grown * effort).sum() / max((effort**2).sum(), _ALMOST) / size.OCTAVES)


def _performed(before: Motion, after: Motion, _voice: Voice) -> float:
    """What value of the slider explains the size of jaw, head and brows; the mean of the three."""
    told = []
    for region, read in performed.READ.items():
        names = [c for c in REGIONS[region] if c in before.channels]
        ratio = max(_ratio(before, after, names, _free(before)), _ALMOST)
        told.append(1 - np.log(ratio) / np.log(read))
    return float(np.mean(told))


_OTHERS: dict[str, Callable[[Motion, Motion, Voice], float]] = {
    "asymmetry": _leaning, "lead": _led, "smoothing": _averaged, "blinks": _blinked, "closure": _pressed,
    "energy": _driven, "from_voice": _worked, "performed": _performed,
}  # fmt: skip
