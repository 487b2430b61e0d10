# SPDX-License-Identifier: GPL-3.0-or-later
"""Two takes side by side: a double beside the character shows another take until the comparison ends.

It is never rendered, selected or saved, and known by a custom property on its objects, not by anything in memory: undo,
redo and files that Blender saves by itself cannot leave one behind.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, ClassVar

import bpy
from bpy.app.handlers import persistent
from bpy.props import IntProperty
from mathutils import Matrix, Vector

from ...inference.core.errors import FacewrightError, MotionError
from ..blender.lookup import by_uid
from ..blender.rna import settings_of
from ..character import character
from ..character.family import DOUBLE_OF, HOLDER, family
from ..takes import store
from . import preview

# Custom properties: on all data-blocks which double they belong to, on its root (with `DOUBLE_OF`) which take it shows.
MARK, TAKE = "facewright_double", "facewright_double_take"
COLLECTION = "Facewright Compare"
_GAP = 1.15  # of the character's width


def doubles(root: bpy.types.Object | None = None) -> list[bpy.types.Object]:
    """The roots of all doubles, or of a character's own."""
    found = [obj for obj in bpy.data.objects if DOUBLE_OF in obj]
    return [obj for obj in found if root is None or obj.get(DOUBLE_OF) == root]


def shown_key(root: bpy.types.Object) -> str:
    """The key of the take that the double of a character shows; "" without one."""
    # Not by `doubles`: the list asks this for each take that it draws, and a scene may have thousands of objects.
    marked = (obj for collection in bpy.data.collections if MARK in collection for obj in collection.objects)
    return next((str(obj[TAKE]) for obj in marked if obj.get(DOUBLE_OF) == root), "")


def begin(scene: bpy.types.Scene, root: bpy.types.Object, key: str, side: Vector) -> bpy.types.Object:
    """Put a double beside the character and show a take on it; returns the double's root.

    Parameters
    ----------
    scene : bpy.types.Scene
        Gets the double.
    root : bpy.types.Object
        Of the character.
    key : str
        Of the take.
    side : Vector
        Direction, in the world, in which the double stands.

    Raises
    ------
    FacewrightError
        When there is no character to double, or the motion of the take is neither in the file nor in memory.
    """
    if not any(item.key == key and store.read(item) for item in store.items(root)):
        raise MotionError("The curves of that take are not in this file. Choose it and make it again first.")
    character.find(root, scene)
    end(root)
    members = family(root, scene)
    offset = _offset(members, side)
    collection, mark = _collection(scene), secrets.token_hex(8)
    copies: dict[bpy.types.ID, bpy.types.ID] = {}
    for obj in members:
        _copy(obj, mark, copies)
    for obj in members:
        double: Any = copies[obj]
        _point_within(double, copies)
        collection.objects.link(double)
        if obj.parent not in copies:
            double.matrix_world = Matrix.Translation(offset) @ obj.matrix_world
    double = copies[root]
    double[DOUBLE_OF], double[TAKE] = root, key
    own = settings_of(double)
    own.takes.clear()
    own.lines.clear()
    for line in own.mapping:
        where = copies.get(scene.objects.get(line.where))
        line.where = where.name if where is not None else line.where
    resume(scene)
    return double


def resume(scene: bpy.types.Scene) -> None:
    """Show their takes on all doubles again: undo replaces the objects that the preview knows."""
    for double in doubles():
        takes = store.items(double[DOUBLE_OF]) if double[DOUBLE_OF] else ()
        item = next((each for each in takes if each.key == double[TAKE]), None)
        take = store.read(item) if item is not None else None
        if take is None or preview.shown(double) is take:
            continue
        try:
            preview.start(scene, character.find(double, scene), take)
        except FacewrightError:
            preview.stop(double)


def end(root: bpy.types.Object | None = None) -> None:
    """Remove the double of a character, or all doubles."""
    for double in doubles(root):
        preview.stop(double)
        mark = double[MARK]
        bpy.data.batch_remove([block for blocks in _kinds() for block in blocks if block.get(MARK) == mark])
    for empty in [collection for collection in bpy.data.collections if MARK in collection and not collection.objects]:
        bpy.data.collections.remove(empty)


def _kinds() -> tuple[Any, ...]:
    """The collections of `bpy.data` in which data-blocks of a double may be."""
    return bpy.data.objects, bpy.data.meshes, bpy.data.curves, bpy.data.lattices


def _collection(scene: bpy.types.Scene) -> bpy.types.Collection:
    """The collection of doubles, made and linked to the scene where that is not done yet; it is not rendered."""
    existing = next((each for each in bpy.data.collections if each.name == COLLECTION and MARK in each), None)
    collection = existing or bpy.data.collections.new(COLLECTION)
    collection[MARK] = ""
    collection.hide_render = True
    if collection.name not in scene.collection.children:
        scene.collection.children.link(collection)
    return collection


def _copy(obj: bpy.types.Object, mark: str, copies: dict[bpy.types.ID, bpy.types.ID]) -> None:
    """Copy an object into `copies`, and its mesh, too, where that has shape keys, which cannot be shared."""
    double = obj.copy()
    double.pop(HOLDER, None)
    copies[obj] = double
    double[MARK] = mark
    double.hide_render = double.hide_select = True
    _let_go(double)
    keys = getattr(obj.data, "shape_keys", None)
    if keys is None:
        return
    double.data = copies.get(obj.data) or obj.data.copy()
    double.data[MARK] = mark
    copies[obj.data], copies[keys] = double.data, double.data.shape_keys
    _let_go(double.data.shape_keys)


def _let_go(block: Any) -> None:
    """Remove Action and NLA tracks from a copy, but not its drivers; the artist's Actions stay with the originals."""
    if block.animation_data is None:
        return
    block.animation_data.action = None
    for track in list(block.animation_data.nla_tracks):
        block.animation_data.nla_tracks.remove(track)


def _point_within(double: Any, copies: dict[bpy.types.ID, bpy.types.ID]) -> None:
    """Point parent, modifiers, constraints and drivers of a copy to the double where they point to the character."""
    if double.parent in copies:
        inverse = double.matrix_parent_inverse.copy()
        double.parent = copies[double.parent]
        double.matrix_parent_inverse = inverse
    bones = [bone.constraints for bone in double.pose.bones] if double.pose else []
    for user in [*double.modifiers, *double.constraints, *(each for constraints in bones for each in constraints)]:
        for name in [field.identifier for field in user.bl_rna.properties]:
            if (pointed_at := getattr(user, name, None)) in copies and isinstance(pointed_at, bpy.types.ID):
                setattr(user, name, copies[pointed_at])
    for block in (double, getattr(double.data, "shape_keys", None)):
        if block is not None and block.animation_data is not None and (block is double or block in copies.values()):
            for target in _targets(block.animation_data.drivers):
                target.id = copies.get(target.id, target.id)


def _targets(drivers: Iterable[Any]) -> Iterable[Any]:
    for curve in drivers:
        for variable in curve.driver.variables:
            yield from (target for target in variable.targets if target.id is not None)


def _offset(members: list[bpy.types.Object], side: Vector) -> Vector:
    """From the character to its double, a little more than the character's width to the side."""
    corners = [obj.matrix_world @ Vector(corner) for obj in members if obj.type == "MESH" for corner in obj.bound_box]
    along = [corner.dot(side) for corner in corners] or [0.0, 1.0]
    return side * _GAP * max(max(along) - min(along), 1e-3)


class FACEWRIGHT_OT_take_compare(bpy.types.Operator):
    """Show this take on a double beside the character; again to take the double away"""

    bl_idname = "facewright.take_compare"
    bl_label = "Compare"
    bl_options: ClassVar = {"UNDO"}

    index: IntProperty(name="Take", description="Number in the list, from 0", min=0, options={"SKIP_SAVE"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if context.view_layer.objects.active is None:
            cls.poll_message_set("Click a character first.")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        root = character.family_root(context.view_layer.objects.active)
        items = store.items(root)
        try:
            if self.index >= len(items):
                raise MotionError(f"Expected a take from 0 to {len(items) - 1}, got {self.index}.")
            item = items[self.index]
            if shown_key(root) == item.key:
                end(root)
                return {"FINISHED"}
            begin(context.scene, root, item.key, _left(context))
        except FacewrightError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        settings_of(root).take_mix.other = item.name
        return {"FINISHED"}


class FACEWRIGHT_OT_take_compare_end(bpy.types.Operator):
    """Take the double away"""

    bl_idname = "facewright.take_compare_end"
    bl_label = "End Compare"
    bl_options: ClassVar = {"UNDO"}

    def execute(self, _context: bpy.types.Context) -> set[str]:
        end()
        return {"FINISHED"}


def _left(context: bpy.types.Context) -> Vector:
    """The level direction that is left on the screen, away from the sidebar; the world's -X without a viewport."""
    view, left = context.region_data, Vector((-1, 0, 0))
    if isinstance(view, bpy.types.RegionView3D):
        left = view.view_rotation @ left
    left.z = 0
    return left.normalized() if left.length > 0.1 else Vector((-1, 0, 0))


@persistent
def _before_save(*_: object) -> None:
    for double in doubles():
        if double[DOUBLE_OF] is not None:
            side = double.matrix_world.translation - double[DOUBLE_OF].matrix_world.translation
            _saved.append((double[DOUBLE_OF].session_uid, double[TAKE], side.normalized()))
    end()


@persistent
def _after_save(*_: object) -> None:
    compared = tuple(_saved)
    _saved.clear()
    for uid, key, side in compared:
        root = by_uid(bpy.context.scene.objects, uid)
        if root is not None:
            with suppress(FacewrightError):  # the comparison ends where there is nothing to compare any more
                begin(bpy.context.scene, root, key, side)


@persistent
def _after_load(*_: object) -> None:
    end()  # Blender's automatic save may have written a file with doubles in it


@persistent
def _on_undo(scene: bpy.types.Scene, *_: object) -> None:
    resume(scene)


_saved: list[tuple[int, str, Vector]] = []  # root's uid, take's key, direction of the doubles removed for a save
_HANDLERS = (
    ("save_pre", _before_save),
    ("save_post", _after_save),
    ("save_post_fail", _after_save),
    ("load_post", _after_load),
    ("undo_post", _on_undo),
    ("redo_post", _on_undo),
)
_register, _unregister = bpy.utils.register_classes_factory(
    (FACEWRIGHT_OT_take_compare, FACEWRIGHT_OT_take_compare_end)
)


def register() -> None:
    _register()
    for name, handler in _HANDLERS:
        getattr(bpy.app.handlers, name).append(handler)


def unregister() -> None:
    for name, handler in _HANDLERS:
        getattr(bpy.app.handlers, name).remove(handler)
    end()
    _unregister()
