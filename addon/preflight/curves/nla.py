# SPDX-License-Identifier: GPL-3.0-or-later
"""NLA settings that hide a bake: another track in solo, the bake's own muted, or a low influence of the Action."""

from __future__ import annotations

from typing import Any

from ...blender import nla as strips
from ...character.character import Part
from ...targets.control import some
from ..case import Case, Finding

ORDER = 52
_TEXTS = {  # trouble -> sentence, button
    "solo": ("an NLA track is played alone (the star), so the Action in use shows nothing", "End Solo"),
    "off": ("the NLA is switched off, so the added strip of the bake shows nothing", "Switch On"),
    "muted": ("the NLA track or strip of the bake is muted, so it shows nothing", "Unmute"),
    "weak": ("the NLA lets the Action in use count for less than all", "Let It Count"),
}


def find(case: Case) -> list[Finding]:
    troubles = [(trouble, part.obj.name) for part in case.who.parts for trouble in _troubles(part)]
    return [
        Finding(f"On {some(names)}, {text}.", button)
        for trouble, (text, button) in _TEXTS.items()
        if (names := list(dict.fromkeys(repr(name) for each, name in troubles if each == trouble)))
    ]


def mend(case: Case) -> None:
    for part in case.who.parts:
        troubles = _troubles(part)
        if not troubles:
            continue
        data = part.block.animation_data
        if "weak" in troubles:
            data.action_influence, data.action_blend_type = 1.0, "REPLACE"
        data.use_nla = data.use_nla or "off" in troubles
        for track in data.nla_tracks:
            track.is_solo = False
            if track.name == strips.TRACK:
                track.mute = False
                for strip in track.strips:
                    strip.mute = False


def _troubles(part: Part) -> list[str]:
    """Which of the troubles in `_TEXTS` the NLA of a part has."""
    data: Any = part.block.animation_data
    if data is None or not data.nla_tracks or data.use_tweak_mode:
        return []
    ours = [track for track in data.nla_tracks if track.name == strips.TRACK and track.strips]
    weak = data.action is not None and (data.action_influence < 1 or data.action_blend_type != "REPLACE")
    return [
        trouble
        for trouble, is_so in (
            ("solo", any(track.is_solo for track in data.nla_tracks)),
            ("off", bool(ours) and not data.use_nla),
            ("muted", any(track.mute or any(strip.mute for strip in track.strips) for track in ours)),
            ("weak", weak and data.use_nla),
        )
        if is_so
    ]
