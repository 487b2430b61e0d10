# SPDX-License-Identifier: GPL-3.0-or-later
"""*File > Import* and *Export > Facewright Batch List*: the lines of a scene as a list for ``facewright batch``."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import bpy
from bpy.props import StringProperty

from ....inference.adjust.adjustments import Adjustments
from ....inference.batch.shot import Shot
from ....inference.batch.shot_list import read_list
from ....inference.core.atomic_write import replacing
from ....inference.core.errors import AudioError, BatchError, FacewrightError
from ....inference.styles.file import SUFFIX, read
from ....inference.styles.style import NEUTRAL, Style
from ...adjust import of_lines
from ...adjust.properties import ADJUSTMENTS
from ...bake import copies
from ...blender import strips
from ...blender.rna import LineItem, set_adjustment, settings_of
from ...character import character
from ...styles import store as styles
from ...takes import cast, lines
from ..file_choice import FileChoice
from ..takes import generate

_ADJUSTED = ("sliders", "emotions", "masks", "phones")
COLUMNS: tuple[str, ...] = (
    *("name", "character", "blend", "sound", "start", "duration", "frame", "seed", "style"),
    *_ADJUSTED,
)
_KINDS: dict[str, str] = dict(zip(("slider", "emotion", "mask", "phone"), _ADJUSTED, strict=True))
_FIELDS = {"values": "slider", "emotions": "emotion", "masks": "mask", "phones": "phone"}


class FACEWRIGHT_OT_list_import(FileChoice, bpy.types.Operator):
    """Make a line with its sound in the Sequencer of every row of a list that is meant for this file"""

    bl_idname = "facewright.list_import"
    bl_label = "Import Facewright Batch List"
    bl_options: ClassVar = {"UNDO"}
    ERROR = BatchError

    filter_glob: StringProperty(default="*.csv;*.tsv;*.toml;*.jsonl;*.ndjson;*.otio", options={"HIDDEN"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            made, told = imported(context.scene, self.chosen())
        except FacewrightError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        for text in told:
            self.report({"WARNING"}, text)
        self.report({"INFO"}, f"{made} lines. Press Generate, with *Scene* chosen beside it.")
        return {"FINISHED"}


class FACEWRIGHT_OT_list_export(FileChoice, bpy.types.Operator):
    """Write the lines of all characters of the scene as a list for `facewright batch`"""

    bl_idname = "facewright.list_export"
    bl_label = "Export Facewright Batch List"
    ERROR = BatchError
    SUFFIX = ".csv"

    filter_glob: StringProperty(default="*.csv", options={"HIDDEN"})

    def suggested_name(self, context: bpy.types.Context) -> str:
        return context.scene.name

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            path = self.chosen_to_write()
            count, told = exported(context.scene, path)
        except FacewrightError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        for text in told:
            self.report({"WARNING"}, text)
        self.report({"INFO"}, f"{count} lines in '{path.name}'.")
        return {"FINISHED"}


def imported(scene: bpy.types.Scene, path: Path) -> tuple[int, list[str]]:
    """Make the lines of a list; returns how many, and a sentence for each row that is none.

    Raises
    ------
    BatchError
        When the list makes no sense, or nothing in it is for this file.
    """
    here = bpy.data.filepath or str(path.absolute().with_name("not saved.blend"))  # rows that name none mean this one
    found = read_list(path, {"blend": here, "make": "csv"})
    told = [f"Row {row.row}: {row.error}" for row in found.bad]
    made = 0
    for shot in found.shots:
        if shot.bake is not None and Path(shot.bake.blend).resolve() != Path(here).resolve():
            told.append(f"Row {shot.row}: for '{Path(shot.bake.blend).name}', another file.")
            continue
        try:
            made += _line_of(scene, shot)
            if shot.channel or shot.track:
                told.append(f"Row {shot.row}: a line in Blender hears the mean of all channels of the first track.")
        except FacewrightError as error:
            told.append(f"Row {shot.row}: {error}")
    if not made:
        raise BatchError(f"Expected rows for this file in '{path.name}', got none. {' '.join(told[:3])}")
    return made, told


def _line_of(scene: bpy.types.Scene, shot: Shot) -> bool:
    """Make one line, unless it is there already; raises FacewrightError where its character or sound is not."""
    name = None if shot.bake is None else shot.bake.character
    obj = bpy.context.view_layer.objects.active if name is None else scene.objects.get(name)
    if obj is None:
        raise BatchError(f"Expected a character, got {name or 'none that is active'}. Name an object of this scene.")
    root = character.find(obj, scene).root
    copies.own_lines(scene, root)
    if not Path(shot.sound).is_file():
        raise BatchError(f"Expected a sound, but there is none at '{shot.sound}'. Check the folder and the spelling.")
    if any(line.name == shot.name for line in lines.items(root)):
        raise BatchError(f"'{root.name}' has a line '{shot.name}' already. Remove that first to have it anew.")
    style = _style(shot)
    frame = float(scene.frame_start if shot.frame is None else shot.frame)
    strip = _strip(scene, shot, frame)
    line = lines.new(scene, root, frame, reuse=False)
    settings = settings_of(root)
    settings.seed, line.name = shot.seed or 0, shot.name
    if strip:
        settings.source, settings.strip = "STRIP", strip
    else:
        settings.source, settings.filepath, settings.frame = "FILE", shot.sound, frame
    _adjust(root, Adjustments.from_json(shot.sliders))
    styles.give(root, style)
    return True


def _strip(scene: bpy.types.Scene, shot: Shot, frame: float) -> str:
    """The name of a new strip; "" where Blender cannot have one, and the line is the whole file all the same."""
    try:
        return strips.add_sound(scene, shot.name, shot.sound, frame, shot.start, shot.duration).name
    except AudioError:  # a Blender that was built without sound
        if shot.start or shot.duration is not None:
            raise
        return ""


def _style(shot: Shot) -> Style:
    if shot.style is None:
        return NEUTRAL
    return read(Path(shot.style)) if Path(shot.style).suffix.lower() == SUFFIX else styles.library().get(shot.style)


def _adjust(root: bpy.types.Object, given: Adjustments) -> None:
    """Set all sliders of the active line, those that were not given to where they change nothing."""
    levels = {
        f"{kind}_{name}": level for field, kind in _FIELDS.items() for name, level in getattr(given, field).items()
    }
    for field, one in ADJUSTMENTS.items():
        set_adjustment(settings_of(root), field, levels.get(field, one.neutral))


def exported(scene: bpy.types.Scene, path: Path) -> tuple[int, list[str]]:
    """Write the list; returns how many rows it has, and what could not be said in it.

    Raises
    ------
    FacewrightError
        When there is no line, one has no sound, or the file cannot be written.
    """
    told: list[str] = []
    rows = [_row(scene, root, line, told) for root, line in _all_lines(scene)]
    if not rows:
        raise BatchError("No character of this scene has a line. Choose a sound and generate it first.")
    with replacing(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        table: csv.DictWriter[str] = csv.DictWriter(file, COLUMNS)
        table.writeheader()
        table.writerows(rows)
    return len(rows), told


def _all_lines(scene: bpy.types.Scene) -> Iterator[tuple[bpy.types.Object, LineItem]]:
    for root in cast.known(scene):
        lines.settle(scene, root)
        for line in lines.items(root):
            if line.strip if line.source == "STRIP" else line.filepath:
                yield root, line


def _row(scene: bpy.types.Scene, root: bpy.types.Object, line: LineItem, told: list[str]) -> dict[str, Any]:
    speech = generate.speech_of(scene, root, line)
    row: dict[str, Any] = {
        "name": f"{root.name}/{line.name}",
        "character": root.name,
        "blend": bpy.data.filepath,
        "sound": speech.path,
        "start": f"{speech.start:.6g}",
        "duration": "" if speech.duration is None else f"{speech.duration:.6g}",
        "frame": f"{speech.frame:.6g}",
        "seed": line.seed,
    }
    content = of_lines.style_of(root, line.key)
    style = styles.of(root, content)
    if style.name in styles.library().names:
        row["style"] = "" if style.name == NEUTRAL.name else style.name
    else:
        told.append(f"Line '{line.name}': its style '{style.name}' is not in your library, and not in the list.")
    levels: dict[str, list[str]] = {}
    for field, value in of_lines.values_of(root, line.key).items():
        one = ADJUSTMENTS[field]
        if abs(value - one.neutral) > 1e-6:
            levels.setdefault(_KINDS[one.kind], []).append(f"{one.name}={value:.6g}")
    return row | {column: " ".join(pairs) for column, pairs in levels.items()}


def _import_menu(self: bpy.types.Menu, _context: bpy.types.Context) -> None:
    self.layout.operator("facewright.list_import", text="Facewright Batch List (.csv, .toml, .jsonl)")


def _export_menu(self: bpy.types.Menu, _context: bpy.types.Context) -> None:
    self.layout.operator("facewright.list_export", text="Facewright Batch List (.csv)")


_register, _unregister = bpy.utils.register_classes_factory((FACEWRIGHT_OT_list_import, FACEWRIGHT_OT_list_export))


def register() -> None:
    _register()
    bpy.types.TOPBAR_MT_file_import.append(_import_menu)
    bpy.types.TOPBAR_MT_file_export.append(_export_menu)


def unregister() -> None:
    bpy.types.TOPBAR_MT_file_export.remove(_export_menu)
    bpy.types.TOPBAR_MT_file_import.remove(_import_menu)
    _unregister()
