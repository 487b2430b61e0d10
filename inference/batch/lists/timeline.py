# SPDX-License-Identifier: GPL-3.0-or-later
"""Timelines of editors (https://opentimelineio.readthedocs.io): every clip on a track of dialogue is a shot.

Tracks of dialogue are those whose names say so; where none does, all tracks of sound are. The shot begins at the frame
that it has in the timeline, whose first frame is 1, and its timecode is the timeline's.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlparse
from urllib.request import url2pathname

from ...core.errors import BatchError

if TYPE_CHECKING:
    import opentimelineio as otio

ABOUT = "an .otio timeline"
_DIALOGUE = re.compile(r"\b(dialog(ue)?|dia|dx|voice|vo)\b", re.IGNORECASE)


def reads(path: Path) -> bool:
    """Whether the name says so."""
    return path.suffix.lower() in (".otio", ".otioz", ".otiod")


def rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Clips of dialogue in the order of the tracks, numbered from 1."""
    timeline = _timeline(path)
    tracks = list(timeline.audio_tracks())
    named = [track for track in tracks if _DIALOGUE.search((track.name or "").replace("_", " "))]
    clips = [clip for track in named or tracks for clip in track.find_clips()]
    names = Counter(clip.name for clip in clips)
    used: Counter[str] = Counter()
    for number, clip in enumerate(clips, 1):
        used[clip.name] += 1
        name = clip.name if names[clip.name] == 1 else f"{clip.name}_{used[clip.name]}"
        yield number, {"name": name, **_cells(clip, timeline)}


def _timeline(path: Path) -> otio.schema.Timeline:
    try:
        import opentimelineio as otio
    except ImportError:
        raise BatchError(
            f"Expected the library OpenTimelineIO to read '{path.name}'. Install it: `pip install facewright[batch]`."
        ) from None
    try:
        found = otio.adapters.read_from_file(str(path))
    except Exception as problem:  # each adapter raises its own
        raise BatchError(
            f"Expected a timeline in '{path.name}', but: {str(problem)[:300]}. Export it again."
        ) from problem
    if not isinstance(found, otio.schema.Timeline):
        raise BatchError(f"Expected one timeline in '{path.name}', got {type(found).__name__}. Export a timeline.")
    return found


def _cells(clip: otio.schema.Clip, timeline: otio.schema.Timeline) -> dict[str, Any]:
    """The cells of a clip; the part of its sound is counted from where its media begin."""
    import opentimelineio as otio

    part, media = clip.trimmed_range(), clip.media_reference
    if not isinstance(media, otio.schema.ExternalReference):
        return {}  # without a sound, which is what the row will be told
    begin = part.start_time
    if media.available_range is not None:
        begin = begin - media.available_range.start_time
    place = clip.transformed_time_range(clip.trimmed_range(), timeline.tracks).start_time
    cells: dict[str, Any] = {
        "sound": _path(media.target_url),
        "start": max(begin.to_seconds(), 0.0),
        "duration": part.duration.to_seconds(),
        "frame": 1.0 + place.value,
        "timecode": _timecode(place, timeline),
    }
    return cells


def _timecode(place: otio.opentime.RationalTime, timeline: otio.schema.Timeline) -> str:
    if timeline.global_start_time is not None:
        place = place + timeline.global_start_time
    try:
        return place.to_timecode()
    except ValueError:  # rates that no timecode is for
        return place.to_time_string()


def _path(url: str) -> str:
    """The file of a media reference: a file URL, or a path."""
    parsed = urlparse(url)
    if parsed.scheme == "file":
        return url2pathname(parsed.path)
    return unquote(url) if "%" in url else url
