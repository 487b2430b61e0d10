# SPDX-License-Identifier: GPL-3.0-or-later
"""A take as its character's dials have it: the one motion that preview, bake and comparisons show.

Only what changed is made again: nothing when the dials stand as before, and phones and loudness are read once.
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
from ..blender.rna import settings_of
from ..character.family import DOUBLE_OF
from ..takes import analysis
from ..takes.store import Take
from . import driven as style_sliders_driven
from .driven import Samples, driven, sampled
from .keyed import Keyed, keyed
from .properties import ADJUSTMENTS, values

_KINDS = {"slider": "values", "emotion": "emotions", "mask": "masks", "phone": "phones"}
_NEUTRAL = {field: dial.neutral for field, dial in ADJUSTMENTS.items() if dial.kind != "mask"}


@dataclass(frozen=True, eq=False)
class _Made:
    """A motion, and all that went into it."""

    source: Motion
    heard: SpeechAnalysis | None
    mark: tuple
    motion: Motion


_made: dict[int, _Made] = {}  # by session_uid of the root; the last one
_driven: dict[int, Samples] = {}  # by session_uid of the root; the last ones


def motion_of(
    scene: bpy.types.Scene, root: bpy.types.Object, take: Take, timeline: Timeline, *, afresh: bool = True
) -> Motion:
    """The take with everything dialled.

    Parameters
    ----------
    scene : bpy.types.Scene
        Its frame and what moves in it are what drivers of dials see.
    root : bpy.types.Object
        The character's.
    take : Take
        As generated.
    timeline : Timeline
        Where the seconds of the take lie among the frames, in which keys of dials lie.
    afresh : bool
        Whether drivers of dials are stepped through in any case, or only where what was found before does not agree
        with what they give at the scene's frame.
    """
    owner = _owner(root)
    standing, curves = values(settings_of(owner)), keyed(owner)
    drivers = _sampled(scene, root, _frames(take, timeline), afresh)
    if not curves and not drivers and _NEUTRAL.items() <= standing.items():
        _made.pop(root.session_uid, None)
        return take.motion
    heard = analysis.of(owner, take)
    mark = _mark(timeline, standing, curves, drivers)
    last = _made.get(root.session_uid)
    if last is not None and last.source is take.motion and last.heard is heard and last.mark == mark:
        return last.motion
    what = _sliders(owner, take, timeline, drivers)
    motion = stages.adjusted(take.motion, what, heard)
    _made[root.session_uid] = _Made(take.motion, heard, mark, motion)
    return motion


def sliders_of(scene: bpy.types.Scene, root: bpy.types.Object, take: Take, timeline: Timeline) -> Adjustments:
    """What is dialled, keyed and driven ones as curves over the frames of the take; see `motion_of`."""
    return _sliders(root, take, timeline, _sampled(scene, root, _frames(take, timeline), afresh=True))


def _sliders(root: bpy.types.Object, take: Take, timeline: Timeline, drivers: dict[str, np.ndarray]) -> Adjustments:
    standing: dict[str, Any] = dict(values(settings_of(root)))
    frames = _frames(take, timeline)
    for field, one in keyed(root).items():
        if field not in drivers:  # a driver has the last word
            standing[field] = one.at(frames)
    standing |= drivers
    deaf = analysis.of(root, take) is None
    parts: dict[str, dict[str, Any]] = {kind: {} for kind in _KINDS.values()}
    for field, level in standing.items():
        dial = ADJUSTMENTS[field]
        if np.any(level != dial.neutral) and not (deaf and needs_ears(field)):
            parts[_KINDS[dial.kind]][dial.name] = np.clip(level, dial.low, dial.high)
    return Adjustments(parts["values"], parts["emotions"], parts["masks"], parts["phones"], take.seed)


def _frames(take: Take, timeline: Timeline) -> np.ndarray:
    """Scene frames of a take's own frames [shape=(F,)]."""
    return timeline.frame(take.motion.times)


def _sampled(scene: bpy.types.Scene, root: bpy.types.Object, frames: np.ndarray, afresh: bool) -> dict[str, np.ndarray]:
    """Driven dials over some frames [shape=(F,)]; while something is rendered those found last, if any."""
    owner = _owner(root)
    if not driven(owner):
        _driven.pop(root.session_uid, None)
        return {}
    last = _driven.get(root.session_uid)
    if last is not None and not np.array_equal(last.frames, frames):
        last = None
    if _rendering():
        return {} if last is None else last.values
    if last is not None and not afresh and last.hold(scene, owner):
        _driven[root.session_uid] = last.seen(scene, owner)
        return last.values
    found = _driven[root.session_uid] = sampled(scene, owner, frames)
    return found.values


def _rendering() -> bool:
    """Whether a render runs beside the window: no scene may be made meanwhile."""
    return bpy.app.is_job_running("RENDER")


def needs_ears(field: str) -> bool:
    """Whether a dial works only where somebody listened to the sound."""
    return bool(ADJUSTMENTS[field].needs)


def is_stale(scene: bpy.types.Scene, root: bpy.types.Object, timeline: Timeline, *, keys_edited: bool) -> bool:
    """Whether keys or drivers of dials changed since the motion was made; drivers may hang on any key there is."""
    if _rendering():
        return False  # they are looked at again on the next frame
    owner = _owner(root)
    curves, drivers, last = keyed(owner), driven(owner), _made.get(root.session_uid)
    samples = _driven.get(root.session_uid) if drivers else None
    if drivers and (keys_edited or samples is None or not samples.hold(scene, owner)):
        _driven.pop(root.session_uid, None)
        return True
    if not curves and last is None:
        return False
    standing = values(settings_of(owner))
    found = {} if samples is None else samples.values
    return last is None or last.mark != _mark(timeline, standing, curves, found)


def troubles(root: bpy.types.Object) -> list[str]:
    """Sentences about drivers of a character's dials that are not followed."""
    return style_sliders_driven.troubles(_owner(root))


def forget() -> None:
    """Forget all motions made."""
    _made.clear()
    _driven.clear()
    analysis.clear()


def _owner(root: bpy.types.Object) -> bpy.types.Object:
    """Whose dials count: of a double that stands beside a character to compare takes, those of the character."""
    return root.get(DOUBLE_OF) or root


def _mark(
    timeline: Timeline,
    standing: dict[str, float],
    curves: dict[str, Keyed],
    drivers: dict[str, np.ndarray],
) -> tuple:
    """Another one whenever the dials are others."""
    still = tuple(value for field, value in standing.items() if field not in curves and field not in drivers)
    if not curves and not drivers:
        return still
    moving = tuple((field, one.mark()) for field, one in curves.items() if field not in drivers)
    stepped = tuple((field, level.tobytes()) for field, level in drivers.items())
    return (*still, moving, stepped, timeline)
