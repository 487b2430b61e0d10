# SPDX-License-Identifier: GPL-3.0-or-later
"""Retargeting: from channels to the controls of a character.

A mapping is a list of lines, each of which takes one channel to one control: ``gain x curve(channel) + offset``. Lines
of one control add up, and the sum is clipped to low and high. `lines_for` writes the lines of a character from the
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
from .convention import CURVES, SHAPE_KEY, ConventionEntry
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
    """Lines that are on, ready to be applied. Every other kind of rig is a subclass, used in the same way.

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
        """The T controls that are driven, each once; a bake keys one F-curve for each."""
        return tuple(dict.fromkeys(line.target for line in self.lines))

    @property
    def stepped(self) -> np.ndarray:
        """Which controls keep their value from one key to the next (constant interpolation) [shape=(T,), bool]."""
        return np.zeros(len(self.controls), bool)

    @property
    def neutral(self) -> np.ndarray:
        """Values of the controls on a silent face [shape=(T,), float32]; NaN where there is none, as of drawings."""
        return self.retarget(Motion(np.zeros((1, 0)), (), 1.0))[0]

    @property
    def direct_lines(self) -> tuple[Line, ...]:
        """The lines that give a control its value directly, so that keys can be read back through them."""
        return self.lines

    def evaluate(self, motion: Motion, timeline: Timeline, frames: np.ndarray, between: bool = False) -> np.ndarray:
        """Values of the controls on frames of a scene: preview shows them, and a bake keys them.

        Parameters
        ----------
        motion : Motion
            The whole take.
        timeline : Timeline
            Which second lies on which frame.
        frames : ndarray [shape=(F,)]
            May lie between whole frames.
        between : bool
            Whether lips may close between two frames; else each closure is moved to the nearest frame.

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
    """Values after the curve of a line; negative values (rotations) keep their sign."""
    if line.curve == "linear":
        return values
    size = np.abs(values)
    bent = smoothstep(size) if line.curve == "ease" else size**line.power
    return np.sign(values) * bent.astype(np.float32)


def lines_for(meshes: Sequence[Iterable[str]]) -> tuple[tuple[Line, ...], ...]:
    """The lines of each mesh of a character, given the shape names of each.

    ARKit and visemes both move the mouth, so driving both would double it: where the character has ARKit's mouth
    shapes the visemes rest, and otherwise visemes make the mouth and ARKit's few mouth shapes rest. A mesh that has
    only the other kind (teeth with visemes below an ARKit face) is driven by that kind. Lines at rest are turned off.
    """
    return _lines_for(tuple(tuple(names) for names in meshes))


def bone_lines(bones: Mapping[str, float]) -> tuple[Line, ...]:
    """The lines of a face of bones, given the length of each bone; locations come out in the unit of the lengths."""
    for recognition in recognise((), bones):
        unit = bones.get(recognition.convention.unit, 1.0)
        return tuple(
            replace(line, gain=line.gain * scale, low=line.low * scale, high=line.high * scale)
            for name, targets in recognition.found.items()
            for target in targets
            for scale in (unit if target.kind.startswith("location") else 1.0,)
            for line in lines_of(target, name)
        )
    return ()


@lru_cache(maxsize=64)  # a panel asks at every redraw
def _lines_for(meshes: tuple[tuple[str, ...], ...]) -> tuple[tuple[Line, ...], ...]:
    all_names = tuple(dict.fromkeys(name for names in meshes for name in names))
    ranked, trust = recognise(all_names), Trust(all_names)
    matches = [_on_mesh(names, ranked, trust) for names in meshes]
    channels = {c for mesh in matches for targets in mesh.values() for target in targets for c in target.weights}
    speaks_arkit = len(channels.intersection(MOUTH)) >= ENOUGH_MOUTH or not channels.intersection(VISEMES)
    resting = frozenset(VISEMES if speaks_arkit else MOUTH)
    return tuple(_lines(mesh, resting) for mesh in matches)


def _on_mesh(
    names: Sequence[str], ranked: Sequence[Recognition], trust: Trust
) -> dict[str, tuple[ConventionEntry, ...]]:
    """The controls that each name of a mesh is.

    The best convention decides first; the others add controls of channels that move nothing yet. Of the others,
    makeshifts (both lids in one shape) come last.
    """
    found: dict[str, tuple[ConventionEntry, ...]] = {}
    moved: set[str] = set()
    best, *others = [_known(names, recognition, trust) for recognition in ranked] or [{}]
    for matches, makeshifts in [(best, None), *((other, m) for m in (False, True) for other in others)]:
        before = frozenset(moved)
        for name, targets in matches.items():
            kept = tuple(t for t in targets if makeshifts in (None, bool(t.unless)) and not before & t.weights.keys())
            if kept and name not in found:
                found[name] = kept
                moved.update(channel for target in kept for channel in target.weights)
    return {name: found[name] for name in names if name in found}


def _known(names: Sequence[str], recognition: Recognition, trust: Trust) -> dict[str, tuple[ConventionEntry, ...]]:
    """The controls that the names of one mesh are in a convention that was recognised on the whole character."""
    found = recognition.found
    known = {id(target) for targets in found.values() for target in targets}
    spelt = spelled(recognition.convention, names, trust, enough=True)
    matches = {name: tuple(t for t in targets if id(t) in known) for name, targets in spelt.items()}
    taken = {id(target) for targets in matches.values() for target in targets}
    guessed = {name: found[name] for name in recognition.guessed if name in names and id(found[name][0]) not in taken}
    return {**matches, **guessed}


def _lines(found: Mapping[str, tuple[ConventionEntry, ...]], resting: frozenset[str]) -> tuple[Line, ...]:
    """The lines of one mesh; those of mouth channels in `resting` are off, unless the mesh has no others."""
    present = {target.name for targets in found.values() for target in targets}
    speaking = [s for targets in found.values() for target in targets if (s := _speech(target)) and target.rests]
    if all(channels <= resting for channels in speaking):
        resting = frozenset()
    lines = []
    for name, targets in found.items():
        for target in targets:
            speech = _speech(target)
            at_rest = target.rests and bool(speech) and speech <= resting
            use = not at_rest and not present.intersection(target.unless)
            lines += [replace(line, use=use) for line in lines_of(target, name)]
    return tuple(lines)


def lines_of(target: ConventionEntry, name: str) -> tuple[Line, ...]:
    """The lines of one control of a convention, called `name` on the character."""
    return tuple(
        Line(channel, name, weight, 0.0, target.low, target.high, True, target.curve, target.power, target.kind)
        for channel, weight in target.weights.items()
    )


def _speech(target: ConventionEntry) -> set[str]:
    """The channels of mouth and visemes that move a control."""
    return {channel for channel in target.weights if channel in MOUTH or channel in VISEMES}
