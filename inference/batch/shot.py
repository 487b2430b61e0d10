# SPDX-License-Identifier: GPL-3.0-or-later
"""A shot of a list: which sound, how it is to be spoken, and what is to be made of it."""

from __future__ import annotations

from typing import Any

import msgspec

CURVES = (".csv", ".npz", ".json")
FILM, SCENE = ".mp4", ".blend"
MADE = (*CURVES, SCENE, FILM)


class Bake(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Into which .blend a shot is baked, and how; what is None is as the .blend says.

    Parameters
    ----------
    blend : str
        Path of the .blend, which stays as it is: the baked one is a copy.
    character : str or None
        Name of an object of the character; None for the active one, or the only one.
    into, keys, interpolation : str or None
        As ``--into``, ``--keys`` and ``--interpolation`` of the command in Blender.
    error : float or None
        Largest difference that fewer keys may make.
    parts : tuple of str or None
        Parts of the face that are baked (`core.parts.PARTS`).
    span : tuple of int or None
        First and last frame, where not all of the shot is baked.
    fade : int or None
        Frames over which such a span comes in and goes out.
    """

    blend: str
    character: str | None = None
    into: str | None = None
    keys: str | None = None
    interpolation: str | None = None
    error: float | None = None
    parts: tuple[str, ...] | None = None
    span: tuple[int, int] | None = None
    fade: int | None = None


class Shot(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One row of a list.

    Parameters
    ----------
    row : int
        Its number in the list, counted as the list's own program counts.
    name : str
        Its outputs are called that, with a suffix; it may name folders below the output, with "/" between.
    sound : str
        Path of the sound.
    start, duration : float, float or None
        The part of the sound, in seconds; None for all the rest.
    channel, track : int or None
        As for `Clip`.
    make : tuple of str
        Suffixes of what is to be made, of `MADE`.
    fps : float
        Frames per second of the curves. A .blend has its own.
    style : str or None
        A preset, a style of the library, the path of a .fwstyle or of a voice. None: neutral, or the .blend's own.
    seed, steps, variation
        As for `pipeline.animate`; a seed of None is 0, or the .blend's own.
    sliders : dict
        As `Adjustments.to_json` writes them; empty for none.
    transcript : str or None
        Path of a text with what is said.
    frame : float or None
        Frame of the .blend at which the sound begins.
    timecode : str
        Where an editor has the shot, for people; "" where nobody said.
    bake : Bake or None
        How a .blend is made; None where none is named.
    """

    row: int
    name: str
    sound: str
    start: float = 0.0
    duration: float | None = None
    channel: int | None = None
    track: int | None = None
    make: tuple[str, ...] = (".csv",)
    fps: float = 60.0
    style: str | None = None
    seed: int | None = None
    steps: int | None = None
    variation: float | None = None
    sliders: dict[str, Any] = {}
    transcript: str | None = None
    frame: float | None = None
    timecode: str = ""
    bake: Bake | None = None

    @property
    def blend(self) -> str | None:
        """The .blend that it is baked into; None where none is made."""
        return self.bake.blend if self.bake is not None and SCENE in self.make else None

    @property
    def needs_blender(self) -> bool:
        """Whether some of it is made by Blender."""
        return SCENE in self.make or FILM in self.make
