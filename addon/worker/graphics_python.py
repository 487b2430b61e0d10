# SPDX-License-Identifier: GPL-3.0-or-later
"""A Python of the artist's that can run the model on a graphics card: how it is made, and where it may be.

The extension's own onnxruntime runs on the processor: the one for NVIDIA's cards is twenty times as large, and wants
two gigabytes of NVIDIA's libraries beside it.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from .named_python import python_at

NAME = "facewright-gpu"  # of the environment that the commands make
_NEEDED = 'msgspec numpy "onnxruntime-gpu[cuda,cudnn]" platformdirs soundfile soxr tomli-w'
COMMANDS = (
    (f"py -3.11 -m venv {NAME}", rf"{NAME}\Scripts\pip install {_NEEDED}")
    if sys.platform == "win32"
    else (f"python3 -m venv {NAME}", f"{NAME}/bin/pip install {_NEEDED}")
)
_SIGNS = (  # of a library for a graphics card, in an environment
    "lib/python3*/site-packages/onnxruntime/capi/libonnxruntime_providers_cuda.so",
    "Lib/site-packages/onnxruntime/capi/onnxruntime_providers_cuda.dll",
    "lib/python3*/site-packages/onnxruntime_ep_*/__init__.py",
    "Lib/site-packages/onnxruntime_ep_*/__init__.py",
)


def found() -> str | None:
    """The first Python of this computer that has a library for a graphics card; None where none is where one may be."""
    for folder in _environments():
        if any(next(folder.glob(sign), None) for sign in _SIGNS):
            python = python_at(str(folder))
            if python is not None:
                return python
    return None


def _environments() -> Iterator[Path]:
    """Environments that are at hand, those that somebody chose first."""
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        if os.environ.get(name):
            yield Path(os.environ[name])
    home = Path.home()
    for folder in (home, home / "Documents", home / "Desktop", Path.cwd()):
        yield folder / NAME
    for folder in (home / ".virtualenvs", home / "miniconda3" / "envs", home / "anaconda3" / "envs"):
        if folder.is_dir():
            yield from sorted(folder.iterdir())
    for name in ("python3", "python"):
        path = shutil.which(name)
        if path is not None:
            yield Path(path).parent.parent if os.name != "nt" else Path(path).parent
