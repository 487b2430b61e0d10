# SPDX-License-Identifier: GPL-3.0-or-later
"""The real zip, installed by Blender in an empty home: it speaks, warns of nothing, and leaves nothing behind."""

import json
import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import numpy as np
import pytest
from support.paths import ROOT

BUNDLED = {
    "msgspec",
    "platformdirs",
    "tomli_w",
    "onnxruntime",
    "soundfile",
    "soxr",
    "protobuf",
    "flatbuffers",
    "packaging",
    "cffi",
    "pycparser",
    "typing_extensions",
}


@pytest.fixture(scope="session")
def seen(extension_zip, speech_wav, tmp_path_factory):
    """What tests/support/installed_zip.py saw in a Blender of its own."""
    home = tmp_path_factory.mktemp("Пример naïve home")  # artists have such names
    environment = {**os.environ, "BLENDER_USER_RESOURCES": str(home), "PYTHONDONTWRITEBYTECODE": "1"}
    environment["PYTHONPATH"] = str(blenders_own(tmp_path_factory.mktemp("site-packages")))
    script = ROOT / "tests" / "support" / "installed_zip.py"
    command = [sys.executable, "-S", script, extension_zip, speech_wav]
    run = subprocess.run(command, env=environment, cwd=home, capture_output=True, text=True, timeout=300, check=False)
    lines = [line for line in run.stdout.splitlines() if line.startswith("SEEN ")]
    assert lines, f"{run.stdout}\n{run.stderr}"
    return {**json.loads(lines[-1][5:]), "home": str(home), "output": run.stdout + run.stderr}


def blenders_own(folder):
    """Fill a folder with links to this environment's packages but for those in the zip, which are to be found there."""
    bundled = re.compile(r"_?(google|" + "|".join(sorted(BUNDLED)) + ")")
    for path in Path(sysconfig.get_path("purelib")).iterdir():
        if not bundled.match(path.name) and path.suffix != ".pth":
            (folder / path.name).symlink_to(path)
    return folder


def test_it_is_enabled_and_blender_warns_of_nothing(seen):
    assert seen["enabled"]
    assert seen["warnings"] == {}
    assert "Policy violation" not in seen["output"]


def test_blender_unpacks_each_bundled_library_and_no_numpy(seen):
    assert set(seen["unpacked"]) == BUNDLED


@pytest.mark.parametrize("round_name", ["first", "again"])
def test_the_built_in_head_speaks(seen, round_name):
    speech = seen[round_name]
    assert speech["results"] == [["FINISHED"]] * 3
    jaw, second = np.array(speech["jaw"]), round(speech["fps"])
    assert jaw.max() > 0.01 * speech["head size"]
    silent, spoken = jaw[2 : second - 4], jaw[second + 4 :]  # the sound begins with a second of silence
    assert np.abs(np.diff(spoken)).mean() > 5 * np.abs(np.diff(silent)).mean()


def test_the_worker_uses_what_was_in_the_zip(seen):
    local = f"{seen['home']}/extensions/.local/"
    for round_name in ("first", "again"):
        libraries = seen[round_name]["worker libraries"]
        for name in ("/onnxruntime/", "/_soundfile_data/", "/msgspec/"):
            assert [path for path in libraries if name in path], name
        assert [path for path in libraries if not path.startswith(local)] == []


def test_heavy_libraries_stay_out_of_blenders_own_process(seen):
    assert seen["heavy modules in Blender"] == []


@pytest.mark.parametrize("round_name", ["first", "again"])
def test_disabling_leaves_nothing_behind(seen, round_name):
    assert any(name.startswith("operator") for name in seen["added"])  # the list sees what an add-on adds
    assert seen[round_name]["left behind"] == []
    assert seen[round_name]["children after"] == []
    assert seen[round_name]["warnings after"] == {}


def test_uninstalling_takes_the_libraries_along(seen):
    assert seen["after uninstall"] == []


def test_python_ends_in_silence_with_the_extension_enabled(extension_zip, tmp_path, tmp_path_factory):
    environment = {**os.environ, "BLENDER_USER_RESOURCES": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    environment["PYTHONPATH"] = str(blenders_own(tmp_path_factory.mktemp("site-packages")))
    code = (
        "import bpy, sys\n"
        "bpy.ops.preferences.addon_refresh()\n"
        "bpy.ops.extensions.package_install_files("
        "filepath=sys.argv[1], repo='user_default', enable_on_install=True)\n"
        "assert 'bl_ext.user_default.facewright' in bpy.context.preferences.addons\n"
    )
    command = [sys.executable, "-S", "-c", code, extension_zip]
    run = subprocess.run(
        command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False
    )
    assert run.returncode == 0, run.stderr
    assert "Traceback" not in run.stderr and "Error" not in run.stderr
