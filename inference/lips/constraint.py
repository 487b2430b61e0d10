# SPDX-License-Identifier: GPL-3.0-or-later
"""The last projection: lips meet on p, b and m, whatever styles, sliders and emotions did, and do not cross.

Effects need not care for lips. After all of them `constrain` brings the mouth to the nearest one that the contacts
allow: fresh from the model it is shut by rule; edited, it is as shut as in the take before the edits. In contacts the
channels that part lips, the jaw too, go back to what they were, and mouthClose follows a jaw that opens less. Nowhere
is one lip pressed past the other by half a millimetre more than before, on heads as `gap_table` has them.
"""

from __future__ import annotations

import numpy as np

from ..core.channels import VISEMES
from ..core.errors import MotionError
from ..core.motion import Motion
from . import gap_table
from .closing import AJAR, BILABIAL_VISEME, CLOSE, HELD, PARTING
from .contacts import LipContacts
from .crossing import NONE, TOGETHER, given_up, least_openings

__all__ = ["constrain", "limit_penetration"]

_OPEN_VISEMES = tuple(name for name in VISEMES if name not in (BILABIAL_VISEME, "viseme_sil"))


def constrain(motion: Motion, contacts: LipContacts, before: Motion | None = None) -> Motion:
    """The motion with lips that meet where they are to meet.

    Parameters
    ----------
    motion : Motion
        Any of ``CHANNELS``: an open mouth, or an edited one.
    contacts : LipContacts
        Of the same frames, from before the edits: an edit must not blur where lips meet.
    before : Motion, optional
        The take that was edited, of the same frames and channels: its lips meet, and tell how. Without one the motion
        is fresh from the model, whose lips almost meet; the rule shuts them.

    Returns
    -------
    Motion
        `motion` itself where the mouth of `before` was not touched.

    Raises
    ------
    MotionError
        When the contacts are of another number of frames.
    """
    if len(contacts.strength) != motion.frames:
        raise MotionError(f"Expected contacts of {motion.frames} frames, got {len(contacts.strength)}.")
    if before is None:
        return _shut(motion, contacts.strength[:, None])
    motion = _tongue_held(motion, before, contacts.hold)
    return _visemes_held(_lips_held(motion, before, contacts.hold), before, contacts.hold)


def limit_penetration(motion: Motion, before: Motion) -> Motion:
    """The motion with lips pressed past each other hardly further than in `before`, of the same frames and channels.

    It neither shuts nor opens lips at contacts: it is for a mouth that `constrain` is still to shut.
    """
    names = [n for n in gap_table.CHANNELS if n in motion.channels]
    new, old = motion.select(names).values, before.select(names).values
    if np.array_equal(new, old):
        return motion
    free = np.zeros((motion.frames, 1), np.float32)
    return motion.with_channels(names, _uncrossed(new, old, names, free).clip(0, 1))


def _shut(motion: Motion, strength: np.ndarray) -> Motion:
    """The motion with lips shut by `strength` [shape=(F, 1)]: what parts them goes, and mouthClose shuts the jaw.

    mouthClose shuts what jawOpen parts: on some rigs as much of it, as Apple has it
    (https://developer.apple.com/documentation/arkit/arfaceanchor/blendshapelocation/mouthclose), on others, such as
    ICT-FaceKit, three quarters are enough; `CLOSE` lies between, where lips meet on both within half a millimetre.
    """
    names = [name for name in PARTING if name in motion.channels]
    motion = motion.with_channels(names, motion.select(names).values * (1 - strength)) if names else motion
    if not {"jawOpen", "mouthClose"} <= set(motion.channels):
        return motion
    jaw, close = (motion.select((name,)).values for name in ("jawOpen", "mouthClose"))
    return motion.with_channels(("mouthClose",), close * (1 - strength) + CLOSE * jaw * strength)


def _visemes_held(motion: Motion, before: Motion, hold: np.ndarray) -> Motion:
    """The motion with viseme PP as strong as before in contacts, and open visemes no stronger; for viseme rigs."""
    names = [n for n in (BILABIAL_VISEME, *_OPEN_VISEMES) if n in motion.channels]
    new, old = motion.select(names).values, before.select(names).values
    if BILABIAL_VISEME not in names or np.array_equal(new, old):
        return motion
    change = new - old
    change[:, 0] = np.minimum(change[:, 0], 0)
    change[:, 1:] = np.maximum(change[:, 1:], 0)
    return motion.with_channels(names, new - hold[:, None] * change)


def _tongue_held(motion: Motion, before: Motion, hold: np.ndarray) -> Motion:
    """The motion with a tongue that is out no further than before in contacts: it would part the lips."""
    if "tongueOut" not in motion.channels:
        return motion
    new, old = motion.channel("tongueOut"), before.channel("tongueOut")
    more = hold * np.maximum(new - old, 0)
    return motion.with_channels(("tongueOut",), (new - more)[:, None]) if more.any() else motion


def _lips_held(motion: Motion, before: Motion, hold: np.ndarray) -> Motion:
    """The motion with lips, as far as `hold` [shape=(F,)] says, no further apart than before; they cross nowhere."""
    names = [n for n in gap_table.CHANNELS if n in motion.channels]
    new, old = motion.select(names).values, before.select(names).values
    if np.array_equal(new, old):
        return motion
    parting = np.array([n in HELD for n in names], np.float32)
    held = new - hold[:, None] * parting * np.maximum(new - old, 0)
    if names[:2] == ["jawOpen", "mouthClose"]:
        held[:, :2] = _jaw_and_close(new[:, :2], old[:, :2], hold)
    return motion.with_channels(names, _uncrossed(held, old, names, hold[:, None]).clip(0, 1))


def _jaw_and_close(new: np.ndarray, old: np.ndarray, hold: np.ndarray) -> np.ndarray:
    """Values of jawOpen and mouthClose [shape=(F, 2)] that keep the lips as near as they were."""
    (jaw, close), (jaw_before, close_before) = new.T, old.T
    jaw = jaw - hold * np.maximum(jaw - jaw_before, 0)
    needed = close_before + CLOSE * (jaw - jaw_before)
    close = close + hold * np.maximum(needed - close, 0)
    # Further than before, and further than the rule shuts a mouth, lips would cross.
    crossing = np.maximum(np.maximum(CLOSE * jaw, needed), 0)
    return np.stack([jaw, np.clip(np.minimum(close, crossing), 0, 1)], axis=1)


def _uncrossed(new: np.ndarray, old: np.ndarray, names: list[str], hold: np.ndarray) -> np.ndarray:
    """The curves [shape=(F, C)] with less of the channels that bring lips together where these would cross.

    First goes what the edit added to these channels; then, for an edit that took away what parts lips, the rest of
    them, but not where lips are held shut. There mouthClose makes up for what parts lips a little, such as a smile or
    rolled lips. Where lips still cross, the whole mouth goes back towards what it was.
    """
    apart = gap_table.heights(names)  # (C, 18)
    least = least_openings(old @ apart)
    may = [k for k, name in enumerate(names) if name in TOGETHER]
    new = new.copy()
    new[:, may] = _less(new, np.maximum(new[:, may] - old[:, may], 0), least, apart, may)
    if "mouthClose" in names:
        ajar = (new @ apart - np.maximum(old @ apart, 0))[:, gap_table.MIDDLE].max(axis=1)
        new[:, names.index("mouthClose")] += hold[:, 0] * np.clip(ajar, 0, AJAR)
    new[:, may] = _less(new, (1 - hold) * new[:, may], least, apart, may)
    share = (least - new @ apart) / np.maximum((old - new) @ apart, NONE)
    return new + np.clip(share, 0, 1).max(axis=1, keepdims=True) * (old - new)


def _less(new: np.ndarray, part: np.ndarray, least: np.ndarray, apart: np.ndarray, may: list[int]) -> np.ndarray:
    """The channels `may` less as much of `part` [both shape=(F, M)] as keeps every opening at `least` or above."""
    return new[:, may] - given_up(part, apart[may], np.maximum(least - new @ apart, 0))
