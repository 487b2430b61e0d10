# SPDX-License-Identifier: GPL-3.0-or-later
"""What Generate has to make for several lines at once: those of a character, or of the whole cast."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import bpy

from ....inference.core.errors import AudioError, MotionError
from ...blender import lookup
from ...blender.rna import LineItem
from ...preview import active_take
from ...takes import cast, lines, store
from ...worker.jobs import ManyTakes
from ..takes import generate


def of_character(scene: bpy.types.Scene, root: bpy.types.Object, again: bool = False) -> list[generate.Request]:
    """The lines of a character that have no take of what is heard now, or `again` all that are not locked.

    Raises
    ------
    FacewrightError
        When it has no line, or one cannot be made. Nothing has changed then.
    """
    if root not in cast.known(scene):
        raise MotionError(f"'{root.name}' has no line yet. Choose a sound and generate it first.")
    return list(_requests(scene, root, again))


def of_scene(scene: bpy.types.Scene, again: bool = False) -> list[generate.Request]:
    """The same for every character that was given channels or strips, and every one that has lines.

    Raises
    ------
    FacewrightError
        When there is no such character, or a line cannot be made. Nothing has changed then.
    """
    if not cast.known(scene):
        raise AudioError(
            "No character of this scene was given a channel or strip of the Sequencer. Name them under Scene."
        )
    return [request for root in cast.known(scene) for request in _requests(scene, root, again)]


def keep(requests: Sequence[generate.Request], job: ManyTakes) -> str:
    """Keep the takes of several lines; returns what to tell the artist.

    The line that was active on a character stays active. Raises RigError as `generate.keep` does.
    """
    before: dict[bpy.types.Object, str] = {}
    scene = bpy.context.scene
    for request, done in zip(requests, job.jobs, strict=True):
        root = lookup.object_of(request.root_uid)
        if root is not None:
            before.setdefault(root, lines.key_of(root))
        scene, _, _ = generate.keep(request, done)
    for root, key in before.items():
        line = next((one for one in lines.items(root) if one.key == key), None)
        if line is not None:
            lines.choose(root, line)
        active_take.start(scene, root)
    overlaps = [text for root in before for text in lines.overlapping(scene, root)]
    number = "1 line" if len(requests) == 1 else f"{len(requests)} lines"
    return " ".join((f"{number} of {', '.join(root.name for root in before)}.", *overlaps))


def _requests(scene: bpy.types.Scene, root: bpy.types.Object, again: bool) -> Iterator[generate.Request]:
    given = cast.strips_of(scene, root)
    for name in given:
        line = next((one for one in lines.items(root) if one.source == "STRIP" and one.strip == name), None)
        if line is None:
            yield generate.prepare(scene, root, strip=name, count=1)
        elif _is_wanted(scene, root, line, again):
            yield generate.prepare(scene, root, line=line, count=1)
    for line in lines.items(root):
        if (line.source == "FILE" or line.strip not in given) and _is_wanted(scene, root, line, again):
            yield generate.prepare(scene, root, line=line, count=1)


def _is_wanted(scene: bpy.types.Scene, root: bpy.types.Object, line: LineItem, again: bool) -> bool:
    """Whether a line has a sound, is not locked, and has no take of what is heard now."""
    if line.lock or not (line.strip if line.source == "STRIP" else line.filepath):
        return False
    item = lines.chosen(root, line)
    try:
        heard = generate.speech_of(scene, root, line).clip
    except AudioError as error:
        raise AudioError(f"Line '{line.name}' of '{root.name}': {error} Or remove the line.") from error
    return again or item is None or store.about(item).speech.clip != heard
