# SPDX-License-Identifier: GPL-3.0-or-later
"""Which sound a character speaks, and that sound in the Sequencer.

The only file that knows the Sequencer's versions: ``sequences`` became ``strips`` in 4.4 (gone in 5.0), handles have
other names from 5.2 on (``frame_start`` is to go in 6.0), and from 5.0 a workspace has a Sequencer scene of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import floor
from pathlib import Path
from typing import Any

import bpy

from ...inference.core.clip import Clip
from ...inference.core.errors import AudioError
from ...inference.core.timeline import Timeline
from .rna import settings_of
from .timeline import frame_rate, timeline_of

OWNER = "facewright"  # custom property of the strips that are ours: the name of the character


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
        Seconds of it; None for all that follows.
    frame : float
        Scene frame at which it begins; may lie between frames.
    strip : str
        Name of the artist's strip it was taken from, "" for a file.
    """

    path: str
    start: float = 0.0
    duration: float | None = None
    frame: float = 1.0
    strip: str = ""

    @property
    def clip(self) -> Clip:
        """The stretch of the file, wherever it lies."""
        return Clip(self.path, self.start, self.duration)


def absolute(owner: bpy.types.ID, written: str) -> str:
    """A path that is kept with a data-block: relative to the library it comes from, if to that.

    An override has paths of its library and paths of its own. One with ``//`` is its own where that file exists.
    """
    path = bpy.path.abspath(written, library=owner.library)
    override = owner.override_library
    if override is not None and override.reference is not None and written.startswith("//"):
        theirs = bpy.path.abspath(written, library=override.reference.library)
        return path if Path(path).exists() or not Path(theirs).exists() else theirs
    return path


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
    if not absolute.is_file():
        what = "is a folder" if absolute.is_dir() else "is not there"
        raise AudioError(f"Expected a sound file, but '{absolute}' {what}. Choose the file again.")
    return Speech(str(absolute), frame=frame)


def from_strip(scene: bpy.types.Scene, name: str) -> Speech:
    """Speech from the visible part of a sound strip.

    Raises
    ------
    AudioError
        When there is no such sound strip, or its speed was changed, or its file cannot be read from disk.
    """
    strip = next((s for s in sound_strips(scene) if s.name == name), None)
    if strip is None:
        what = f"there is none called '{name}'" if name else "none is chosen"
        raise AudioError(f"Expected a sound strip of this scene's Sequencer, but {what}. Choose one under Speech.")
    if strip.sound is None or strip.sound.packed_file is not None:
        raise AudioError(f"The sound of strip '{name}' is packed into the .blend. Unpack it: File > External Data.")
    if len(getattr(strip, "retiming_keys", ())) > 2:
        raise AudioError(
            f"Strip '{name}' is retimed, so its sound and its file differ. Reset Retiming, or choose its file."
        )
    speech = from_file(strip.sound.filepath, 0.0)
    content, left, right = extent(strip)
    start = (left - content) / frame_rate(scene) + strip.sound_offset
    late = max(-start, 0.0)  # the sound begins after the strip does
    return replace(
        speech,
        start=max(start, 0.0),
        duration=(right - left) / frame_rate(scene) - late,
        frame=left + late * frame_rate(scene),
        strip=name,
    )


def follow(scene: bpy.types.Scene, speech: Speech) -> Speech:
    """The speech where its strip lies now, so that a take moves with the artist's strip."""
    if not speech.strip:
        return speech
    try:
        now = from_strip(scene, speech.strip)
    except AudioError:
        return speech
    return replace(speech, frame=now.frame - (now.start - speech.start) * frame_rate(scene))


def speech_timeline(scene: bpy.types.Scene, speech: Speech) -> Timeline:
    """The timeline of a take of the speech, where its strip lies now."""
    return timeline_of(scene, follow(scene, speech).frame)


def sound_strips(scene: bpy.types.Scene) -> list[Any]:
    """All sound strips of the scene, inside meta strips too."""
    editor = scene.sequence_editor
    if editor is None:
        return []
    every = editor.strips_all if hasattr(editor, "strips_all") else editor.sequences_all
    return [strip for strip in every if strip.type == "SOUND"]


def hear(scene: bpy.types.Scene, speech: Speech, seconds: float, owner: str) -> list[str]:
    """Make the speech audible in playback, and the scene long enough for it.

    A strip of ours is added once and moved afterwards; the artist's own strips are used where they lie, unchanged.

    Returns
    -------
    list of str
        Sentences about what was changed.
    """
    notes = [] if speech.strip else _place(scene, speech, seconds, owner)
    if scene.sync_mode != "AUDIO_SYNC":
        scene.sync_mode = "AUDIO_SYNC"
        notes.append("Playback now syncs to audio.")
    end = floor(timeline_of(scene, speech.frame).frame(seconds))
    if end > scene.frame_end:
        scene.frame_end = end
        notes.append(f"The scene now ends at frame {end}.")
    return notes


def _place(scene: bpy.types.Scene, speech: Speech, seconds: float, owner: str) -> list[str]:
    strips = strip_collection(scene)
    ours = _owned(strips, owner)
    mine = next((strip for strip in ours if _plays(strip, speech.path)), None)
    notes = []
    if mine is None and not any(_plays(strip, speech.path) and _lies_at(strip, speech.frame) for strip in strips):
        try:
            channel = _free_channel(scene, speech.frame, timeline_of(scene, speech.frame).frame(seconds))
            mine = strips.new_sound(Path(speech.path).stem, speech.path, channel, floor(speech.frame))
        except RuntimeError as error:
            return [f"The sound could not be put in the Sequencer ({str(error).removeprefix('Error: ').strip()})."]
        mine[OWNER] = owner
        notes.append(f"The sound is in the Sequencer, channel {mine.channel}.")
        _show(scene)
    if mine is not None:
        _move(mine, scene, speech.frame)
    for strip in ours:
        if strip != mine:
            strips.remove(strip)
    return notes


def _owned(strips: Any, owner: str) -> list[Any]:
    """The strips of a character's sound, also those laid when it had another name; they get the one of now."""
    root = bpy.data.objects.get(owner)
    names = {owner}
    if root is not None:
        before, settings_of(root).voice = settings_of(root).voice, owner
        names |= {before} - {other.name for other in bpy.data.objects}
    ours = [strip for strip in strips if strip.type == "SOUND" and strip.get(OWNER) in names]
    for strip in ours:
        strip[OWNER] = owner
    return ours


def _plays(strip: Any, path: str) -> bool:
    if strip.type != "SOUND" or strip.sound is None:
        return False
    return Path(bpy.path.abspath(strip.sound.filepath)).absolute() == Path(path)


def _lies_at(strip: Any, frame: float) -> bool:
    return extent(strip)[:2] == (frame, frame)


def strip_collection(scene: bpy.types.Scene) -> Any:
    """The strips of the scene's Sequencer, to add to and to remove from; one is made where there is none."""
    editor = scene.sequence_editor or scene.sequence_editor_create()
    return editor.strips if hasattr(editor, "strips") else editor.sequences


def extent(strip: Any) -> tuple[float, float, float]:
    """Frame of the file's first sample, of the visible start, and of the visible end."""
    if hasattr(strip, "content_start"):
        return strip.content_start, strip.left_handle, strip.right_handle
    return strip.frame_start, strip.frame_final_start, strip.frame_final_end


def _move(strip: Any, scene: bpy.types.Scene, frame: float) -> None:
    """Strips lie on whole frames; the rest of the way goes into the offset of the sound."""
    whole = floor(frame)
    setattr(strip, "content_start" if hasattr(strip, "content_start") else "frame_start", whole)
    strip.sound_offset = (whole - frame) / frame_rate(scene)


def _free_channel(scene: bpy.types.Scene, first: float, last: float) -> int:
    editor = scene.sequence_editor
    every = editor.strips_all if hasattr(editor, "strips_all") else editor.sequences_all
    taken = {s.channel for s in every if extent(s)[1] <= last and extent(s)[2] >= first}
    return next((channel for channel in range(1, 129) if channel not in taken), 128)


def _show(scene: bpy.types.Scene) -> None:
    """Let the Sequencer of this workspace show the scene, where it shows none yet (5.0 on)."""
    workspace = bpy.context.workspace
    if workspace is not None and getattr(workspace, "sequencer_scene", scene) is None:
        workspace.sequencer_scene = scene
