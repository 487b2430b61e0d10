# SPDX-License-Identifier: GPL-3.0-or-later
"""What a bake did, as numbers and as the sentences an artist reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...inference.keys.merge import Span
from ..blender.actions import SlotRef
from ..character.character import Character
from .edits import CurveChange
from .keys import Grid
from .mode import ADDITIVE, EXISTING, NEW, SPARSE, Mode
from .plan import PartPlan


@dataclass(frozen=True)
class LineReport:
    """What a bake did of one line: its key, its first and last keyed frame, and the keys between these."""

    line: str
    first: int
    last: int
    keys: int


def line_reports(grids: Sequence[Grid], changes: Sequence[CurveChange]) -> list[LineReport]:
    """What the changed curves have of each line that was baked, given the frames that were keyed of them."""
    reports: dict[str, LineReport] = {}
    for grid in grids:
        ends = grid.frames[[0, -1]] + (-0.5, 0.5)
        keys = sum(int(np.diff(np.searchsorted(change.keys["co"][:, 0], ends))[0]) for change in changes)
        one = LineReport(grid.key, int(grid.frames[0]), int(grid.frames[-1]), keys)
        so_far = reports.get(grid.key, one)
        keys += so_far.keys if so_far is not one else 0
        reports[grid.key] = LineReport(grid.key, min(so_far.first, one.first), max(so_far.last, one.last), keys)
    return list(reports.values())


@dataclass(frozen=True)
class BakeReport:
    """What a bake did.

    Parameters
    ----------
    actions : tuple of str
        The Actions that hold the keys; one from Blender 4.4 on.
    previous : tuple of str
        The Actions that were in use, each with how it was kept.
    curves, keys, meshes : int
        How many were written, and on how many sets of shape keys.
    frames : tuple of int
        First and last keyed frame.
    warnings : tuple of str
        Sentences about what will not move as the curves say.
    dense : int
        How many keys one on every frame would have been.
    kept, kept_curves : int
        Keys that the artist changed, moved, added or deleted and that are still so, and on how many curves.
    replaced : int
        Keys of the artist's own, in the Action in use and never baked, that the bake took the place of.
    locked_curves, locked_ranges : int
        How many were left alone.
    into : str
        As in `Mode`.
    poses : int
        How many poses lie in the NLA as strips.
    lines : tuple of LineReport
        Each line that was baked.
    """

    actions: tuple[str, ...]
    previous: tuple[str, ...]
    curves: int
    keys: int
    meshes: int
    frames: tuple[int, int]
    warnings: tuple[str, ...]
    dense: int = 0
    kept: int = 0
    kept_curves: int = 0
    replaced: int = 0
    locked_curves: int = 0
    locked_ranges: int = 0
    into: str = NEW
    poses: int = 0
    lines: tuple[LineReport, ...] = ()

    @classmethod
    def of_plans(
        cls,
        who: Character,
        plans: Sequence[PartPlan],
        grids: Sequence[Grid],
        locked: Sequence[Span],
        homes: Sequence[SlotRef],
        previous: Sequence[str],
    ) -> BakeReport:
        """What the plans of all parts of a character did, given where their keys are and what was there (`write`)."""
        changes = [change for plan in plans for change in plan.changes]
        each = line_reports(grids, changes)
        keeps_locks = any(plan.copies or plan.mode.into == EXISTING for plan in plans)
        return cls.of_changes(
            changes,
            np.unique(np.concatenate([grid.frames for grid in grids])),
            plans[0].mode,
            keys=sum(line.keys for line in each),
            warnings=[text for plan in plans for text in plan.warnings],
            actions=[home.action.name for home in homes],
            previous=previous,
            curves=len(changes),
            meshes=len(who.meshes),
            locked_curves=sum(len(plan.locked) for plan in plans),
            locked=locked if keeps_locks else (),
            lines=each,
        )

    @classmethod
    def of_changes(
        cls,
        changes: Sequence[CurveChange],
        frames: np.ndarray,
        mode: Mode,
        *,
        keys: int,
        warnings: Iterable[str],
        actions: Iterable[str] = (),
        previous: Iterable[str] = (),
        curves: int = 0,
        meshes: int = 0,
        poses: int = 0,
        locked_curves: int = 0,
        locked: Iterable[Span] = (),
        lines: Iterable[LineReport] = (),
    ) -> BakeReport:
        """Count what a bake changed.

        Parameters
        ----------
        changes : sequence of CurveChange
            The curves of controls, or those of the influences of poses.
        frames : ndarray [shape=(F,)]
            The frames that were keyed.
        mode : Mode
            How it was baked.
        keys, warnings, actions, previous, curves, meshes, poses, locked_curves, lines
            As in the report; `actions` and `previous` may repeat, and empty ones of `previous` are left out.
        locked : iterable of Span
            The ranges that were minded; those that meet no frame of the bake do not count.
        """
        first, last = int(frames[0]), int(frames[-1])
        return cls(
            actions=tuple(dict.fromkeys(actions)),
            previous=tuple(dict.fromkeys(text for text in previous if text)),
            curves=curves,
            keys=keys,
            meshes=meshes,
            frames=(first, last),
            warnings=tuple(warnings),
            dense=len(changes) * len(frames) if mode.keys == SPARSE else 0,
            kept=sum(change.kept for change in changes),
            kept_curves=sum(change.kept > 0 for change in changes),
            replaced=sum(change.replaced for change in changes),
            locked_curves=locked_curves,
            locked_ranges=sum(begin <= last and end >= first for begin, end in locked),
            into=mode.into,
            poses=poses,
            lines=tuple(lines),
        )

    def with_poses(self, poses: BakeReport) -> BakeReport:
        """As one report: what was baked into curves, and the poses that the same bake laid into the NLA."""
        return replace(
            self,
            keys=poses.keys + self.keys,
            warnings=(*poses.warnings, *self.warnings),
            dense=poses.dense + self.dense,
            kept=poses.kept + self.kept,
            kept_curves=poses.kept_curves + self.kept_curves,
            into=poses.into,
            poses=poses.poses,
            lines=tuple(
                replace(one, keys=one.keys + other.keys) for one, other in zip(self.lines, poses.lines, strict=True)
            ),
        )

    def __str__(self) -> str:
        meshes = {0: "", 1: " on 1 mesh"}.get(self.meshes, f" on {self.meshes} meshes")
        name = f"Action '{self.actions[0]}'" if len(self.actions) == 1 else f"{len(self.actions)} Actions"
        how = " as an added NLA strip" if self.into == ADDITIVE else ""
        first, last = self.frames
        sentences = [f"Baked {_count(self.curves, 'curve')}{meshes}, frames {first} to {last}, into {name}{how}."]
        if self.poses:
            laid = f"Laid {_count(self.poses, 'pose')} into the NLA, frames {self.frames[0]} to {self.frames[1]}."
            sentences = [laid, *(sentences if self.curves else [])]
        if self.keys < self.dense:
            sentences.append(f"{self.keys} keys instead of {self.dense} ({1 - self.keys / self.dense:.0%} saved).")
        return " ".join(filter(None, (*sentences, self.of_the_artists(), *self.warnings)))

    def of_the_artists(self) -> str:
        """Sentences on what became of the artist's own keys, locks and Actions; "" where there were none."""
        sentences = []
        if self.kept:
            sentences.append(f"Kept {_count(self.kept, 'key')} of yours on {_count(self.kept_curves, 'curve')}.")
        if self.replaced:
            sentences.append(f"Replaced {_count(self.replaced, 'key')} that you had set; Unbake brings them back.")
        if self.locked_curves or self.locked_ranges:
            locks = [(self.locked_curves, "locked curve"), (self.locked_ranges, "locked range")]
            sentences.append(f"Left {' and '.join(_count(number, what) for number, what in locks if number)} alone.")
        if self.previous:
            rest = len(self.previous) - 2
            sentences.append(f"Previous: {', '.join(self.previous[:2])}{f' and {rest} more' if rest > 0 else ''}.")
        return " ".join(sentences)


def _count(number: int, what: str) -> str:
    return f"1 {what}" if number == 1 else f"{number} {what}s"
