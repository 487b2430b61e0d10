# SPDX-License-Identifier: GPL-3.0-or-later
"""What all tests share: real data where it is at hand, and a sentence that is really spoken wherever it is not."""

import os
import subprocess
import sys
import wave
from pathlib import Path

import pytest

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # for tests that use onnxruntime by themselves

ROOT = Path(__file__).resolve().parents[1]
RECORDED = ROOT.parent / "shared" / "data" / "speech_demo"
SENTENCE = "Six spoons of fresh snow peas, and maybe a big snack for her brother Bob."


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real recordings beside the repository."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("needs the real recordings in ../shared/data, which are not part of the repository")
    return folder


@pytest.fixture(scope="session")
def spoken(tmp_path_factory) -> Path:
    """A WAV file (mono, 16 bit, 22,050 Hz, about five seconds) of SENTENCE, said by espeak-ng."""
    from facewright.models.espeak import speak

    path = tmp_path_factory.mktemp("spoken") / "spoken.wav"
    speak(SENTENCE, path)
    return path


@pytest.fixture(scope="session")
def long_speech(spoken) -> Path:
    """Seven seconds of a person's voice where the recordings are at hand, else `spoken`."""
    recorded = RECORDED / "librivox_austen_0870.wav"
    return recorded if recorded.is_file() else spoken


@pytest.fixture(scope="session")
def speech(long_speech) -> Path:
    """What a test animates that says nothing else."""
    return long_speech


@pytest.fixture(scope="session")
def speech_wav(spoken, tmp_path_factory) -> Path:
    """A WAV of one second of silence and then SENTENCE; its name has a space, an accent and Cyrillic letters."""
    path = tmp_path_factory.mktemp("speech") / "naïve речь.wav"
    with wave.open(str(spoken)) as said, wave.open(str(path), "wb") as file:
        file.setparams(said.getparams())
        file.writeframes(bytes(2 * said.getframerate()) + said.readframes(said.getnframes()))
    return path


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    """A model with small random networks, loaded: the way to the face without a face."""
    from support.tiny_model import write_model

    from facewright.inference import load_predictor

    return load_predictor(write_model(tmp_path_factory.mktemp("tiny")), "cpu")


@pytest.fixture(scope="session")
def extension_zip() -> Path:
    """The zip for this computer, built from this checkout."""
    command = [sys.executable, ROOT / "tools" / "build_zip.py", "--platform", "here"]
    built = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert built.returncode == 0, built.stdout
    return Path(built.stdout.splitlines()[-1].rsplit("  ", 1)[0])


@pytest.fixture
def disk(tmp_path):
    """Mounts a small disk with the given options."""
    mounted = []

    def mount(options):
        folder = tmp_path / "disk"
        folder.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder]
        if os.geteuid() != 0 or subprocess.run(command, capture_output=True).returncode:
            pytest.skip("needs the right to mount a disk")
        mounted.append(folder)
        return folder

    yield mount
    for folder in mounted:
        subprocess.run(["umount", folder], check=True)
