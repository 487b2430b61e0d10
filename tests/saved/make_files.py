# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the small files of this version that the next one must read: curves with recipes, a style, a mapping.

    PYTHONPATH=tests .venv/bin/python tests/saved/make_files.py

It works as an artist's script does, with operators and properties alone. `NAME.npz` holds curves; beside it, in
`NAME.recipe.json`, is the recipe they were made from, as the command line writes it.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
WORK = Path(tempfile.mkdtemp(prefix="facewright"))
os.environ["BLENDER_USER_RESOURCES"] = str(WORK / "user")

import bpy  # noqa: E402
from support.saved import scenes  # noqa: E402
from support.saved.line import write_line  # noqa: E402

import facewright  # noqa: E402

OUT = HERE / "files" / "{}.{}"  # name and suffix


def make():
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    bpy.context.scene.render.fps = 24
    root = scenes.small_head()
    own, line = root.facewright, str(write_line(WORK))
    bpy.ops.facewright.style_choose(name="broad stage")
    bpy.ops.facewright.generate(filepath=line, seed=4, count=3)
    keep("generated")
    bpy.ops.facewright.take_mix(other="Take 3", parts={"BROWS", "HEAD"}, first=10, last=40, blend=6)
    keep("mixed")
    own.take_index = 1
    bpy.ops.facewright.punch_in(first=12, last=34, seed=9)
    keep("punched")
    as_before_retakes("punched", line)

    own.take_index = 2
    own.slider_articulation, own.slider_lead, own.emotion_doubt, own.mask_cheeks = 1.25, 30.0, 0.3, 0.4
    own.phone_M, own.phone_AA = 1.6, 1.4
    scenes.key(own, "slider_jaw", {5: 0.4, 40: 1.8})
    scenes.key(own, "emotion_joy", {1: 0.0, 30: 0.7})
    scenes.drive(root, "facewright.slider_upper_face", None, "", "1 + frame / 40")
    keep("dialled")

    bpy.context.scene.frame_end = 49
    bpy.ops.facewright.bake()
    bpy.ops.facewright.style_learn_keys(name="Ada, très «sûre»", in_context=True)
    bpy.ops.facewright.style_export(filepath=str(OUT).format("learned", "fwstyle"))
    bpy.ops.facewright.generate(seed=11, count=1)
    bpy.ops.facewright.dial_reset(fields="")
    root.driver_remove("facewright.slider_upper_face")
    own.slider_upper_face = 1.0
    keep("styled")
    animate = ["animate", line, "--seed", "5", "--fps", "50", "--device", "cpu", "--style"]
    facewright_cli(*animate, str(OUT).format("learned", "fwstyle"), "-o", str(OUT).format("learned", "npz"))

    bpy.ops.facewright.mapping_match()
    lines = {item.source: item for item in own.mapping}
    lines["jawOpen"].gain, lines["jawOpen"].offset, lines["jawOpen"].max = 0.8, 0.05, 0.6
    lines["browInnerUp"].use = False
    lines["mouthFunnel"].curve, lines["mouthFunnel"].power = "power", 0.5
    bpy.ops.facewright.mapping_add(source="mouthFunnel", target="mouthPucker", gain=0.25)
    bpy.ops.facewright.mapping_export(filepath=str(OUT).format("mapping", "toml"))


def keep(name):
    """Export the active take, and its recipe alone."""
    path = str(OUT).format(name, "npz")
    bpy.ops.facewright.take_export(filepath=path)
    Path(str(OUT).format(name, "recipe.json")).write_text(facewright_cli("recipe", path, "--json"), encoding="utf-8")


def as_before_retakes(name, line):
    """Tell a recipe as versions before `how.Retaken` did, which are still read, and make its curves from that."""
    path = Path(str(OUT).format(name, "recipe.json"))
    recipe = json.loads(path.read_text(encoding="utf-8"))
    take = recipe["take"]
    (punch,) = take["punches"]
    new = {**take["by"][punch["by"]], "seed": punch["seed"]}
    recipe["take"] = {"do": "punch", "base": take["base"], "new": new, "first": punch["first"], "last": punch["last"]}
    path.write_text(json.dumps(recipe, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    facewright_cli("animate", line, "--recipe", str(path), "--device", "cpu", "-o", str(OUT).format(name, "npz"))


def facewright_cli(*arguments):
    command = [sys.executable, "-m", "inference", *arguments]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, encoding="utf-8").stdout


if __name__ == "__main__":
    facewright.register()
    try:
        make()
    finally:
        facewright.unregister()
        shutil.rmtree(WORK)
