# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder that several programs write to: one at a time looks and writes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

NAME = ".lock"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Wait until nobody else has this folder, and have it while the block runs.

    The system lets go of the lock of a process that ends. Where the folder cannot be locked, as on some network disks
    or one that is read-only, the block runs all the same.
    """
    with ExitStack() as stack:
        with suppress(OSError):
            _lock(stack.enter_context((folder / NAME).open("ab")))  # closing the file lets go of the lock
        yield


def _lock(file: BinaryIO) -> None:
    if sys.platform == "win32":
        import msvcrt

        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX)
