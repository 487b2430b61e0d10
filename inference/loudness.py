# SPDX-License-Identifier: GPL-3.0-or-later
"""How loud the speech in a sound is, and the gain that makes it as loud as what the model learned from.

How wide a mouth opens goes with how loud its owner speaks, so the model may listen to loudness; how far a recording
is turned up must not matter. The measure is that of ITU-R BS.1770-5 (https://www.itu.int/rec/R-REC-BS.1770) on frames
of 20 ms, without its weighting of frequencies: pauses do not count, so a sound with little speech is not turned up.
"""

from __future__ import annotations

import numpy as np

from .audio import RATE

SPEECH_LEVEL = 10 ** (-21.5 / 10)  # mean power of speech in the training clips, where full scale is 1
_ABSOLUTE_GATE = 10 ** (-70 / 10)
_RELATIVE_GATE = 0.1  # 10 dB below the mean of what passed the first gate
_LARGEST_GAIN = 100.0  # 40 dB: what is fainter is hiss
_FRAME = RATE // 50


def gain_to_speech_level(samples: np.ndarray) -> float:
    """Factor that brings the speech in a sound to the level of the training clips.

    Parameters
    ----------
    samples : ndarray [shape=(n,), float32]
        Mono at 16 kHz.

    Returns
    -------
    float
        In (0, 100]; 1 for silence.
    """
    frames = samples[: len(samples) // _FRAME * _FRAME].reshape(-1, _FRAME)
    power = np.einsum("ij,ij->i", frames, frames) / _FRAME  # (frames,)
    power = power[power > _ABSOLUTE_GATE]
    if len(power) == 0:
        return 1.0
    power = power[power > _RELATIVE_GATE * power.mean()]
    return min(float(np.sqrt(SPEECH_LEVEL / power.mean())), _LARGEST_GAIN)
