# SPDX-License-Identifier: GPL-3.0-or-later
"""Mouths as a sequence of image files, one file for each mouth: on a material, or on an Image empty.

An image user of one frame shows file number 1 plus its offset, whatever the time
(https://docs.blender.org/api/current/bpy.types.ImageUser.html), so the offset is keyed. Lines call a drawing by the
number in its file name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from ....inference.retarget.matching import Recognition
from ....inference.retarget.rig import Line, Rig
from .. import drawings
from ..control import Controls
from ..drawings import curve, ensure_editable, set_value, set_values, value

__all__ = ["curve", "ensure_editable", "set_value", "set_values", "value"]

ORDER = 70
IMAGE = "image_number"
KINDS = {IMAGE: "Image of a Sequence"}

_OFFSET = "image_user.frame_offset"


def found(members: Sequence[bpy.types.Object]) -> Iterator[Controls]:
    """Image empties and materials that show a sequence, each with the numbers of its files."""
    seen: set[int] = set()
    for obj in sorted(members, key=lambda member: member.name):
        if users(obj, obj):
            yield Controls(obj, obj, files(obj.data))
        for _, tree in drawings.trees(obj):
            if tree.as_pointer() not in seen and (nodes := users(obj, tree)):
                seen.add(tree.as_pointer())
                yield Controls(obj, tree, files(nodes[0].image))


def recognised(found: Sequence[Controls]) -> tuple[Recognition, ...]:
    """The set of mouths that the files of the first sequence named after a mouth are taken for, by their number."""
    return next((drawings.recognised_in_order(controls.names) for controls in found if _says_mouth(controls)), ())


def matched(found: Sequence[Controls], above: Sequence[Line]) -> Iterable[Line]:
    """Lines for sequences that are named after a mouth, in the set's usual order; none where a mouth moves already."""
    known = [controls for controls in found if _says_mouth(controls)]
    if not drawings.moves_already(above):
        for controls in known:
            where = controls.obj.name if len(known) > 1 else ""
            yield from drawings.lines_in_order(controls.names, drawings.in_order(controls.names), IMAGE, where)


def rig_for(controls: Controls, lines: Sequence[Line], hold: float = 0.0) -> Rig:
    """A rig that shows one picture at a time, by the offset of every image user that shows the sequence."""
    own = drawings.of_kind(lines, IMAGE, controls.obj)
    table = {name: number - 1.0 for name, number in drawings.numbers(own).items()}
    if not table:
        return Rig(())
    nodes = [user for user in users(controls.obj, controls.block) if user != controls.obj]
    paths = [f"{node.path_from_id()}.{_OFFSET}" for node in nodes]
    return drawings.stepped_rig(
        [line for line in own if line.target in table], dict.fromkeys(paths or [_OFFSET], table), hold
    )


def blocks() -> Iterator[bpy.types.ID]:
    """All objects, node groups and materials' node trees."""
    yield from bpy.data.objects
    yield from bpy.data.node_groups
    yield from (material.node_tree for material in bpy.data.materials if material.node_tree is not None)


def obstacles(obj: bpy.types.Object, block: Any, names: Sequence[str], values: np.ndarray) -> list[str]:
    """Sentences about drivers that choose the picture, a sequence that plays by itself, and missing files."""
    texts = drawings.driven(obj, block, names)
    if playing(obj, block):
        texts.append(
            f"The image sequence of '{obj.name}' plays by itself: set its Frames to 1 and switch Auto Refresh on."
        )
    image = block.data if block == obj else users(obj, block)[0].image
    absent = sorted({int(offset) + 1 for offset in np.unique(values)} - set(map(int, files(image))))
    if absent:
        texts.append(f"Image '{image.name}' has no file with the number {', '.join(map(str, absent[:3]))}.")
    return texts


def users(obj: bpy.types.Object, block: Any) -> list[Any]:
    """What shows the mouth in a data-block: the Image empty, or all texture nodes that show the sequence.

    Of several sequences it is the one named after a mouth; none where no name says so.
    """
    if block == obj:
        image = obj.data if obj.type == "EMPTY" and obj.empty_display_type == "IMAGE" else None
        return [obj] if image is not None and image.source == "SEQUENCE" else []
    nodes = [n for n in block.nodes if n.type == "TEX_IMAGE" and n.image is not None and n.image.source == "SEQUENCE"]
    if len({node.image for node in nodes}) > 1:
        nodes = [node for node in nodes if drawings.is_mouth(node.image.name, node.name, node.label)]
    return [node for node in nodes if node.image == nodes[0].image]


def playing(obj: bpy.types.Object, block: Any) -> list[Any]:
    """The image users of a mouth that run with the time, or do not refresh when the offset changes."""
    image_users = [shows.image_user for shows in users(obj, block)]
    return [user for user in image_users if user.frame_duration != 1 or not user.use_auto_refresh]


def files(image: Any) -> tuple[str, ...]:
    """The numbers in the names of a sequence's files, rising; none where its folder cannot be read."""
    path = Path(bpy.path.abspath(image.filepath, library=image.library))
    try:
        return _files(path, path.parent.stat().st_mtime_ns)
    except OSError:
        return ()


@lru_cache(maxsize=64)  # a panel asks at every redraw
def _files(path: Path, _changed: int) -> tuple[str, ...]:
    parts = re.fullmatch(r"(.*?)(\d+)(\D*)", path.name)
    if parts is None:
        return ()
    head, digits, tail = parts.groups()
    form = re.compile(rf"{re.escape(head)}(\d{{{len(digits)},}}){re.escape(tail)}")
    matches = (form.fullmatch(file.name) for file in path.parent.iterdir())
    return tuple(str(number) for number in sorted(int(match[1]) for match in matches if match))


def _says_mouth(controls: Controls) -> bool:
    """Whether object, image, material or texture node is named after a mouth."""
    obj, block = controls.obj, controls.block
    shows = users(obj, block)
    image = obj.data if block == obj else shows[0].image
    materials = [material.name for material, tree in drawings.trees(obj) if tree == block]
    labels = [text for node in shows if node != obj for text in (node.name, node.label)]
    return drawings.is_mouth(obj.name, image.name, *materials, *labels)
