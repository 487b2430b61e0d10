# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes tests/saved/files/retimed.blend: strips that Blender 4.2 without sound cannot make, but can read.

Run it from the root with Blender 4.5's Python and ``PYTHONPATH=tests``.
"""

from pathlib import Path

import bpy
from support import listening
from support.strips import into_meta, retime, trim, trim_content

import facewright

OUT = Path(__file__).parent / "files" / "retimed.blend"
STRIPS = (("plain", 0, 0, 0), ("fast", 200, 0, 0), ("slow and trimmed", 50, 30, 20), ("fast in meta", 200, 0, 0))


def make() -> None:
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    scene, clicks = bpy.context.scene, str(listening.write_clicks(OUT.with_name("clicks.wav")))
    new_sound = listening.strips_of(scene).new_sound
    for channel, (name, percent, left, right) in enumerate(STRIPS, 1):
        strip = new_sound(name, clicks, channel, 30)
        if percent:
            retime(scene, strip, percent)
        trim(strip, left, right)
        if "meta" in name:
            trim(into_meta(scene, strip), 10, 8)
    trim_content(new_sound("content trimmed", clicks, 8, 30), 15)
    for sound in bpy.data.sounds:
        sound.filepath = "//clicks.wav"
    bpy.ops.wm.save_as_mainfile(filepath=str(OUT), compress=True, relative_remap=False)
    Path(clicks).unlink()


facewright.register()
make()
facewright.unregister()
