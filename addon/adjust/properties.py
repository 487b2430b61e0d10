# SPDX-License-Identifier: GPL-3.0-or-later
"""What an artist dials on a character: sliders, emotions, masks and gains of phones, each of them keyable.

Every one is a property of the character's root of its own (``facewright.slider_jaw``, ``facewright.emotion_joy`` ...),
so that it is keyed, saved, linked and overridden as Blender does these things.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import bpy
from bpy.props import FloatProperty

from ...inference.adjust.emotions import emotions
from ...inference.adjust.phoneme_gains import GROUPS, LARGEST, SPOKEN
from ...inference.adjust.sliders import PHONEMES, needs, sliders
from ...inference.core.channels import BILABIALS
from ...inference.core.regions import REGIONS
from ..blender import changes
from ..blender.changes import Change
from ..blender.rna import OVERRIDABLE, CharacterSettings, adjustment, set_adjustment

PREFIX = "facewright."  # of the paths of these properties


@dataclass(frozen=True)
class Adjustment:
    """One property: the kind of thing it dials ("slider", "emotion", "mask", "phone"), its name there, its range."""

    kind: str
    name: str
    label: str
    about: str
    neutral: float
    low: float
    high: float
    unit: str = ""
    needs: frozenset[str] = frozenset()  # what of the sound it does not work without

    @property
    def field(self) -> str:
        """The name of the property."""
        return f"{self.kind}_{self.name}"

    def property(self) -> Any:
        """The property as Blender wants it."""
        wide = self.high - self.low
        return FloatProperty(
            name=f"{self.label} ({self.unit})" if self.unit else self.label,
            description=self.about,
            default=self.neutral,
            min=self.low,
            max=self.high,
            step=100 if wide > 50 else 1,
            precision=0 if wide > 50 else 2,
            update=_changed,
            override=OVERRIDABLE,
        )


def _dials() -> Iterator[Adjustment]:
    for name, slider in sliders().items():
        limits = slider.NEUTRAL, slider.LOW, slider.HIGH
        yield Adjustment("slider", name, slider.LABEL, slider.ABOUT, *limits, slider.UNIT, needs(slider))
    for name, emotion in emotions().items():
        about = f"{emotion.about}. By rule, after action units {emotion.action_units.partition(':')[0]}"
        yield Adjustment("emotion", name, emotion.label, about, 0.0, 0.0, 1.0)
    for region in REGIONS:
        about = f"How much of sliders, emotions and phones counts in: {', '.join(REGIONS[region][:4])} ..."
        yield Adjustment("mask", region, region.title(), about, 1.0, 0.0, 1.0)
    for phone in SPOKEN:
        about = "How hard the lips press on it" if phone in BILABIALS else "How far the mouth goes on it"
        yield Adjustment(
            "phone", phone, phone, f"{about}: 1 is as generated", 1.0, 0.0, LARGEST, "", frozenset({PHONEMES})
        )


def _changed(self: CharacterSettings, _context: bpy.types.Context) -> None:
    changes.announce(self.id_data, Change.ADJUSTMENTS)


ADJUSTMENTS: dict[str, Adjustment] = {dial.field: dial for dial in _dials()}
GROUP_FIELDS: dict[str, str] = {f"group_{number}": name for number, name in enumerate(GROUPS)}


def _group_value(field: str, self: CharacterSettings) -> float:
    gains = [adjustment(self, f"phone_{phone}") for phone in GROUPS[GROUP_FIELDS[field]]]
    return sum(gains) / len(gains)


def _set_group(field: str, self: CharacterSettings, value: float) -> None:
    """Scale the gains of a group, so that those that differ go on differing."""
    before, phones = _group_value(field, self), GROUPS[GROUP_FIELDS[field]]
    with changes.batch(self.id_data, Change.ADJUSTMENTS):
        for phone in phones:
            gain = adjustment(self, f"phone_{phone}") * value / before if before > 1e-3 else value
            set_adjustment(self, f"phone_{phone}", min(gain, LARGEST))


def _group(field: str) -> Any:
    name = GROUP_FIELDS[field]
    return FloatProperty(
        name=name,
        description=f"{', '.join(GROUPS[name])} together: drags all of them",
        min=0.0,
        max=LARGEST,
        step=1,
        get=lambda self: _group_value(field, self),  # Blender wants functions, not partials
        set=lambda self, value: _set_group(field, self, value),
        options={"SKIP_SAVE"},
    )


def blender_properties() -> dict[str, Any]:
    """Every adjustment and every group of phonemes as a Blender property: field -> annotation of a property group."""
    return {
        **{field: one.property() for field, one in ADJUSTMENTS.items()},
        **{field: _group(field) for field in GROUP_FIELDS},
    }


def values(settings: CharacterSettings) -> dict[str, float]:
    """What every dial stands at."""
    return {field: adjustment(settings, field) for field in ADJUSTMENTS}
