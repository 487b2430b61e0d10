# SPDX-License-Identifier: GPL-3.0-or-later
"""Generate: make takes of speech in the worker. A script waits for them, an artist sees progress and can press Esc."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import bpy
from bpy.props import FloatProperty, IntProperty, StringProperty

from ....inference.core.errors import RigError
from ....inference.core.motion import Motion
from ....inference.core.timing import LARGEST_SEED, MOTION_FPS
from ....inference.takes.recipe import from_json
from ....inference.worker.protocol import Generate
from ...blender import changes, lookup
from ...blender import sequencer as speech
from ...blender.rna import CharacterSettings, settings_of
from ...blender.sequencer import Speech
from ...character import character
from ...preview import active_take
from ...styles import store
from ...takes import analysis, lines
from ...takes import store as takes
from ...takes.store import Take
from ...worker import preferences
from ...worker.jobs import MadeTake, TakeJob
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
    line: str = ""  # key of the line that it is a take of; "" for a new one

    def job(self) -> TakeJob:
        """Send the request to the worker; returns the job to wait for."""
        seeds = tuple(range(self.seed, self.seed + self.count))
        device = preferences.device()
        return TakeJob(Generate(clip=self.speech.clip, seeds=seeds, fps=MOTION_FPS, style=self.style, device=device))


def prepare(
    scene: bpy.types.Scene,
    obj: bpy.types.Object | None,
    *,
    path: str | None = None,
    strip: str | None = None,
    frame: float | None = None,
    seed: int | None = None,
    count: int | None = None,
) -> Request:
    """The request to generate for the character of an object; what is not given comes from the character's settings.

    Raises
    ------
    FacewrightError
        When character or speech cannot be used. Nothing has changed in the scene then.
    """
    root = character.find(obj, scene).root
    settings = settings_of(root)
    chosen_seed = settings.seed if seed is None else seed
    style = store.request(root)
    takes_wanted = min(settings.take_count if count is None else count, LARGEST_SEED - chosen_seed + 1)
    written = settings.filepath if path is None else path
    if path is None and (strip is not None or settings.source == "STRIP"):
        spoken, written = speech.from_strip(scene, settings.strip if strip is None else strip), ""
    else:
        absolute = speech.absolute(root, written) if path is None else path
        spoken = speech.from_file(absolute, settings.frame if frame is None else frame)
    line = lines.said_by(root, spoken)
    lines.ensure_unlocked(line)
    key = "" if line is None else line.key
    if frame is None and not spoken.strip:  # where the artist has moved its strip since, and as much as that plays
        spoken = speech.where_heard(scene, spoken, lines.owner(root, key))
    return Request(scene.session_uid, root.session_uid, spoken, chosen_seed, takes_wanted, written, style, key)


def finish(request: Request, job: TakeJob) -> str:
    """Keep the takes, and show the first; returns what to tell the artist. Raises RigError as `keep` does."""
    scene, root, text = keep(request, job)
    active_take.start(scene, root)
    return text


def keep(request: Request, job: TakeJob) -> tuple[bpy.types.Scene, bpy.types.Object, str]:
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
    return scene, root, " ".join((_report(new, root.name), *notes, *lines.overlapping(scene, root)))


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


class FACEWRIGHT_OT_generate(JobOperator, bpy.types.Operator):
    """Animate the character of the active object from speech. Nothing is keyed until you bake"""

    bl_idname = "facewright.generate"
    bl_label = "Generate"
    bl_options: ClassVar = {"UNDO"}  # no REGISTER: its redo panel would infer in the foreground

    filepath: StringProperty(
        name="Sound", description="Sound file; the character's own setting when not given", options={"SKIP_SAVE"}
    )
    strip: StringProperty(name="Strip", description="Sound strip to speak, instead of a file", options={"SKIP_SAVE"})
    frame: FloatProperty(
        name="Start Frame", description="Frame at which the sound begins", default=1.0, options={"SKIP_SAVE"}
    )
    seed: IntProperty(
        name="Seed", description="The same seed gives the same take", min=0, max=LARGEST_SEED, options={"SKIP_SAVE"}
    )
    count: IntProperty(
        name="Takes", description="How many, with this seed and those after it", min=1, max=20, options={"SKIP_SAVE"}
    )

    def begin(self, context: bpy.types.Context) -> TakeJob:
        given = self.properties.is_property_set
        self._request = prepare(
            context.scene,
            context.view_layer.objects.active,
            path=self.filepath if given("filepath") else None,
            strip=self.strip if given("strip") else None,
            frame=self.frame if given("frame") else None,
            seed=self.seed if given("seed") else None,
            count=self.count if given("count") else None,
        )
        return self._request.job()

    def finish(self, _context: bpy.types.Context, job: Any) -> str:
        return finish(self._request, job)


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


register, unregister = bpy.utils.register_classes_factory((FACEWRIGHT_OT_generate, FACEWRIGHT_OT_take_more))
