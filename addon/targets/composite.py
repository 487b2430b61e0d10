# SPDX-License-Identifier: GPL-3.0-or-later
"""Several kinds of control on one data-block as one: for example an armature's bones and its custom properties.

They share the data-block's Action, so they are baked, kept and unbaked together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import bpy
import numpy as np

from ...inference.core.motion import Motion
from ...inference.core.timeline import Timeline
from ...inference.retarget.rig import Line, Rig
from .control import Values


@dataclass(frozen=True, eq=False)
class RigSubset(Rig):
    """Some of a rig's controls: those that no other kind of control keys already.

    Parameters
    ----------
    lines : sequence of Line
        Of the whole rig.
    whole : Rig
    names : tuple of str
        The controls of this subset.
    """

    whole: Rig = field(default_factory=lambda: Rig(()))
    names: tuple[str, ...] = ()

    @property
    def controls(self) -> tuple[str, ...]:
        """The controls of this subset."""
        return self.names

    @property
    def stepped(self) -> np.ndarray:
        """Which of them are keyed with constant interpolation [shape=(T,), bool]."""
        return self.whole.stepped[self._columns]

    @property
    def neutral(self) -> np.ndarray:
        """Their values on a silent face [shape=(T,), float32]."""
        return self.whole.neutral[self._columns]

    @property
    def direct_lines(self) -> tuple[Line, ...]:
        """The direct lines of the whole rig that move a control of this subset."""
        return tuple(line for line in self.whole.direct_lines if line.target in self.names)

    def evaluate(self, motion: Motion, timeline: Timeline, frames: np.ndarray, between: bool = False) -> np.ndarray:
        """Their values [shape=(F, T), float32] on frames of a scene."""
        return self.whole.evaluate(motion, timeline, frames, between)[:, self._columns]

    def retarget(self, motion: Motion) -> np.ndarray:
        """Their values [shape=(F, T), float32] on the motion's own frames."""
        return self.whole.retarget(motion)[:, self._columns]

    @property
    def _columns(self) -> list[int]:
        return [self.whole.controls.index(name) for name in self.names]


@dataclass(frozen=True, eq=False)
class CompositeRig(Rig):
    """The rigs of several kinds of control as one: their controls one after another.

    Parameters
    ----------
    lines : sequence of Line
        Of all rigs.
    rigs : tuple of Rig
    """

    rigs: tuple[Rig, ...] = ()

    @classmethod
    def of(cls, rigs: Sequence[Rig]) -> CompositeRig:
        """The rig made of some rigs, in their order."""
        return cls(tuple(line for rig in rigs for line in rig.lines), tuple(rigs))

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels that are read, each once."""
        return tuple(dict.fromkeys(channel for rig in self.rigs for channel in rig.channels))

    @property
    def controls(self) -> tuple[str, ...]:
        """The controls that are driven, each once."""
        return tuple(name for rig in self.rigs for name in rig.controls)

    @property
    def stepped(self) -> np.ndarray:
        """Which of them are keyed with constant interpolation [shape=(T,), bool]."""
        return np.concatenate([rig.stepped for rig in self.rigs])

    @property
    def neutral(self) -> np.ndarray:
        """Their values on a silent face [shape=(T,), float32]; NaN where there is none."""
        return np.concatenate([rig.neutral for rig in self.rigs])

    @property
    def direct_lines(self) -> tuple[Line, ...]:
        """The direct lines of all rigs."""
        return tuple(line for rig in self.rigs for line in rig.direct_lines)

    def evaluate(self, motion: Motion, timeline: Timeline, frames: np.ndarray, between: bool = False) -> np.ndarray:
        """Their values [shape=(F, T), float32] on frames of a scene."""
        return np.hstack([rig.evaluate(motion, timeline, frames, between) for rig in self.rigs])

    def retarget(self, motion: Motion) -> np.ndarray:
        """Their values [shape=(F, T), float32] on the motion's own frames."""
        return np.hstack([rig.retarget(motion) for rig in self.rigs])


@dataclass(frozen=True)
class CompositeTarget:
    """Several kinds of control of one data-block; each question goes to the kind that owns the control.

    Parameters
    ----------
    owners : mapping of str to Values
        The kind of each control that is driven.
    """

    owners: Mapping[str, Values]

    def blocks(self) -> Iterable[bpy.types.ID]:
        """All data-blocks of this kind in the file."""
        return next(iter(self.owners.values())).blocks()

    def value(self, block: Any, name: str) -> float:
        """The current value of a control."""
        return self.owners[name].value(block, name)

    def set_value(self, block: Any, name: str, value: float) -> None:
        """Move a control; nothing happens when it is gone. A name without an owner is tried on each kind."""
        for owner in [self.owners[name]] if name in self.owners else set(self.owners.values()):
            owner.set_value(block, name, value)

    def set_values(self, block: Any, values: Mapping[str, float]) -> None:
        """Move many controls at once; those that are gone are left out."""
        by_owner: dict[int, tuple[Values, dict[str, float]]] = {}
        for name, value in values.items():
            owner = self.owners[name]
            by_owner.setdefault(id(owner), (owner, {}))[1][name] = value
        for owner, own in by_owner.values():
            owner.set_values(block, own)

    def curve(self, block: Any, name: str) -> tuple[str, int]:
        """Data path and array index of its F-curve."""
        return self.owners[name].curve(block, name)

    def ensure_editable(self, obj: bpy.types.Object, block: Any) -> None:
        """Raise a RigError that says what to do when the data-block cannot be keyed."""
        for owner in dict.fromkeys(self.owners.values()):
            owner.ensure_editable(obj, block)

    def obstacles(self, obj: bpy.types.Object, block: Any, names: Sequence[str], values: np.ndarray) -> list[str]:
        """Sentences about controls that will not take the values [shape=(F, T)] that are to be keyed."""
        sentences = []
        for owner in dict.fromkeys(self.owners.values()):
            own = [column for column, name in enumerate(names) if self.owners[name] is owner]
            sentences += owner.obstacles(obj, block, [names[column] for column in own], values[:, own])
        return sentences
