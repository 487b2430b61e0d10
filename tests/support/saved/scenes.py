# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in the saved files: four characters, worked on as artists do. See `make_saved.py`."""

import bpy

from support.saved.facts import fcurves
from support.saved.line import NAME

SOUND = f"//{NAME}"
V3 = bpy.app.version >= (4, 3, 0)  # the new Grease Pencil
RHUBARB = "ABCDEFGHX"


def takes():
    """The built-in head, its skin made small: takes, a mix, frames punched in, dials of all kinds, mapping, style."""
    root = small_head()
    own, generate = root.facewright, bpy.ops.facewright.generate
    generate(filepath=SOUND, seed=4, count=3, frame=2)
    own.takes[1].name, own.takes[1].star = "The good one", True
    own.take_index = 0
    bpy.ops.facewright.take_mix(other="Take 3", parts={"BROWS", "HEAD"}, first=10, last=40, blend=6)
    own.take_index = 2
    bpy.ops.facewright.punch_in(first=12, last=34, seed=9)
    bpy.ops.facewright.bake()
    bpy.context.scene.frame_end = 50
    bpy.ops.facewright.style_learn_keys(name="Ada", in_context=True)
    bpy.ops.facewright.style_rename(name="Ada on stage")
    bpy.ops.facewright.unbake()
    generate(seed=8, count=1)
    own.take_mix.other, own.take_mix.parts, own.take_mix.first = "The good one", {"LIDS", "MOUTH"}, 7
    own.take_count = 2

    own.slider_articulation, own.slider_lead, own.slider_closure = 1.25, 30.0, 1.5
    key(own, "slider_jaw", {5: 0.4, 40: 1.8})
    key(own, "emotion_joy", {1: 0.0, 30: 0.7})
    own.emotion_doubt, own.mask_cheeks, own.mask_head = 0.3, 0.4, 0.75
    own.phone_M, own.phone_AA, own.phone_IY = 1.6, 1.4, 0.7
    dial = empty("Dial")
    key(dial, "location", {1: (0.2, 0, 0), 45: (1.6, 0, 0)})
    drive(root, "facewright.slider_lips", dial, "location.x")
    drive(root, "facewright.slider_upper_face", None, "", "1 + frame / 40")
    bpy.ops.facewright.phones_mark(phones="M P")

    bpy.ops.facewright.mapping_match()
    lines = {item.source: item for item in own.mapping if item.target != "mouthPucker"}
    lines["jawOpen"].gain, lines["jawOpen"].offset, lines["jawOpen"].max = 0.8, 0.05, 0.6
    lines["browInnerUp"].use = False
    lines["mouthFunnel"].curve, lines["mouthFunnel"].power = "power", 0.5
    bpy.ops.facewright.mapping_add(source="mouthFunnel", target="mouthPucker", gain=0.25)
    own.preview = False
    bpy.data.objects["Head Skin"].data.shape_keys.key_blocks["cheekPuff"].value = 0.2  # by hand: comes back
    own.take_index, own.preview = 1, True


def baked():
    """Keys by hand in few Bezier keys, baked three times; a lock; values and an Action that were there before."""
    face = small_face("Bob")
    root = face.parent
    keys = face.data.shape_keys
    keys.key_blocks["jawOpen"].value = 0.3  # by hand, and nothing keys it
    key(keys.key_blocks["cheekPuff"], "value", {1: 0.2, 20: 0.6})
    bpy.ops.facewright.generate(filepath=SOUND, seed=4, count=2, frame=1)
    root.facewright.slider_jaw = 1.3
    settings = bpy.context.scene.facewright_bake
    settings.keys, settings.interpolation, settings.error = "SPARSE", "BEZIER", 0.02
    bpy.ops.facewright.bake()
    jaw = curve_of(keys, "jawOpen")
    points = jaw.keyframe_points
    points[3].co.y = 0.9  # changed
    points.remove(points[len(points) - 3])  # deleted
    jaw.update()
    root.facewright.take_index = 1
    bpy.ops.facewright.bake()
    brow = curve_of(keys, "browInnerUp")
    brow.keyframe_points.insert(20.0, 0.75)  # added
    brow.update()
    bpy.context.scene.timeline_markers.new("facewright lock", frame=30)
    bpy.context.scene.timeline_markers.new("facewright unlock", frame=36)
    root.facewright.slider_jaw = 0.8
    bpy.ops.facewright.bake(into="EXISTING", use_range=True, first=12, last=42, blend=4)
    bpy.ops.facewright.punch_in(first=16, last=28, seed=12)


def strips():
    """Ann's poses lie in the NLA with their influences keyed; Bob's bake is added there to an Action of his own."""
    rig = puppet("Ann")
    face = mesh("Ann face", ["eyeBlinkLeft", "eyeBlinkRight", "browInnerUp"], rig)
    key(face.data.shape_keys.key_blocks["browInnerUp"], "value", {1: 0.1, 40: 0.3})
    bpy.ops.facewright.generate(filepath=SOUND, seed=5, frame=1)
    bpy.ops.facewright.bake(into="STRIPS")
    tracks = {track.name: track for track in rig.animation_data.nla_tracks}
    influence = tracks["Facewright pose D"].strips[0].fcurves.find("influence")
    influence.keyframe_points[20].co.y = 0.66
    influence.update()

    face = small_face("Bob")
    key(face.data.shape_keys.key_blocks["jawOpen"], "value", {1: 0.1, 40: 0.4})
    bpy.ops.facewright.generate(filepath=SOUND, seed=6, frame=1)
    bpy.ops.facewright.bake(into="ADDITIVE")


def drawn():
    """Nine drawings of a Grease Pencil mouth by their numbers, and four objects of which one is shown."""
    mouth = drawings("Zoe mouth", 9)
    mouth.facewright.hold = 0.125
    bpy.ops.facewright.generate(filepath=SOUND, seed=7, frame=1)
    bpy.ops.facewright.drawings_in_order(where="Zoe mouth", mouths="rhubarb")
    bpy.ops.facewright.drawing_is(where="Zoe mouth", drawing="7", shape="preston_blair.O")
    bpy.ops.facewright.bake()

    root = empty("Max mouths")
    for name in "ABCD":
        mesh(f"Max mouth {name}", [], root)
    bpy.ops.facewright.generate(filepath=SOUND, seed=3, frame=1)
    bpy.ops.facewright.bake()


ALL = (
    ("takes", ("Facewright Head",), takes),
    ("baked", ("Bob",), baked),
    ("strips", ("Ann", "Bob"), strips),
    ("drawn", ("Zoe mouth", "Max mouths"), drawn),
)


def small_head():
    """The built-in head without hair and eyes, and with three points for a skin."""
    bpy.ops.mesh.facewright_head()
    names = [block.name for block in bpy.data.objects["Head Skin"].data.shape_keys.key_blocks[1:]]
    turning = bpy.data.objects["Head Turn"]
    bpy.data.batch_remove([obj.data for obj in turning.children])
    bpy.data.batch_remove(list(bpy.data.materials))
    mesh("Head Skin", names, turning)
    mesh("Head Tongue", ["jawOpen", "tongueOut"], turning)
    bpy.context.view_layer.objects.active = bpy.data.objects["Head Skin"]
    return bpy.data.objects["Facewright Head"]


def small_face(name):
    """Face and tongue under an empty; the face is active."""
    bpy.ops.mesh.facewright_head()
    names = [block.name for block in bpy.data.objects["Head Skin"].data.shape_keys.key_blocks[1:53]]
    head = [bpy.data.objects["Facewright Head"], *bpy.data.objects["Facewright Head"].children_recursive]
    bpy.data.batch_remove([obj.data for obj in head if obj.data] + list(bpy.data.materials))
    bpy.data.batch_remove([obj for obj in bpy.data.objects if obj in head])
    root = empty(name)
    mesh(f"{name} tongue", ["jawOpen", "tongueOut"], root)
    return mesh(f"{name} face", names, root)


def empty(name):
    obj = bpy.data.objects.new(name, None)
    bpy.context.scene.collection.objects.link(obj)
    return obj


def mesh(name, shapes, parent):
    """A triangle that every shape lifts; it is active."""
    data = bpy.data.meshes.new(name)
    data.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
    obj = bpy.data.objects.new(name, data)
    obj.parent = parent
    bpy.context.scene.collection.objects.link(obj)
    for shape in ["Basis", *shapes] if shapes else []:
        block = obj.shape_key_add(name=shape, from_mix=False)
        block.value = 0.0
        if shape != "Basis":
            block.data[0].co.z = 1.0
    bpy.context.view_layer.objects.active = obj
    return obj


def puppet(name):
    """An armature with an Action for each of Rhubarb's mouths; a spine that is none of ours."""
    rig = bpy.data.objects.new(name, bpy.data.armatures.new(name))
    bpy.context.scene.collection.objects.link(rig)
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    for number, bone_name in enumerate(("jaw", "lip.L", "spine")):
        bone = rig.data.edit_bones.new(bone_name)
        bone.head, bone.tail = (number, 0, 0), (number, 1, 0)
    bpy.ops.object.mode_set(mode="OBJECT")
    rig.animation_data_create()
    for number, letter in enumerate(RHUBARB):
        rig.animation_data.action = bpy.data.actions.new(letter)
        rig.animation_data.action.use_fake_user = True
        amount = 0 if letter == "X" else number / 8
        jaw, lip = rig.pose.bones["jaw"], rig.pose.bones["lip.L"]
        jaw.rotation_quaternion = ((1 - amount**2 / 16) ** 0.5, amount / 4, 0, 0)
        lip.location.x = 0.1 * amount
        jaw.keyframe_insert("rotation_quaternion", frame=1)
        lip.keyframe_insert("location", index=0, frame=1)
    rig.animation_data.action = None
    jaw.rotation_quaternion, lip.location.x = (1, 0, 0, 0), 0.0
    return rig


def drawings(name, count):
    """A Grease Pencil object with one stroke more on every frame, of which a modifier shows one frame."""
    new = (bpy.data.grease_pencils_v3 if hasattr(bpy.data, "grease_pencils_v3") else bpy.data.grease_pencils).new
    data = new(name)
    layer = data.layers.new("Lines", set_active=True)
    for frame in range(1, count + 1):
        if V3:
            layer.frames.new(frame).drawing.add_strokes([2] * frame)
        else:
            drawing = layer.frames.new(frame)
            for _ in range(frame):
                drawing.strokes.new().points.add(2)
    obj = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(obj)
    every = obj.modifiers if V3 else obj.grease_pencil_modifiers
    every.new("Time Offset", "GREASE_PENCIL_TIME" if V3 else "GP_TIME").mode = "FIX"
    bpy.context.view_layer.objects.active = obj
    return obj


def key(owner, name, values):
    """Key a property: frame -> value."""
    for frame, value in values.items():
        setattr(owner, name, value)
        owner.keyframe_insert(name, frame=frame)


def drive(owner, path, source, read, expression=""):
    """Drive a property by another one, or by an expression."""
    driver = owner.driver_add(path).driver
    if source is not None:
        target = driver.variables.new().targets[0]
        target.id, target.data_path = source, read
    driver.type = "SCRIPTED" if expression else "SUM"
    driver.expression = expression


def curve_of(block, shape):
    return next(curve for curve in fcurves(block) if curve.data_path == f'key_blocks["{shape}"].value')
