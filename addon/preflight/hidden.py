# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts that this view layer leaves out: they are baked, but nobody sees or renders them."""

from __future__ import annotations

import bpy

from . import Case, Finding, some

ORDER = 70


def find(case: Case) -> list[Finding]:
    seen = {obj.name for obj in bpy.context.view_layer.objects}
    names = [repr(part.obj.name) for part in case.who.parts if part.obj.name not in seen]
    return [Finding(f"{some(names)} is in a collection that this view layer leaves out.")] if names else []
