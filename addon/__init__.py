# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that imports bpy: one use case per file, registered in the order in which they need each other."""

import atexit
import sys

import bpy

from . import (
    bake,
    bake_mode,
    capture,
    capture_client,
    capture_panel,
    command,
    drawn_panel,
    flame,
    flame_keys,
    generate,
    head,
    inferring,
    mapping,
    mapping_edit,
    mapping_files,
    mapping_panel,
    mapping_see,
    mend,
    overrides,
    panel_bake,
    panel_takes,
    panels,
    phones_table,
    preferences,
    preview,
    properties,
    punch,
    style_library,
    style_library_edit,
    style_library_learn,
    style_library_panel,
    style_sliders_panel,
    takes,
    takes_compare,
    takes_edit,
    takes_mix,
    takes_pictures,
    takes_show,
    unbake,
    vertex_animation,
    worker_client,
)

_MODULES = (
    worker_client,
    capture_client,
    overrides,
    preferences,
    preview,
    mapping,
    takes,
    takes_mix,
    properties,
    style_library,
    takes_show,
    takes_pictures,
    takes_edit,
    takes_compare,
    mapping_edit,
    mapping_see,
    mapping_files,
    head,
    flame,
    flame_keys,
    vertex_animation,
    inferring,
    generate,
    capture,
    bake_mode,
    bake,
    unbake,
    punch,
    panels,
    style_library_edit,
    style_library_learn,
    style_library_panel,
    capture_panel,
    panel_takes,
    style_sliders_panel,
    phones_table,
    panel_bake,
    mend,
    mapping_panel,
    drawn_panel,
    command,
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
