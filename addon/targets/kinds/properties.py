# SPDX-License-Identifier: GPL-3.0-or-later
"""Custom properties of objects and pose bones as controls, such as ``jawOpen`` on a bone, from which drivers read.

A line calls a property by its name; where several bones of an object have one of that name, as ``Panel["jawOpen"]``.
Values stay within the range that the artist gave the property
(https://docs.blender.org/api/current/bpy.types.bpy_struct.html#bpy.types.bpy_struct.id_properties_ui).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import bpy
import numpy as np

from ....inference.core.motion import Motion
from ....inference.retarget.matching import Recognition, recognise
from ....inference.retarget.rig import Line, Rig
from ..control import Controls, editable, lines_by_name, one_by_one, reaching, resting
from . import shape_keys

ORDER = 5
KIND = "property"
KINDS = {KIND: "Custom Property"}

_UNSET = 1e9  # larger ends are Blender's own: the artist set no range
_STEPS = 10  # with fewer whole numbers between rest and full, the steps can be seen


@dataclass(frozen=True)
class _Place:
    """A custom property, and where it is.

    `path` is its data path, `key` its own name, `label` its name with the bone's in front; `owner` has it.
    """

    path: str
    key: str
    label: str
    owner: Any

    @property
    def whole(self) -> bool:
        return isinstance(self.owner[self.key], int)

    @property
    def ends(self) -> tuple[float, float]:
        """Lowest and highest value that Blender lets it have."""
        ui = self.owner.id_properties_ui(self.key).as_dict()
        return float(ui["min"]), float(ui["max"])

    @property
    def slider(self) -> tuple[float, float]:
        """Its value at rest, and how far its slider goes from there; 1 where the artist set no range."""
        ui = self.owner.id_properties_ui(self.key).as_dict()
        rest, full = float(ui["default"]), min(float(ui["soft_max"]), float(ui["max"]))
        return rest, full - rest if rest < full < _UNSET else 1.0


@dataclass(frozen=True)
class _Properties(Controls):
    """The properties of an object and its bones, with all members of its family."""

    members: tuple[bpy.types.Object, ...] = ()


@dataclass(frozen=True, eq=False)
class _Rig(Rig):
    """A rig some of whose controls, those in `whole`, are whole numbers."""

    whole: frozenset[str] = frozenset()

    @property
    def stepped(self) -> np.ndarray:
        """Which of them are keyed with constant interpolation [shape=(T,), bool]."""
        return np.array([name in self.whole for name in self.controls], bool)

    def retarget(self, motion: Motion) -> np.ndarray:
        """Their values [shape=(F, T), float32] on the motion's own frames."""
        values = super().retarget(motion)
        values[:, self.stepped] = values[:, self.stepped].round()
        return values


def found(members: Sequence[bpy.types.Object]) -> Iterator[Controls]:
    """Each object with numbers among its custom properties, or those of its bones."""
    for obj in sorted(members, key=lambda member: member.name):
        if places := _places(obj):
            count = Counter(place.key for place in places)
            names = dict.fromkeys(place.key if count[place.key] == 1 else place.label for place in places)
            yield _Properties(obj, obj, tuple(names), tuple(members))


def recognised(found: Sequence[Controls]) -> tuple[Recognition, ...]:
    """The conventions that the names of the properties follow, the best first."""
    return recognise(name for controls in found for name in controls.names)


def matched(found: Sequence[Controls], above: Sequence[Line]) -> Iterable[Line]:
    """Lines for properties named after channels, scaled to their range; off where undriven shape keys move the channel.

    Objects whose property has another range have a line each.
    """
    lines = lines_by_name(found, KIND)
    if not lines:
        return
    keys = tuple(shape_keys.found(getattr(found[0], "members", ())))
    begun: set[tuple[str, str]] = set()  # properties with a line: only the first of several adds the rest value
    for line in resting(lines, shape_keys.undriven(keys)):
        sliders = {each.obj.name: _slider(line, each) for each in found if reaching([line], each, KIND)}
        alike = len(set(sliders.values())) == 1
        for where, (rest, full) in list(sliders.items())[: 1 if alike else None]:
            where = line.where if alike else where
            low, high = rest + full * line.low, rest + full * line.high
            offset = full * line.offset + (rest if (line.target, where) not in begun else 0.0)
            begun.add((line.target, where))
            yield replace(line, gain=full * line.gain, offset=offset, low=low, high=high, where=where)


def rig_for(controls: Controls, lines: Sequence[Line], _hold: float = 0.0) -> Rig:
    """A rig of the lines that name a property, within its range; whole numbers are stepped."""
    lines = [line for line in lines if line.use and line.kind == KIND and line.where in ("", controls.obj.name)]
    own: list[Line] = []
    whole: set[str] = set()
    for place in _places(controls.obj) if lines else ():
        for line in lines:
            if line.target in (place.key, place.label):
                low, high = np.clip((line.low, line.high), *place.ends).tolist()
                own.append(replace(line, target=place.path, low=low, high=high))
                whole.update([place.path] if place.whole else [])
    return _Rig(tuple(own), frozenset(whole))


def blocks() -> Iterable[bpy.types.ID]:
    """All objects: bones' properties are keyed on the armature's."""
    return bpy.data.objects


def value(block: bpy.types.Object, name: str) -> float:
    """The current value of a property."""
    owner, key = owner_of(block, name)
    return float(owner[key])  # not path_resolve, which gives a menu's name in place of its number


def set_value(block: bpy.types.Object, name: str, value: float) -> None:
    """Set a property, in its own type; nothing happens when it is gone."""
    owner, key = owner_of(block, name)
    if owner is not None and key in owner and owner[key] != value:
        owner[key] = round(value) if isinstance(owner[key], int) else value
        block.update_tag()  # or drivers that read it would not be evaluated


set_values = one_by_one(set_value)


def curve(block: bpy.types.Object, name: str) -> tuple[str, int]:
    """Data path and array index of the property's F-curve: its name is the path."""
    return name, 0


def ensure_editable(obj: bpy.types.Object, block: bpy.types.Object) -> None:
    """Raise a RigError that says what to do where an object is linked."""
    editable(obj, block)


def obstacles(obj: bpy.types.Object, block: bpy.types.Object, names: Sequence[str], values: np.ndarray) -> list[str]:
    """Sentences about drivers on the properties, and whole numbers of so small a range that steps can be seen."""
    places = [place for place in _places(block) if place.path in names]
    drivers = block.animation_data.drivers if block.animation_data else ()
    driven = {driver.data_path for driver in drivers}
    coarse = [place.label for place in places if place.whole and place.slider[1] < _STEPS]
    causes = [
        ("moved by a driver, which wins over keys", [place.label for place in places if place.path in driven]),
        ("whole numbers, so they move in steps", coarse),
    ]
    return [f"Properties of '{obj.name}', {what}: {', '.join(which[:3])}." for what, which in causes if which]


def ranges(controls: Controls, lines: Iterable[Line]) -> Iterator[tuple[_Place, float, float]]:
    """Properties whose range is narrower than that of their lines, with the lowest and highest value of these lines."""
    for place in _places(controls.obj):
        asked = [line for line in lines if line.target in (place.key, place.label) and line.use and line.kind == KIND]
        asked = [line for line in asked if line.where in ("", controls.obj.name)]
        low, high = min((line.low for line in asked), default=0.0), max((line.high for line in asked), default=0.0)
        if asked and (low < place.ends[0] - 1e-6 or high > place.ends[1] + 1e-6):
            yield place, low, high


def owner_of(block: bpy.types.Object, path: str) -> tuple[Any, str]:
    """The object or bone that has the property at a path, and its name; (None, "") where there is none any more."""
    begin = path.rfind('["')  # quotes in a name are escaped, so this is where it begins
    if begin < 0 or not path.endswith('"]'):
        return None, ""
    try:
        owner = block.path_resolve(path[:begin]) if begin else block
    except ValueError:
        return None, ""
    return owner, bpy.utils.unescape_identifier(path[begin + 2 : -2])


def _places(obj: bpy.types.Object) -> list[_Place]:
    """All numbers among the custom properties of an object and its bones; no lists, texts or switches."""
    posed = obj.pose.bones if obj.pose is not None else ()
    places = []
    for owner, path, name in [(obj, "", ""), *((bone, None, bone.name) for bone in posed)]:
        for key in owner.keys():  # noqa: SIM118 - a bone is no mapping
            if type(owner[key]) in (int, float) and not key.startswith("facewright"):
                before = owner.path_from_id() if path is None else path
                places.append(_Place(f'{before}["{bpy.utils.escape_identifier(key)}"]', key, f'{name}["{key}"]', owner))
    return places


def _slider(line: Line, controls: Controls) -> tuple[float, float]:
    """Rest and reach of the property that a line names."""
    return next(place.slider for place in _places(controls.obj) if line.target in (place.key, place.label))
