# SPDX-License-Identifier: GPL-3.0-or-later
"""Data-blocks found again after a while: Python references do not survive undo, names do not survive the artist."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import bpy


def object_of(uid: int) -> bpy.types.Object | None:
    """The object with a session uid; None when it is gone."""
    return by_uid(bpy.data.objects, uid)


def scene_of(uid: int) -> bpy.types.Scene | None:
    """The scene with a session uid; None when it is gone."""
    return by_uid(bpy.data.scenes, uid)


def by_uid(blocks: Iterable[Any], uid: int) -> Any:
    """The one of some data-blocks with a session uid; None when it is not among them."""
    return next((one for one in blocks if one.session_uid == uid), None)
