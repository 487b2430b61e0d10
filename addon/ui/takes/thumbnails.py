# SPDX-License-Identifier: GPL-3.0-or-later
"""Thumbnails of takes for the list: what mouth, brows, lids and head do over time.

All takes are drawn to one scale, so that a livelier one looks livelier. Blender draws icons as squares only, so a wide
picture is cut into tiles that are laid side by side.
"""

from __future__ import annotations

import bpy
import numpy as np

from ....inference.core.motion import Motion
from ...blender.rna import TakeItem
from ...takes import store
from ..pictures import Pictures

TILES, SIDE, ROWS = 5, 72, 1.85  # squares side by side, pixels of each, and how many rows of the interface it takes

_JAW, _LIPS = (0.93, 0.60, 0.27), (0.86, 0.36, 0.44)
_BROWS, _LIDS, _HEAD = (0.36, 0.66, 0.86), (0.85, 0.85, 0.85), (0.52, 0.76, 0.45)
# A lane of the picture: base and tip (of the height, from below), channels, colour, the value that fills the lane.
_LANES: tuple[tuple[float, float, tuple[str, ...], tuple[float, ...], float], ...] = (
    (0.80, 1.00, ("jawOpen",), _JAW, 0.4),
    (0.78, 0.58, (
        "mouthFunnel", "mouthPucker", "mouthStretchLeft", "mouthStretchRight", "mouthLowerDownLeft",
        "mouthLowerDownRight", "mouthUpperUpLeft", "mouthUpperUpRight",
    ), _LIPS, 0.25),
    (0.30, 0.54, ("browInnerUp", "browOuterUpLeft", "browOuterUpRight", "browDownLeft", "browDownRight"), _BROWS, 0.09),
)  # fmt: skip
_TURN = 0.04  # rad; scale of the head's lane
_pictures = Pictures()


def drawn(motion: Motion, width: int, height: int) -> np.ndarray:
    """Curves of a motion as a picture [shape=(height, width, 4), float32], bottom row first, background transparent."""
    times = np.linspace(motion.start, motion.end, 4 * width)  # each column shows the largest of four samples
    values = dict(zip(motion.channels, motion.at(times).T, strict=True))
    rows = (np.arange(height)[:, None] + 0.5) / height
    picture = np.zeros((height, width, 4), np.float32)
    for begin, end, names, colour, full in _LANES:
        level = (
            _peaks(np.mean([values[name] for name in names if name in values] or [np.zeros(4 * width)], axis=0)) / full
        )
        tip = begin + (end - begin) * np.clip(level, 0.03, 1)
        low, high = np.minimum(begin, tip), np.maximum(begin, tip)
        _lay(picture, np.clip((rows - low) * height + 0.5, 0, 1) * np.clip((high - rows) * height + 0.5, 0, 1), colour)
    lids = _peaks(values.get("eyeBlinkLeft", np.zeros(4 * width)))
    _lay(picture, np.clip(4 * lids - 3, 0, 1) * ((rows > 0.30) & (rows < 0.54)), _LIDS)
    for name, share in (("headPitch", 1.0), ("headYaw", 0.6)):
        middle = 0.13 - 0.13 * np.tanh(values.get(name, np.zeros(4 * width)) / _TURN).reshape(width, 4)
        low, high = middle.min(axis=1), middle.max(axis=1)
        near = np.maximum(np.maximum(low - rows, rows - high), 0) * height
        _lay(picture, share * np.clip(1.6 - near, 0, 1), _HEAD)
    return picture


def icons(item: TakeItem) -> tuple[int, ...]:
    """Icons of the tiles of a take, drawn at their first use; none where its motion is neither in file nor memory."""
    names = [f"{item.key} {tile}" for tile in range(TILES)]
    if names[0] not in _pictures:
        take = store.read(item)
        if take is None:
            return ()
        picture = drawn(take.motion, TILES * SIDE, SIDE)
        for tile, name in enumerate(names):
            _pictures.add(name, picture[:, tile * SIDE : (tile + 1) * SIDE])
    return tuple(_pictures.icon(name) for name in names if name in _pictures)


def draw(layout: bpy.types.UILayout, item: TakeItem) -> bool:
    """Draw the thumbnail of a take into a layout; returns False where there is none."""
    tiles = icons(item)
    strip = layout.row(align=True)
    strip.alignment = "LEFT"
    for tile in tiles:
        strip.template_icon(icon_value=tile, scale=ROWS)
    return bool(tiles)


def _peaks(samples: np.ndarray) -> np.ndarray:
    """The largest of each four samples [shape=(4 W,)], one for each column [shape=(W,)]."""
    return samples.reshape(-1, 4).max(axis=1)


def _lay(picture: np.ndarray, cover: np.ndarray, colour: tuple[float, ...]) -> None:
    """Lay a colour over a picture where it covers [shape=(height, width), 0 to 1]."""
    cover = cover[..., None].astype(np.float32)
    before = picture[..., 3:] * (1 - cover)
    alpha = before + cover
    mixed = picture[..., :3] * before + np.asarray(colour, np.float32) * cover
    picture[..., :3] = np.divide(mixed, alpha, out=np.zeros_like(mixed), where=alpha > 0)
    picture[..., 3:] = alpha


register, unregister = _pictures.register, _pictures.unregister
