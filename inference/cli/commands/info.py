# SPDX-License-Identifier: GPL-3.0-or-later
"""``facewright info``: which model, processor and libraries are used."""

from __future__ import annotations

import argparse
import platform
import sys
from importlib import metadata

from ...formats import SUFFIXES
from ..device import add_device

_LIBRARIES = ("numpy", "onnxruntime", "onnxruntime-gpu", "soundfile", "soxr", "av", "mediapipe", "bpy")


def add(commands: argparse._SubParsersAction) -> None:
    """Add the command."""
    info = commands.add_parser("info", help="say which model, processor and libraries are used")
    info.set_defaults(run=_info)
    add_device(info)


def _info(options: argparse.Namespace) -> None:
    from ...devices.processor import state_of
    from ...policy.predictor import load_predictor

    predictor = load_predictor(device=options.device)
    card = predictor.card
    lines = [("model", f"{card.name} {card.version}: {card.summary}"), ("runs on", predictor.provider)]
    lines += state_of(card.read("encoder.onnx")).items()
    lines += [("formats", ", ".join(SUFFIXES)), ("python", f"{platform.python_version()} on {platform.platform()}")]
    lines += [(library, _version(library)) for library in _LIBRARIES]
    sys.stdout.write("".join(f"{name + ':':17}{value}\n" for name, value in lines))


def _version(library: str) -> str:
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return "not installed"
