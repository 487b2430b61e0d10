# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of a baked head at moments that tell most, side by side."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import bpy
import numpy as np
from mathutils import Vector
from PIL import Image, ImageDraw

SIZE = 300
_LIGHTS = (((-0.6, -0.9, 0.5), 10.0, 0.4), ((0.6, -0.9, -0.1), 5.0, 0.6))
_TOWARDS = Vector((0.30, -1.0, 0.03)).normalized()
VIEWS = {"face": ((0.0, -0.09, -0.012), 0.22), "mouth": ((0.0, -0.10, -0.032), 0.085)}  # looks at, sees metres


def stage() -> None:
    """Two lamps, an even light and a camera, in the scene as it is."""
    scene = bpy.context.scene
    scene.render.engine, scene.cycles.samples, scene.cycles.use_denoising = "CYCLES", 12, True
    scene.render.use_persistent_data = True
    scene.render.resolution_x = scene.render.resolution_y = SIZE
    scene.view_settings.view_transform = "Standard"
    scene.world = bpy.data.worlds.new("Proof")
    if scene.world.node_tree is None:
        scene.world.use_nodes = True
    assert scene.world.node_tree is not None
    sky = next(node for node in scene.world.node_tree.nodes if node.type == "BACKGROUND")
    sky.inputs["Color"].default_value, sky.inputs["Strength"].default_value = (0.35, 0.38, 0.42, 1.0), 0.6
    for place, watts, size in _LIGHTS:
        light = bpy.data.lights.new("Proof", "AREA")
        light.energy, light.size = watts, size
        _add(light, Vector(place), -Vector(place))
    lens = bpy.data.cameras.new("Proof")
    lens.lens, lens.sensor_width = 85.0, 36.0
    scene.camera = _add(lens, Vector(), -_TOWARDS)


def strip(frames: dict[str, int], view: str, name: str) -> Image.Image:
    """One row of pictures: what each shows, and the frame it is taken at."""
    scene = bpy.context.scene
    target, span = VIEWS[view]
    lens = scene.camera.data
    scene.camera.location = Vector(target) + _TOWARDS * (span * lens.lens / lens.sensor_width)
    row = Image.new("RGB", (SIZE * len(frames), SIZE))
    with TemporaryDirectory() as folder:
        for index, (what, frame) in enumerate(frames.items()):
            scene.frame_set(frame)
            scene.render.filepath = str(Path(folder) / f"{index}.png")
            bpy.ops.render.render(write_still=True)
            with Image.open(scene.render.filepath) as picture:
                row.paste(picture.convert("RGB"), (index * SIZE, 0))
            ImageDraw.Draw(row).text((index * SIZE + 8, 8), f"{name}, {what}", fill=(255, 255, 255))
    return row


def stack(rows: list[Image.Image], path: Path) -> None:
    """Rows of pictures as one file."""
    Image.fromarray(np.concatenate([np.asarray(row) for row in rows])).save(path, optimize=True, quality=88)


def _add(data: bpy.types.ID, place: Vector, towards: Vector) -> bpy.types.Object:
    obj = bpy.data.objects.new("Proof", data)
    bpy.context.scene.collection.objects.link(obj)
    obj.location, obj.rotation_euler = place, towards.to_track_quat("-Z", "Y").to_euler()
    return obj
