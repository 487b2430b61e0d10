# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of these tests: they know of the code what anyone may know, and stand where the code stands."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests"
FILES = [path for path in sorted(TESTS.rglob("*.py")) if "typings" not in path.parts]
THEIRS = {  # names of Python, SciPy and Blender
    "_exit",
    "_Pickler",
    "_csc",
    "_dyn_ui_initialize",
    "_extensions_warnings_get",
}
LONGEST = 300  # lines
PLACES = {"unit": ROOT / "inference", "blender": ROOT / "addon"}  # whose folders their folders follow
each = pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(TESTS).as_posix())


def parts(path):
    """The syntax tree of a file, and those of the scripts that stand in it as texts."""
    whole = ast.parse(path.read_text(encoding="utf-8"))
    yield whole
    for node in ast.walk(whole):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "import" in node.value:
            try:
                yield ast.parse(node.value)
            except SyntaxError:  # words, or a script with holes to be filled
                continue


def private(tree):
    """Names with an underscore in front that are looked up on something else, or imported."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and not (isinstance(node.value, ast.Name) and node.value.id == "self"):
            yield node.attr
        if isinstance(node, ast.Constant) and isinstance(node.value, str):  # a script, maybe
            yield from re.findall(r"\w\.(_[a-z]\w*)", node.value)
        if isinstance(node, ast.ImportFrom):
            yield from (one.name for one in node.names)


def imported(tree):
    """Modules that are imported, with what is taken from them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        if isinstance(node, ast.ImportFrom):
            yield from (f"{'.' * node.level}{node.module or ''}.{one.name}" for one in node.names)


@each
def test_no_test_looks_at_a_private_name(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {name for name in private(tree) if name.startswith("_") and not name.endswith("__")}
    assert not names - THEIRS, "test what anyone can see, or give the name a docstring and no underscore"


@each
def test_no_test_imports_a_test(path):
    for tree in parts(path):
        for name in imported(tree):
            assert not any(part.startswith(("test_", "conftest")) for part in name.split(".")), name


@each
def test_no_test_changes_where_modules_come_from(path):
    for tree in parts(path):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                assert not re.match(r"sys\.path\.|site\.addsitedir", ast.unparse(node.func)), f"line {node.lineno}"


@each
def test_a_file_can_be_read_at_one_sitting(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST, "one file for each concept"


@pytest.mark.parametrize("kind", PLACES)
def test_folders_are_those_of_the_code(kind):
    for folder in (TESTS / kind).iterdir():
        if folder.is_dir() and folder.name not in ("__pycache__", "contract", "training"):
            assert (PLACES[kind] / folder.name).is_dir(), f"{folder.relative_to(ROOT)} is beside no code of this name"


@pytest.mark.parametrize("path", sorted((ROOT / "tools").glob("*.py")), ids=lambda path: path.name)
def test_no_tool_changes_where_modules_come_from(path):
    assert "sys.path" not in path.read_text(encoding="utf-8")
