# SPDX-License-Identifier: GPL-3.0-or-later
"""Fetches the wheels that the extension bundles, unmodified, as Blender's guidelines ask.

Versions and hashes come from requirements/wheels.lock; pip checks every file against them. NumPy is Blender's own and
is not in the lock. https://docs.blender.org/manual/en/latest/advanced/extensions/python_wheels.html
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements" / "wheels.lock"
CACHE = ROOT / ".cache" / "wheels"

# Blender's name of a platform -> the wheel tags its Blenders can load, best first. pip takes each tag literally.
PLATFORM_TAGS = {
    "linux-x64": ("manylinux_2_28_x86_64", "manylinux_2_27_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64"),
    "windows-x64": ("win_amd64",),
    # onnxruntime is built for macOS 14, which every Mac with Apple silicon can run.
    "macos-arm64": ("macosx_14_0_arm64", "macosx_11_0_arm64", "macosx_10_9_universal2"),
}
# 3.11: Blender 4.2 to 5.0. 3.13: Blender 5.1 and 5.2, and 4.3 in Debian. 3.14: Blender 5.2 in Debian and Fedora.
PYTHONS = {
    "linux-x64": ("3.11", "3.13", "3.14"),
    "windows-x64": ("3.11", "3.13"),
    "macos-arm64": ("3.11", "3.13"),
}


def fetch_wheels(platform: str) -> list[Path]:
    """The wheels for all Pythons of a platform, from the cache or from the package index.

    Parameters
    ----------
    platform : str
        Blender's name: a key of `PLATFORM_TAGS`.

    Returns
    -------
    list of Path
        Sorted by name. A wheel that serves several Pythons is there once.
    """
    wheels: dict[str, Path] = {}
    for python in PYTHONS[platform]:
        for wheel in _fetch(platform, python):
            wheels[wheel.name] = wheel
    return [wheels[name] for name in sorted(wheels)]


def _fetch(platform: str, python: str) -> list[Path]:
    """Wheels for one platform and Python. The folder carries the lock's digest, so a new lock is fetched anew."""
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()[:12]
    folder = CACHE / digest / f"{platform}-{python}"
    complete = folder / "complete"
    if not complete.exists():
        print(f"fetching wheels for {platform}, Python {python}", file=sys.stderr)
        tags = [f"--platform={tag}" for tag in PLATFORM_TAGS[platform]]
        options = ["-qq", "--no-deps", "--only-binary=:all:", "--require-hashes", "--implementation=cp"]
        command = [sys.executable, "-m", "pip", "download", *options, *tags, f"--python-version={python}"]
        subprocess.run([*command, f"--dest={folder}", f"--requirement={LOCK}"], check=True)
        complete.touch()
    return sorted(folder.glob("*.whl"))


if __name__ == "__main__":
    for name in PLATFORM_TAGS:
        for path in fetch_wheels(name):
            print(name, path.name)
