# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the extension: one zip for each platform in dist/, holding the wheels for all of its Pythons.

Blender (4.2.13 and later, see `blender_version_min`) unpacks only the wheels of its own Python when it installs. The
same sources and lock give the same bytes. Each zip is checked by Blender's own `extension validate`, taken from the bpy
wheel or from a `blender` command. https://docs.blender.org/manual/en/latest/advanced/extensions/getting_started.html
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import platform as host
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

from fetch_wheels import PLATFORM_TAGS, ROOT, fetch_wheels

SHIPPED = ("__init__.py", "LICENSE", "README.md", "addon", "inference", "models/released", "docs/guide")
MANIFEST = "blender_manifest.toml"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the first date a zip can hold: no clock in the bytes
HOSTS = {"Linux": "linux-x64", "Windows": "windows-x64", "Darwin": "macos-arm64"}


def main() -> None:
    """Build the zips asked for and print where they lie."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    choices = [*PLATFORM_TAGS, "here"]
    parser.add_argument("--platform", action="append", choices=choices, help="one or more (default: all)")
    parser.add_argument("--dist", type=Path, default=ROOT / "dist", help="folder for the zips (default: dist)")
    arguments = parser.parse_args()
    for platform in arguments.platform or PLATFORM_TAGS:
        path = build_zip(HOSTS[host.system()] if platform == "here" else platform, arguments.dist)
        validate(path)
        print(f"{path}  {path.stat().st_size / 1e6:.1f} MB")


def build_zip(platform: str, dist: Path) -> Path:
    """Write the zip of one platform.

    Parameters
    ----------
    platform : str
        Blender's name, as "linux-x64".
    dist : Path
        Folder for the zip; made if missing.

    Returns
    -------
    Path
        dist/facewright-VERSION-PLATFORM.zip, written beside and renamed.
    """
    manifest = (ROOT / MANIFEST).read_text(encoding="utf-8")
    if not any(ROOT.glob("models/released/*/card.toml")):
        raise SystemExit("Expected a model in models/released, found none: `make train` exports one.")
    wheels = fetch_wheels(platform)
    target = dist / f"facewright-{tomllib.loads(manifest)['version']}-{platform}.zip"
    dist.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(f".{os.getpid()}.part")  # two may be built at once
    with zipfile.ZipFile(partial, "w") as archive:
        _add(archive, MANIFEST, platform_manifest(manifest, platform, wheels).encode())
        for path in sorted(shipped_files()):
            _add(archive, path.relative_to(ROOT).as_posix(), path.read_bytes())
        for wheel in wheels:  # a wheel is a zip already
            _add(archive, f"wheels/{wheel.name}", wheel.read_bytes(), zipfile.ZIP_STORED)
    return partial.replace(target)


def platform_manifest(manifest: str, platform: str, wheels: list[Path]) -> str:
    """The manifest text with `platforms` narrowed to one and the list of wheels after it."""
    listed = "".join(f'  "./wheels/{wheel.name}",\n' for wheel in wheels)
    lines = f'platforms = ["{platform}"]\nwheels = [\n{listed}]'
    text, count = re.subn(r"^platforms = .*$", lines, manifest, flags=re.MULTILINE)
    if count != 1:
        raise SystemExit(f"{MANIFEST} should have one line that begins with 'platforms = ', found {count}")
    return text


def shipped_files() -> Iterator[Path]:
    """Every file of the checkout that goes into the zip, but for the manifest and the wheels."""
    for name in SHIPPED:
        path = ROOT / name
        found = path.rglob("*") if path.is_dir() else [path]
        yield from (file for file in found if file.is_file() and not _is_litter(file))


def _is_litter(file: Path) -> bool:
    """Whether a file is what Python, an editor or a desktop leaves behind."""
    return any(part == "__pycache__" or part.startswith(".") for part in file.relative_to(ROOT).parts)


def _add(archive: zipfile.ZipFile, name: str, content: bytes, compression: int = zipfile.ZIP_DEFLATED) -> None:
    """Add one file with a fixed date and plain permissions."""
    info = zipfile.ZipInfo(name, EPOCH)
    info.create_system = 3  # Unix on every host
    info.external_attr = 0o100644 << 16
    info.compress_type = compression
    archive.writestr(info, content)


def validate(path: Path) -> None:
    """Run Blender's `extension validate` over a zip; if it finds fault, remove the zip and stop with its words."""
    command = [*validate_command(), str(path)]
    outcome = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if outcome.returncode or "error" in outcome.stdout.lower():
        path.unlink()
        raise SystemExit(f"Blender's extension validate refused {path}:\n{outcome.stdout}")


def validate_command() -> list[str]:
    """`extension validate`: a script inside the bpy wheel, with Blender's list of tags, or the `blender` command."""
    spec = importlib.util.find_spec("bpy")
    for scripts in Path(spec.origin).parent.glob("*/scripts") if spec and spec.origin else ():
        tool = scripts / "addons_core" / "bl_pkg" / "cli" / "blender_ext.py"
        tags = scripts / "modules" / "_bpy_internal" / "extensions" / "tags.py"
        return [sys.executable, str(tool), "validate", "--valid-tags", str(tags)]
    if blender := shutil.which("blender"):
        return [blender, "--command", "extension", "validate"]
    raise SystemExit("To check the zip, install the bpy wheel (requirements/dev.lock) or put blender on the PATH.")


if __name__ == "__main__":
    main()
