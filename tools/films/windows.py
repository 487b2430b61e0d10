# SPDX-License-Identifier: GPL-3.0-or-later
"""A slider in a window of a real Blender, moved step by step, and the head that follows it.

Works Blender as the tests in windows do (`tests/support/window.py`): on a screen of its own, with the zip installed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw

from facewright.tests.support.window import SIZE, Window

from . import heads, strip

BLENDER = os.environ.get("FACEWRIGHT_BLENDER", "blender-5.2")
ROOT = "bpy.data.objects['Facewright Head']"
VIEW, LOWER = (420, 540), 165  # of the 3D view, in pixels, and how much lower than the sidebar the face is
VALUES = [1 + 0.1 * k for k in range(11)] + [2 - 0.1 * k for k in range(1, 18)] + [0.3 + 0.1 * k for k in range(1, 8)]
# Of the tab only the sliders, so that nothing else takes room; the 3D view fills the window beside it.
ONLY_SLIDERS = """
panels = [getattr(bpy.types, name) for name in dir(bpy.types) if name.startswith('FACEWRIGHT_PT')]
for panel in sorted(panels, key=lambda panel: not hasattr(panel, 'bl_parent_id')):
    bpy.utils.unregister_class(panel)
sliders = next(panel for panel in panels if panel.__name__ == 'FACEWRIGHT_PT_sliders')
sliders.bl_idname, sliders.bl_options = 'FACEWRIGHT_PT_sliders_alone', set()  # a new panel is open
bpy.utils.register_class(sliders)
"""
LARGE_HEAD = """
with bpy.context.temp_override(**view()):
    bpy.ops.mesh.facewright_head()
    bpy.ops.view3d.view_axis(type='FRONT')
    bpy.ops.object.select_all(action='SELECT')
    bpy.ops.view3d.view_selected()
space = view()['space_data']
space.region_3d.view_perspective = 'ORTHO'
space.region_3d.view_distance *= 0.78
space.overlay.show_overlays = space.show_gizmo = space.show_region_toolbar = space.show_region_header = False
space.shading.color_type, space.shading.background_type = 'MATERIAL', 'VIEWPORT'
space.shading.background_color = (0.11, 0.13, 0.16)
bpy.context.preferences.view.ui_scale = 1.1
"""


def slider(folder: Path, out: Path) -> None:
    """*Jaw* goes up, down and back while the head stands on an open vowel."""
    window = _opened()
    try:
        _speaking(window, heads.spoken(folder))
        window.show_tab("Facewright")
        pictures = _moved(window, folder)
    finally:
        window.close()
        shutil.rmtree(window.folder, ignore_errors=True)
    strip.save(_marked(pictures), out / "slider.webp", 12)


def _opened() -> Window:
    build = [sys.executable, heads.ROOT / "tools" / "build_zip.py", "--platform", "here"]
    built = subprocess.run([str(part) for part in build], check=True, capture_output=True, text=True)
    window = Window(BLENDER, Path(tempfile.mkdtemp(prefix="facewright-", dir="/tmp")))
    window.install(Path(built.stdout.splitlines()[-1].rsplit("  ", 1)[0]))
    window.open()
    return window


def _speaking(window: Window, sound: Path) -> None:
    """The built-in head on the frame of its line on which the mouth is open the most, with the sliders beside it."""
    visible = shutil.copy(sound, window.folder)
    window.ask("bpy.ops.wm.read_homefile(use_empty=True)")
    window.show_tab("Facewright")
    window.ask(LARGE_HEAD)
    window.ask(
        "with bpy.context.temp_override(**view()):\n"
        f"    bpy.ops.facewright.generate(filepath={str(visible)!r}, seed=3)",
        patience=180,
    )
    window.ask(ONLY_SLIDERS)
    keys = "bpy.data.objects['Head Skin'].data.shape_keys.key_blocks"
    window.ask(
        f"opened, keys = {{}}, {keys}\n"
        "for frame in range(1, 56):\n"
        "    bpy.context.scene.frame_set(frame)\n"
        "    jaw, others = keys['jawOpen'].value, ('mouthClose', 'eyeBlinkLeft')\n"
        "    opened[frame] = jaw - sum(keys[name].value for name in others)\n"
        "bpy.context.scene.frame_set(max(opened, key=opened.get))"
    )


def _moved(window: Window, folder: Path) -> list[Image.Image]:
    """Pictures of the head and the sidebar, one for each value."""
    pictures = []
    x, y, width, height = window.ask("r = view('UI')['region']; answer = [r.x, r.y, r.width, r.height]")
    for number, value in enumerate(VALUES):
        window.ask(f"{ROOT}.facewright.slider_jaw = {value}; view('UI')['region'].tag_redraw()")
        window.ask("bpy.ops.wm.redraw_timer(type='DRAW_WIN_SWAP', iterations=1)")
        screen = window.picture(folder / f"slider {number:02d}.png")
        pictures.append(_cut(screen, (x, SIZE[1] - y - height), width))
    return pictures


def _cut(path: Path, side: tuple[int, int], width: int) -> Image.Image:
    """The face, which is left of the sidebar and lower, and the sidebar from its upper left corner on."""
    (x, top), screen = side, Image.open(path).convert("RGB")
    view = screen.crop((x - VIEW[0], top + LOWER, x, top + LOWER + VIEW[1]))
    return strip.beside([view, screen.crop((x + 8, top, x + width, top + VIEW[1]))])


def _marked(pictures: list[Image.Image]) -> list[Image.Image]:
    """The pictures with a mark at the row of the sidebar that changes."""
    changed = ImageChops.difference(pictures[0], pictures[len(pictures) // 3]).crop(
        (VIEW[0] + 10, 0, pictures[0].width, pictures[0].height)
    )
    _, upper, _, lower = changed.getbbox() or (0, 0, 0, 0)
    for picture in pictures:
        ImageDraw.Draw(picture).line((VIEW[0] + 12, upper, VIEW[0] + 12, lower), fill="#ff8a65", width=4)
    return pictures
