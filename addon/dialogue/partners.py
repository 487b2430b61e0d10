# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom a character talks to: the partner that was chosen for it, and all who chose it for theirs."""

from __future__ import annotations

from dataclasses import dataclass

import bpy

from ..blender.rna import settings_of
from ..character.family import DOUBLE_OF, family_root


@dataclass(frozen=True, eq=False)
class Partner:
    """Somebody or something that a character looks at, and listens to where it speaks.

    Parameters
    ----------
    obj : bpy.types.Object
        As it was chosen.
    root : bpy.types.Object
        Of its family, which holds its lines if it has any.
    """

    obj: bpy.types.Object
    root: bpy.types.Object


def is_set(root: bpy.types.Object) -> bool:
    """Whether a partner was chosen, even if it is gone."""
    return bool(settings_of(root).partner_name)


def trouble(scene: bpy.types.Scene, root: bpy.types.Object) -> str:
    """A sentence on why the partner that was chosen cannot be one; "" where it can, or none was chosen."""
    settings = settings_of(root)
    partner = settings.partner
    if partner is None or partner.name not in scene.objects:
        name = settings.partner_name if partner is None else partner.name
        where = "deleted" if partner is None or not partner.users_scene else "taken out of this scene"
        return f"The partner of '{root.name}', '{name}', was {where}. Choose another under Dialogue." if name else ""
    if family_root(partner) == root:
        return f"'{partner.name}' is a part of '{root.name}' itself. Choose another partner under Dialogue."
    return ""


def partners_of(scene: bpy.types.Scene, root: bpy.types.Object) -> list[Partner]:
    """The partner of a character, then the others who talk to it; nobody where it has no partner that is there."""
    chosen = settings_of(root).partner
    if chosen is None or trouble(scene, root):
        return []
    first = Partner(chosen, family_root(chosen))
    others = [obj for obj in scene.objects if obj not in (root, first.root) and _talks_to(obj, root)]
    return [first, *(Partner(obj, obj) for obj in sorted(others, key=lambda obj: obj.name))]


def _talks_to(obj: bpy.types.Object, root: bpy.types.Object) -> bool:
    if not obj.is_property_set("facewright") or DOUBLE_OF in obj:
        return False
    partner = settings_of(obj).partner
    return partner is not None and family_root(partner) == root
