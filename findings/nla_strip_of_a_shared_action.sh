# An NLA strip made from an Action of which no slot bears the data-block's name gets no slot and is one frame long; its slot set afterwards leaves it so,
# and action_frame_start set before the end is silently cut to the old end, so that the strip plays the wrong frames, stretched.
# Blender 4.4 and later, seen in bpy 5.0.1 (4.2 has no slots and makes the strip whole).
# Shape keys are all named "Key", so no slot ever matches: who bakes several meshes into one Action and lays it over other animation gets a mouth that hardly moves, and no error.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet bpy==5.0.1 numpy==1.26.4
cat > "$folder/strip.py" <<'PY'
import bpy

bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
action = bpy.data.actions.new("Line")
strips = action.layers.new("Layer").strips
keyframes = strips.new(type="KEYFRAME")
for name in ("Face", "Teeth"):  # one Action for two objects, each with its slot, keyed on frames 10 to 110
    slot = action.slots.new(id_type="OBJECT", name=name)
    curve = keyframes.channelbag(slot, ensure=True).fcurves.new("location", index=0)
    for frame in (10, 110):
        curve.keyframe_points.insert(frame, frame / 100)
teeth = bpy.data.objects.new("Mouth", None)
strip = teeth.animation_data_create().nla_tracks.new().strips.new("Line", 10, action)


def range_of(strip):
    return strip.frame_start, strip.frame_end, strip.action_frame_start, strip.action_frame_end


print("bpy", bpy.app.version_string, "| Action", tuple(action.frame_range))
print("made:", range_of(strip), "slot", strip.action_slot)
assert strip.action_slot is None and strip.frame_end - strip.frame_start == 1
strip.action_slot = action.slots[1]
print("with its slot:", range_of(strip))
assert strip.frame_end - strip.frame_start == 1
strip.action_frame_start = 10
print("start set to 10:", range_of(strip))
assert strip.action_frame_start == 1, "cut to where the strip ended"
strip.action_frame_end = 110
print("end set to 110:", range_of(strip))
assert strip.action_frame_start == 1
strip.action_frame_start = 10
print("start set once more:", range_of(strip))
assert range_of(strip) == (10, 110, 10, 110), "only in this order it is whole"
PY
"$folder/venv/bin/python" "$folder/strip.py"
