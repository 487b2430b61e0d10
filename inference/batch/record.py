# SPDX-License-Identifier: GPL-3.0-or-later
"""Records of what was made: beside the outputs, in a folder ``.facewright``, one small JSON file for each shot.

A shot is done when its record tells of the same inputs, and each output still is what the record says. The record is
written before the outputs take their places; so whatever is interrupted, an output is put there once, and one that
somebody changed by hand is noticed and left alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from ..core.atomic_write import replacing
from ..core.errors import BatchError, ExportError
from .outcome import Outcome

FOLDER = ".facewright"
VERSION = 1


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What was made for a shot.

    Parameters
    ----------
    inputs : str
        SHA-256 of all that it was made from.
    run : str
        The run that made it.
    outcome : Outcome
        With the SHA-256 of each output.
    before : dict of str to str
        SHA-256 of the outputs that these took the place of.
    version : int
    """

    inputs: str
    run: str
    outcome: Outcome
    before: dict[str, str] = {}
    version: int = VERSION


def path_of(out: Path, name: str) -> Path:
    """Where the record of a shot lies."""
    return out / FOLDER / f"{name}.json"


def read(out: Path, name: str) -> Record | None:
    """The record of a shot; None where there is none that this version can read."""
    try:
        found = msgspec.json.decode(path_of(out, name).read_bytes(), type=Record)
    except (OSError, msgspec.MsgspecError):
        return None
    return found if found.version == VERSION else None


def done(out: Path, record: Record | None, inputs: str) -> bool:
    """Whether a shot with these inputs is made already, and its outputs are as they were made."""
    if record is None or record.inputs != inputs or not record.outcome.outputs:
        return False
    return all(sha256(out / name) == digest for name, digest in record.outcome.outputs.items())


def ensure_ours(out: Path, record: Record | None, outputs: Mapping[str, object]) -> None:
    """Raise a BatchError when something is in the place of an output that no run put there."""
    for name in outputs:
        there = sha256(out / name)
        known = () if record is None else (record.outcome.outputs.get(name), record.before.get(name))
        if there is not None and there not in known:
            what = "was changed since it was made" if record else "is there already, and no run here made it"
            raise BatchError(
                f"'{name}' {what}. Move it away, or make the shot under another name; --overwrite replaces it."
            )


def place(out: Path, record: Record, staged: Mapping[str, Path]) -> None:
    """Write the record, and put what was made into its places; what is there already is not written again.

    Raises
    ------
    ExportError
        When a place cannot be written.
    """
    path = path_of(out, record.outcome.name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as part:
            part.write_bytes(msgspec.json.encode(record))
        for name, file in staged.items():
            goal = out / name
            if sha256(goal) == record.outcome.outputs[name]:
                file.unlink()
            else:
                file.replace(goal)
    except OSError as error:
        raise ExportError(
            f"Cannot write '{out}': {error.strerror or error}. Free some space, or check permissions."
        ) from error


def sha256(path: Path) -> str | None:
    """SHA-256 of a file; None where there is none."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
