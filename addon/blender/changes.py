# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a character was changed, told to whoever shows it; many changes in one go are told once, at the end."""

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
    """Call nobody any more."""
    _listeners.pop(change, None)


def announce(root: bpy.types.Object, change: Change) -> None:
    """Say that something changed; within a batch nothing is said."""
    if not _batches and change in _listeners:
        _listeners[change](root)


def in_batch() -> bool:
    """Whether the changes of this moment are our own, many at once, and not the artist's, one by one."""
    return _batches > 0


@contextmanager
def batch(root: bpy.types.Object, change: Change | None = None) -> Iterator[None]:
    """Many changes as one, which is announced at the end; None where nobody need be told."""
    global _batches
    _batches += 1
    try:
        yield
    finally:
        _batches -= 1
    if change is not None:
        announce(root, change)
