# SPDX-License-Identifier: GPL-3.0-or-later
"""Drawings that the mapping names and that do not exist."""

from __future__ import annotations

from collections.abc import Sequence

from ....inference.retarget.drawings import mouths_of
from ...character.character import Part
from ...targets.control import some
from ...targets.kinds import grease_pencil, image_sequence
from ..case import Case, Finding

ORDER = 33


def find(case: Case) -> list[Finding]:
    findings = []
    for part in case.who.parts:
        modifier = grease_pencil.fixed(part.obj)
        if modifier is not None and (absent := _absent(part, grease_pencil.DRAWING, _numbers(part, modifier))):
            findings.append(
                Finding(f"'{part.obj.name}' has no drawing on frame {some(absent)}: draw it, or choose another.")
            )
        shows = image_sequence.users(part.obj, part.block) if _may_show_images(part) else []
        if shows:
            image = part.obj.data if part.block == part.obj else shows[0].image
            if absent := _absent(part, image_sequence.IMAGE, image_sequence.files(image)):
                findings.append(Finding(f"Image '{image.name}' has no file with the number {some(absent)}."))
    return findings


def _may_show_images(part: Part) -> bool:
    return part.block == part.obj or part.block.id_type == "NODETREE"


def _numbers(part: Part, modifier: object) -> list[str]:
    return [str(frame) for frame in grease_pencil.frames(part.obj, modifier)]


def _absent(part: Part, kind: str, present: Sequence[str]) -> list[str]:
    """Drawings that lines of a kind name and that are not among those present, in numeric order."""
    lines = [line for line in part.rig.lines if line.kind == kind]
    absent = [mouth.name for mouth in mouths_of(lines) if mouth.name not in present]
    return sorted(absent, key=lambda name: (len(name), name))
