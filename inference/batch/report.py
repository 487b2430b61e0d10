# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of a run: ``report.json`` for programs, and ``report.html``, one file that any browser opens."""

from __future__ import annotations

import html
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from ..core.atomic_write import replacing
from ..takes.recipe import package_version
from .outcome import FAILED, KEPT, MADE, Outcome

PAGE = Path(__file__).with_name("report.html")


@dataclass(frozen=True)
class Report:
    """What became of a list.

    Parameters
    ----------
    of : str
        Name of the list.
    began : float
        Seconds since 1970.
    seconds : float
        That all of it took.
    asked : int
        How many shots there were to make; more than outcomes where the run was interrupted.
    outcomes : sequence of Outcome
    """

    of: str
    began: float
    seconds: float
    asked: int
    outcomes: Sequence[Outcome]

    def count(self, state: str) -> int:
        """How many outcomes are of a state."""
        return sum(one.state == state for one in self.outcomes)

    def table(self) -> dict[str, Any]:
        """The report as plain tables, shots in the order of the list."""
        return {
            "facewright": package_version(),
            "list": self.of,
            "began": time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(self.began)),
            "seconds": round(self.seconds, 1),
            "asked": self.asked,
            **{state: self.count(state) for state in (MADE, KEPT, FAILED)},
            "shots": [_shot(one) for one in sorted(self.outcomes, key=lambda one: one.row)],
        }

    def write(self, path: Path) -> None:
        """Write ``path`` with the suffixes .json and .html; raises ExportError where that cannot be."""
        table = self.table()
        with replacing(path.with_suffix(".json")) as part:
            part.write_text(json.dumps(table, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", errors="replace")
        data = json.dumps(table, ensure_ascii=False).replace("<", "\\u003c")  # nothing in it ends the script
        page = PAGE.read_text(encoding="utf-8").replace("{{title}}", html.escape(self.of)).replace("{{data}}", data)
        with replacing(path.with_suffix(".html")) as part:
            part.write_text(page, encoding="utf-8", errors="replace")

    def summary(self) -> str:
        """One line for people."""
        parts = [f"{self.count(MADE)} made", f"{self.count(KEPT)} kept", f"{self.count(FAILED)} failed"]
        missing = self.asked - len(self.outcomes)
        parts += [f"{missing} not begun"] if missing else []
        doubtful = sum(bool(one.warnings) for one in self.outcomes)
        parts += [f"{doubtful} to look at"] if doubtful else []
        return f"{', '.join(parts)} in {self.seconds:.1f} s"


def _shot(outcome: Outcome) -> dict[str, Any]:
    """One shot as a flat table; `look` is higher the sooner somebody should look at it."""
    table = msgspec.structs.asdict(outcome)
    figures = msgspec.structs.asdict(table.pop("figures"))
    return {**table, **figures, "look": _look(outcome)}


def _look(outcome: Outcome) -> float:
    if outcome.state == FAILED:
        return 100.0
    figures = outcome.figures
    missed = (figures.closures - figures.shut) / figures.closures if figures.closures else 0.0
    return round(10.0 * len(outcome.warnings) + 5.0 * missed, 2)
