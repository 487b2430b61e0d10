# SPDX-License-Identifier: GPL-3.0-or-later
"""Enabling and disabling, again and again: nothing is left behind, and new code is really loaded."""

import subprocess
import sys
from pathlib import Path

SCRIPT = """
import os, sys, threading
import bpy, facewright

def footprint():
    found = {name for name in sys.modules if name.startswith("facewright.")}
    found |= {f"type {name}" for name in dir(bpy.types) if "facewright" in name.lower()}
    found |= {f"property {name}" for name in bpy.types.Object.bl_rna.properties.keys() if "facewright" in name}
    found |= {f"operator {name}" for name in dir(bpy.ops.facewright)}
    found |= {f"operator {name}" for name in dir(bpy.ops.mesh) if "facewright" in name}
    for name in dir(bpy.app.handlers):
        handlers = getattr(bpy.app.handlers, name)
        if isinstance(handlers, list):
            found |= {f"{name} {handler.__module__}" for handler in handlers if "facewright" in handler.__module__}
    drawn = bpy.types.VIEW3D_MT_mesh_add._dyn_ui_initialize()
    found |= {f"menu {function.__module__}" for function in drawn if "facewright" in function.__module__}
    found |= {f"thread {thread.name}" for thread in threading.enumerate() if thread.name == "facewright"}
    return found

for round_number in range(3):
    facewright.register()
    bpy.ops.mesh.facewright_head()
    bpy.ops.facewright.generate(filepath=sys.argv[1])
    from facewright.addon.worker import process as worker_client
    process = worker_client.running().child.process
    assert len(footprint()) > 20, footprint()
    assert process.poll() is None
    head = bpy.context.view_layer.objects.active
    bpy.context.scene.frame_set(40)
    assert any(block.value for block in head.data.shape_keys.key_blocks[1:])
    facewright.unregister()
    assert footprint() == set(), footprint()
    assert process.poll() is not None
    assert not any(block.value for block in head.data.shape_keys.key_blocks[1:]), "the preview was left on the face"
    bpy.context.scene.frame_set(50)
print("CLEAN")
"""


def test_disabling_leaves_nothing_behind(speech):
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT, speech], capture_output=True, text=True, timeout=120, check=False
    )
    assert "CLEAN" in run.stdout, run.stdout + run.stderr


def test_registering_again_keeps_every_property_of_a_character():
    script = """
import bpy, facewright

def properties():
    return bpy.types.Object.bl_rna.properties["facewright"].fixed_type.properties.keys()

facewright.register()
from facewright.addon import settings
from facewright.addon.adjust.properties import ADJUSTMENTS, GROUP_FIELDS
first = properties()
assert {*ADJUSTMENTS, *GROUP_FIELDS, "seed", "takes"} <= set(first), first
settings.unregister()
assert "facewright" not in bpy.types.Object.bl_rna.properties
settings.register()  # the same module, as after a failed enable
assert properties() == first
facewright.unregister()
facewright.register()  # modules loaded anew
assert properties() == first
print("KEPT")
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert "KEPT" in run.stdout, run.stdout + run.stderr
    assert run.returncode == 0


def test_enabling_loads_no_heavy_library_and_starts_no_process(tmp_path):
    script = """
import sys, os, bpy, facewright
facewright.register()
print(sorted({"onnxruntime", "soundfile", "soxr", "torch", "scipy"} & set(sys.modules)))
from facewright.addon.worker import process as worker_client
print(worker_client.is_running())
facewright.unregister()
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert run.stdout.split("\n")[-3:-1] == ["[]", "False"]


def test_relative_imports_only_in_shipped_code():
    root = Path(__file__).parents[2]
    for path in [*root.glob("addon/**/*.py"), *root.glob("inference/**/*.py")]:
        text = path.read_text(encoding="utf-8")
        assert "from facewright" not in text, path
        assert "import facewright" not in text, path


def test_a_script_that_forgets_to_disable_it_still_ends_well(speech):
    script = """
import sys, bpy, facewright
facewright.register()
bpy.ops.mesh.facewright_head()
bpy.ops.facewright.generate(filepath=sys.argv[1])
"""
    run = subprocess.run([sys.executable, "-c", script, speech], capture_output=True, timeout=60, check=False)
    assert run.returncode == 0
