# SPDX-License-Identifier: GPL-3.0-or-later
"""The adjustments of a character: sliders, emotions, region masks and phoneme gains, each of which can be keyed.

Each is a property of its own on the character's root (``facewright.slider_jaw``, ``facewright.emotion_joy`` ...), so
that Blender keys, saves, links and overrides it like any other.
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
    """One adjustment: its kind ("slider", "emotion", "mask", "phone"), its name among those, and its range."""

    kind: str
    name: str
    label: str
    about: str
    neutral: float
    low: float
    high: float
    unit: str = ""
    needs: frozenset[str] = frozenset()  # curves of the speech analysis (phonemes, loudness) it does not work without

    @property
    def field(self) -> str:
        """The name of the property."""
        return f"{self.kind}_{self.name}"

    def property(self) -> Any:
        """The property, to be registered with Blender."""
        wide = self.high - self.low
        return FloatProperty(
            name=f"{self.label} ({self.unit})" if self.unit else self.label,
            description=f"{self.about}. At {self.neutral:g} it changes nothing",
            default=self.neutral,
            min=self.low,
            max=self.high,
            step=100 if wide > 50 else 1,
            precision=0 if wide > 50 else 2,
            update=_changed,
            override=OVERRIDABLE,
        )


def _adjustments() -> Iterator[Adjustment]:
    for name, slider in sliders().items():
        limits = slider.NEUTRAL, slider.LOW, slider.HIGH
        yield Adjustment("slider", name, slider.LABEL, slider.ABOUT, *limits, slider.UNIT, needs(slider))
    for name, emotion in emotions().items():
        about = f"{emotion.about}. By rule, after action units {emotion.action_units.partition(':')[0]}"
        yield Adjustment("emotion", name, emotion.label, about, 0.0, 0.0, 1.0)
    for region in REGIONS:
        about = f"How strongly sliders, emotions and phones act on: {', '.join(REGIONS[region][:4])} ..."
        yield Adjustment("mask", region, region.title(), about, 1.0, 0.0, 1.0)
    for phone in SPOKEN:
        about = "How hard the lips press on it" if phone in BILABIALS else "How far the mouth goes on it"
        yield Adjustment("phone", phone, phone, about, 1.0, 0.0, LARGEST, "", frozenset({PHONEMES}))


def _changed(self: CharacterSettings, _context: bpy.types.Context) -> None:
    changes.announce(self.id_data, Change.ADJUSTMENTS)


ADJUSTMENTS: dict[str, Adjustment] = {each.field: each for each in _adjustments()}
GROUP_FIELDS: dict[str, str] = {f"group_{number}": name for number, name in enumerate(GROUPS)}


def _group_value(field: str, self: CharacterSettings) -> float:
    """The mean gain of a group of phonemes."""
    gains = [adjustment(self, f"phone_{phone}") for phone in GROUPS[GROUP_FIELDS[field]]]
    return sum(gains) / len(gains)


def _set_group(field: str, self: CharacterSettings, value: float) -> None:
    """Scale the gains of a group to a mean, so that gains that differ keep their proportions."""
    before, phones = _group_value(field, self), GROUPS[GROUP_FIELDS[field]]
    with changes.batch(self.id_data, Change.ADJUSTMENTS):
        for phone in phones:
            gain = adjustment(self, f"phone_{phone}") * value / before if before > 1e-3 else value
            set_adjustment(self, f"phone_{phone}", min(gain, LARGEST))


def _group(field: str) -> Any:
    name = GROUP_FIELDS[field]
    return FloatProperty(
        name=name,
        description=f"{', '.join(GROUPS[name])}: moves all of them together",
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
    """The current value of every adjustment, by field."""
    return {field: adjustment(settings, field) for field in ADJUSTMENTS}
