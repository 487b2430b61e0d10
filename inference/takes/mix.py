# SPDX-License-Identifier: GPL-3.0-or-later
"""Mixing takes of one sound: one take, with another for some seconds or for some regions of the face."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np

from ..core.curves import smoothstep
from ..core.errors import MotionError
from ..core.motion import Motion
from ..core.regions import REGIONS, channels_of
from ..lips.closing import BILABIAL_VISEME, close_for_jaw
from ..lips.contacts import lip_contacts

JAW, CLOSE = "jawOpen", "mouthClose"


def mix(
    base: Motion, other: Motion, regions: Collection[str] = (), span: tuple[float, float, float] | None = None
) -> Motion:
    """A take with regions of the face from another one (all of it when none is named), on a span of time or always.

    Parameters
    ----------
    base, other : Motion
        Of the same frames and channels.
    regions : collection of str
        Names in `regions.REGIONS`.
    span : tuple of float, optional
        Begin, end and blend, as for `crossfade`.
    """
    inside = of_regions(base, dict.fromkeys(regions, other)) if regions else other
    return inside if span is None else crossfade(base, inside, *span)


def crossfade(outside: Motion, inside: Motion, begin: float, end: float, blend: float) -> Motion:
    """A take with another one in its place for some seconds.

    Where lips meet in both takes they meet in the mixture: its opening lies between theirs.

    Parameters
    ----------
    outside, inside : Motion
        Of the same frames and channels.
    begin, end : float
        Seconds between which the other take is seen.
    blend : float
        Seconds, inside of these at both ends, over which one turns into the other.

    Returns
    -------
    Motion
        Exactly `outside` before and after, exactly `inside` between the blends.

    Raises
    ------
    MotionError
        When the takes do not fit together, or the end comes before the beginning.
    """
    _ensure_alike(outside, inside)
    if not (np.isfinite([begin, end, blend]).all() and begin <= end and blend >= 0):
        raise MotionError(
            f"Expected an end after the beginning and a blend of at least 0 s, got {begin}, {end}, {blend}."
        )
    room = np.minimum(outside.times - begin, end - outside.times)  # s to the nearer end of the range
    part = smoothstep(room, 0, blend) if blend > 0 else np.ones_like(room)
    part = np.where(room < 0, 0, part).astype(np.float32)[:, None]
    mixed = outside.values + part * (inside.values - outside.values)
    return replace(outside, values=np.where(part == 1, inside.values, mixed))


def of_regions(base: Motion, donors: Mapping[str, Motion]) -> Motion:
    """A take with regions of the face from others.

    Lips are shut on p, b and m where the take that gave the lips shuts them, whatever jaw another take gave.

    Parameters
    ----------
    base : Motion
        Gives every region that has no donor.
    donors : mapping of str to Motion
        Takes of the same frames and channels, by the region of `regions.REGIONS` that they give.

    Raises
    ------
    MotionError
        When the takes do not fit together, or a region is unknown.
    """
    mixed = base
    for region, donor in donors.items():
        if region not in REGIONS:
            raise MotionError(f"Expected a region of the face ({', '.join(REGIONS)}), got {region!r}.")
        _ensure_alike(base, donor)
        names = [name for name in channels_of((region,)) if name in base.channels]
        mixed = mixed.with_channels(names, donor.select(names).values)
    lips = donors.get("lips", base)
    if not {JAW, CLOSE, BILABIAL_VISEME} <= set(base.channels) or np.array_equal(mixed.channel(JAW), lips.channel(JAW)):
        return mixed
    close = close_for_jaw(mixed.channel(CLOSE), mixed.channel(JAW), lip_contacts(lips).strength)
    return mixed.with_channels([CLOSE], close[:, None])


def _ensure_alike(base: Motion, other: Motion) -> None:
    """Raise a MotionError unless both have the same channels, frames and times."""
    if (base.channels, base.frames, base.fps, base.start) != (other.channels, other.frames, other.fps, other.start):
        raise MotionError(
            f"Expected takes of one sound with the same curves, got {base.frames} frames at {base.fps:g} fps from "
            f"{base.start:g} s and {other.frames} at {other.fps:g} from {other.start:g} s. Generate both from one "
            "sound."
        )
