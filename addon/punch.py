# SPDX-License-Identifier: GPL-3.0-or-later
"""Punch-in: some frames of a take again, the rest as it is, as musicians do it.

A model that knows pins is given the take up to the first frame as past and flows out of it; towards the last frame, and
with a model that knows none on both sides, the new motion is faded into the old. Only the sound around is heard again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import bpy
import numpy as np
from bpy.props import IntProperty

from ..inference.errors import FacewrightError, ModelError, MotionError, RigError
from ..inference.motion import Motion
from ..inference.pipeline import LARGEST_SEED
from . import bake, bake_mode, character, keyframes, preferences, preview, rebake, speech, takes
from .generate import Inferring
from .takes import Take
from .worker_client import Job

_AROUND = 20.0  # s of sound before and after that are heard again, so that its loudness is judged alike


@dataclass(frozen=True)
class Punch:
    """What is to be made again. By uid, since undo replaces data-blocks.

    Parameters
    ----------
    root_uid : int
        Of the character's root.
    frames : tuple of int
        First and last.
    seconds : tuple of float
        The same, in seconds of the take.
    fade : float
        Seconds over which old and new motion are mixed.
    seed : int
    """

    root_uid: int
    frames: tuple[int, int]
    seconds: tuple[float, float]
    fade: float
    seed: int


class PunchJob(Job):
    """The work on some frames: with what comes before them pinned, or without where the model knows no pins."""

    def __init__(self, take: Take, punch: Punch) -> None:
        begin = max(punch.seconds[0] - _AROUND, 0.0)
        self._request = {
            "do": "animate",
            "path": take.speech.path,
            "start": take.speech.start + begin,
            "duration": punch.seconds[1] + _AROUND - begin,
            "fps": take.motion.fps,
            "seed": punch.seed,
            "device": preferences.device(),
        }
        if take.speech.duration is not None:
            self._request["duration"] = min(self._request["duration"], take.speech.duration - begin)
        pins = before(take.motion, begin, punch.seconds[0])
        self.pinned = pins is not None
        if pins is None:
            super().__init__(self._request)
            return
        header = {"shape": pins.values.shape, "channels": pins.channels, "fps": pins.fps}
        header["start"] = pins.start + take.speech.start
        super().__init__({**self._request, "pins": header}, pins.values.tobytes())

    def advance(self, wait: float = 0.0) -> bool:
        try:
            return super().advance(wait)
        except ModelError:
            if not self.pinned:
                raise
            self.pinned = False
            super().__init__(self._request)
            return False


def before(motion: Motion, begin: float, end: float) -> Motion | None:
    """The motion from one second to another; None when there is nothing between them."""
    times = motion.times
    inside = (times >= begin) & (times <= end)
    if not inside.any():
        return None
    return replace(motion, values=motion.values[inside], start=float(times[inside][0]))


def joined(old: Motion, new: Motion, seconds: tuple[float, float], fade: float, pinned: bool) -> Motion:
    """The old motion with the new one between two seconds.

    Parameters
    ----------
    old, new : Motion
        With the same channels; the new one may cover a part of the time only.
    seconds : tuple of float
        First and last that may change.
    fade : float
        Seconds, inside of these, over which one turns into the other.
    pinned : bool
        Whether the new motion flows out of the old one by itself; then nothing is faded at the first second.
    """
    times = old.times
    first, last = seconds
    away = last - times if pinned else np.minimum(times - first, last - times)
    share = np.clip(away / fade, 0, 1) if fade > 0 else (away >= 0).astype(float)
    share = share * share * (3 - 2 * share) * ((times >= first) & (times <= last))
    share[times < new.start] = share[times > new.end] = 0
    mixed = old.values + share[:, None].astype(np.float32) * (new.select(old.channels).at(times) - old.values)
    return replace(old, values=mixed)


def prepare(
    scene: bpy.types.Scene, obj: bpy.types.Object | None, frames: tuple[int, int], fade: int, seed: int
) -> Punch:
    """Check that there is a take, and that the frames lie in it.

    Raises
    ------
    FacewrightError
        When not.
    """
    root = character.find(obj, scene).root
    take = takes.get(root)
    if take is None:
        raise MotionError(f"There is no take for '{root.name}' to punch into. Generate one.")
    start = speech.follow(scene, take.speech).frame
    first, last = (float(keyframes.seconds_of(scene, frame, start)) for frame in frames)
    if frames[0] >= frames[1] or last <= take.motion.start or first >= take.motion.end:
        ends = [round(keyframes.frame_of(scene, second, start)) for second in (take.motion.start, take.motion.end)]
        raise FacewrightError(
            f"Expected first and last frame within the take, which lasts from {ends[0]} to {ends[1]}, "
            f"got {frames[0]} to {frames[1]}."
        )
    limits = max(first, take.motion.start), min(last, take.motion.end)
    return Punch(root.session_uid, frames, limits, min(fade / keyframes.frame_rate(scene), (last - first) / 2), seed)


def finish(scene: bpy.types.Scene, punch: Punch, job: PunchJob) -> str:
    """Put the new frames into the take, and into the bake where there is one; returns what to tell the artist."""
    root = next((o for o in bpy.data.objects if o.session_uid == punch.root_uid), None)
    take = takes.get(root) if root is not None else None
    if root is None or take is None or job.motion is None:
        raise RigError("The character was deleted while its frames were made. Undo that, and punch in again.")
    who = character.find(root, scene)
    new = replace(job.motion, start=job.motion.start - take.speech.start)
    take = replace(take, motion=joined(take.motion, new, punch.seconds, punch.fade, job.pinned))
    baked = [keyframes.home_of(part.block) for part in who.parts]
    takes.store(root, take)
    said = f"Frames {punch.frames[0]} to {punch.frames[1]} of '{root.name}' are new, seed {punch.seed}."
    if not any(home is not None and rebake.remembered(home) for home in baked):
        preview.start(scene, who, take)
        return said
    mode = replace(bake_mode.chosen(scene), into=bake_mode.EXISTING, span=punch.frames)
    return f"{said} {bake.bake(scene, who, mode)}"


class FACEWRIGHT_OT_punch_in(Inferring, bpy.types.Operator):
    """Make some frames of the take again, and bake them where the take was baked. The rest stays as it is"""

    bl_idname = "facewright.punch_in"
    bl_label = "Punch In"
    bl_options: ClassVar = {"UNDO"}

    first: IntProperty(name="First", description="First frame to make again; the scene's own when not given")
    last: IntProperty(name="Last", description="Last frame to make again; the scene's own when not given")
    blend: IntProperty(name="Blend", description="Frames over which new motion turns into old", default=5, min=0)
    seed: IntProperty(
        name="Seed", description="Another than the take's by default", min=0, max=LARGEST_SEED, options={"SKIP_SAVE"}
    )

    def begin(self, context: bpy.types.Context) -> Job:
        given, settings = self.properties.is_property_set, context.scene.facewright_bake
        obj: Any = context.view_layer.objects.active
        take = takes.get(character.family_root(obj)) if obj is not None else None
        self._punch = prepare(
            context.scene,
            obj,
            (self.first if given("first") else settings.first, self.last if given("last") else settings.last),
            self.blend if given("blend") else settings.blend,
            self.seed if given("seed") else (take.seed + 1) % LARGEST_SEED if take else 0,
        )
        assert take is not None  # or prepare would have said so
        return PunchJob(take, self._punch)

    def finish(self, context: bpy.types.Context, job: Any) -> str:
        return finish(context.scene, self._punch, job)


register, unregister = bpy.utils.register_classes_factory((FACEWRIGHT_OT_punch_in,))
