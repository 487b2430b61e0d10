# SPDX-License-Identifier: GPL-3.0-or-later
"""Installs the zip as an artist does, makes a head speak, disables and removes it; prints what it saw as JSON.

Run by test_installed_zip.py in a process of its own, with BLENDER_USER_RESOURCES naming an empty folder:
``python installed_zip.py ZIP SPEECH``. Linux only in one place: what the worker process has loaded is read from /proc.
"""

import contextlib
import json
import os
import sys
import time
from pathlib import Path

import bpy
import numpy as np

# isort: split
import addon_utils  # bpy brings it

ADDON = "bl_ext.user_default.facewright"


def main(zip_path, speech):
    seen = {"blender": bpy.app.version_string, "python": "{}.{}".format(*sys.version_info)}
    # Blender's own `install` loads modules of its own on the first call; only what comes after counts as ours.
    bpy.ops.preferences.addon_refresh()
    before = footprint()
    bpy.ops.extensions.package_install_files(filepath=zip_path, repo="user_default", enable_on_install=True)
    seen["enabled"] = ADDON in bpy.context.preferences.addons
    seen["warnings"] = dict(addon_utils._extensions_warnings_get())
    seen["unpacked"] = unpacked_wheels()
    seen["added"] = sorted(footprint() - before)

    for round_name in ("first", "again"):  # again: after disabling and enabling
        seen[round_name] = speak(speech)
        seen["heavy modules in Blender"] = sorted({"onnxruntime", "soundfile", "soxr"} & set(sys.modules))
        bpy.ops.preferences.addon_disable(module=ADDON)
        seen[round_name]["left behind"] = sorted(footprint() - before)
        seen[round_name]["children after"] = wait_for_no_children()
        seen[round_name]["warnings after"] = dict(addon_utils._extensions_warnings_get())
        bpy.ops.preferences.addon_enable(module=ADDON)
    bpy.ops.preferences.addon_disable(module=ADDON)
    bpy.ops.extensions.package_uninstall(repo_index=repo_index(), pkg_id="facewright")
    seen["after uninstall"] = sorted(unpacked_wheels()) + sorted(footprint() - before)
    print("SEEN", json.dumps(seen))


def speak(speech):
    """Add the head, generate, bake; how far the jaw is from its first place at each frame, and who did the work."""
    bpy.ops.wm.read_homefile(use_empty=True)
    added = bpy.ops.mesh.facewright_head()
    generated = bpy.ops.facewright.generate(filepath=speech, seed=0)
    worker = sorted({library for child in children() for library in libraries(child)})
    baked = bpy.ops.facewright.bake()
    skin = max((obj for obj in bpy.data.objects if obj.type == "MESH"), key=lambda obj: len(obj.data.vertices))
    jaw = jaw_vertices(skin)
    places = []
    for frame in range(1, round(max(action.frame_range[1] for action in bpy.data.actions)) + 1):
        bpy.context.scene.frame_set(frame)
        places.append(coordinates(skin.evaluated_get(bpy.context.evaluated_depsgraph_get()).data.vertices))
    travel = np.linalg.norm(np.stack(places) - places[0], axis=2)[:, jaw].mean(axis=1)
    return {
        "results": [sorted(added), sorted(generated), sorted(baked)],
        "jaw": [round(float(distance), 6) for distance in travel],
        "fps": bpy.context.scene.render.fps / bpy.context.scene.render.fps_base,
        "head size": round(float(np.ptp(places[0], axis=0).max()), 6),
        "worker libraries": worker,
    }


def jaw_vertices(skin):
    """Which vertices the shape jawOpen carries along in full, or nearly."""
    keys = skin.data.shape_keys.key_blocks
    travel = np.linalg.norm(coordinates(keys["jawOpen"].data) - coordinates(keys["Basis"].data), axis=1)
    return travel > 0.7 * travel.max()


def coordinates(points):
    values = np.empty(len(points) * 3, np.float32)
    points.foreach_get("co", values)
    return values.reshape(-1, 3)


def footprint():
    """Names of everything an add-on can leave in a running Blender, but for its top module, which Blender keeps."""
    found = {f"module {name}" for name in sys.modules if name.startswith(f"{ADDON}.")}
    found |= {f"sys.path {path}" for path in sys.path if "facewright" in path}
    for base in (
        bpy.types.Operator,
        bpy.types.Panel,
        bpy.types.PropertyGroup,
        bpy.types.AddonPreferences,
        bpy.types.Menu,
    ):
        ours = [cls for cls in subclasses(base) if cls.__module__.startswith(ADDON)]
        found |= {f"class {cls.__module__}.{cls.__name__}" for cls in ours if cls.is_registered}
    found |= {f"operator {group}.{name}" for group in ("facewright", "mesh") for name in dir(getattr(bpy.ops, group))}
    for owner in (bpy.types.Scene, bpy.types.Object, bpy.types.WindowManager, bpy.types.Key, bpy.types.Action):
        found |= {f"property {owner.__name__}.{name}" for name in owner.bl_rna.properties.keys()}  # noqa: SIM118
    for name in dir(bpy.app.handlers):
        handlers = getattr(bpy.app.handlers, name)
        if isinstance(handlers, list):
            found |= {f"handler {name} {handler.__module__}.{handler.__qualname__}" for handler in handlers}
    for name in dir(bpy.types):
        draw = getattr(getattr(bpy.types, name), "draw", None)
        ours = [call for call in getattr(draw, "_draw_funcs", ()) if call.__module__.startswith(ADDON)]
        found |= {f"draw {name} {call.__module__}.{call.__qualname__}" for call in ours}
    if bpy.context.window_manager.keyconfigs.addon:
        for keymap in bpy.context.window_manager.keyconfigs.addon.keymaps:
            found |= {f"key {keymap.name} {item.idname}" for item in keymap.keymap_items}
    return found


def subclasses(base):
    for cls in base.__subclasses__():
        yield cls
        yield from subclasses(cls)


def unpacked_wheels():
    """Names of the libraries that Blender unpacked for its extensions."""
    local = Path(bpy.utils.user_resource("EXTENSIONS")) / ".local"
    return sorted(path.name.partition("-")[0] for path in local.rglob("*.dist-info"))


def repo_index():
    return [repo.module for repo in bpy.context.preferences.extensions.repos].index("user_default")


def children():
    """Process numbers of this process' children."""
    found = []
    for thread in Path("/proc/self/task").iterdir():
        with contextlib.suppress(OSError):
            found += [int(number) for number in (thread / "children").read_text().split()]
    return found


def libraries(process):
    """Paths of the compiled onnxruntime, soundfile, soxr and msgspec that a process has loaded."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{process}/maps").read_text().splitlines():
            path = line.partition("/")[2]
            if any(name in path for name in ("/onnxruntime/", "/_soundfile_data/", "/soxr/", "/msgspec/")):
                yield "/" + path


def wait_for_no_children():
    """Numbers of children still there after five seconds."""
    end = time.monotonic() + 5
    while (left := children()) and time.monotonic() < end:
        with contextlib.suppress(OSError):
            os.waitpid(-1, os.WNOHANG)
        time.sleep(0.05)
    return left


if __name__ == "__main__":
    main(*sys.argv[1:])
