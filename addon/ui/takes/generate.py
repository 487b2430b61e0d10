# SPDX-License-Identifier: GPL-3.0-or-later
"""Generate, of one line: what is asked of the worker, and how the takes it made are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import bpy

from ....inference.core.errors import RigError
from ....inference.core.motion import Motion
from ....inference.core.timing import LARGEST_SEED, MOTION_FPS, VARIATION
from ....inference.takes.recipe import from_json
from ....inference.worker.protocol import Generate
from ...adjust import of_lines
from ...bake import copies
from ...blender import changes, lookup
from ...blender import sequencer as speech
from ...blender.rna import CharacterSettings, LineItem, settings_of
from ...blender.sequencer import Speech
from ...character import character
from ...preview import active_take
from ...styles import store
from ...takes import analysis, lines, start
from ...takes import store as takes
from ...takes.store import Take
from ...worker import preferences
from ...worker.jobs import MadeTake, MadeTakes, TakeJob
from ..waiting import JobOperator


@dataclass(frozen=True)
class Request:
    """What to generate, checked before work begins; scene and character by uid, since undo replaces data-blocks."""

    scene_uid: int
    root_uid: int
    speech: Speech
    seed: int
    count: int = 1  # of takes, with this seed and those that follow it
    filepath: str = ""  # as the artist wrote it; speech.path is absolute
    style: str | None = None  # the character's, as JSON; None for the neutral one
    variation: float = VARIATION
    line: str = ""  # key of the line that it is a take of; "" for a new one

    def job(self) -> TakeJob:
        """Send the request to the worker; returns the job to wait for."""
        seeds = tuple(range(self.seed, self.seed + self.count))
        device = preferences.device()
        given = {"style": self.style, "variation": self.variation, "device": device}
        return TakeJob(Generate(clip=self.speech.clip, seeds=seeds, fps=MOTION_FPS, **given))


def prepare(
    scene: bpy.types.Scene,
    obj: bpy.types.Object | None,
    *,
    path: str | None = None,
    strip: str | None = None,
    frame: float | None = None,
    seed: int | None = None,
    count: int | None = None,
    line: LineItem | None = None,
) -> Request:
    """The request to generate for the character of an object.

    What is not given comes from `line`, or else from the character's settings, which are those of its active line.

    Raises
    ------
    FacewrightError
        When character or speech cannot be used. Nothing has changed in the scene then.
    """
    root = character.find(obj, scene).root
    copies.own_lines(scene, root)
    settings = settings_of(root)
    form: CharacterSettings | LineItem = settings if line is None else line
    chosen_seed = form.seed if seed is None else seed
    style = store.request(root, of_lines.style_of(root, "" if line is None else line.key))
    takes_wanted = min(settings.take_count if count is None else count, LARGEST_SEED - chosen_seed + 1)
    written = form.filepath if path is None else path
    if path is None and (strip is not None or form.source == "STRIP"):
        spoken, written = speech.from_strip(scene, form.strip if strip is None else strip), ""
    else:
        absolute = speech.absolute(root, written) if path is None else path
        begins = start.start_frame(scene, root) if line is None else line.frame
        spoken = speech.from_file(absolute, begins if frame is None else frame)
    said = lines.said_by(root, spoken) if line is None else line
    lines.ensure_unlocked(said)
    key = "" if said is None else said.key
    if frame is None and not spoken.strip:  # where the artist has moved its strip since, and as much as that plays
        spoken = speech.where_heard(scene, spoken, lines.owner(root, key))
    uids = scene.session_uid, root.session_uid
    return Request(*uids, spoken, chosen_seed, takes_wanted, written, style, settings.variation, key)


def speech_of(scene: bpy.types.Scene, root: bpy.types.Object, line: LineItem) -> Speech:
    """What is heard of the sound of a line now; raises AudioError where it is gone."""
    if line.source == "STRIP":
        return speech.from_strip(scene, line.strip)
    spoken = speech.from_file(speech.absolute(root, line.filepath), line.frame)
    return speech.where_heard(scene, spoken, lines.owner(root, line.key))


def finish(request: Request, job: MadeTakes) -> str:
    """Keep the takes, and show the first; returns what to tell the artist. Raises RigError as `keep` does."""
    scene, root, text = keep(request, job)
    active_take.start(scene, root)
    return text


def keep(request: Request, job: MadeTakes) -> tuple[bpy.types.Scene, bpy.types.Object, str]:
    """Keep the takes and their settings, and put the sound into the Sequencer.

    Returns the scene, the root of the character, and what to tell the artist.

    Raises
    ------
    RigError
        When the character is gone.
    """
    scene = lookup.scene_of(request.scene_uid)
    root = lookup.object_of(request.root_uid)
    if scene is None or root is None or not job.made:
        raise RigError("The character was deleted while its take was made. Undo that, or generate for another one.")
    new = [_take(made, request.speech) for made in job.made]
    with changes.batch(root):
        _write_request(settings_of(root), request)
        line = lines.add(scene, root, new, texts=[made.packing.text() for made in job.made], key=request.line)
    analysis.remember(root, new[0], job.analysis, job.analysis_text)
    notes = speech.hear(scene, request.speech, _seconds(new[0].motion), line.key)
    return scene, root, " ".join((_report(new, root.name), *job.notes, *notes, *lines.overlapping(scene, root)))


def _take(made: MadeTake, spoken: Speech) -> Take:
    return Take(made.motion, spoken, made.seed, made.provider, from_json(made.recipe) if made.recipe else None)


def _report(new: list[Take], name: str) -> str:
    seconds = f"{_seconds(new[0].motion):.1f} s"
    if len(new) == 1:
        return f"Take of {seconds} for '{name}', seed {new[0].seed}."
    return f"{len(new)} takes of {seconds} for '{name}', seeds {new[0].seed} to {new[-1].seed}."


def _seconds(motion: Motion) -> float:
    return motion.frames / motion.fps


def _write_request(settings: CharacterSettings, request: Request) -> None:
    """Set seed and speech of a character to those of a request, which a script may have given."""
    settings.seed = request.seed
    if request.speech.strip:
        settings.source, settings.strip = "STRIP", request.speech.strip
    else:
        settings.source, settings.filepath = "FILE", request.filepath
        settings.frame = request.speech.frame


class FACEWRIGHT_OT_take_more(JobOperator, bpy.types.Operator):
    """Generate another take of the same speech, with a seed that none has yet"""

    bl_idname = "facewright.take_more"
    bl_label = "One More Take"
    bl_options: ClassVar = {"UNDO"}

    def begin(self, context: bpy.types.Context) -> TakeJob:
        obj: Any = context.view_layer.objects.active
        root = character.find(obj, context.scene).root
        first = settings_of(root).seed
        taken = {takes.about(item).seed for item in lines.takes_of(root, lines.active(root))}
        seed = next(seed for seed in range(first, first + len(taken) + 1) if seed not in taken)
        self._request = prepare(context.scene, obj, seed=min(seed, LARGEST_SEED), count=1)
        return self._request.job()

    def finish(self, _context: bpy.types.Context, job: Any) -> str:
        return finish(self._request, job)


register, unregister = bpy.utils.register_classes_factory((FACEWRIGHT_OT_take_more,))
