# SPDX-License-Identifier: GPL-3.0-or-later
"""The type `Style`: how one character moves mouth, brows, eyes and head when it speaks.

``slots`` go into the model: one gain for every slot of its motion memory, which has a slot for each phoneme
(MemoryTalker, https://arxiv.org/abs/2507.20562). All else is applied to the model's motion by `apply`, so that it can
be read, edited and tried again without the model: ``P`` at 1.3 in ``pressing`` presses lips harder on P.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..core.channels import MOUTH, PHONES
from ..core.errors import StyleError
from ..core.motion import Motion
from ..core.regions import REGIONS as FACE
from .context import ensure_context, same_context

# The mouth in parts that one person moves more and another less, each independently of the others.
REGIONS: dict[str, tuple[str, ...]] = {name: FACE[name] for name in ("jaw", "lips", "rounding", "corners", "pressing")}
BROWS = FACE["brows"]
LARGEST_GAIN = 4.0
LARGEST_REST = 0.5  # weight
LONGEST_LEAD = 0.25  # s
LONGEST_NAME, LONGEST_ABOUT = 80, 4000  # characters


def _ones(*shape: int) -> np.ndarray:
    return np.ones(shape, dtype=np.float32)


@dataclass(frozen=True, eq=False)
class Style:
    """A way of speaking. Everything but the name is neutral unless given.

    Parameters
    ----------
    name : str
        For people; 1 to 80 characters.
    slots : ndarray [shape=(40,), float32]
        Gain of every phoneme's slot in the model's memory, in the order of ``PHONES``: 0 or more; 1 is neutral.
    gains : ndarray [shape=(40, 5), float32]
        How far each phoneme moves each of the ``REGIONS``, in [0, 4]; 1 is neutral.
    rest : ndarray [shape=(27,), float32]
        What the channels of ``MOUTH`` have more (or less) at all times, and rest at between phrases, in [-0.5, 0.5].
    posture : ndarray [shape=(5,), float32]
        What the channels of ``BROWS`` have more (or less) at all times, in [-0.5, 0.5].
    lead : float
        Seconds by which the mouth is earlier than usual, in [-0.25, 0.25]; below 0 it is late.
    asymmetry : float
        In [-1, 1]; above 0 the character's left half of the mouth moves more and the right one less.
    brows, head, gaze : float
        How far they move, in [0, 4]; 1 is neutral.
    blinks : float
        How often, in [0, 4]; 1 is neutral.
    context : Motion or None
        What brows, head and gaze did right before a take: 8 frames at 50 per second, weights in [0, 1], radians in
        [-1.5, 1.5]; see `style_learning.context`. None for a face that is at rest before it speaks.
    about : str
        How the style was made and what is known of it, for people to read; at most 4000 characters.

    Raises
    ------
    StyleError
        When an array has another shape, or a value is out of its range.
    """

    name: str
    slots: np.ndarray = field(default_factory=lambda: _ones(len(PHONES)))
    gains: np.ndarray = field(default_factory=lambda: _ones(len(PHONES), len(REGIONS)))
    rest: np.ndarray = field(default_factory=lambda: 0 * _ones(len(MOUTH)))
    posture: np.ndarray = field(default_factory=lambda: 0 * _ones(len(BROWS)))
    lead: float = 0.0
    asymmetry: float = 0.0
    brows: float = 1.0
    head: float = 1.0
    gaze: float = 1.0
    blinks: float = 1.0
    context: Motion | None = None
    about: str = ""

    def __post_init__(self) -> None:
        for key, longest in (("name", LONGEST_NAME), ("about", LONGEST_ABOUT)):
            if not isinstance(text := getattr(self, key), str) or len(text) > longest:
                raise StyleError(f"Expected a {key} of at most {longest} characters for a style, got {text!r:.60}.")
        if not self.name.strip():
            raise StyleError("Expected a name for the style, got an empty one. Name it after the character.")
        slots = self._array("slots", (len(PHONES),), f"{len(PHONES)} gains, one for each phone")
        wrong = ~(np.isfinite(slots) & (slots >= 0))
        if wrong.any():
            phone = PHONES[int(wrong.argmax())]
            raise StyleError(
                f"Expected gains of 0 or more in style '{self.name}', got {slots[wrong][0]} for {phone}. 1 is neutral."
            )
        gains = self._array("gains", (len(PHONES), len(REGIONS)), f"{len(PHONES)} x {len(REGIONS)} gains")
        rest = self._array("rest", (len(MOUTH),), f"{len(MOUTH)} weights")
        posture = self._array("posture", (len(BROWS),), f"{len(BROWS)} weights")
        self._within("gains", gains, 0, LARGEST_GAIN)
        self._within("rest", rest, -LARGEST_REST, LARGEST_REST)
        self._within("posture", posture, -LARGEST_REST, LARGEST_REST)
        self._within("lead", self.lead, -LONGEST_LEAD, LONGEST_LEAD)
        self._within("asymmetry", self.asymmetry, -1, 1)
        for key in ("brows", "head", "gaze", "blinks"):
            self._within(key, getattr(self, key), 0, LARGEST_GAIN)
        ensure_context(self.context, self.name)

    def _array(self, key: str, shape: tuple[int, ...], wanted: str) -> np.ndarray:
        array = np.array(getattr(self, key), dtype=np.float32)
        if array.shape != shape:
            raise StyleError(f"Expected {wanted} as {key} of style '{self.name}', got an array of shape {array.shape}.")
        array.flags.writeable = False
        object.__setattr__(self, key, array)
        return array

    def _within(self, key: str, value: np.ndarray | float, low: float, high: float) -> None:
        array = np.asarray(value, dtype=np.float64).ravel()
        wrong = array[~((array >= low) & (array <= high))]
        if len(wrong):
            raise StyleError(
                f"Expected {key} from {low:g} to {high:g} in style '{self.name}', got {wrong[0]:g}. "
                "Correct the number, or learn the style anew."
            )

    @property
    def is_neutral(self) -> bool:
        """Whether the style changes nothing; name and about do not count."""
        return self.does_as(NEUTRAL)

    def does_as(self, other: Style) -> bool:
        """Whether both styles give the same motion for every sound, whatever they are called."""
        equal = all(np.array_equal(getattr(self, key), getattr(other, key)) for key in NUMBERS)
        return equal and same_context(self.context, other.context)


NUMBERS = ("slots", "gains", "rest", "posture", "lead", "asymmetry", "brows", "head", "gaze", "blinks")
NEUTRAL = Style("neutral")


def neutral() -> Style:
    """The style that changes nothing."""
    return NEUTRAL


def blend(a: Style, b: Style, t: float) -> Style:
    """A style between two. Its context is that of the style whose share is more than half.

    Parameters
    ----------
    a, b : Style
        The results at ``t = 0`` and at ``t = 1``.
    t : float
        In [0, 1].

    Raises
    ------
    StyleError
        When `t` is not in [0, 1].
    """
    if not 0 <= t <= 1:
        raise StyleError(f"Expected a part from 0 to 1 between two styles, got {t}.")
    name = f"{a.name[:30]} to {b.name[:30]}, {t:.0%}"
    return _mixed(name, (a, b), (1 - t, t), f"Blend of {a.name} and {b.name}, {t:.0%} of the second.")


def average(styles: Sequence[Style], name: str = "average") -> Style:
    """The mean of some styles. It has no context: the mean of several clips is no clip.

    Raises
    ------
    StyleError
        When there is none.
    """
    if not styles:
        raise StyleError("Expected at least one style to average, got none.")
    about = f"Average of {', '.join(style.name for style in styles)}."
    return _mixed(name, styles, [1 / len(styles)] * len(styles), about)


def _mixed(name: str, styles: Sequence[Style], shares: Sequence[float], about: str) -> Style:
    """The weighted sum of styles; the context is that of a style with a share above one half, else None."""
    parts = list(zip(styles, shares, strict=True))
    numbers: dict[str, Any] = {key: sum(share * getattr(style, key) for style, share in parts) for key in NUMBERS}
    context = next((style.context for style, share in parts if share > 0.5), None)
    return Style(name, **numbers, context=context, about=about[:LONGEST_ABOUT])
