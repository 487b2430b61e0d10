# SPDX-License-Identifier: GPL-3.0-or-later
"""Poses that cannot be played: an Action that is gone, or bones keyed in a rotation mode they do not have."""

from __future__ import annotations

from ...targets.control import some
from ...targets.kinds import actions
from ..case import Case, Finding

ORDER = 45


def find(case: Case) -> list[Finding]:
    present = {name for controls in actions.found(case.members) for name in controls.names}
    wanted = dict.fromkeys(line.target for line in case.lines if line.use and line.kind == actions.KIND)
    findings = []
    if gone := [name for name in wanted if name not in present]:
        text = f"No Action of this name poses anything here: {some(gone)}. Choose others under Mapping."
        findings.append(Finding(text))
    for name, bones in _other_modes(case).items():
        text = f"On '{name}', poses are keyed in another rotation mode than bones have: {some(bones)}."
        findings.append(Finding(text, "Set Mode"))
    return findings


def mend(case: Case) -> None:
    """Set the rotation mode of the bones to that of their poses."""
    for part in case.who.parts:
        for name in _other_modes(case).get(part.obj.name, ()):
            bone = part.obj.pose.bones[name]
            paths = {part.target.curve(part.block, control)[0] for control in part.rig.controls}
            modes = {"rotation_quaternion": "QUATERNION", "rotation_axis_angle": "AXIS_ANGLE", "rotation_euler": "XYZ"}
            bone.rotation_mode = next(mode for last, mode in modes.items() if bone.path_from_id(last) in paths)


def _other_modes(case: Case) -> dict[str, list[str]]:
    """For each object the bones whose rotation mode is not that of their poses."""
    bones_of = {}
    for part in case.who.parts:
        if any(line.kind == actions.KIND for line in part.rig.lines) and part.obj.pose is not None:
            places = [part.target.curve(part.block, name) for name in part.rig.controls]
            paths = [f"{path}[{index}]" for path, index in places]
            if bones := actions.other_modes(part.block, paths):
                bones_of[part.obj.name] = bones
    return bones_of
