# SPDX-License-Identifier: GPL-3.0-or-later
"""Several kinds of controls on one data-block, as one: the bones of an armature and its custom properties, say.

They share the data-block's Action, so they are baked, kept and taken back together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import bpy
import numpy as np

from ...inference.core.motion import Motion
from ...inference.retarget.rig import Rig
from .control import Values


@dataclass(frozen=True, eq=False)
class PartialRig(Rig):
    """A rig without those of its targets that another kind of control keys already.

    Parameters
    ----------
    lines : sequence of Line
        Those of the whole rig.
    whole : Rig
    names : tuple of str
        The targets that are left.
    """

    whole: Rig = field(default_factory=lambda: Rig(()))
    names: tuple[str, ...] = ()

    @property
    def targets(self) -> tuple[str, ...]:
        """The controls that are left."""
        return self.names

    @property
    def steps(self) -> frozenset[str]:
        """Those that have nothing between one value and the next."""
        return self.whole.steps

    def retarget(self, motion: Motion) -> np.ndarray:
        """Target values [shape=(F, T), float32] of a motion."""
        columns = [self.whole.targets.index(name) for name in self.names]
        return self.whole.retarget(motion)[:, columns]


@dataclass(frozen=True, eq=False)
class JointRig(Rig):
    """The rigs of several kinds of controls, side by side.

    Parameters
    ----------
    lines : sequence of Line
        Those of all rigs.
    rigs : tuple of Rig
    """

    rigs: tuple[Rig, ...] = ()

    @classmethod
    def of(cls, rigs: Sequence[Rig]) -> JointRig:
        """Side by side, in this order."""
        return cls(tuple(line for rig in rigs for line in rig.lines), tuple(rigs))

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels that are read, each once."""
        return tuple(dict.fromkeys(channel for rig in self.rigs for channel in rig.channels))

    @property
    def targets(self) -> tuple[str, ...]:
        """The controls that are driven, each once."""
        return tuple(name for rig in self.rigs for name in rig.targets)

    @property
    def steps(self) -> frozenset[str]:
        """Those that have nothing between one value and the next."""
        return frozenset().union(*(rig.steps for rig in self.rigs))

    def retarget(self, motion: Motion) -> np.ndarray:
        """Target values [shape=(F, T), float32] of a motion."""
        return np.hstack([rig.retarget(motion) for rig in self.rigs])


@dataclass(frozen=True)
class Joint:
    """Asks the kind of control that a name belongs to.

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
        """What a control stands at now."""
        return self.owners[name].value(block, name)

    def set_value(self, block: Any, name: str, value: float) -> None:
        """Move a control; nothing happens when it is gone."""
        for one in [self.owners[name]] if name in self.owners else set(self.owners.values()):
            one.set_value(block, name, value)

    def curve(self, block: Any, name: str) -> tuple[str, int]:
        """Data path and array index of its F-curve."""
        return self.owners[name].curve(block, name)

    def ensure_editable(self, obj: bpy.types.Object, block: Any) -> None:
        """Raise a RigError that says what to do when the data-block cannot be keyed."""
        for one in dict.fromkeys(self.owners.values()):
            one.ensure_editable(obj, block)

    def obstacles(self, obj: bpy.types.Object, block: Any, names: Sequence[str], values: np.ndarray) -> list[str]:
        """Sentences about what will not move as the values [shape=(F, T)] say."""
        said = []
        for one in dict.fromkeys(self.owners.values()):
            own = [column for column, name in enumerate(names) if self.owners[name] is one]
            said += one.obstacles(obj, block, [names[column] for column in own], values[:, own])
        return said
