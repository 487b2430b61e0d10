# SPDX-License-Identifier: GPL-3.0-or-later
"""Bake: the take of a character as keyframes on all its shape keys, in one new Action."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, floor
from pathlib import Path
from typing import ClassVar

import bpy
import numpy as np

from ..inference.errors import FacewrightError, MotionError
from ..inference.motion import Motion
from . import character, keyframes, preview, speech, takes
from .keyframes import Curves


@dataclass(frozen=True)
class BakeReport:
    """What a bake did.

    Parameters
    ----------
    actions : tuple of str
        The new Actions; one from Blender 4.4 on.
    previous : tuple of str
        The Actions that were in use, each with how it was kept.
    curves, keys, meshes : int
        How many were written, and on how many sets of shape keys.
    frames : tuple of int
        First and last keyed frame.
    warnings : tuple of str
        Sentences about what will not move as the curves say.
    """

    actions: tuple[str, ...]
    previous: tuple[str, ...]
    curves: int
    keys: int
    meshes: int
    frames: tuple[int, int]
    warnings: tuple[str, ...]

    def __str__(self) -> str:
        meshes = "1 mesh" if self.meshes == 1 else f"{self.meshes} meshes"
        name = f"Action '{self.actions[0]}'" if len(self.actions) == 1 else f"{len(self.actions)} Actions"
        text = f"Baked {self.curves} curves on {meshes}, frames {self.frames[0]} to {self.frames[1]}, into {name}."
        if self.previous:
            rest = len(self.previous) - 2
            text += f" Previous: {', '.join(self.previous[:2])}{f' and {rest} more' if rest > 0 else ''}."
        return " ".join((text, *self.warnings))


def bake_motion(
    scene: bpy.types.Scene, who: character.Character, motion: Motion, *, frame: float, name: str
) -> BakeReport:
    """Key a motion on a character, on every whole frame.

    Keys lie on whole frames, where the artist wants them; a start between frames shifts the values they take.

    Parameters
    ----------
    scene : bpy.types.Scene
        Gives the frame rate.
    who : Character
        Gets the keys.
    motion : Motion
        Second 0 falls on `frame`.
    frame : float
        May lie between frames.
    name : str
        Of the new Action.

    Raises
    ------
    FacewrightError
        When the character cannot be keyed; nothing has changed then.
    """
    _ensure_bakeable(who)
    first = floor(keyframes.frame_of(scene, motion.start, frame))
    last = max(ceil(keyframes.frame_of(scene, motion.end, frame)), first)
    frames = np.arange(first, last + 1)
    at_frames = replace(motion, values=motion.at(keyframes.seconds_of(scene, frames, frame)))
    curves, warnings = [], []
    for part in who.parts:
        values = part.rig.retarget(at_frames)
        warnings += part.target.obstacles(part.obj, part.block, part.rig.targets, values)
        paths, indices = zip(*(part.target.curve(part.block, name) for name in part.rig.targets), strict=True)
        curves.append(Curves(part.block, paths, values, part.obj.name, indices))
    written = keyframes.write(name, frames, curves)
    previous = [keyframes.keep_previous(one.block, one.paths) for one in curves]
    for one in written:
        keyframes.assign(one)
    count = sum(len(one.paths) for one in curves)
    return BakeReport(
        actions=tuple(dict.fromkeys(one.action.name for one in written)),
        previous=tuple(dict.fromkeys(text for text in previous if text)),
        curves=count,
        keys=count * len(frames),
        meshes=len(who.meshes),
        frames=(first, last),
        warnings=tuple(warnings),
    )


def bake(scene: bpy.types.Scene, who: character.Character) -> BakeReport:
    """Bake the take that was generated for a character, and end its preview.

    Raises
    ------
    FacewrightError
        When there is no take, or the character cannot be keyed; nothing has changed then.
    """
    take = takes.get(who.root)
    if take is None:
        raise MotionError(
            f"There is no take for '{who.root.name}' yet: takes live until the file is closed. Generate one."
        )
    _ensure_bakeable(who)
    preview.stop(who.root)
    frame = speech.follow(scene, take.speech).frame
    name = f"{who.root.name} {Path(take.speech.path).stem}"
    report = bake_motion(scene, who, take.motion, frame=frame, name=name)
    scene.frame_set(scene.frame_current, subframe=scene.frame_subframe)
    return report


def _ensure_bakeable(who: character.Character) -> None:
    for part in who.parts:
        part.target.ensure_editable(part.obj, part.block)
        data = part.block.animation_data
        if data is not None and data.use_tweak_mode:
            raise FacewrightError(
                f"An NLA strip of '{part.obj.name}' is in tweak mode. Leave it (Tab in the Nonlinear Animation editor)."
            )


class FACEWRIGHT_OT_bake(bpy.types.Operator):
    """Write the take as keyframes on all shape keys of the character, into a new Action. The Action in use is kept"""

    bl_idname = "facewright.bake"
    bl_label = "Bake"
    bl_options: ClassVar = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        obj = context.view_layer.objects.active
        if obj is None:
            cls.poll_message_set("Click a character first.")
        elif takes.get(character.family_root(obj)) is None:
            cls.poll_message_set("Nothing to bake: press Generate first.")
        else:
            return True
        return False

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            report = bake(context.scene, character.find(context.view_layer.objects.active, context.scene))
        except FacewrightError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        self.report({"WARNING" if report.warnings else "INFO"}, str(report))
        return {"FINISHED"}


register, unregister = bpy.utils.register_classes_factory((FACEWRIGHT_OT_bake,))
