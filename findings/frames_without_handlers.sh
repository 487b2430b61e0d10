# A scene can be evaluated on any frame without calling a single frame or depsgraph handler of any add-on: write frame_current of all
# scenes at once with foreach_set, then update the view layer's depsgraph. Scene.frame_set and a plain frame_current call them all.
# Seen in bpy 5.0.1; nothing in the manual or the API reference says that foreach_set announces less than an assignment does.
# Who samples drivers or rigs over a take inside a frame handler otherwise has to empty other people's handler lists, or is called again.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet bpy==5.0.1 numpy==1.26.4
cat > "$folder/frames.py" <<'PY'
import bpy
import numpy as np

bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
scene, other = bpy.context.scene, bpy.data.scenes.new("Other")
jaw = bpy.data.objects.new("Jaw", None)
other.collection.objects.link(jaw)
jaw.driver_add("location", 2).driver.expression = "frame / 100"
calls = []
names = ("frame_change_pre", "frame_change_post", "depsgraph_update_pre", "depsgraph_update_post")
for name in names:
    getattr(bpy.app.handlers, name).append(lambda *_, name=name: calls.append(name))

layer = other.view_layers[0]
other.statistics(layer)  # makes a depsgraph
depsgraph, place = layer.depsgraph, list(bpy.data.scenes).index(other)
frames = np.empty(len(bpy.data.scenes), np.int32)
calls.clear()
seen = []
for frame in (7, 30, 55):
    bpy.data.scenes.foreach_get("frame_current", frames)
    frames[place] = frame
    bpy.data.scenes.foreach_set("frame_current", frames)
    depsgraph.update()
    seen.append(round(jaw.evaluated_get(depsgraph).location.z, 6))
print("bpy", bpy.app.version_string, "| foreach_set and update:", seen, "handlers called:", calls)
assert seen == [0.07, 0.3, 0.55] and calls == []
other.frame_set(80)
print("frame_set:", round(jaw.evaluated_get(depsgraph).location.z, 6), "handlers called:", calls)
assert {"frame_change_pre", "frame_change_post"} <= set(calls)
for name in names:
    getattr(bpy.app.handlers, name).pop()
PY
"$folder/venv/bin/python" "$folder/frames.py"
