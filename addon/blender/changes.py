# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes of a character, announced to the code that shows it; many made in one go are announced once, at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum

import bpy


class Change(Enum):
    """What may change of a character."""

    ADJUSTMENTS = "adjustments"
    MAPPING = "mapping"
    ACTIVE_TAKE = "active take"


Listener = Callable[[bpy.types.Object], None]

_listeners: dict[Change, Listener] = {}
_batches = 0  # how many are open


def listen(change: Change, listener: Listener) -> None:
    """Have a function called with the root of every character of which this changes."""
    _listeners[change] = listener


def forget(change: Change) -> None:
    """Stop calling the function that listens to a change."""
    _listeners.pop(change, None)


def announce(root: bpy.types.Object, change: Change) -> None:
    """Call the function that listens to a change; within a batch nothing is called."""
    if not _batches and change in _listeners:
        _listeners[change](root)


def in_batch() -> bool:
    """Whether a batch is open: the changes are then facewright's own, many at once, not the artist's, one by one."""
    return _batches > 0


@contextmanager
def batch(root: bpy.types.Object, change: Change | None = None) -> Iterator[None]:
    """Many changes as one: `change` is announced at the end, nothing when it is None."""
    global _batches
    _batches += 1
    try:
        yield
    finally:
        _batches -= 1
    if change is not None:
        announce(root, change)
