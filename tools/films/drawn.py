# SPDX-License-Identifier: GPL-3.0-or-later
"""A drawn mouth that speaks: nine mouths as objects under one parent, swapped by a real bake, on twos."""

from __future__ import annotations

import math
from pathlib import Path

import bpy
from PIL import Image, ImageDraw

import facewright
from facewright.models.espeak import speak

from . import strip

SIZE, FPS, HELD = 340, 24, 2
LINE = "Where do we go now? My baby bought a very big map."
SKIN, LINE_COLOUR, WHITE, DARK, PINK = "#f6cfae", "#22252d", "#ffffff", "#5e2630", "#e58188"
# Half width and half height of the opening of each of Rhubarb's mouths, and what is seen in it.
MOUTHS = {
    "A": (0.36, 0.0, ""), "B": (0.38, 0.09, "teeth"), "C": (0.38, 0.19, "teeth tongue"),
    "D": (0.40, 0.36, "teeth tongue"), "E": (0.28, 0.26, "teeth"), "F": (0.15, 0.13, ""),
    "G": (0.34, 0.08, "bite"), "H": (0.36, 0.24, "teeth lifted"), "X": (0.30, 0.0, ""),
}  # fmt: skip
CENTRE = (0.0, -0.60)


def drawn_mouth(folder: Path, out: Path) -> None:
    """The face, beside the nine mouths of which it shows one."""
    pictures, shown, tiles = _speaking(folder)
    frames = [strip.beside([picture, _board(tiles, name)]) for picture, name in zip(pictures, shown, strict=True)]
    strip.save(frames, out / "drawn-mouth.webp", FPS / HELD)


def _speaking(folder: Path) -> tuple[list[Image.Image], list[str], dict[str, Image.Image]]:
    """A picture for every second frame of the baked shot, the mouth that it shows; a small picture of each mouth."""
    sound = folder / "drawn.wav"
    speak(LINE, sound)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    facewright.register()
    scene = bpy.context.scene
    scene.render.fps = FPS
    mouths = _draw_bob(scene)
    _look_from_front(scene)
    tiles = {name: _tile(_render_one(mouths, name, folder / f"mouth {name}.png")) for name in mouths}
    bpy.context.view_layer.objects.active = mouths["A"]
    bpy.ops.facewright.generate(filepath=str(sound), seed=0)
    bpy.ops.facewright.bake()
    last = round(max(action.frame_range[1] for action in bpy.data.actions))
    facewright.unregister()
    pictures, shown = [], []
    for frame in range(1, last + 1, HELD):
        scene.frame_set(frame)
        path = folder / "drawn" / f"{frame:04d}.png"
        path.parent.mkdir(exist_ok=True)
        scene.render.filepath = str(path)
        if not path.exists():
            bpy.ops.render.render(write_still=True)
        pictures.append(Image.open(path).convert("RGB"))
        shown.append(next(name for name, mouth in mouths.items() if not mouth.hide_render))
    return pictures, shown, tiles


def _render_one(mouths: dict[str, bpy.types.Object], name: str, path: Path) -> Image.Image:
    """The face with one of its mouths, before anything is animated."""
    for other, mouth in mouths.items():
        mouth.hide_render = other != name
    bpy.context.scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
    return Image.open(path).convert("RGB")


def _draw_bob(scene: bpy.types.Scene) -> dict[str, bpy.types.Object]:
    face = bpy.data.objects.new("Bob", None)
    scene.collection.objects.link(face)
    shapes = [(_oval(0, 0, 1.06, 1.26), LINE_COLOUR), (_oval(0, 0, 1.03, 1.23), SKIN)]
    for side in (-1, 1):
        shapes += [
            (_oval(side * 0.36, 0.32, 0.185, 0.235), LINE_COLOUR),
            (_oval(side * 0.36, 0.32, 0.16, 0.21), WHITE),
            (_oval(side * 0.34, 0.29, 0.06, 0.085), DARK),
            (_arc(side * 0.36, 0.58, 0.24, 0.10), LINE_COLOUR),
        ]
    shapes.append((_arc(0.0, 0.02, 0.11, -0.08), LINE_COLOUR))
    _mesh(scene, "Bob face", shapes, face)
    return {name: _mesh(scene, name, _mouth(*form), face, depth=-0.2) for name, form in MOUTHS.items()}


def _mouth(width: float, height: float, seen: str) -> list[tuple[list[tuple[float, float]], str]]:
    x, y = CENTRE
    if height == 0:
        return [(_arc(x, y, width, -0.05), LINE_COLOUR)]
    shapes = [(_oval(x, y, width + 0.04, height + 0.04), LINE_COLOUR), (_oval(x, y, width, height), DARK)]
    if "tongue" in seen or "lifted" in seen:
        low = 0.1 if "lifted" in seen else 0.45
        shapes.append((_oval(x, y - low * height, width * 0.6, height * 0.5), PINK))
    if "teeth" in seen or "bite" in seen:
        shapes.append((_bitten(x, y, width, height, 1.0 if height < 0.1 else 0.3), WHITE))
    if "bite" in seen:
        shapes.append((_oval(x, y - 0.07, width * 0.8, 0.045), "#cf8f80"))
    return shapes


def _oval(x: float, y: float, width: float, height: float) -> list[tuple[float, float]]:
    turns = [2 * math.pi * k / 64 for k in range(64)]
    return [(x + width * math.cos(turn), y + height * math.sin(turn)) for turn in turns]


def _arc(x: float, y: float, width: float, rise: float, thick: float = 0.035) -> list[tuple[float, float]]:
    """A stroke, bent upwards by `rise` in its middle."""
    steps = [k / 24 * 2 - 1 for k in range(25)]
    over = [(x + width * step, y + rise * (1 - step * step) + thick) for step in steps]
    return over + [(x + width * step, y + rise * (1 - step * step) - thick) for step in reversed(steps)]


def _bitten(x: float, y: float, width: float, height: float, part: float) -> list[tuple[float, float]]:
    """The upper teeth: the upper `part` of the opening."""
    floor = height * (1 - 2 * part)
    rim = [(width * math.cos(math.pi * k / 40), height * math.sin(math.pi * k / 40)) for k in range(41)]
    upper = [(x + 0.95 * a, y + 0.93 * b) for a, b in rim if b >= max(floor, 0.0)]
    if floor >= 0:
        return upper
    return _oval(x, y, width * 0.95, height * 0.9)


def _mesh(
    scene: bpy.types.Scene,
    name: str,
    shapes: list[tuple[list[tuple[float, float]], str]],
    parent: bpy.types.Object,
    depth: float = 0.0,
) -> bpy.types.Object:
    """Flat polygons that shine, each a little nearer to the camera than the one before."""
    mesh = bpy.data.meshes.new(name)
    points, faces = [], []
    for layer, (outline, _) in enumerate(shapes):
        faces.append(list(range(len(points), len(points) + len(outline))))
        points += [(x, depth - 0.01 * layer, z) for x, z in outline]
    mesh.from_pydata(points, [], faces)
    for index, (_, colour) in enumerate(shapes):
        mesh.materials.append(_shining(colour))
        mesh.polygons[index].material_index = index
    obj = bpy.data.objects.new(name, mesh)
    obj.parent = parent
    scene.collection.objects.link(obj)
    return obj


def _shining(colour: str) -> bpy.types.Material:
    material = bpy.data.materials.get(colour) or bpy.data.materials.new(colour)
    tree = material.node_tree
    tree.nodes.clear()
    shine, end = tree.nodes.new("ShaderNodeEmission"), tree.nodes.new("ShaderNodeOutputMaterial")
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    shine.inputs["Color"].default_value = (*linear, 1)
    tree.links.new(shine.outputs[0], end.inputs[0])
    return material


def _look_from_front(scene: bpy.types.Scene) -> None:
    camera = bpy.data.cameras.new("Camera")
    camera.type, camera.ortho_scale = "ORTHO", 2.75
    scene.camera = bpy.data.objects.new("Camera", camera)
    scene.camera.location, scene.camera.rotation_euler = (0, -5, 0), (math.pi / 2, 0, 0)
    scene.collection.objects.link(scene.camera)
    scene.world = bpy.data.worlds.new("World")
    scene.world.node_tree.nodes["Background"].inputs["Color"].default_value = (0.78, 0.82, 0.85, 1)
    scene.view_settings.view_transform = "Standard"
    scene.render.resolution_x = scene.render.resolution_y = SIZE
    scene.render.engine, scene.cycles.samples, scene.cycles.use_denoising = "CYCLES", 12, False
    scene.cycles.max_bounces = 0


def _tile(picture: Image.Image) -> Image.Image:
    middle, low = SIZE / 2, SIZE * (0.5 - CENTRE[1] / 2.75)
    half = SIZE * 0.47 / 2.75
    box = tuple(round(edge) for edge in (middle - half, low - half, middle + half, low + half))
    return picture.crop(box).resize((88, 88), Image.Resampling.LANCZOS)


def _board(tiles: dict[str, Image.Image], shown: str) -> Image.Image:
    """All mouths of the set, the shown one bright."""
    board = Image.new("RGB", (3 * 100, SIZE), strip.PAPER)
    for index, name in enumerate(MOUTHS):
        left, top = 6 + index % 3 * 98, 8 + index // 3 * 110
        tile = tiles[name]
        if name != shown:
            tile = Image.blend(tile, Image.new("RGB", tile.size, strip.PAPER), 0.65)
        board.paste(strip.captioned(tile, name, 11, strip.INK if name == shown else "#6a6675"), (left, top))
        if name == shown:
            ImageDraw.Draw(board).rectangle((left - 2, top - 2, left + 89, top + 89), outline=strip.ACCENT, width=2)
    return board
