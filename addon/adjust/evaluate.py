# SPDX-License-Identifier: GPL-3.0-or-later
"""A take with its character's adjustments applied: the one motion that preview, bake and comparisons show.

The motion made last is kept for each line of a character, and used again while neither the take nor an adjustment has
changed; driven adjustments are sampled again only where their drivers give something else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from ...inference.adjust.adjustments import Adjustments
from ...inference.core.analysis import SpeechAnalysis
from ...inference.core.motion import Motion
from ...inference.core.timeline import Timeline
from ...inference.pipeline import stages
from ..character.family import DOUBLE_OF
from ..takes import analysis
from ..takes.store import Take
from . import driven as drivers_of
from .driven import Samples, driven, sampled
from .keyed import Keyed, keyed
from .of_lines import values_of
from .properties import ADJUSTMENTS

_KINDS = {"slider": "values", "emotion": "emotions", "mask": "masks", "phone": "phones"}
# Masks limit other adjustments and do nothing alone.
_NEUTRAL = {field: adjustment.neutral for field, adjustment in ADJUSTMENTS.items() if adjustment.kind != "mask"}


@dataclass(frozen=True, eq=False)
class _Adjusted:
    """A motion with adjustments in it, and all that it was made from."""

    source: Motion
    analysis: SpeechAnalysis | None
    fingerprint: tuple
    motion: Motion


_Made = tuple[int, str]  # session_uid of the root, key of the line: a line that moves keeps its place here
_adjusted: dict[_Made, _Adjusted] = {}  # the last one
_driven: dict[_Made, Samples] = {}  # the last ones


def motion_of(
    scene: bpy.types.Scene,
    root: bpy.types.Object,
    take: Take,
    timeline: Timeline,
    *,
    line: str = "",
    afresh: bool = True,
) -> Motion:
    """The motion of a take with the character's adjustments applied.

    Parameters
    ----------
    scene : bpy.types.Scene
        In which drivers of adjustments are evaluated.
    root : bpy.types.Object
        The character's.
    take : Take
        As generated.
    timeline : Timeline
        Places the seconds of the take among scene frames, at which adjustments are keyed.
    line : str
        Key of the line that the take is of; "" for the active one.
    afresh : bool
        Whether drivers are sampled in any case, or only where the samples kept from before do not agree with what the
        drivers give at the scene's current frame.
    """
    owner = _owner(root)
    current, curves = values_of(owner, line), keyed(owner)
    made = root.session_uid, line
    drivers = _sampled(scene, root, line, _frames(take, timeline), afresh)
    if not curves and not drivers and _NEUTRAL.items() <= current.items():
        _adjusted.pop(made, None)
        return take.motion
    speech = analysis.of(owner, take)
    fingerprint = _fingerprint(timeline, current, curves, drivers)
    last = _adjusted.get(made)
    if last is not None and last.source is take.motion and last.analysis is speech and last.fingerprint == fingerprint:
        return last.motion
    motion = stages.adjusted(take.motion, _adjustments(owner, take, timeline, drivers, current), speech)
    _adjusted[made] = _Adjusted(take.motion, speech, fingerprint, motion)
    return motion


def adjustments_of(scene: bpy.types.Scene, root: bpy.types.Object, take: Take, timeline: Timeline) -> Adjustments:
    """The character's adjustments; keyed and driven ones as curves over the frames of the take. See `motion_of`."""
    drivers = _sampled(scene, root, "", _frames(take, timeline), afresh=True)
    return _adjustments(root, take, timeline, drivers, values_of(root, ""))


def _adjustments(
    root: bpy.types.Object,
    take: Take,
    timeline: Timeline,
    drivers: dict[str, np.ndarray],
    current: dict[str, float],
) -> Adjustments:
    """The adjustments that are not neutral, without those that need a speech analysis where there is none."""
    levels: dict[str, Any] = dict(current)
    frames = _frames(take, timeline)
    for field, curve in keyed(root).items():
        if field not in drivers:  # in Blender a driver wins over keys
            levels[field] = curve.at(frames)
    levels |= drivers
    analysed = analysis.of(root, take) is not None
    parts: dict[str, dict[str, Any]] = {kind: {} for kind in _KINDS.values()}
    for field, level in levels.items():
        adjustment = ADJUSTMENTS[field]
        if np.any(level != adjustment.neutral) and (analysed or not needs_analysis(field)):
            parts[_KINDS[adjustment.kind]][adjustment.name] = np.clip(level, adjustment.low, adjustment.high)
    return Adjustments(parts["values"], parts["emotions"], parts["masks"], parts["phones"], take.seed)


def _frames(take: Take, timeline: Timeline) -> np.ndarray:
    """The scene frames [shape=(F,)] at which a take's own frames lie."""
    return timeline.frame(take.motion.times)


def _sampled(
    scene: bpy.types.Scene, root: bpy.types.Object, line: str, frames: np.ndarray, afresh: bool
) -> dict[str, np.ndarray]:
    """Values of driven adjustments, by field, on scene frames [shape=(F,)]; during a render the last known, if any."""
    owner, made = _owner(root), (root.session_uid, line)
    if not driven(owner):
        _driven.pop(made, None)
        return {}
    last = _driven.get(made)
    if last is not None and not np.array_equal(last.frames, frames):
        last = None
    if _rendering():
        return {} if last is None else last.values
    if last is not None and not afresh and last.hold(scene, owner):
        _driven[made] = last.seen(scene, owner)
        return last.values
    samples = _driven[made] = sampled(scene, owner, frames)
    return samples.values


def _rendering() -> bool:
    """Whether a render runs in the background of the window: no temporary scene may be made meanwhile."""
    return bpy.app.is_job_running("RENDER")


def needs_analysis(field: str) -> bool:
    """Whether an adjustment works only where there is a speech analysis of the take's sound."""
    return bool(ADJUSTMENTS[field].needs)


def is_stale(
    scene: bpy.types.Scene, root: bpy.types.Object, timeline: Timeline, line: str, *, keys_edited: bool
) -> bool:
    """Whether keys or drivers of adjustments changed since the motion was made.

    `keys_edited` is whether any Action was edited: a driver may read whatever that moves.
    """
    if _rendering():
        return False  # they are compared again on the next frame
    owner, made = _owner(root), (root.session_uid, line)
    curves, drivers, last = keyed(owner), driven(owner), _adjusted.get(made)
    samples = _driven.get(made) if drivers else None
    if drivers and (keys_edited or samples is None or not samples.hold(scene, owner)):
        _driven.pop(made, None)
        return True
    if not curves and last is None:
        return False
    current = values_of(owner, line)
    sampled_values = {} if samples is None else samples.values
    return last is None or last.fingerprint != _fingerprint(timeline, current, curves, sampled_values)


def troubles(root: bpy.types.Object) -> list[str]:
    """A sentence for each driver of a character's adjustments that is not followed."""
    return drivers_of.troubles(_owner(root))


def forget() -> None:
    """Forget all adjusted motions, samples of drivers and speech analyses in memory."""
    _adjusted.clear()
    _driven.clear()
    analysis.clear()


def _owner(root: bpy.types.Object) -> bpy.types.Object:
    """The object whose adjustments count: for a double that shows another take for comparison, its character's root."""
    return root.get(DOUBLE_OF) or root


def _fingerprint(
    timeline: Timeline,
    current: dict[str, float],
    curves: dict[str, Keyed],
    drivers: dict[str, np.ndarray],
) -> tuple:
    """All that adjustments make of a take, to compare; the timeline counts only where some of them are curves."""
    constant = tuple(value for field, value in current.items() if field not in curves and field not in drivers)
    if not curves and not drivers:
        return constant
    keys = tuple((field, curve.fingerprint()) for field, curve in curves.items() if field not in drivers)
    samples = tuple((field, level.tobytes()) for field, level in drivers.items())
    return (*constant, keys, samples, timeline)
