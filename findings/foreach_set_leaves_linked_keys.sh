# foreach_set on shape keys of a linked mesh changes nothing and raises nothing, while assigning the same value to one key works.
# Seen in bpy 5.0.1 (4.2 and 4.5 do the same). It holds for a character with library overrides, too, whose mesh stays linked: its objects
# can be edited, its shape keys are those of the library. Who sets fifty shape keys at once for speed (one by one each assignment walks
# over all objects of the file) sees a face that moves in its own file and stays still in every shot that links it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet bpy==5.0.1 numpy==1.26.4
cat > "$folder/linked.py" <<'PY'
import sys

import bpy
import numpy as np

library = sys.argv[-1] + "/face.blend"
bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
mesh = bpy.data.meshes.new("Face")
mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
face = bpy.data.objects.new("Face", mesh)
group = bpy.data.collections.new("Character")
group.objects.link(face)
face.shape_key_add(name="Basis")
face.shape_key_add(name="jawOpen").value = 0.25
bpy.data.libraries.write(library, {group})


def all_at_once(shapes, value):
    values = np.empty(len(shapes), np.float32)
    shapes.foreach_get("value", values)
    values[1] = value
    shapes.foreach_set("value", values)
    return shapes[1].value


print("bpy", bpy.app.version_string)
local = all_at_once(mesh.shape_keys.key_blocks, 0.75)
print("own mesh, foreach_set 0.75:", local)
assert local == 0.75

bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
with bpy.data.libraries.load(library, link=True) as (_, wanted):
    wanted.collections = ["Character"]
own = wanted.collections[0].override_hierarchy_create(bpy.context.scene, bpy.context.view_layer, do_fully_editable=True)
face = own.all_objects[0]
shapes = face.data.shape_keys.key_blocks
print("object overridden:", face.override_library is not None, "| its keys linked:", face.data.shape_keys.library is not None)
assert face.override_library is not None and face.data.shape_keys.library is not None
kept = all_at_once(shapes, 0.75)
shapes[1].value = 0.75
print("linked mesh, foreach_set 0.75:", kept, "| assigned 0.75:", shapes[1].value)
assert kept == 0.25 and shapes[1].value == 0.75
PY
"$folder/venv/bin/python" "$folder/linked.py" "$folder"
