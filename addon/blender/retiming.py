# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast a sound strip plays that was retimed.

Blender shows add-ons only at which frames retiming keys lie, not what is played there: with two of them, the first on
the beginning of the file and the last on its end, the speed is what the file's length gives.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import bpy

from ...inference.core.errors import AudioError
from . import packed_sounds
from .paths import path_of
from .timeline import frame_rate

# Until 5.0 the last key lay on the last frame of the file, since then on the frame after it.
_BEYOND = 0 if bpy.app.version >= (5, 0, 0) else 1


def speed_of(scene: bpy.types.Scene, strip: Any) -> float:
    """How many times as fast as its file a sound strip plays.

    Raises
    ------
    AudioError
        When it has several speeds, or it is retimed and its file cannot be read.
    """
    if not hasattr(strip, "retiming_keys"):
        return (strip.frame_duration - _BEYOND) / (_length(strip) - _BEYOND) if is_guessed(strip) else 1.0
    keys = [key.timeline_frame for key in strip.retiming_keys]
    if len(keys) < 2:
        return 1.0
    if len(keys) > 2:
        raise AudioError(
            f"Strip '{strip.name}' has several speeds ({len(keys)} retiming keys), which cannot be followed. Reset its "
            "retiming, set one speed for the whole strip, and trim it after that."
        )
    new, old = ("content_trim_start", "content_trim_end"), ("animation_offset_start", "animation_offset_end")
    trimmed = sum(getattr(strip, name) for name in (new if hasattr(strip, new[0]) else old))
    frames = round(_seconds(strip) * frame_rate(scene)) - trimmed - _BEYOND
    return max(frames, 1) / max(keys[-1] - keys[0], 1)


def is_guessed(strip: Any) -> bool:
    """Whether a strip is retimed in a Blender (4.2, 4.3) that does not tell whether it has one speed or several."""
    return not hasattr(strip, "retiming_keys") and _length(strip) != strip.frame_duration > _BEYOND


def _length(strip: Any) -> int:
    """Frames from the beginning of the content to its end, as they are played."""
    return round(strip.frame_final_end + strip.frame_offset_end - strip.frame_start)


def _seconds(strip: Any) -> float:
    """Length of the file of a sound strip."""
    path = packed_sounds.on_disk(str(path_of(strip.sound)))
    try:
        return _seconds_of(path, Path(path).stat().st_mtime_ns)
    except (OSError, RuntimeError) as error:
        raise AudioError(f"Strip '{strip.name}' is retimed, but its file '{path}' cannot be read ({error}).") from error


@lru_cache(maxsize=64)  # a preview asks on every frame
def _seconds_of(path: str, _changed: int) -> float:
    import aud  # comes with every Blender that has sound strips

    sound = aud.Sound.file(path)
    return sound.length / sound.specs[0]
