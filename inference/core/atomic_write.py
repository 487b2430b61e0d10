# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that end up either wholly new or exactly as they were: written beside their place, then renamed into it."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .errors import ExportError


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Name a file beside `path` to write to; when the block ends well it takes the place of `path`.

    When the block raises, the new file is removed and whatever was at `path` stays as it was. A link is followed, so
    that the file it points to is replaced and not the link.

    Raises
    ------
    ExportError
        When the folder is missing or read-only, the disk is full, or `path` is not a plain file.
    """
    goal = Path(os.path.realpath(path))
    part = goal.with_name(f".{goal.stem[:100]}-{secrets.token_hex(4)}{goal.suffix}")  # tools go by the suffix
    try:
        _claim(part, goal)
        yield part
        if goal.exists():
            shutil.copymode(goal, part)
        part.replace(goal)
    except OSError as error:
        raise ExportError(_explain(error, goal)) from error
    finally:
        with suppress(OSError):
            part.unlink()


def ensure_writable(path: str | os.PathLike[str]) -> None:
    """Raise the ExportError that writing `path` would end in, before hours of work go into what is to be written."""
    goal = Path(os.path.realpath(path))
    part = goal.with_name(f".facewright-{secrets.token_hex(4)}")
    try:
        _claim(part, goal)
    except OSError as error:
        raise ExportError(_explain(error, goal)) from error
    finally:
        with suppress(OSError):
            part.unlink()


def _claim(part: Path, goal: Path) -> None:
    if goal.exists() and not goal.is_file():
        kind = "a folder" if goal.is_dir() else "not a plain file"
        raise ExportError(f"Expected the name of a file to write, got '{goal}', which is {kind}. Give a file name.")
    with part.open("xb"):  # made with the user's own default permissions, which mkstemp would narrow
        pass


def _explain(error: OSError, goal: Path) -> str:
    before = " The file that was there is unchanged." if goal.is_file() else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return f"The disk has no room for '{goal}' ({error.strerror}).{before} Free some space or write elsewhere."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return (
            f"Cannot write '{goal}': the folder is read-only, or the file is open in another program."
            f"{before} Choose another folder, or change its permissions."
        )
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return f"Cannot write '{goal}': '{goal.parent}' is not a folder that exists. Make it, or choose another."
    return f"Cannot write '{goal}': {error.strerror or error}.{before} Choose another folder or name."
