# SPDX-License-Identifier: GPL-3.0-or-later
"""Driven adjustments: the values that their drivers give on every frame of a take, evaluated by Blender itself.

A driver may depend on anything that moves: bones, constraints, other drivers. So time is stepped, but in a temporary
scene, with one object whose drivers only read the adjustments. Blender then evaluates what these depend on and nothing
else, 1500 frames in some 0.1 s. The artist's scene, its current frame and poses without keys are not touched, and no
handler of any add-on is called.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import bpy
import numpy as np

from ..blender.rna import adjustment, settings_of
from ..blender.stepping import FrameStepper
from .properties import ADJUSTMENTS, PREFIX

_PROBE = "Facewright Probe"
# Paths of a scene's frame; the artist's scene keeps its own while the temporary one is stepped.
_FRAMES = ("frame_current", "frame_current_final", "frame_float", "frame_subframe")
_NEAR = 1e-4  # values closer than this are the same


@dataclass(frozen=True, eq=False)
class Samples:
    """Driven adjustments, sampled over the frames of a take.

    Parameters
    ----------
    frames : ndarray [shape=(F,)]
        Scene frames, rising.
    values : dict of str to ndarray [shape=(F,)]
        By field of the adjustment.
    drivers : tuple
        Fingerprint of the drivers that were sampled.
    looked : tuple
        The scene's frame when they were compared last, and the values of the adjustments there.
    """

    frames: np.ndarray
    values: dict[str, np.ndarray]
    drivers: tuple
    looked: tuple

    def hold(self, scene: bpy.types.Scene, root: bpy.types.Object) -> bool:
        """Whether these samples are still what the drivers give, judged by the scene's current frame."""
        if self.drivers != _fingerprint(driven(root)):
            return False
        frame, now = _look(scene, root, self.values)
        if frame == self.looked[0]:
            return now == self.looked[1]  # if not, something that a driver reads was moved by hand
        after = int(np.searchsorted(self.frames, frame))
        if not 0 < after < len(self.frames):
            return True
        columns = np.array(list(self.values.values()))  # (D, F)
        near = columns[:, after - 1 : after + 1]
        # Between two samples a curve may leave their range where it turns, by at most half of its second difference.
        bend = np.abs(np.diff(columns[:, max(after - 2, 0) : after + 2], 2)).max(axis=1, initial=0)
        beyond = _NEAR + bend / 2
        return bool(np.all((near.min(axis=1) - beyond <= now) & (now <= near.max(axis=1) + beyond)))

    def seen(self, scene: bpy.types.Scene, root: bpy.types.Object) -> Samples:
        """The same samples, compared at the scene's current frame."""
        return replace(self, looked=_look(scene, root, self.values))


def driven(root: bpy.types.Object) -> dict[str, bpy.types.FCurve]:
    """The drivers of a character's adjustments, by field; without those that are not followed (see `troubles`)."""
    return {field: curve for field, curve in _drivers(root) if not _why_not(curve)}


def troubles(root: bpy.types.Object) -> list[str]:
    """A sentence for each driver of an adjustment that is not followed, with what to do about it."""
    settings = settings_of(root)
    return [
        f"The driver of {ADJUSTMENTS[field].label} {why}; it stays at {adjustment(settings, field):.2f}."
        for field, curve in _drivers(root)
        if (why := _why_not(curve))
    ]


def sampled(scene: bpy.types.Scene, root: bpy.types.Object, frames: np.ndarray) -> Samples:
    """Samples of the driven adjustments on each of some scene frames [shape=(F,)], stepped through in order."""
    drivers = driven(root)
    values = np.empty((len(frames), len(drivers)), np.float32)
    # Where adjustments drive each other, each evaluation by Blender passes a value on by one driver only.
    again = 1 + sum(_reads_adjustments(curve, root) for curve in drivers.values())
    with _probe(root, list(drivers)) as (stepped, probe):
        stepper = FrameStepper(stepped)
        for row, frame in enumerate(frames.tolist()):
            seen = probe.evaluated_get(stepper.evaluate(frame, again))
            values[row] = [seen[field] for field in drivers]
        stepper.evaluate(scene.frame_current_final)  # films, which both scenes share, stand there again
    columns = {field: values[:, place] for place, field in enumerate(drivers)}
    return Samples(frames, columns, _fingerprint(drivers), _look(scene, root, columns))


def _drivers(root: bpy.types.Object) -> Iterator[tuple[str, bpy.types.FCurve]]:
    """Every adjustment that has a driver which is not muted, with that driver."""
    data = root.animation_data
    for curve in () if data is None else data.drivers:
        field = curve.data_path.removeprefix(PREFIX)
        if field in ADJUSTMENTS and field != curve.data_path and not curve.mute:
            yield field, curve


def _why_not(curve: Any) -> str:
    """Why a driver is not followed, as the rest of a sentence; "" when it is."""
    if not curve.driver.is_valid:
        return "does not work: correct it in the Drivers Editor"
    for variable in curve.driver.variables:
        target = variable.targets[0]
        if variable.type == "CONTEXT_PROP":
            return "reads whatever scene is active: let it read a Single Property of that scene"
        if isinstance(target.id, bpy.types.Scene) and target.data_path in _FRAMES:
            return "reads the current frame of a scene: write 'frame' in its expression for that"
    return ""


def _reads_adjustments(curve: Any, root: bpy.types.Object) -> bool:
    """Whether a driver may read an adjustment of the same character."""
    targets = [target for variable in curve.driver.variables for target in variable.targets]
    return curve.driver.use_self or any(t.id == root and t.data_path.startswith(PREFIX) for t in targets)


def _fingerprint(drivers: dict[str, Any]) -> tuple:
    """What drivers compute, to compare: type, expression and variables of each."""
    return tuple(
        (field, one.driver.type, one.driver.expression, tuple(_variable(each) for each in one.driver.variables))
        for field, one in drivers.items()
    )


def _variable(variable: Any) -> tuple:
    """Name, type and targets of a driver's variable, to compare."""
    targets = [(t.id and t.id.session_uid, t.data_path, t.bone_target, t.transform_type) for t in variable.targets]
    return (variable.name, variable.type, *targets)


def _look(scene: bpy.types.Scene, root: bpy.types.Object, fields: dict[str, Any]) -> tuple[float, tuple[float, ...]]:
    """The scene's frame, and the values of some adjustments there."""
    settings = settings_of(root)
    return scene.frame_current_final, tuple(adjustment(settings, field) for field in fields)


@contextmanager
def _probe(root: bpy.types.Object, fields: list[str]) -> Iterator[tuple[bpy.types.Scene, bpy.types.Object]]:
    """A temporary scene to step through, and in it an object with one driven property that reads each adjustment."""
    scene, probe = bpy.data.scenes.new(_PROBE), bpy.data.objects.new(_PROBE, None)
    try:
        scene.collection.objects.link(probe)
        for field in fields:
            probe[field] = 0.0
            curve: Any = probe.driver_add(f'["{field}"]')
            curve.keyframe_points.clear()  # the driver's value would be mapped through these keys, and rounded
            curve.driver.type = "SUM"
            target = curve.driver.variables.new().targets[0]
            target.id, target.data_path = root, PREFIX + field
        yield scene, probe
    finally:
        bpy.data.objects.remove(probe)
        bpy.data.scenes.remove(scene)
