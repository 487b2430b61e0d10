# SPDX-License-Identifier: GPL-3.0-or-later
"""Where heads are on the frames of a shot, and in which direction each sees the others.

What nothing moves is read as it stands. What Actions, drivers or constraints move is stepped through, as driven
adjustments are (`adjust.driven`): in a temporary scene, with an empty that is carried along with each head.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import bpy
import numpy as np
from mathutils import Matrix

from ..blender.stepping import FrameStepper
from .heads import Head

_PROBE = "Facewright Probe"


def directions(scene: bpy.types.Scene, head: Head, others: Sequence[Head], frames: np.ndarray) -> np.ndarray:
    """Yaw and pitch at which a head sees others, as `inference.dialogue.gaze.gaze` takes them.

    Parameters
    ----------
    scene : bpy.types.Scene
    head : Head
        Who looks.
    others : sequence of Head
        At whom.
    frames : ndarray [shape=(F,)]
        Of the scene, rising.

    Returns
    -------
    ndarray [shape=(F, P, 2)]
        Or with one frame only, where nothing moves.
    """
    every = [head, *others]
    if not any(map(_is_moved, every)):
        frames = np.array([scene.frame_current_final])
    if all(map(_stands_free, every)):
        world = np.array([[_standing(one.carrier) for one in every]])
    elif bpy.app.is_job_running("RENDER"):  # no temporary scene may be made meanwhile
        world = np.array([[_as_evaluated(one) for one in every]])
    else:
        world = _stepped(scene, every, frames)
    world = world @ np.array([one.rest for one in every])  # (F, 1 + P, 4, 4)
    axes = world[:, 0, :3, :3] / np.maximum(np.linalg.norm(world[:, 0, :3, :3], axis=1, keepdims=True), 1e-12)
    way = world[:, 1:, :3, 3] - world[:, :1, :3, 3]
    left, back, up = np.einsum("fpk,fka->afp", way, axes)
    return np.stack([np.arctan2(-left, -back), -np.arctan2(up, np.hypot(left, back))], axis=-1)


def movers(head: Head) -> list[bpy.types.ID]:
    """All whose movement may move a head: what carries it and all above, what they are constrained to, and Actions."""
    chain = _chain(head)
    return [*chain, *(data.action for obj in chain if (data := obj.animation_data) and data.action is not None)]


def _chain(head: Head) -> list[bpy.types.Object]:
    """What carries a head, all that this is parented to, and what any of them is constrained to."""
    found: dict[bpy.types.Object, None] = {}
    waiting = [head.carrier]
    while waiting:
        obj = waiting.pop()
        if obj is None or obj in found:
            continue
        found[obj] = None
        waiting.append(obj.parent)
        bones = obj.pose.bones if obj.pose is not None else ()
        for constraint in (*obj.constraints, *(one for bone in bones for one in bone.constraints)):
            waiting.append(getattr(constraint, "target", None))
    return [*found]


def _is_moved(head: Head) -> bool:
    """Whether anything moves a head from frame to frame."""
    for obj in _chain(head):
        data = obj.animation_data
        if data is not None and (data.action is not None or len(data.drivers) or len(data.nla_tracks)):
            return True
    return False


def _stands_free(head: Head) -> bool:
    """Whether the place of a head is that of plain objects, parented to each other, which nothing else moves."""
    plain = not head.bone and all(
        not obj.constraints and (obj.parent is None or obj.parent_type == "OBJECT") for obj in _chain(head)
    )
    return plain and not _is_moved(head)


def _standing(obj: bpy.types.Object | None) -> Matrix:
    """The place of an object in the world; `matrix_world` would be that of the last evaluation."""
    if obj is None:
        return Matrix()
    return (
        obj.matrix_basis if obj.parent is None else _standing(obj.parent) @ obj.matrix_parent_inverse @ obj.matrix_basis
    )


def _as_evaluated(head: Head) -> Matrix:
    if head.carrier is None or not head.bone:
        return Matrix() if head.carrier is None else head.carrier.matrix_world
    return head.carrier.matrix_world @ head.carrier.pose.bones[head.bone].matrix


def _stepped(scene: bpy.types.Scene, heads: Sequence[Head], frames: np.ndarray) -> np.ndarray:
    """The places of what carries heads [shape=(F, H, 4, 4)], evaluated on each frame."""
    stepped = bpy.data.scenes.new(_PROBE)
    probes: list[bpy.types.Object] = []
    try:
        for head in heads:
            probe = bpy.data.objects.new(_PROBE, None)
            probes.append(probe)
            stepped.collection.objects.link(probe)
            if head.carrier is not None:
                follow = probe.constraints.new("COPY_TRANSFORMS")
                follow.target, follow.subtarget = head.carrier, head.bone
        stepper = FrameStepper(stepped)
        stepper.evaluate(float(frames[0]) - 1)  # Actions count only after a step to another frame
        world = np.empty((len(frames), len(heads), 4, 4))
        for row, frame in enumerate(frames.tolist()):
            depsgraph = stepper.evaluate(frame)
            for place, probe in enumerate(probes):
                world[row, place] = probe.evaluated_get(depsgraph).matrix_world
        stepper.evaluate(scene.frame_current_final)  # films, which both scenes share, stand there again
    finally:
        for probe in probes:
            bpy.data.objects.remove(probe)
        with suppress(ReferenceError):
            bpy.data.scenes.remove(stepped)
    return world
