# SPDX-License-Identifier: GPL-3.0-or-later
"""Which sound a character speaks, and that sound in the Sequencer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import floor
from pathlib import Path
from typing import Any

import bpy

from ...inference.core.clip import Clip
from ...inference.core.errors import AudioError
from ...inference.core.timeline import Timeline
from . import packed_sounds, retiming, strips
from .paths import absolute as absolute
from .paths import path_of
from .strips import extent as extent
from .strips import sound_strips as sound_strips
from .strips import strip_collection as strip_collection
from .timeline import frame_rate

OWNER = "facewright"  # custom property of the strips that are ours: key of the line; before there were lines, a name
_CLOSE = 1e-3  # frames


@dataclass(frozen=True)
class Speech:
    """A stretch of a sound file and where it lies on the timeline.

    Parameters
    ----------
    path : str
        Absolute.
    start : float
        Seconds into the file at which the speech begins.
    duration : float or None
        Seconds of it, at the file's own speed; None for all that follows.
    frame : float
        Scene frame at which it begins; may lie between frames.
    strip : str
        Name of the artist's strip it was taken from, "" for a file.
    speed : float
        Seconds of the file that are heard in one second, above 0.
    """

    path: str
    start: float = 0.0
    duration: float | None = None
    frame: float = 1.0
    strip: str = ""
    speed: float = 1.0

    @property
    def clip(self) -> Clip:
        """The stretch of the file, wherever it lies; of a packed sound that of a copy on disk."""
        return Clip(packed_sounds.on_disk(self.path), self.start, self.duration)

    def timeline(self, scene: bpy.types.Scene) -> Timeline:
        """Where the seconds of the speech, counted at the file's own speed, lie among the frames of a scene."""
        return Timeline(frame_rate(scene) / self.speed, self.frame)


def from_file(path: str, frame: float) -> Speech:
    """Speech from a whole file.

    Raises
    ------
    AudioError
        When no file is named, or none is there.
    """
    if not path.strip():
        raise AudioError("No sound is chosen. Pick a sound file, or a sound strip of the Sequencer, under Speech.")
    absolute = Path(bpy.path.abspath(path)).absolute()
    if not absolute.is_file() and packed_sounds.packed(absolute) is None:
        what = "is a folder" if absolute.is_dir() else "is not there"
        raise AudioError(f"Expected a sound file, but '{absolute}' {what}. Choose the file again.")
    return Speech(str(absolute), frame=frame)


def from_strip(scene: bpy.types.Scene, name: str) -> Speech:
    """Speech from what is heard of a sound strip.

    Raises
    ------
    AudioError
        When there is no such sound strip, it has several speeds, nothing of it is heard, or its file is not there.
    """
    strip = next((s for s in sound_strips(scene) if s.name == name), None)
    if strip is None:
        raise AudioError(_no_sound_strip(scene, name))
    if strip.sound is None:
        raise AudioError(f"Expected strip '{name}' to have a sound, but it has none. Choose another under Speech.")
    return _as_heard(scene, strip, replace(from_file(str(path_of(strip.sound)), 0.0), strip=name))


def where_heard(scene: bpy.types.Scene, speech: Speech, owner: str) -> Speech:
    """Speech of a sound file as it is heard now: where its strip is that Generate made, and as much as that plays.

    Raises
    ------
    AudioError
        When that strip has several speeds, or nothing of it is heard.
    """
    strip = strip_of(scene, speech, owner)
    return speech if strip is None else _as_heard(scene, strip, speech)


def _as_heard(scene: bpy.types.Scene, strip: Any, speech: Speech) -> Speech:
    heard = strips.heard(scene, strip)
    if heard.whole and not speech.strip:
        return replace(speech, frame=heard.frame, speed=heard.speed)
    return replace(speech, start=heard.start, duration=heard.duration, frame=heard.frame, speed=heard.speed)


def _no_sound_strip(scene: bpy.types.Scene, name: str) -> str:
    other = next((strip for strip in strips.every_strip(scene) if strip.name == name), None)
    if other is not None and other.type == "SCENE":
        return (
            f"Strip '{name}' plays another scene, whose sounds cannot be spoken from here. Put the sound that is "
            "spoken into this scene's Sequencer as a strip of its own."
        )
    what = f"there is none called '{name}'" if name else "none is chosen"
    what = what if other is None else f"'{name}' is a strip of another kind"
    return f"Expected a sound strip of this scene's Sequencer, but {what}. Choose one under Speech."


class Sounds:
    """The sound strips of a scene as they lie now, to look many speeches up in; it does not outlive a change of them.

    `owner` is everywhere whose a sound file is (`takes.lines.owner`): it is heard in the strip that Generate made for
    that line.
    """

    def __init__(self, scene: bpy.types.Scene) -> None:
        self._scene = scene
        self._named: dict[str, Any] = {}
        self._ours: dict[str, list[Any]] = {}
        for strip in sound_strips(scene):
            self._named.setdefault(strip.name, strip)
            if owner := strip.get(OWNER):
                self._ours.setdefault(owner, []).append(strip)

    def strip_of(self, speech: Speech, owner: str) -> Any:
        """The strip in which a speech is heard; None where there is none."""
        if speech.strip:
            return self._named.get(speech.strip)
        return next((strip for strip in self._ours.get(owner, ()) if strips.plays(strip, speech.path)), None)

    def follow(self, speech: Speech, owner: str = "") -> Speech:
        """The speech where it is heard now, and as fast: a take goes with its strip."""
        strip = self.strip_of(speech, owner)
        if strip is None:
            return speech
        try:
            heard = strips.heard(self._scene, strip)
        except AudioError:
            return speech
        frame = heard.frame_of(speech.start, frame_rate(self._scene))
        if (frame, heard.speed) == (speech.frame, speech.speed):
            return speech
        return replace(speech, frame=frame, speed=heard.speed)

    def timeline(self, speech: Speech, owner: str = "") -> Timeline:
        """The timeline of a take of the speech, where it is heard now."""
        return self.follow(speech, owner).timeline(self._scene)


def strip_of(scene: bpy.types.Scene, speech: Speech, owner: str) -> Any:
    """The strip in which a speech is heard; see `Sounds`."""
    return Sounds(scene).strip_of(speech, owner)


def follow(scene: bpy.types.Scene, speech: Speech, owner: str = "") -> Speech:
    """The speech where it is heard now, and as fast; see `Sounds`."""
    return Sounds(scene).follow(speech, owner)


def speech_timeline(scene: bpy.types.Scene, speech: Speech, owner: str = "") -> Timeline:
    """The timeline of a take of the speech, where it is heard now; see `Sounds`."""
    return Sounds(scene).timeline(speech, owner)


def hear(scene: bpy.types.Scene, speech: Speech, seconds: float, owner: str) -> list[str]:
    """Make the speech audible in playback, and the scene long enough for it.

    A strip of ours is added once for each line and moved afterwards; the artist's own strips are used where they lie,
    unchanged. `owner` as in `strip_of`.

    Returns
    -------
    list of str
        Sentences about what was changed.
    """
    notes = _doubts(scene, speech, owner) if speech.strip else _place(scene, speech, seconds, owner)
    if scene.sync_mode != "AUDIO_SYNC":
        scene.sync_mode = "AUDIO_SYNC"
        notes.append("Playback now syncs to audio.")
    end = floor(speech.timeline(scene).frame(seconds))
    if end > scene.frame_end:
        scene.frame_end = end
        notes.append(f"The scene now ends at frame {end}.")
    return notes


def _doubts(scene: bpy.types.Scene, speech: Speech, owner: str) -> list[str]:
    strip = strip_of(scene, speech, owner)
    if strip is None or not retiming.is_guessed(strip):
        return []
    return [f"The strip is retimed; this Blender does not tell how, so it is taken for one speed, {speech.speed:.0%}."]


def claim(scene: bpy.types.Scene, before: str, owner: str) -> None:
    """Give strips of ours to another owner."""
    for strip in sound_strips(scene):
        if _is_ours(strip, before):
            strip[OWNER] = owner


def remove(scene: bpy.types.Scene, owner: str) -> None:
    """Take the sound of an owner out of the Sequencer, where the strip is ours."""
    for strip in [one for one in sound_strips(scene) if _is_ours(one, owner)]:
        strips.remove(scene, strip)


def _place(scene: bpy.types.Scene, speech: Speech, seconds: float, owner: str) -> list[str]:
    every = sound_strips(scene)
    ours = [strip for strip in every if _is_ours(strip, owner)]
    mine = next((strip for strip in ours if strips.plays(strip, speech.path)), None)
    notes = []
    if mine is None and not any(_is_heard_in(scene, strip, speech) for strip in every):
        first = floor(speech.frame)
        try:
            channel = strips.free_channel(scene, speech.frame, speech.timeline(scene).frame(seconds))
            name = Path(speech.path).stem
            mine = strips.strip_collection(scene).new_sound(name, speech.path, channel, first)
        except RuntimeError as error:
            return [f"The sound could not be put in the Sequencer ({str(error).removeprefix('Error: ').strip()})."]
        mine[OWNER] = owner
        notes.append(f"The sound is in the Sequencer, channel {mine.channel}.")
        _show(scene)
    if mine is not None:
        _move_to(scene, mine, speech)
    for strip in ours:
        if strip != mine:
            strips.remove(scene, strip)
    return notes


def _is_ours(strip: Any, owner: str) -> bool:
    return bool(owner) and strip.get(OWNER) == owner


def _is_heard_in(scene: bpy.types.Scene, strip: Any, speech: Speech) -> bool:
    """Whether a strip of the artist's plays just this speech already."""
    if not strips.plays(strip, speech.path) or strips.silenced(scene, strip):
        return False
    try:
        heard = strips.heard(scene, strip)
    except AudioError:
        return False
    begins = heard.start <= speech.start and abs(_way(scene, heard, speech)) < _CLOSE
    return begins and heard.speed == speech.speed and (heard.whole or speech.duration is not None)


def _move_to(scene: bpy.types.Scene, strip: Any, speech: Speech) -> None:
    """Move a strip of ours so that the speech begins at its frame; one that does already stays as it is."""
    try:
        way = _way(scene, strips.heard(scene, strip), speech)
    except AudioError:  # it cannot be heard as it is: pre-flight says why
        return
    if abs(way) > _CLOSE:
        strips.move(scene, strip, way)


def _way(scene: bpy.types.Scene, heard: strips.Heard, speech: Speech) -> float:
    """Frames by which a strip lies too early for a speech."""
    return speech.frame - heard.frame_of(speech.start, frame_rate(scene))


def _show(scene: bpy.types.Scene) -> None:
    """Let the Sequencer of this workspace show the scene, where it shows none yet (5.0 on)."""
    workspace = bpy.context.workspace
    if workspace is not None and getattr(workspace, "sequencer_scene", scene) is None:
        workspace.sequencer_scene = scene
