# Undo after the playhead was moved brings an animated data-block back with its values of the older frame, while the scene stays at the new one.
# Seen in bpy 5.0.1 (4.2.x does the same): the F-curve says 0.18 at frame 28, the shape key stands at 0.63, its value at frame 59, until the
# frame changes next. Only data-blocks that differ between the two steps are read back, and nothing evaluates their curves for the frame at hand.
# Who compares poses across undo, or reads shape keys in an undo handler to show, export or store a face, takes another frame's face for this one's.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet bpy==5.0.1 numpy==1.26.4
cat > "$folder/undo.py" <<'PY'
import bpy

bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
mesh = bpy.data.meshes.new("Face")
mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
face = bpy.data.objects.new("Face", mesh)
bpy.context.scene.collection.objects.link(face)
face.shape_key_add(name="Basis")
jaw = face.shape_key_add(name="jawOpen")
for frame, value in ((1, 0.0), (100, 1.0)):
    jaw.value = value
    jaw.keyframe_insert("value", frame=frame)


def keys():
    return bpy.data.objects["Face"].data.shape_keys


def value():
    bpy.context.view_layer.update()
    return round(keys().key_blocks["jawOpen"].value, 3)


bpy.context.scene.frame_set(59)
for note in ("first", "second", "third"):  # each step changes the shape keys' data-block, and nothing else
    keys()["note"] = note
    value()
    bpy.ops.ed.undo_push(message=note)
bpy.context.scene.frame_set(28)
print("bpy", bpy.app.version_string, "| at frame 28 before undo:", value())
bpy.ops.ed.undo()
scene = bpy.context.scene
stale, frame = value(), scene.frame_current
scene.frame_set(frame)
print("after undo: note", keys()["note"], "| frame", frame, "| value", stale, "| after setting that same frame", value())
assert keys()["note"] == "second" and frame == 28
assert stale == 0.628 and value() == 0.183
PY
"$folder/venv/bin/python" "$folder/undo.py"
