# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that imports bpy: one use case per file, registered in the order in which they need each other."""

import atexit
import sys
from importlib import import_module

import bpy

# Each module registers its own classes, properties and handlers; those that others need come first.
_MODULES = tuple(
    import_module(name, __package__)
    for name in (
        ".worker.process",
        ".worker.capture_process",
        ".blender.overrides",
        ".worker.preferences",
        ".dialogue.watch",
        ".preview.preview",
        ".character.mapping",
        ".takes.store",
        ".takes.lines",
        ".ui.takes.mix",
        ".settings",
        ".styles.store",
        ".preview.active_take",
        ".ui.takes.thumbnails",
        ".ui.takes.operators",
        ".ui.lines.operators",
        ".ui.lines.batch_list",
        ".ui.lines.panel",
        ".preview.compare",
        ".ui.mapping.operators",
        ".ui.mapping.hold_to_see",
        ".ui.mapping.files",
        ".ui.heads.builtin",
        ".ui.heads.flame",
        ".ui.mapping.flame",
        ".ui.heads.vertex_animation",
        ".ui.waiting",
        ".ui.graphics_card",
        ".ui.takes.generate",
        ".ui.lines.which",
        ".ui.lines.generate",
        ".ui.capture.operator",
        ".bake.mode",
        ".bake.worked",
        ".ui.lines.bake",
        ".ui.lines.unbake",
        ".ui.takes.punch",
        ".ui.takes.retake",
        ".ui.help",
        ".ui.main_panel",
        ".ui.styles.operators",
        ".ui.styles.learn",
        ".ui.styles.panel",
        ".ui.capture.panel",
        ".ui.takes.panel",
        ".ui.adjust.panel",
        ".ui.adjust.phonemes_panel",
        ".ui.dialogue.panel",
        ".ui.bake_panel",
        ".ui.lines.cast_panel",
        ".ui.preflight_panel",
        ".ui.mapping.panel",
        ".ui.mapping.drawings_panel",
        ".command",
    )
)


def register() -> None:
    for module in _MODULES:
        module.register()
    if not bpy.app.binary_path:
        atexit.register(unregister)  # bpy as a module crashes or hangs on exit while classes and handlers are there


def unregister() -> None:
    atexit.unregister(unregister)
    for module in reversed(_MODULES):
        module.unregister()
    # Or the next enable, after an update, would run the code of the old version.
    root = (__package__ or "").rpartition(".")[0]
    for name in [name for name in sys.modules if name.startswith(root + ".")]:
        del sys.modules[name]
