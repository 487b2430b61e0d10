# SPDX-License-Identifier: GPL-3.0-or-later
"""facewright: speech in, facial animation out. Blender calls `register`; nothing here imports bpy."""

import sys
from importlib import import_module


def register() -> None:
    """Turn the extension on."""
    import_module(".addon", __package__).register()


def unregister() -> None:
    """Turn the extension off. Where Python ends, it has turned itself off before Blender asks (`addon.register`)."""
    addon = sys.modules.get(f"{__package__}.addon")
    if addon is not None:
        addon.unregister()
