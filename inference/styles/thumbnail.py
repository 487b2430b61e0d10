# SPDX-License-Identifier: GPL-3.0-or-later
"""A small picture of a style: jaw, rounding and mouth corners over one line of sounds, with the neutral curves in grey.

The line of sounds is made up and the same for every style, so that pictures can be compared: m-ah-b-oo-f-ee-s-oh, then
rest.
"""

from __future__ import annotations

import numpy as np

from ..core.channels import MOUTH, PHONES
from ..core.curves import smoothstep
from .style import REGIONS, Style

# Phoneme, and how far each region moves on it: jaw, lips, rounding, corners.
LINE = (
    ("M", 0.05, 0.0, 0.1, 0.1), ("AA", 0.9, 0.6, 0.1, 0.2), ("B", 0.05, 0.0, 0.1, 0.1), ("UW", 0.25, 0.1, 0.9, 0.0),
    ("F", 0.15, 0.3, 0.1, 0.2), ("IY", 0.2, 0.5, 0.0, 0.7), ("S", 0.15, 0.4, 0.1, 0.5), ("OW", 0.5, 0.3, 0.7, 0.0),
    ("SIL", 0.0, 0.0, 0.0, 0.0),
)  # fmt: skip
LANES = (
    ("jaw", "jawOpen"),
    ("rounding", "mouthPucker"),
    ("corners", "mouthSmileLeft"),
)  # region, channel of its rest
COLOURS = ((0.93, 0.60, 0.27), (0.86, 0.36, 0.44), (0.36, 0.66, 0.86))
NEUTRAL_GREY = (0.5, 0.5, 0.5)
SECONDS = 1.2  # the line takes this long: a lead is drawn in proportion to it


def drawn(style: Style, size: int = 64) -> np.ndarray:
    """The picture [shape=(size, size, 4), float32], bottom row first, background transparent."""
    picture = np.zeros((size, size, 4), np.float32)
    rows = (np.arange(size)[:, None] + 0.5) / size
    height = 1 / len(LANES)
    for lane, (colour, (region, channel)) in enumerate(zip(COLOURS, LANES, strict=True)):
        base = 1 - (lane + 1) * height
        usual, own = _curve(region, size), _curve(region, size, style, float(style.rest[MOUTH.index(channel)]))
        # A gain of two still fits.
        _lay(picture, (rows >= base) & (rows < base + (own * 0.5).clip(0.01, 0.97) * height), colour)
        edge = base + (usual * 0.5).clip(0.01, 0.97) * height
        _lay(picture, np.abs(rows - edge) < 0.6 / size, NEUTRAL_GREY)
    return picture


def _curve(region: str, size: int, style: Style | None = None, rest: float = 0.0) -> np.ndarray:
    """Heights over the line [shape=(size,)]."""
    column = list(REGIONS).index(region)
    order = ("jaw", "lips", "rounding", "corners").index(region)
    heights = np.array([[sound[1 + order] for sound in LINE]]).ravel()
    lead = 0.0
    if style is not None:
        gains = np.array(
            [style.gains[PHONES.index(phone), column] * style.slots[PHONES.index(phone)] for phone, *_ in LINE]
        )
        heights, lead = heights * gains + rest, style.lead / SECONDS * len(LINE)
    at = np.linspace(0, len(LINE), size) + lead
    near = smoothstep(1 - np.abs(at[:, None] - (np.arange(len(LINE)) + 0.5)))  # (size, sounds): they overlap
    return (near @ heights) / np.maximum(near.sum(axis=1), 1e-6)


def _lay(picture: np.ndarray, cover: np.ndarray, colour: tuple[float, ...]) -> None:
    picture[cover] = (*colour, 1.0)
