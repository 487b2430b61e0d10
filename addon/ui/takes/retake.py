# SPDX-License-Identifier: GPL-3.0-or-later
"""Punch-in, a retake: some frames of a take are generated again and the rest stays, as musicians do it.

The motion before the first frame and after the last one is pinned, so that the policy leads from the one into the
other. Only the sound around these frames is analysed again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, floor
from typing import Any, ClassVar

import bpy
import numpy as np
from bpy.props import IntProperty

from ....inference.core.errors import FacewrightError, MotionError, RigError
from ....inference.core.motion import Motion
from ....inference.core.parts import PARTS
from ....inference.core.timing import LARGEST_SEED
from ....inference.styles.file import to_json
from ....inference.takes.recipe import from_json
from ....inference.worker.protocol import Retake
from ...adjust import evaluate
from ...bake import bake, edits
from ...bake import mode as bake_mode
from ...blender import actions, lookup, nla, sequencer
from ...blender.rna import punch_settings_of
from ...character import character
from ...preview import preview
from ...takes import lines, store
from ...takes.store import Take
from ...worker import preferences
from ...worker.jobs import TakeJob
from ..waiting import JobOperator
from . import punch as punch_fields

_FEWEST = 3  # frames of the take that a retake must have
_CLOSE = 1e-4  # of a frame of the take, up to which a time lies on the frame
_SAME = 1e-3  # difference of values, beside that of sparse keys, up to which a curve counts as not edited


@dataclass(frozen=True)
class Punch:
    """What to generate again.

    Parameters
    ----------
    root_uid : int
        Of the character's root; by uid, since undo replaces data-blocks.
    frames : tuple of int
        First and last scene frame.
    rows : slice
        The take's own frames between these two, which may change.
    blend : int
        Scene frames over which new keys blend into baked curves that the artist has edited.
    seed : int
    parts : frozenset of str
        Those of `core.parts` that are made again.
    """

    root_uid: int
    frames: tuple[int, int]
    rows: slice
    blend: int
    seed: int
    parts: frozenset[str] = frozenset(PARTS)


def begin(take: Take, punch: Punch) -> TakeJob:
    """Send a retake to the worker, with the motion around its frames pinned; returns the job to wait for."""
    made = next(take.recipe.generated()) if take.recipe else None
    style = made.style if made else None
    request = Retake(
        clip=take.speech.clip,
        rows=(punch.rows.start, punch.rows.stop),
        seed=punch.seed,
        style=None if style is None else to_json(style),
        variation=made.variation if made else None,
        recipe=take.recipe.to_json() if take.recipe else "",
        device=preferences.device(),
        parts=() if punch.parts == set(PARTS) else tuple(name for name in PARTS if name in punch.parts),
    )
    return TakeJob(request, [take.motion])


def free_rows(motion: Motion, first: float, last: float) -> slice:
    """The frames of a motion between two seconds that may change without a change of the motion at these two."""
    begin, end = ((second - motion.start) * motion.fps for second in (first, last))
    return slice(
        ceil(begin - _CLOSE) + 1 if begin > _CLOSE else 0,
        floor(end + _CLOSE) if end < motion.frames - 1 - _CLOSE else motion.frames,
    )


def prepare(
    scene: bpy.types.Scene,
    obj: bpy.types.Object | None,
    frames: tuple[int, int],
    blend: int,
    seed: int,
    parts: frozenset[str] = frozenset(PARTS),
) -> Punch:
    """The retake of some scene frames of the active take of an object's character.

    Raises
    ------
    FacewrightError
        When there is no take, the frames do not lie in it or are too few, or no part of the face is chosen.
    """
    if not parts:
        raise FacewrightError("No part of the face is chosen to be made again. Choose some under Punch In.")
    root = character.find(obj, scene).root
    take = store.get(root)
    if take is None:
        raise MotionError(f"There is no take for '{root.name}' to punch into. Generate one.")
    timeline = sequencer.speech_timeline(scene, take.speech, lines.owner(root))
    first, last = (timeline.seconds(frame) for frame in frames)
    if frames[0] >= frames[1] or last <= take.motion.start or first >= take.motion.end:
        ends = [round(timeline.frame(second)) for second in (take.motion.start, take.motion.end)]
        raise FacewrightError(
            f"Expected first and last frame within the take, which lasts from {ends[0]} to {ends[1]}, "
            f"got {frames[0]} to {frames[1]}."
        )
    rows = free_rows(take.motion, first, last)
    if rows.stop - rows.start < _FEWEST:
        raise FacewrightError(
            f"Expected at least {_FEWEST / take.motion.fps:.2f} s to make again, got frames {frames[0]} to "
            f"{frames[1]}. Choose a later last frame."
        )
    return Punch(root.session_uid, frames, rows, blend, seed, parts)


def finish(scene: bpy.types.Scene, punch: Punch, job: TakeJob) -> str:
    """Put the new frames into the take, and into the bake where there is one; returns what to tell the artist."""
    root = lookup.object_of(punch.root_uid)
    take = store.get(root) if root is not None else None
    if root is None or take is None or not job.made:
        raise RigError("The character was deleted while its frames were made. Undo that, and punch in again.")
    who = character.find(root, scene)
    made = job.made[0]
    into, chosen = _baked_into(who), bake_mode.chosen(scene)
    parts = chosen.parts & punch.parts  # the artist may keep some for other work
    edited = into == bake_mode.EXISTING and not _as_baked(scene, character.of_parts(who, scene, parts), take, punch)
    take = replace(take, motion=made.motion, recipe=from_json(made.recipe) if made.recipe else None)
    store.store(root, take)
    report = f"Frames {punch.frames[0]} to {punch.frames[1]} of '{root.name}' are new, seed {punch.seed}."
    if into is None:
        preview.start(scene, who, take)
    if into is None or not parts:
        return report
    mode = replace(chosen, into=into, span=punch.frames, blend=punch.blend if edited else 0, parts=parts)
    return f"{report} {bake.bake(scene, who, mode)}"


def _baked_into(who: character.Character) -> str | None:
    """Into what the character has been baked: `mode.STRIPS`, EXISTING or ADDITIVE; None where it has no bake."""
    if any(nla.poses_home(part.block) is not None for part in who.parts):
        return bake_mode.STRIPS
    for into, home_of in ((bake_mode.EXISTING, actions.slot_in_use), (bake_mode.ADDITIVE, nla.additive_home)):
        homes = [home_of(part.block) for part in who.parts]
        if any(home is not None and edits.baked_keys(home) for home in homes):
            return into
    return None


def _as_baked(scene: bpy.types.Scene, who: character.Character, take: Take, punch: Punch) -> bool:
    """Whether all curves have the values of a bake of the take at both ends, so that no edits are in the way."""
    frames = punch.frames
    timeline = sequencer.speech_timeline(scene, take.speech, lines.owner(who.root))
    motion = evaluate.motion_of(scene, who.root, take, timeline)
    tolerance = bake_mode.chosen(scene).error + _SAME
    for part in who.parts:
        values = dict(zip(part.rig.controls, part.rig.evaluate(motion, timeline, np.array(frames)).T, strict=True))
        curves = {(curve.data_path, curve.array_index): curve for curve in actions.fcurves_of(part.block)}
        for name, expected in values.items():
            curve = curves.get(part.target.curve(part.block, name))
            if curve is None:
                return False
            if any(abs(curve.evaluate(f) - v) > tolerance for f, v in zip(frames, expected, strict=True)):
                return False
    return True


class FACEWRIGHT_OT_punch_in(JobOperator, bpy.types.Operator):
    """Make some frames of the take again, and bake them where the take was baked. The rest stays as it is"""

    bl_idname = "facewright.punch_in"
    bl_label = "Punch In"
    bl_options: ClassVar = {"UNDO"}

    first: IntProperty(name="First", description="First frame to make again; the scene's own when not given")
    last: IntProperty(name="Last", description="Last frame to make again; the scene's own when not given")
    blend: IntProperty(
        name="Blend", description="Frames over which new keys turn into curves that you changed", default=5, min=0
    )
    parts: punch_fields.parts_field()
    seed: IntProperty(
        name="Seed", description="The take's own plus one by default", min=0, max=LARGEST_SEED, options={"SKIP_SAVE"}
    )

    def begin(self, context: bpy.types.Context) -> TakeJob:
        given, settings = self.properties.is_property_set, punch_settings_of(context.scene)
        obj: Any = context.view_layer.objects.active
        take = store.get(character.family_root(obj)) if obj is not None else None
        self._punch = prepare(
            context.scene,
            obj,
            (self.first if given("first") else settings.first, self.last if given("last") else settings.last),
            self.blend if given("blend") else settings.blend,
            self.seed if given("seed") else (take.seed + 1) % LARGEST_SEED if take else 0,
            frozenset(name.lower() for name in (self.parts if given("parts") else settings.parts)),
        )
        assert take is not None  # prepare has checked it
        return begin(take, self._punch)

    def finish(self, context: bpy.types.Context, job: Any) -> str:
        return finish(context.scene, self._punch, job)


register, unregister = bpy.utils.register_classes_factory((FACEWRIGHT_OT_punch_in,))
