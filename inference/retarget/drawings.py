# SPDX-License-Identifier: GPL-3.0-or-later
"""Drawn mouths: from visemes to a stepped sequence of drawings, as animators expose mouths on twos.

Each drawing is described by the visemes it stands for. On every frame a drawing costs as much as its mouth differs from
the mouth of the visemes there, and every change costs something too; the cheapest sequence in which every drawing is
shown for the minimum at least is taken (`cheapest_path`). Where p, b or m is strongest the closed mouth is required.

Which mouths look alike, and how much each is noticed, are rules chosen by eye (`_MOUTHS`). Any set of drawings will do:
a viseme that no drawing stands for is shown by the nearest drawing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ..core.channels import VISEMES
from ..core.curves import runs
from ..core.errors import RigError
from ..core.motion import Motion
from ..lips.closing import BILABIAL_VISEME, HALF_SHUT
from ..lips.contacts import lip_contacts
from .cheapest_path import cheapest_path
from .convention import ConventionEntry
from .rig import Line

JAW = "jawOpen"
HOLD = 2 / 24  # s; two frames of film

# viseme: opening 0..1, width -1 (round) .. 1 (wide), lips pressed, teeth on lip, tongue; how much its mouth is noticed
_MOUTHS: dict[str, tuple[float, float, float, float, float, float]] = {
    "sil": (0.00, 0.0, 0.5, 0.0, 0.0, 1.0),
    "PP": (0.00, 0.0, 1.0, 0.0, 0.0, 1.5),
    "FF": (0.05, 0.0, 0.6, 1.0, 0.0, 1.3),
    "TH": (0.20, 0.2, 0.0, 0.0, 1.0, 0.8),
    "DD": (0.20, 0.3, 0.0, 0.0, 0.3, 0.6),
    "kk": (0.25, 0.1, 0.0, 0.0, 0.0, 0.5),
    "CH": (0.20, -0.5, 0.0, 0.0, 0.0, 1.0),
    "SS": (0.10, 0.4, 0.0, 0.0, 0.0, 0.8),
    "nn": (0.25, 0.2, 0.0, 0.0, 0.7, 0.6),
    "RR": (0.25, -0.4, 0.0, 0.0, 0.2, 0.8),
    "aa": (1.00, 0.0, 0.0, 0.0, 0.0, 1.0),
    "E": (0.50, 0.5, 0.0, 0.0, 0.0, 1.0),
    "I": (0.25, 0.8, 0.0, 0.0, 0.0, 1.0),
    "O": (0.60, -0.7, 0.0, 0.0, 0.0, 1.1),
    "U": (0.25, -1.0, 0.0, 0.0, 0.0, 1.1),
}
_UNLIKE = np.array([0.3, 0.3, 0.6, 0.3])  # what a difference of 1 costs in width, lips, teeth, tongue; opening is 1
_STRANGER = 0.15  # added cost of a drawing that does not stand for the viseme at all
_LESSER = 0.10  # cost of a drawing where another one stands for the viseme twice as much
_VAGUE = 0.05  # cost of a drawing that stands for many other visemes as well
_BY_JAW = 0.6  # how far the opening that a viseme wants follows the jaw of the take
_SHARPER = 2.0  # exponent of visemes: of two at once the stronger is drawn, not a mouth in between
_CHANGE = 0.007  # s; cost of a change: as much as a mouth that is wrong by 1 for this long
_REQUIRED = 1e3  # added cost of every other drawing where the closed mouth is required


@dataclass(frozen=True, eq=False)
class Mouth:
    """One drawing of a mouth.

    Parameters
    ----------
    name : str
        The name of the drawing, or its number.
    visemes : dict of str to float
        The visemes it stands for, each with a share above 0: how well it does.
    opening : float
        How far it is open: 0 shut, 1 as far as speech goes.

    Raises
    ------
    RigError
        When it stands for no viseme, for something else, or a share is not above 0.
    """

    name: str
    visemes: dict[str, float]
    opening: float

    def __post_init__(self) -> None:
        if not self.visemes or not self.visemes.keys() <= {*VISEMES} or min(self.visemes.values()) <= 0:
            raise RigError(
                f"Expected drawing '{self.name}' to stand for visemes such as viseme_aa, with shares above 0, "
                f"got {self.visemes}."
            )


def mouths_of(lines: Iterable[Line]) -> tuple[Mouth, ...]:
    """The drawings that lines describe, in their order; only lines of visemes and of `JAW` are read."""
    visemes: dict[str, dict[str, float]] = {}
    opening: dict[str, float] = {}
    for line in lines:
        if line.channel in VISEMES and line.gain > 0:
            visemes.setdefault(line.target, {})[line.channel] = line.gain
        elif line.channel == JAW:
            opening[line.target] = line.gain
    return tuple(Mouth(name, shares, opening.get(name, _opening(shares))) for name, shares in visemes.items())


def lines_of_drawing(target: ConventionEntry, name: str, kind: str, where: str = "") -> tuple[Line, ...]:
    """The lines of a drawing called `name` that shows one mouth of a convention."""
    lines = [Line(channel, name, share, kind=kind, where=where) for channel, share in target.weights.items()]
    if target.opening is not None:
        lines.append(Line(JAW, name, target.opening, kind=kind, where=where))
    return tuple(lines)


def schedule(motion: Motion, mouths: Sequence[Mouth], times: np.ndarray, minimum: float = HOLD) -> np.ndarray:
    """The drawing to be shown on each frame.

    Parameters
    ----------
    motion : Motion
        Visemes choose the drawing; where there is `JAW`, a wide open jaw chooses wider drawings. Without visemes it
        counts as silence.
    mouths : sequence of Mouth
        The drawings there are.
    times : ndarray [shape=(n,)]
        Seconds of the frames, evenly spaced. A drawing is shown from its frame until the next one.
    minimum : float
        Seconds for which a drawing is shown at least, rounded to whole frames; a shorter clip has one drawing.

    Returns
    -------
    ndarray [shape=(n,), intp]
        Numbers of `mouths`.

    Raises
    ------
    RigError
        When there is no drawing.
    """
    if not mouths:
        raise RigError("Expected at least one drawing of a mouth, got none. Say which drawing is which mouth.")
    times = np.asarray(times, np.float64)
    step = float(times[-1] - times[0]) / (len(times) - 1) if len(times) > 1 else 1 / motion.fps
    costs = _costs(motion, mouths, times, step) * step
    closed = int(np.argmin(_difference(mouths)[VISEMES.index(BILABIAL_VISEME)]))
    moments = closing_moments(motion)
    rows = np.floor((moments - times[0]) / step + 1e-6).astype(np.intp)
    costs[np.ix_(rows[(rows >= 0) & (rows < len(times))], np.arange(len(mouths)) != closed)] += _REQUIRED
    return cheapest_path(costs, max(round(minimum / step), 1), _CHANGE)


def _costs(motion: Motion, mouths: Sequence[Mouth], times: np.ndarray, step: float) -> np.ndarray:
    """How wrong each drawing would be during each frame [shape=(n, S)]."""
    parts = max(round(step * motion.fps), 1)
    inside = motion.at((times[:, None] + (np.arange(parts) + 0.5) / parts * step).ravel())
    inside = inside.reshape(len(times), parts, -1).mean(axis=1).astype(np.float64)
    columns = {name: inside[:, number] for number, name in enumerate(motion.channels)}
    visemes = np.stack([columns.get(name, np.zeros(len(times))) for name in VISEMES], axis=1)
    visemes[:, 0] += np.maximum(1 - visemes.sum(axis=1), 0)  # the rest up to 1 is silence
    visemes **= _SHARPER
    visemes /= visemes.sum(axis=1, keepdims=True)
    shape, seen = _table()[:, 0], _table()[:, 5]
    costs = (visemes * seen) @ _difference(mouths)
    follows = np.array([0.0 if name in ("viseme_sil", "viseme_PP", "viseme_FF") else _BY_JAW for name in VISEMES])
    jaw = _jaw(motion, columns.get(JAW))
    openings = np.array([mouth.opening for mouth in mouths])
    for number in range(len(VISEMES)):
        wanted = shape[number] if jaw is None else shape[number] + follows[number] * (jaw - shape[number])
        off = np.abs(np.broadcast_to(wanted, len(times))[:, None] - openings)
        costs += (visemes[:, number] * seen[number])[:, None] * off
    return costs


def _jaw(motion: Motion, values: np.ndarray | None) -> np.ndarray | None:
    """How far the jaw is open, from 0 (nearly shut in this take) to 1 (its widest); None where it is not known."""
    if values is None:
        return None
    shut, wide = np.quantile(motion.channel(JAW), [0.1, 0.97])
    return np.clip((values - shut) / (wide - shut), 0, 1) if wide - shut > 0.02 else None


def _difference(mouths: Sequence[Mouth]) -> np.ndarray:
    """How unlike each drawing is to each viseme [shape=(15, S)], how far they are open left out."""
    look = _table()[:, 1:5]
    apart = (np.abs(look[:, None] - look) * _UNLIKE).sum(axis=2)  # (15, 15)
    shares = np.array([[mouth.visemes.get(name, 0.0) for mouth in mouths] for name in VISEMES])  # (15, S)
    best = shares.max(axis=1, keepdims=True)
    lesser = _LESSER * np.log2(np.where(shares > 0, best / np.where(shares > 0, shares, 1), 1))
    lesser += _VAGUE * (1 - shares / shares.sum(axis=0))
    nearest = np.stack([apart[:, shares[:, number] > 0].min(axis=1) for number in range(len(mouths))], axis=1)
    return np.where(shares > 0, lesser, nearest + _STRANGER)


def closing_moments(motion: Motion) -> np.ndarray:
    """Seconds at which a drawing has to be closed for p, b or m [shape=(E,)], one for each closure.

    These are the contacts of the lips (`lip_contacts`); and, where lips do not close but the viseme of p, b and m is
    stronger than all others, its peak.
    """
    if BILABIAL_VISEME not in motion.channels:
        return np.zeros(0)
    bilabial = motion.channel(BILABIAL_VISEME)
    others = [name for name in VISEMES if name in motion.channels and name != BILABIAL_VISEME]
    strongest = motion.select(others).values.max(axis=1) if others else np.zeros(motion.frames)
    leads = (bilabial > 0.05) & ((bilabial >= strongest) | (bilabial >= HALF_SHUT))
    missed = [(begin, end) for begin, end in runs(leads) if bilabial[begin:end].max() < HALF_SHUT]
    peaks = [begin + int(np.argmax(bilabial[begin:end])) for begin, end in missed]
    return np.sort(np.concatenate([lip_contacts(motion).moments, motion.times[np.array(peaks, np.intp)]]))


def _opening(shares: dict[str, float]) -> float:
    """How far open a drawing is that stands for these visemes: the weighted mean of their openings."""
    weights = np.array([shares.get(name, 0.0) for name in VISEMES])
    return float(weights @ _table()[:, 0] / weights.sum())


def _table() -> np.ndarray:
    """`_MOUTHS` in the order of ``VISEMES`` [shape=(15, 6)]."""
    return np.array([_MOUTHS[name.removeprefix("viseme_")] for name in VISEMES])
