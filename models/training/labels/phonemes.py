# SPDX-License-Identifier: GPL-3.0-or-later
"""Phones of a recording, frame by frame."""

from __future__ import annotations

import numpy as np

from facewright.inference.core.channels import PHONES
from facewright.inference.core.timing import MOTION_FPS

SILENCE = PHONES.index("SIL")


def labels(phones: list[tuple[str, float, float]], frames: int, rate: float = 1.0) -> np.ndarray:
    """Phone number at each frame of a clip played ``rate`` times as fast [shape=(frames,), int8]."""
    times = np.arange(frames) / MOTION_FPS * rate
    out = np.full(frames, SILENCE, dtype=np.int8)
    for phone, begin, end in phones:
        out[(times >= begin) & (times < end)] = PHONES.index(phone)
    return out
