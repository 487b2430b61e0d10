# SPDX-License-Identifier: GPL-3.0-or-later
"""One version everywhere, every package listed, and nothing in the zip that should not be."""

import ast
import re
import tomllib
from pathlib import Path

import pytest
from build_zip import platform_manifest, shipped_files
from fetch_wheels import LOCK, PLATFORM_TAGS
from support.paths import ROOT


def read_toml(name):
    return tomllib.loads((ROOT / name).read_text(encoding="utf-8"))


def test_manifest_pyproject_and_changelog_tell_one_version():
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## (\d+\.\d+\.\d+)", changelog, re.MULTILINE)
    assert newest, "CHANGELOG.md should have a section for each version: ## 1.2.3"
    assert (
        read_toml("blender_manifest.toml")["version"] == read_toml("pyproject.toml")["project"]["version"] == newest[1]
    )


def test_every_folder_with_python_is_a_listed_package():
    folders = {ROOT, *(path.parent for top in ("addon", "inference", "models") for path in (ROOT / top).rglob("*.py"))}
    packages = {".".join(["facewright", *folder.relative_to(ROOT).parts]) for folder in folders}
    assert set(read_toml("pyproject.toml")["tool"]["setuptools"]["packages"]) == packages


def test_a_package_folder_has_an_init():
    for package in read_toml("pyproject.toml")["tool"]["setuptools"]["packages"]:
        assert (ROOT.joinpath(*package.split(".")[1:]) / "__init__.py").is_file(), package


def test_the_zip_ships_the_extension_and_only_it():
    shipped = {path.relative_to(ROOT).as_posix() for path in shipped_files()}
    assert {"__init__.py", "LICENSE", "README.md", "addon/__init__.py", "inference/__init__.py"} <= shipped
    assert any(re.fullmatch(r"models/released/[^/]+/card\.toml", name) for name in shipped)
    allowed = re.compile(
        r"(__init__\.py|LICENSE|README\.md)$|(addon|inference|models/released)/|docs/guide/[a-z-]+\.md$"
    )
    assert not [name for name in shipped if not allowed.match(name)]
    assert not [name for name in shipped if name.endswith((".pyc", ".whl", ".pt", ".wav"))]


SHIPPED_CODE = [path for path in shipped_files() if path.suffix == ".py"]


@pytest.mark.parametrize("path", SHIPPED_CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_shipped_code_reaches_its_own_package_by_relative_imports(path):
    depth = len(path.relative_to(ROOT).parts)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level <= depth, f"line {node.lineno} climbs out of the extension"
            names = [node.module or ""] if not node.level else []
        else:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        for name in names:
            assert name.split(".")[0] not in {"facewright", "addon", "inference", "models", "torch"}, (
                f"line {node.lineno}"
            )


def test_numpy_is_blenders_own():
    assert not re.search(r"^numpy==", LOCK.read_text(encoding="utf-8"), re.MULTILINE)


def test_every_bundled_version_is_the_tested_one():
    bundled, tested = (
        dict(re.findall(r"^([\w-]+)==([\w.]+)", path.read_text(encoding="utf-8"), re.MULTILINE))
        for path in (LOCK, LOCK.with_name("dev.lock"))
    )
    assert bundled
    assert bundled.items() <= tested.items()


def test_locks_name_no_index_and_no_path():
    for lock in (ROOT / "requirements").glob("*.lock"):
        assert not re.search(
            r"://|/|^-", re.sub(r"^ +--hash=\S+( \\)?$", "", lock.read_text(encoding="utf-8"), flags=re.M)
        ), lock


@pytest.mark.parametrize("platform", PLATFORM_TAGS)
def test_a_platform_manifest_keeps_everything_but_platform_and_wheels(platform):
    source = (ROOT / "blender_manifest.toml").read_text(encoding="utf-8")
    made = tomllib.loads(
        platform_manifest(source, platform, [Path("a-1-py3-none-any.whl"), Path("b-1-py3-none-any.whl")])
    )
    assert made.pop("platforms") == [platform]
    assert made.pop("wheels") == ["./wheels/a-1-py3-none-any.whl", "./wheels/b-1-py3-none-any.whl"]
    kept = tomllib.loads(source)
    assert set(kept.pop("platforms")) == set(PLATFORM_TAGS)
    assert made == kept
