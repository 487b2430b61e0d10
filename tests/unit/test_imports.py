# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may import what: inference/ stands alone, and importing it is quick."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

INFERENCE = Path(__file__).resolve().parents[2] / "inference"
FILES = sorted(INFERENCE.rglob("*.py"))
HEAVY = {"av", "bpy", "cv2", "matplotlib", "mediapipe", "onnxruntime", "scipy", "soundfile", "soxr", "torch"}
FOR_FILES = {"msgspec", "platformdirs", "tomli_w"}  # nobody who only animates waits for these


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(INFERENCE).as_posix())
def test_relative_imports_stay_inside_inference(path):
    depth = len(path.relative_to(INFERENCE).parts)  # dots that lead from this file to inference/ itself
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level <= depth, f"line {node.lineno} climbs out of inference/"


@pytest.mark.parametrize("module", ["inference", "inference.cli.main", "inference.worker", "inference.formats"])
def test_importing_loads_nothing_heavy(module):
    code = f"import sys, facewright.{module}; print(*{{name.split('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "facewright" in done.stdout.split()
    assert not (HEAVY | (FOR_FILES if module in ("inference", "inference.formats") else set())) & set(
        done.stdout.split()
    )


def test_a_checkout_needs_no_installation():
    code = "import inference, sys; assert 'facewright' not in sys.modules; print(inference.__file__)"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=INFERENCE.parent, capture_output=True, text=True, check=True)
    assert Path(done.stdout.strip()).parent == INFERENCE


ADDON = INFERENCE.parent / "addon"
ELSEWHERE = sorted(path for path in ADDON.rglob("*.py") if path.parent.name != "blender")


@pytest.mark.parametrize("path", ELSEWHERE, ids=lambda path: path.relative_to(ADDON).as_posix())
def test_only_addon_blender_knows_versions_of_blender(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute):
            assert ast.unparse(node) not in {"bpy.app.version", "bpy.app.version_string"}, f"line {node.lineno}"
            assert node.attr not in {"SLOTTED", "action_slot"}, f"line {node.lineno}"
