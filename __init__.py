# SPDX-License-Identifier: GPL-3.0-or-later
"""facewright: speech in, facial animation out. Blender calls `register`; nothing here imports bpy."""

from importlib import import_module


def register() -> None:
    """Turn the extension on."""
    import_module(".addon", __package__).register()


def unregister() -> None:
    """Turn the extension off."""
    import_module(".addon", __package__).unregister()
