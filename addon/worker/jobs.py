# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes on their way from the worker: one request after the other, each take ready to be kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ...inference.core.motion import Motion
from ...inference.takes.packing import Packing
from .process import Job


@dataclass(frozen=True, eq=False)
class Made:
    """What came back for one request; second 0 of the motion is the start of the speech."""

    motion: Motion
    seed: int
    provider: str
    recipe: str
    packing: Packing


class Series(Job):
    """Several requests, one after the other: the takes that were made of them are in `made`.

    It is done when they are packed, too: that happens in threads, so that keeping them does not hold up the window.

    Parameters
    ----------
    requests : sequence of dict
        As `Job` takes them.
    begin : float
        Seconds of the sound file at which the speech begins.
    """

    def __init__(self, requests: Sequence[dict[str, Any]], begin: float) -> None:
        self._requests, self._begin = tuple(requests), begin
        self.made: list[Made] = []
        self._heard_packing: Packing | None = None  # of what was heard in the last request
        super().__init__(requests[0])

    def advance(self, wait: float = 0.0) -> bool:
        if len(self.made) < len(self._requests) and super().advance(wait) and self.motion is not None:
            self._keep(self.motion)
        if len(self.made) < len(self._requests):
            return False
        packings = [one.packing for one in self.made] + ([self._heard_packing] if self._heard_packing else [])
        return all(one.is_done(wait) for one in packings)

    @property
    def heard_text(self) -> str | None:
        """What was heard, packed; None where nothing was."""
        return self._heard_packing.text() if self._heard_packing else None

    def _keep(self, motion: Motion) -> None:
        """Pack what came, and go on to the next request."""
        motion = replace(motion, start=motion.start - self._begin)
        seed = self._requests[len(self.made)].get("seed", 0)
        self.made.append(Made(motion, seed, self.provider, self.recipe, Packing(motion)))
        if len(self.made) < len(self._requests):
            super().__init__(self._requests[len(self.made)])
            self.fraction = len(self.made) / len(self._requests)
        elif self.heard is not None:
            self._heard_packing = Packing(self.heard)

    def _take_in(self, header: dict[str, Any], payload: bytes) -> None:
        super()._take_in(header, payload)
        count = len(self._requests)
        if header.get("event") == "progress" and count > 1:
            self.fraction = (len(self.made) + self.fraction) / count
            self.stage = f"Take {len(self.made) + 1} of {count}"
