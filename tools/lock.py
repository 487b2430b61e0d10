# SPDX-License-Identifier: GPL-3.0-or-later
"""Pins every requirement anew: requirements/*.lock from pyproject.toml and requirements/*.in.

`wheels.lock` is what the extension bundles: the package's own dependencies without NumPy, which is Blender's, with the
hashes of every file so that what is bundled is what PyPI holds. `train.lock` is resolved by pip, not uv, because only
pip takes a CPU build of torch from a local folder of wheels.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements"
PLAIN = ["--quiet", "--upgrade", "--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"]
PYTHON = "3.11"  # Blender 4.2 to 5.0


def main() -> None:
    """Write all lock files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--uv", default="uv", help="the uv command (default: uv)")
    uv = parser.parse_args().uv
    os.chdir(ROOT)  # so that no path of this machine gets into a lock
    compile_lock(
        uv, "dev", "pyproject.toml", "--extra", "preview", "--extra", "video", "--extra", "batch", "--extra", "dev"
    )
    for version in ("4.2", "4.5"):
        compile_lock(uv, f"blender-{version}", "pyproject.toml", f"requirements/blender-{version}.in")
    compile_lock(uv, "cuda", "pyproject.toml", "--extra", "gpu", "--extra", "dev", "--no-emit-package", "onnxruntime")
    compile_lock(uv, "capture", "pyproject.toml", "--extra", "capture")
    compile_lock(uv, "wheels", "pyproject.toml", "--generate-hashes", "--no-emit-package", "numpy")
    train_lock()


def compile_lock(uv: str, name: str, source: str, *options: str) -> None:
    """Resolve `source` for Python 3.11 and write requirements/`name`.lock."""
    target = f"requirements/{name}.lock"
    command = [uv, "pip", "compile", *PLAIN, "--python-version", PYTHON, source, *options, "-o", target]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    print(target)


def train_lock() -> None:
    """Resolve the `train` extra with pip, leave out torch's local version label, write requirements/train.lock."""
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet", "--report", "-"]
    report = json.loads(subprocess.run([*command, ".[train]"], check=True, stdout=subprocess.PIPE).stdout)
    found = {item["metadata"]["name"].lower(): item["metadata"]["version"] for item in report["install"]}
    found.pop("facewright")
    lines = [f"{name}=={version.partition('+')[0]}\n" for name, version in sorted(found.items())]
    (REQUIREMENTS / "train.lock").write_text("".join(lines), encoding="utf-8")
    print("requirements/train.lock")


if __name__ == "__main__":
    main()
