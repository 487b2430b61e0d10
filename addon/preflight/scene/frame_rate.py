# SPDX-License-Identifier: GPL-3.0-or-later
"""A frame rate that is not the one of the bake, or Time Stretching: keys and sound run apart."""

from __future__ import annotations

from ...bake import edits
from ...blender import actions
from ...blender.timeline import frame_rate
from ..case import Case, Finding

ORDER = 60


def find(case: Case) -> list[Finding]:
    render = case.scene.render
    found = []
    if render.frame_map_old != render.frame_map_new:
        found.append(
            Finding("Time Stretching remaps frames when rendering, so keys and sound run apart.", "Switch It Off")
        )
    baked = _baked_at(case)
    now = frame_rate(case.scene)
    if baked is not None and abs(baked[0] / baked[1] - now) > 1e-3:
        rate = f"{baked[0] / baked[1]:.6g}"
        found.append(
            Finding(
                f"Baked at {rate} frames per second, but the scene runs at {now:.6g}: keys and sound run apart. "
                "Bake again, or go back.",
                f"Set {rate} fps",
            )
        )
    return found


def mend(case: Case) -> None:
    render = case.scene.render
    render.frame_map_old = render.frame_map_new = 100
    baked = _baked_at(case)
    if baked is not None:
        render.fps, render.fps_base = round(baked[0]), baked[1]


def _baked_at(case: Case) -> tuple[float, float] | None:
    homes = [actions.slot_in_use(part.block) for part in case.who.parts]
    return next((rate for home in homes if home is not None and (rate := edits.rate(home)) is not None), None)
