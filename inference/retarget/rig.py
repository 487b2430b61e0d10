# SPDX-License-Identifier: GPL-3.0-or-later
"""How curves pass from our channels to the controls of a character.

A mapping is a list of lines, each of which takes one channel to one control: ``gain x curve(channel) + offset``. Lines
of one control add up, and the sum is held between low and high. `lines_for` writes the lines of a character from the
names of its controls; an artist may write others. `Rig` applies those that are on.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from ..core.channels import MOUTH, VISEMES
from ..core.curves import smoothstep
from ..core.errors import RigError
from ..core.motion import Motion
from ..core.timeline import Timeline
from .convention import CURVES, SHAPE_KEY, Target
from .frames import on_frames
from .matching import Recognition, Trust, recognise, spelled

# Below this many of the 27 jaw and mouth shapes a character does not really speak ARKit: Ready Player Me's plain heads,
# for one, have a smile and an open mouth beside their 15 visemes.
ENOUGH_MOUTH = 10


@dataclass(frozen=True)
class Line:
    """One channel that moves one control.

    Parameters
    ----------
    channel : str
        Of `inference.core.channels`, or of whatever motion is retargeted.
    target : str
        The control, as the artist spells it: a shape key, a custom property or a bone.
    gain, offset : float
        ``curve(channel) * gain + offset``.
    low, high : float
        The control stays between these; lines of one control share the lowest low and the highest high.
    use : bool
        Whether the line is on.
    curve : str
        "linear"; "ease", which slows down at both ends; "power", which lifts or presses small values.
    power : float
        Exponent of "power", above 0.
    kind : str
        What the control is: "shape_key", "rotation_x", ...; the kinds there are depend on what is driven.
    where : str
        The object it is on; empty for all of the character that have it.

    Raises
    ------
    RigError
        When a name is empty or a number makes no sense.
    """

    channel: str
    target: str
    gain: float = 1.0
    offset: float = 0.0
    low: float = 0.0
    high: float = 1.0
    use: bool = True
    curve: str = "linear"
    power: float = 1.0
    kind: str = SHAPE_KEY
    where: str = ""

    def __post_init__(self) -> None:
        if not self.channel or not self.target:
            raise RigError(f"Expected a channel and a target, got '{self.channel}' and '{self.target}'.")
        numbers = (self.gain, self.offset, self.low, self.high, self.power)
        if not all(map(math.isfinite, numbers)):
            raise RigError(f"Expected finite numbers in the mapping of '{self.target}', got {numbers}.")
        if self.low > self.high:
            raise RigError(f"Expected min below max for '{self.target}', got {self.low:g} and {self.high:g}.")
        if self.curve not in CURVES or self.power <= 0:
            raise RigError(
                f"Expected one of the curves {', '.join(CURVES)} and a power above 0 for '{self.target}', "
                f"got '{self.curve}' and {self.power:g}."
            )
        if not self.kind.isidentifier():
            raise RigError(f"Expected the kind of '{self.target}', such as {SHAPE_KEY}, got '{self.kind}'.")


@dataclass(frozen=True, eq=False)
class Rig:
    """Lines that are on, ready to be applied. Other rigs are kinds of it, and whoever has one need not know which.

    Parameters
    ----------
    lines : sequence of Line
        Those that are off are left out.
    """

    lines: tuple[Line, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "lines", tuple(line for line in self.lines if line.use))

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels that are read, each once."""
        return tuple(dict.fromkeys(line.channel for line in self.lines))

    @property
    def controls(self) -> tuple[str, ...]:
        """The T controls that are driven, each once: the numbers that are keyed."""
        return tuple(dict.fromkeys(line.target for line in self.lines))

    @property
    def stepped(self) -> np.ndarray:
        """Which controls have nothing between one key and the next, as whole numbers have [shape=(T,), bool]."""
        return np.zeros(len(self.controls), bool)

    @property
    def neutral(self) -> np.ndarray:
        """Values of the controls on a silent face [shape=(T,), float32]; NaN where there is none, as of drawings."""
        return self.retarget(Motion(np.zeros((1, 0)), (), 1.0))[0]

    @property
    def direct_lines(self) -> tuple[Line, ...]:
        """The lines whose controls are keyed just as they say, so that keys can be read back through them."""
        return self.lines

    def evaluate(self, motion: Motion, timeline: Timeline, frames: np.ndarray, between: bool = False) -> np.ndarray:
        """What the controls are to show on frames of a scene: what preview shows, and what a bake keys.

        Parameters
        ----------
        motion : Motion
            The whole take.
        timeline : Timeline
            Where its seconds lie among the frames.
        frames : ndarray [shape=(F,)]
            May lie between whole ones.
        between : bool
            Whether lips may meet between two frames; else they are shut on the nearer one.

        Returns
        -------
        ndarray [shape=(F, T), float32]
        """
        return self.retarget(on_frames(motion, timeline, frames, between))

    def retarget(self, motion: Motion) -> np.ndarray:
        """Values of the controls [shape=(F, T), float32] on the motion's own frames; channels it lacks count as 0.

        Lines of one control add up, within the lowest low and the highest high of them.
        """
        controls = self.controls
        values = np.zeros((motion.frames, len(controls)), np.float32)
        low, high = np.full(len(controls), np.inf, np.float32), np.full(len(controls), -np.inf, np.float32)
        columns = {name: motion.values[:, index] for index, name in enumerate(motion.channels)}
        rest = np.zeros(motion.frames, np.float32)
        for line in self.lines:
            column = controls.index(line.target)
            moved = _shaped(columns.get(line.channel, rest), line) * np.float32(line.gain) + np.float32(line.offset)
            values[:, column] += moved
            low[column], high[column] = min(low[column], line.low), max(high[column], line.high)
        return values.clip(low, high)


def _shaped(values: np.ndarray, line: Line) -> np.ndarray:
    """The curve of a line; negative values (rotations) keep their sign."""
    if line.curve == "linear":
        return values
    size = np.abs(values)
    bent = smoothstep(size) if line.curve == "ease" else size**line.power
    return np.sign(values) * bent.astype(np.float32)


def lines_for(meshes: Sequence[Iterable[str]]) -> tuple[tuple[Line, ...], ...]:
    """The lines of each mesh of a character, given the shape names of each.

    ARKit and visemes both move the mouth, so driving both would double it: where the character has ARKit's mouth
    shapes the visemes rest, and otherwise visemes make the mouth and ARKit's few mouth shapes rest. A mesh that has
    only the other kind (teeth with visemes below an ARKit face) is driven by that kind. Lines at rest are off.
    """
    return _lines_for(tuple(tuple(names) for names in meshes))


def bone_lines(bones: Mapping[str, float]) -> tuple[Line, ...]:
    """The lines of a face of bones, given the length of each bone; locations come out in the unit of the lengths."""
    for one in recognise((), bones):
        unit = bones.get(one.convention.unit, 1.0)
        return tuple(
            replace(line, gain=line.gain * scale, low=line.low * scale, high=line.high * scale)
            for name, targets in one.found.items()
            for target in targets
            for scale in (unit if target.kind.startswith("location") else 1.0,)
            for line in lines_of(target, name)
        )
    return ()


@lru_cache(maxsize=64)  # a panel asks at every redraw
def _lines_for(meshes: tuple[tuple[str, ...], ...]) -> tuple[tuple[Line, ...], ...]:
    every = tuple(dict.fromkeys(name for names in meshes for name in names))
    ranked, trust = recognise(every), Trust(every)
    found = [_on_mesh(names, ranked, trust) for names in meshes]
    channels = {c for one in found for targets in one.values() for target in targets for c in target.weights}
    speaks_arkit = len(channels.intersection(MOUTH)) >= ENOUGH_MOUTH or not channels.intersection(VISEMES)
    resting = frozenset(VISEMES if speaks_arkit else MOUTH)
    return tuple(_lines(one, resting) for one in found)


def _on_mesh(names: Sequence[str], ranked: Sequence[Recognition], trust: Trust) -> dict[str, tuple[Target, ...]]:
    """What each name of a mesh is. The best convention speaks first; others add what moves nothing yet.

    Of the others, makeshifts (both lids in one shape) come last.
    """
    found: dict[str, tuple[Target, ...]] = {}
    moved: set[str] = set()
    every = [_known(names, one, trust) for one in ranked]
    for here, makeshifts in [(one, None) for one in every[:1]] + [(one, m) for m in (False, True) for one in every[1:]]:
        before = frozenset(moved)
        for name, targets in here.items():
            kept = tuple(t for t in targets if makeshifts in (None, bool(t.unless)) and not before & t.weights.keys())
            if kept and name not in found:
                found[name] = kept
                moved.update(channel for target in kept for channel in target.weights)
    return {name: found[name] for name in names if name in found}


def _known(names: Sequence[str], one: Recognition, trust: Trust) -> dict[str, tuple[Target, ...]]:
    """What the names of a mesh are in a convention that was recognised on the character."""
    known = {id(target) for targets in one.found.values() for target in targets}
    spelt = spelled(one.convention, names, trust, enough=True)
    here = {name: tuple(t for t in targets if id(t) in known) for name, targets in spelt.items()}
    taken = {id(target) for targets in here.values() for target in targets}
    guessed = {name: one.found[name] for name in one.guessed if name in names and id(one.found[name][0]) not in taken}
    return {**here, **guessed}


def _lines(found: Mapping[str, tuple[Target, ...]], resting: frozenset[str]) -> tuple[Line, ...]:
    here = {target.name for targets in found.values() for target in targets}
    speaking = [s for targets in found.values() for target in targets if (s := _speech(target)) and target.rests]
    if all(channels <= resting for channels in speaking):
        resting = frozenset()
    lines = []
    for name, targets in found.items():
        for target in targets:
            speech = _speech(target)
            at_rest = target.rests and bool(speech) and speech <= resting
            use = not at_rest and not here.intersection(target.unless)
            lines += [replace(line, use=use) for line in lines_of(target, name)]
    return tuple(lines)


def lines_of(target: Target, name: str) -> tuple[Line, ...]:
    """The lines of one control of a convention, called `name` on the character."""
    return tuple(
        Line(channel, name, weight, 0.0, target.low, target.high, True, target.curve, target.power, target.kind)
        for channel, weight in target.weights.items()
    )


def _speech(target: Target) -> set[str]:
    return {channel for channel in target.weights if channel in MOUTH or channel in VISEMES}
