# SPDX-License-Identifier: GPL-3.0-or-later
"""Save .blend files with this version of the add-on, each with a .json of what was seen in it.

Run it with each Blender's Python before a version is released, so that the next one can be tried on them:

    PYTHONPATH=tests .venvs/blender-4.2/bin/python tests/saved/make_blend.py

It works as artists' scripts do, with operators and properties alone. The sound is not in the files:
`support/saved/line.py` makes it anew. Every file is made in a folder of its own, beside its sound, and copied here.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
WORK = Path(tempfile.mkdtemp(prefix="facewright"))
os.environ["BLENDER_USER_RESOURCES"] = str(WORK / "user")  # styles that are learned go into a library of their own

import bpy  # noqa: E402
from support.saved import facts, scenes, steps  # noqa: E402
from support.saved.line import write_line  # noqa: E402

import facewright  # noqa: E402

VERSION = "{}.{}".format(*bpy.app.version)


def make(name, roots, scene_of):
    """Make one file and what is expected of it."""
    folder = WORK / name
    folder.mkdir()
    write_line(folder)
    blend = folder / f"{name}-{VERSION}.blend"
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    bpy.context.scene.render.fps = 24
    bpy.ops.wm.save_as_mainfile(filepath=str(blend))  # or the path of the sound could not be relative to it
    scene_of()
    here = bpy.context.window.workspace
    bpy.data.batch_remove([one for one in bpy.data.workspaces if one != here])
    bpy.data.batch_remove([one for one in bpy.data.screens if one not in list(here.screens)])
    found = facts.read(roots)
    bpy.ops.wm.save_as_mainfile(filepath=str(blend), compress=True)
    shutil.copy(blend, HERE)
    found["then"] = steps.go_on(name)
    facts.write(found, HERE / f"{name}-{VERSION}.json")
    print(f"{blend.name}: {blend.stat().st_size / 1000:.0f} kB, {', '.join(found['characters'])}")


if __name__ == "__main__":
    facewright.register()
    try:
        for name, roots, scene_of in scenes.ALL:
            if name in sys.argv[1:] or not sys.argv[1:]:
                make(name, roots, scene_of)
    finally:
        facewright.unregister()
        shutil.rmtree(WORK)
