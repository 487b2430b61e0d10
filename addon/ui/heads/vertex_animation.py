# SPDX-License-Identifier: GPL-3.0-or-later
"""File > Import > Vertex Animation: moving vertices from any tool, as a few shape keys or as a vertex cache."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import bpy
import numpy as np
from bpy.props import EnumProperty, FloatProperty, IntProperty, StringProperty

from ....inference.core.errors import FacewrightError, MotionError
from ....inference.formats.point_cache import read_pc2, write_pc2
from ....inference.formats.vertex_keys import VertexKeys, fewest_keys
from ....inference.keys import records
from ....inference.keys.reduce import Keys
from ...blender import actions, nla
from ...blender.timeline import frame_rate

MODIFIER = "Facewright Cache"
_PART = 64  # frames that are converted and written at once


def add_keys(obj: bpy.types.Object, found: VertexKeys, frames: np.ndarray, name: str) -> tuple[list[str], str]:
    """Add shape keys to a mesh, and their F-curves in a new Action.

    Parameters
    ----------
    obj : bpy.types.Object
        A mesh with as many vertices as the keys have.
    found : VertexKeys
        Shape keys and weights, from `fewest_keys`.
    frames : ndarray [shape=(F,)]
        Scene frames of the take's frames.
    name : str
        Of the take.

    Returns
    -------
    tuple of list of str and str
        The names of the shape keys, and a phrase on where the Action that was in use is kept.
    """
    if obj.data.shape_keys is None:
        obj.shape_key_add(name="Basis", from_mix=False)
    key = obj.data.shape_keys
    previous = nla.keep_previous(key, [])
    home = actions.new_slot(key, obj.name, name, None)
    made = []
    for number, offset in enumerate(found.offsets):
        block = obj.shape_key_add(name=f"{name} {number + 1:03d}", from_mix=False)
        block.slider_min, block.slider_max, block.value = -1.0, 1.0, 0.0
        block.points.foreach_set("co", np.ascontiguousarray(found.rest + offset, np.float32).ravel())
        values = found.weights[:, number].astype(np.float64)
        keys = records.records(Keys(frames, values, np.zeros(len(frames)), False))
        actions.replace_keys(home, (block.path_from_id("value"), 0), keys, None)
        made.append(block.name)
    actions.assign(home)
    return made, previous


def add_cache(obj: bpy.types.Object, path: Path, frame: float, rate: float) -> bpy.types.Modifier:
    """Move a mesh by a Mesh Cache modifier, which is made or used again; returns it.

    Parameters
    ----------
    obj : bpy.types.Object
        A mesh with as many vertices as the cache has.
    path : Path
        The PC2 file, in the mesh's own axes.
    frame : float
        Scene frame of its first sample.
    rate : float
        Samples for each scene frame.
    """
    modifier: Any = obj.modifiers.get(MODIFIER) or obj.modifiers.new(MODIFIER, "MESH_CACHE")
    modifier.cache_format, modifier.filepath = "PC2", str(path)
    modifier.play_mode, modifier.time_mode = "SCENE", "FRAME"
    modifier.frame_scale, modifier.frame_start = rate, rate * frame  # Blender scales first
    modifier.interpolation, modifier.deform_mode = "LINEAR", "OVERWRITE"
    modifier.forward_axis, modifier.up_axis = "POS_Y", "POS_Z"
    obj.modifiers.move(list(obj.modifiers).index(modifier), 0)
    return modifier


def read_vertices(path: Path) -> np.ndarray:
    """The vertices in a .npy, .npz or .pc2 file [shape=(F, V, 3)], memory-mapped where the format allows it.

    Raises
    ------
    MotionError
        When the file holds no vertices over time.
    """
    if path.suffix.lower() == ".pc2":
        return read_pc2(path)
    try:
        held: Any = np.load(path, mmap_mode="r", allow_pickle=False)
        if not isinstance(held, np.ndarray):
            with held:
                names = [name for name in ("vertices", "verts") if name in held.files]
                held = held[names[0]] if names else np.zeros(0)
    except (ValueError, EOFError, OSError, zipfile.BadZipFile) as error:
        raise MotionError(
            f"Expected vertices (.npy, .npz or .pc2) in '{path}', got something else: {error}."
        ) from error
    if held.ndim > 2 and held.shape[0] == 1 and held.shape[-1] != 3:
        held = held[0]
    if held.ndim == 2 and held.shape[1] % 3 == 0:
        held = held.reshape(len(held), -1, 3)
    if held.ndim != 3 or held.shape[2] != 3 or len(held) == 0 or held.dtype.kind != "f":
        raise MotionError(f"Expected vertices over time, (F, V, 3) or (F, 3 V), in '{path}', got {held.shape}.")
    return held


class Turned:
    """Vertices stored with y up and z in front, turned when read to z up and -y in front, as Blender has them."""

    def __init__(self, vertices: np.ndarray) -> None:
        self.vertices, self.shape, self.ndim = vertices, vertices.shape, vertices.ndim

    def __len__(self) -> int:
        return len(self.vertices)

    def __getitem__(self, frames: Any) -> np.ndarray:
        return self.vertices[frames][..., [0, 2, 1]] * np.array((1, -1, 1), np.float32)


def _rest(obj: bpy.types.Object) -> np.ndarray:
    """The mesh at rest [shape=(V, 3)]."""
    keys = obj.data.shape_keys
    source = keys.reference_key.points if keys else obj.data.vertices
    points = np.empty(3 * len(source), np.float32)
    source.foreach_get("co", points)
    return points.reshape(-1, 3)


def _cache_path(source: Path, name: str) -> Path:
    """Path of a new cache: beside the .blend, or beside the source file where the .blend is not saved yet."""
    folder = Path(bpy.path.abspath("//")) if bpy.data.filepath else source.parent
    return folder / f"{bpy.path.clean_name(name)}.pc2"


class FACEWRIGHT_OT_vertex_animation(bpy.types.Operator):
    """Move the active mesh by vertices from a file, as few shape keys or as a vertex cache"""

    bl_idname = "import_anim.facewright_vertices"
    bl_label = "Import Vertex Animation"
    bl_options: ClassVar = {"REGISTER", "UNDO"}

    if TYPE_CHECKING:
        filepath: str
        filter_glob: str
        method: str
        worst: float
        axes: str
        fps: float
        frame: int
    else:
        filepath: StringProperty(name="File", subtype="FILE_PATH", options={"SKIP_SAVE"})
        filter_glob: StringProperty(default="*.npy;*.npz;*.pc2", options={"HIDDEN"})
        method: EnumProperty(
            name="As",
            items=(
                ("KEYS", "Shape Keys", "The fewest shape keys that stay within the error, with keyframes"),
                ("CACHE", "Vertex Cache", "A PC2 file and a Mesh Cache modifier: exact, but not to be edited"),
            ),
        )
        worst: FloatProperty(
            name="Largest Error",
            description="How far any vertex may be from where the file has it, in any frame, in millimetres",
            default=0.5,
            min=0.001,
            soft_max=5.0,
        )
        axes: EnumProperty(
            name="Up",
            items=(
                ("AUTO", "By Kind", "Y in .npy and .npz, as FLAME has it; Z in .pc2"),
                ("Y", "Y", "Z is in front, as FLAME has it"),
                ("Z", "Z", "-Y is in front, as Blender has it"),
            ),
        )
        fps: FloatProperty(
            name="Frame Rate", description="Frames per second in the file", default=30.0, min=1.0, max=1000
        )
        frame: IntProperty(name="Start Frame", description="Scene frame of the first frame", default=1)

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        obj = context.active_object
        if obj is None or obj.type != "MESH" or obj.data.library is not None:
            cls.poll_message_set("Click the mesh that the vertices are to move. It must not be linked from a library.")
            return False
        if context.mode != "OBJECT":
            cls.poll_message_set("Leave the current mode for Object Mode first (Tab).")
            return False
        return True

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            self.report({"INFO"}, self._import(context.scene, context.active_object))
        except FacewrightError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        return {"FINISHED"}

    def _import(self, scene: bpy.types.Scene, obj: bpy.types.Object) -> str:
        path = Path(bpy.path.abspath(self.filepath))
        held = read_vertices(path)
        rest = _rest(obj)
        if held.shape[1] != len(rest):
            raise MotionError(
                f"Expected {len(rest)} vertices, which '{obj.name}' has, but '{path.name}' has {held.shape[1]}. Click "
                "the mesh that the file was made for; a modifier applied or vertices removed change the number."
            )
        up = {"AUTO": "Z" if path.suffix.lower() == ".pc2" else "Y"}.get(self.axes, self.axes)
        vertices: Any = Turned(held) if up == "Y" else held
        step = frame_rate(scene) / self.fps
        if self.method == "CACHE":
            cache = path
            if path.suffix.lower() != ".pc2" or up == "Y":
                cache = _cache_path(path, f"{obj.name} {path.stem}")
                parts = (vertices[first : first + _PART] for first in range(0, len(held), _PART))
                write_pc2(cache, parts, len(held), len(rest))
            add_cache(obj, cache, self.frame, 1 / step)
            return f"{len(held)} frames in '{cache.name}' move '{obj.name}'"
        found = fewest_keys(vertices, rest, self.worst / 1000)
        _, previous = add_keys(obj, found, self.frame + step * np.arange(len(held)), path.stem[:40])
        return f"{len(held)} frames as {len(found.offsets)} shape keys, at most {1000 * found.worst:.2f} mm off" + (
            f"; the Action that was in use: {previous}" if previous else ""
        )


def _menu(self: Any, _context: bpy.types.Context) -> None:
    self.layout.operator(FACEWRIGHT_OT_vertex_animation.bl_idname, text="Vertex Animation (.npy, .npz, .pc2)")


_register, _unregister = bpy.utils.register_classes_factory((FACEWRIGHT_OT_vertex_animation,))


def register() -> None:
    _register()
    bpy.types.TOPBAR_MT_file_import.append(_menu)


def unregister() -> None:
    bpy.types.TOPBAR_MT_file_import.remove(_menu)
    _unregister()
