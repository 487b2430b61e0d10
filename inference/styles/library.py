# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder of styles: six presets that ship, made by rule, and the user's own as ``.fwstyle`` files.

A style is found by the name inside its file; the file is named after the style as far as file systems allow.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from ..core.errors import ExportError, StyleError
from ..core.folder_lock import locked
from .file import SUFFIX, read, write
from .style import Style

PRESETS = Path(__file__).resolve().with_name("presets")


@dataclass(frozen=True)
class Library:
    """The presets, and the styles in a folder of the user's.

    Parameters
    ----------
    folder : Path
        Where the user's own styles are kept; made when the first one is.
    """

    folder: Path

    @property
    def presets(self) -> dict[str, Path]:
        """The files of the presets that ship, by name of the style."""
        return {path.stem: path for path in sorted(PRESETS.glob(f"*{SUFFIX}"))}

    @property
    def own(self) -> dict[str, Path]:
        """The files of the user's own styles, by name of the style.

        Files that cannot be read are listed by their file names, and `get` says what is wrong with them.
        """
        files: dict[str, Path] = {}
        for path in sorted(self.folder.glob(f"*{SUFFIX}")) if self.folder.is_dir() else []:
            try:
                name = read(path).name
            except StyleError:
                name = path.stem
            files.setdefault(name, path)
        return files

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all styles, presets first."""
        return tuple({**self.presets, **self.own})

    def get(self, name: str) -> Style:
        """A style by its name.

        Raises
        ------
        StyleError
            When there is none, or its file is damaged.
        """
        path = self._paths().get(name)
        if path is None:
            raise StyleError(f"Expected one of the styles {', '.join(self.names)}, got '{name}'.")
        return read(path)

    def keep(self, style: Style) -> Path:
        """Write a style into the folder.

        Raises
        ------
        StyleError
            When the name is a preset's, or taken by another.
        ExportError
            When the file cannot be written.
        """
        with self._to_ourselves():
            return self._keep(style)

    def add(self, style: Style) -> tuple[Style, Path]:
        """Write a style into the folder, under its name or the first free one of name 2, name 3 ...

        Returns the style as it is there, and its file; raises as `keep`.
        """
        with self._to_ourselves():
            named = replace(style, name=self.free_name(style.name))
            return named, self._keep(named)

    @contextmanager
    def _to_ourselves(self) -> Iterator[None]:
        """Have the folder, and nobody else: two programs that save at once would take the same name."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ExportError(
                f"Cannot make the folder of your styles, '{self.folder}': {error.strerror or error}. Change its "
                "permissions, or write the style to a file."
            ) from error
        with locked(self.folder):
            yield

    def _keep(self, style: Style) -> Path:
        if style.name in self.presets:
            raise StyleError(f"Expected another name than '{style.name}', which is a preset's. Rename the style.")
        if style.name in self.own:
            raise StyleError(
                f"Expected a new name, but there is a style '{style.name}'. Rename it, or delete the other."
            )
        path = self._free(style.name)
        write(style, path)
        return path

    def rename(self, name: str, new: str) -> Style:
        """Give one of the user's own styles another name; raises as `get` and `keep` do."""
        self._must_be_own(name)
        style = replace(self.get(name), name=new)
        if new != name:
            before = self.own[name]
            self.keep(style)
            _remove(before)
        return style

    def delete(self, name: str) -> None:
        """Remove one of the user's own styles; raises StyleError when there is none, or it cannot be removed."""
        self._must_be_own(name)
        _remove(self.own[name])

    def free_name(self, name: str) -> str:
        """The name, or the first free one of name 2, name 3 ..."""
        stem, number = re.sub(r" \d+$", "", name)[:70], 2
        taken, new = set(self.names), name
        while new in taken:
            new, number = f"{stem} {number}", number + 1
        return new

    def _paths(self) -> Mapping[str, Path]:
        return {**self.own, **self.presets}

    def _must_be_own(self, name: str) -> None:
        if name in self.presets:
            raise StyleError(f"'{name}' is a preset and stays as it is. Duplicate it, and change the copy.")
        if name not in self.own:
            raise StyleError(
                f"Expected one of your styles ({', '.join(self.own) or 'there are none yet'}), got '{name}'."
            )

    def _free(self, name: str) -> Path:
        """A file name for a style that every file system takes."""
        stem = re.sub(r"[^\w\- ]", "_", name).strip(" .")[:60] or "style"
        if re.fullmatch(r"(con|prn|aux|nul|com\d|lpt\d)", stem, re.IGNORECASE):
            stem += "_"
        path, number = self.folder / f"{stem}{SUFFIX}", 2
        while path.exists():
            path, number = self.folder / f"{stem} {number}{SUFFIX}", number + 1
        return path


def _remove(path: Path) -> None:
    try:
        path.unlink()
    except OSError as error:
        reason = error.strerror or error
        raise StyleError(f"Cannot remove '{path}': {reason}. Change the permissions of its folder.") from error


def user_folder() -> Path:
    """Where the command line keeps styles: the folder that this platform has for data of programs."""
    if own := os.environ.get("FACEWRIGHT_STYLES"):
        return Path(own)
    from platformdirs import user_data_path

    return user_data_path("facewright", appauthor=False, roaming=True) / "styles"
