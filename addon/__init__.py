# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that imports bpy: one use case per file, registered in the order in which they need each other."""

import atexit
import sys

import bpy

from . import command, settings
from .bake import bake, mode, unbake
from .blender import overrides
from .character import mapping
from .preview import active_take, compare, preview
from .styles import store
from .takes import store as takes
from .ui import bake_panel, main_panel, preflight_panel, waiting
from .ui.adjust import panel as style_sliders_panel
from .ui.adjust import phonemes_panel
from .ui.capture import operator, panel
from .ui.heads import builtin, flame, vertex_animation
from .ui.mapping import drawings_panel, files, hold_to_see, operators
from .ui.mapping import flame as flame_keys
from .ui.mapping import panel as mapping_panel
from .ui.styles import learn
from .ui.styles import operators as style_library_edit
from .ui.styles import panel as style_library_panel
from .ui.takes import generate, mix, retake, thumbnails
from .ui.takes import operators as takes_edit
from .ui.takes import panel as panel_takes
from .worker import capture_process, preferences, process

_MODULES = (
    process,
    capture_process,
    overrides,
    preferences,
    preview,
    mapping,
    takes,
    mix,
    settings,
    store,
    active_take,
    thumbnails,
    takes_edit,
    compare,
    operators,
    hold_to_see,
    files,
    builtin,
    flame,
    flame_keys,
    vertex_animation,
    waiting,
    generate,
    operator,
    mode,
    bake,
    unbake,
    retake,
    main_panel,
    style_library_edit,
    learn,
    style_library_panel,
    panel,
    panel_takes,
    style_sliders_panel,
    phonemes_panel,
    bake_panel,
    preflight_panel,
    mapping_panel,
    drawings_panel,
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
