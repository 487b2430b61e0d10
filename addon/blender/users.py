# SPDX-License-Identifier: GPL-3.0-or-later
"""Who holds a data-block in the file: what only unused data-blocks use is gone after it was saved and opened twice."""

from __future__ import annotations

from typing import Any

import bpy

_KEPT_ANYWAY = (bpy.types.Scene, bpy.types.WindowManager, bpy.types.WorkSpace, bpy.types.Screen)


def is_held(block: bpy.types.ID, users: Any = None) -> bool:
    """Whether a data-block stays in the file however often that is saved and opened.

    A mesh that was joined into another one, or whose object was deleted, still counts as a user of its shape keys, and
    these of their Action; but nothing holds them. `users` is ``bpy.data.user_map()``, where it is at hand.
    """
    users = bpy.data.user_map() if users is None else users
    waiting, seen = [block], {block}
    while waiting:
        one = waiting.pop()
        if one.use_fake_user or isinstance(one, _KEPT_ANYWAY):
            return True
        new = users.get(one, set()) - seen
        seen |= new
        waiting += new
    return False
