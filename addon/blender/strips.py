# SPDX-License-Identifier: GPL-3.0-or-later
"""What is heard of a sound strip of the Sequencer: which part of its file, at which frames, and how fast.

This file and `retiming` know the Sequencer's versions: ``sequences`` became ``strips`` in 4.4 (gone in 5.0), handles
have other names from 5.2 on (the old ones are to go in 6.0). The rules are those by which Blender places the sound.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor
from pathlib import Path
from typing import Any

import bpy

from ...inference.core.errors import AudioError
from .paths import path_of
from .retiming import speed_of
from .timeline import frame_rate

_CLOSE = 1e-3  # frames
_FORMER_HANDLES = "frame_final_start", "frame_final_end"


@dataclass(frozen=True)
class Heard:
    """What is heard of a sound file in one strip.

    Parameters
    ----------
    start : float
        Seconds of the file that come before what is heard.
    duration : float
        Seconds of the file that are heard.
    frame : float
        Scene frame at which they begin; may lie between frames.
    speed : float
        Seconds of the file that are heard in one second, above 0.
    whole : bool
        Whether nothing of the file is cut off.
    """

    start: float
    duration: float
    frame: float
    speed: float = 1.0
    whole: bool = False

    def frame_of(self, second: float, rate: float) -> float:
        """The scene frame on which a second of the file falls, heard or not, at so many frames per second."""
        return self.frame + (second - self.start) * rate / self.speed


def heard(scene: bpy.types.Scene, strip: Any) -> Heard:
    """What is heard of a sound strip: its visible part, as far as the meta strips it lies in show it.

    Raises
    ------
    AudioError
        When it has several speeds, or nothing of it is heard.
    """
    rate = frame_rate(scene)
    content, begin, right = extent(strip)
    end = right
    for meta in metas_around(strip):
        _ensure_not_retimed(meta, strip)
        begin, end = max(begin, extent(meta)[1]), min(end, extent(meta)[2])
    if end <= begin:
        raise AudioError(f"Nothing of strip '{strip.name}' is heard: its meta strip shows none of it. Widen that.")
    speed = speed_of(scene, strip)
    at_begin = _trimmed(strip, speed) + (begin - content - _delay(scene, strip)) * speed  # frames at the file's speed
    late = max(-at_begin, 0.0) / speed  # the sound begins after the strip does
    if end - begin <= late:
        raise AudioError(f"Nothing of strip '{strip.name}' is heard: its sound begins after its end. Move its handles.")
    return Heard(
        start=max(at_begin, 0.0) / rate,
        duration=(end - begin - late) * speed / rate,
        frame=begin + late,
        speed=speed,
        whole=at_begin <= _CLOSE and end >= right and _is_whole_to_its_end(strip),
    )


def silenced(scene: bpy.types.Scene, strip: Any) -> str:
    """Why a strip is not heard, as the end of a sentence about it; "" where nothing mutes it."""
    inner, end = strip, "is muted"
    for meta in (*metas_around(strip), None):
        owner = scene.sequence_editor if meta is None else meta
        if inner.mute:
            return end
        if owner.channels[inner.channel].mute:
            where = "lies" if inner == strip else f"lies in meta strip '{inner.name}'"
            return f"{where} on channel {inner.channel}, which is muted"
        if meta is not None:
            inner, end = meta, f"lies in meta strip '{meta.name}', which is muted"
    return ""


def unmute(scene: bpy.types.Scene, strip: Any) -> None:
    """Let a strip be heard: itself, the meta strips it lies in, and their channels."""
    around = metas_around(strip)
    for inner, owner in zip((strip, *around), (*around, scene.sequence_editor), strict=True):
        inner.mute = owner.channels[inner.channel].mute = False


def metas_around(strip: Any) -> list[Any]:
    """The meta strips that a strip lies in, from the innermost on."""
    found, meta = [], strip.parent_meta()
    while meta is not None:
        found.append(meta)
        meta = meta.parent_meta()
    return found


def every_strip(scene: bpy.types.Scene) -> list[Any]:
    """All strips of the scene, inside meta strips too."""
    editor = scene.sequence_editor
    if editor is None:
        return []
    return list(editor.strips_all if hasattr(editor, "strips_all") else editor.sequences_all)


def sound_strips(scene: bpy.types.Scene) -> list[Any]:
    """All sound strips of the scene, inside meta strips too."""
    return [strip for strip in every_strip(scene) if strip.type == "SOUND"]


def audible_strips(scene: bpy.types.Scene) -> list[tuple[Any, tuple[str, ...]]]:
    """The sound strips that are heard, each with number and name of its channel; in a meta, of the meta's."""
    found = []
    for strip in sound_strips(scene):
        if not silenced(scene, strip):
            outermost = [strip, *metas_around(strip)][-1]
            found.append((strip, (str(outermost.channel), scene.sequence_editor.channels[outermost.channel].name)))
    return found


def strip_collection(scene: bpy.types.Scene) -> Any:
    """The strips of the scene's Sequencer, to add to and to remove from; one is made where there is none."""
    return _strips_in(scene.sequence_editor or scene.sequence_editor_create())


def remove(scene: bpy.types.Scene, strip: Any) -> None:
    """Remove a strip, from the meta strip that it lies in if it does."""
    _strips_in(strip.parent_meta() or scene.sequence_editor).remove(strip)


def extent(strip: Any) -> tuple[float, float, float]:
    """Frame of the first sample that is not trimmed off, of the visible start, and of the visible end."""
    if hasattr(strip, "content_start"):
        return strip.content_start, strip.left_handle, strip.right_handle
    return strip.frame_start, strip.frame_final_start, strip.frame_final_end


def move(scene: bpy.types.Scene, strip: Any, by: float) -> None:
    """Move a strip by frames and parts of frames.

    Strips lie on whole frames; the rest of the way goes into the offset of the sound.
    """
    name = "content_start" if hasattr(strip, "content_start") else "frame_start"
    place = getattr(strip, name) + _delay(scene, strip) + by
    if not hasattr(strip, "sound_offset"):  # before 4.4
        setattr(strip, name, round(place))
        return
    whole = floor(place + _CLOSE)
    setattr(strip, name, whole)
    strip.sound_offset = max(place - whole, 0.0) / frame_rate(scene)


def plays(strip: Any, path: str) -> bool:
    """Whether a strip plays the sound of a file, given by its absolute path."""
    return strip.type == "SOUND" and strip.sound is not None and path_of(strip.sound) == Path(path)


def free_channel(scene: bpy.types.Scene, first: float, last: float) -> int:
    """The lowest channel on which nothing lies between two frames."""
    taken = {s.channel for s in every_strip(scene) if extent(s)[1] <= last and extent(s)[2] >= first}
    return next((channel for channel in range(1, 129) if channel not in taken), 128)


def add_sound(
    scene: bpy.types.Scene, name: str, path: str, frame: float, start: float = 0.0, duration: float | None = None
) -> Any:
    """Add a strip of a sound on a free channel.

    Parameters
    ----------
    scene, name, path
    frame : float
        Scene frame at which second `start` of the file is heard; the strip begins on the whole frame before it.
    start, duration : float, float or None
        The part of the file that is heard, in seconds; None for all the rest.

    Raises
    ------
    AudioError
        When Blender cannot read the file.
    """
    rate, first = frame_rate(scene), floor(frame)
    try:
        strip = strip_collection(scene).new_sound(name, path, 128, first)
    except RuntimeError as problem:
        reason = str(problem).removeprefix("Error: ").strip()
        raise AudioError(f"Expected a sound that Blender can read, got '{path}'. It says: {reason}") from problem
    move(scene, strip, frame - start * rate - first)
    left, right = ("left_handle", "right_handle") if hasattr(strip, "left_handle") else _FORMER_HANDLES
    if start > 0:
        setattr(strip, left, first)
    if duration is not None:
        setattr(strip, right, min(ceil(frame + duration * rate - _CLOSE), getattr(strip, right)))
    strip.channel = free_channel(scene, extent(strip)[1], extent(strip)[2])
    return strip


def _strips_in(owner: Any) -> Any:
    return owner.strips if hasattr(owner, "strips") else owner.sequences


def _value(strip: Any, new: str, old: str) -> float:
    return getattr(strip, new if hasattr(strip, new) else old)


def _delay(scene: bpy.types.Scene, strip: Any) -> float:
    """Frames by which the sound begins after the strip's content; before 4.4 there was no such offset."""
    return getattr(strip, "sound_offset", 0.0) * frame_rate(scene)


def _trimmed(strip: Any, speed: float) -> float:
    """Frames at the beginning of the file that the strip does not have, whatever its handles.

    They play at the file's own speed before the strip begins; where the pitch is corrected (5.0 on), at the strip's.
    """
    trimmed = _value(strip, "content_trim_start", "animation_offset_start")
    return trimmed * speed if getattr(strip, "pitch_correction", False) else trimmed


def _is_whole_to_its_end(strip: Any) -> bool:
    """Whether nothing is cut off at the end of the file."""
    trimmed = _value(strip, "content_trim_end", "animation_offset_end")
    return trimmed <= 0 and _value(strip, "right_handle_offset", "frame_offset_end") <= _CLOSE


def _ensure_not_retimed(meta: Any, strip: Any) -> None:
    """Refuse a sound in a meta strip that is retimed: that changes how fast it plays, but not where it begins."""
    end = extent(meta)[2] + _value(meta, "right_handle_offset", "frame_offset_end")
    raw = max((extent(one)[2] for one in _strips_in(meta)), default=end)
    if len(getattr(meta, "retiming_keys", ())) or abs(raw - end) > 1:
        raise AudioError(
            f"Strip '{strip.name}' lies in meta strip '{meta.name}', which is retimed. Reset the retiming of the meta "
            "strip, and retime the sound strip itself."
        )
