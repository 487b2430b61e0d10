# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators on a file that the artist chooses in the file browser, or that a script names."""

from __future__ import annotations

from pathlib import Path

import bpy
from bpy.props import StringProperty

from ...inference.core.errors import FacewrightError


class FileChoice:
    """An operator on one file. A subclass has `SUFFIX`, the `ERROR` to raise without a file, and `filter_glob`."""

    SUFFIX = ""
    ERROR: type[FacewrightError] = FacewrightError

    filepath: StringProperty(name="File", subtype="FILE_PATH", options={"SKIP_SAVE"})

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        """Open the file browser, at the name that is suggested."""
        name = self.suggested_name(context)
        if name:
            self.filepath = f"{bpy.path.clean_name(name)}{self.SUFFIX}"
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def suggested_name(self, _context: bpy.types.Context) -> str:
        """What a file that is to be written may be called, without its suffix; "" for one to be read."""
        return ""

    def chosen(self) -> Path:
        """The file that was chosen, as an absolute path; raises `ERROR` where none was."""
        if not self.filepath:
            raise self.ERROR(f"No file is given. Give filepath, the name of a {self.SUFFIX} file.")
        return Path(bpy.path.abspath(self.filepath))

    def chosen_to_write(self) -> Path:
        """As `chosen`, with the suffix that the format has."""
        path = self.chosen()
        return path if path.suffix.lower() == self.SUFFIX else path.with_name(path.name + self.SUFFIX)
