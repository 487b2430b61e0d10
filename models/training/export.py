# SPDX-License-Identifier: GPL-3.0-or-later
"""Trained networks to ``models/released/<name>``: ONNX files and the model card that vouches for them.

``python -m facewright.models.training.export --checkpoint .cache/motion.pt --card models/training/first.toml``
"""

from __future__ import annotations

import argparse
import hashlib
import tomllib
from pathlib import Path

import torch

from facewright.inference.audio import RATE
from facewright.inference.channels import LIVE_LINK, PHONES
from facewright.inference.features import BANDS, MOTION_FPS
from facewright.models.networks.encoder import Encoder
from facewright.models.networks.regression import RegressionHead

OPSET = 17
RELEASED = Path(__file__).resolve().parents[1] / "released"


def export(encoder: Encoder, head: RegressionHead, card: Path, folder: Path) -> None:
    """Write ``encoder.onnx``, ``motion.onnx`` and ``card.toml``, the card's texts and figures taken from ``card``."""
    folder.mkdir(parents=True, exist_ok=True)
    encoder.eval(), head.eval()
    mel = torch.zeros(1, 20, BANDS)
    features, logits = encoder(mel)
    _onnx(encoder, (mel,), folder / "encoder.onnx", ["mel"], ["features", "phone_logits"])
    _onnx(head, (features, logits), folder / "motion.onnx", ["features", "phone_logits"], ["motion"])
    left, right = (a + b for a, b in zip(encoder.context(), head.context(), strict=True))
    facts = {
        "fps": MOTION_FPS,
        "rate": RATE,
        "left_context": left,
        "right_context": right,
        "channels": list(LIVE_LINK),
        "phones": list(PHONES),
    }
    (folder / "card.toml").write_text(_toml(tomllib.loads(card.read_text()), facts, folder), encoding="utf-8")


def _onnx(module: torch.nn.Module, example: tuple, path: Path, inputs: list[str], outputs: list[str]) -> None:
    axes = {name: {1: "mel_frames" if name == "mel" else "frames"} for name in inputs + outputs}
    torch.onnx.export(
        module, example, str(path), input_names=inputs, output_names=outputs, dynamic_axes=axes, opset_version=OPSET,
        dynamo=False,
    )  # fmt: skip


def _toml(texts: dict, facts: dict, folder: Path) -> str:
    """The card: texts as written by hand, facts as exported."""
    lines = ["# Written by models/training/export.py; the texts are in models/training/first.toml.", ""]
    plain = {key: value for key, value in texts.items() if not _is_rows(value)}
    lines += [f"{key} = {_value(value)}" for key, value in {**plain, **facts}.items()]
    for key, rows in texts.items():
        for row in rows if _is_rows(rows) else []:
            lines += ["", f"[[{key}]]", *(f"{name} = {_value(value)}" for name, value in row.items())]
    for path in sorted(folder.glob("*.onnx")):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        lines += ["", f'[files."{path.name}"]', f'sha256 = "{digest}"', f"bytes = {path.stat().st_size}"]
    return "\n".join(lines) + "\n"


def _is_rows(value: object) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _value(value: object) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    if isinstance(value, list):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    return repr(value)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checkpoint", type=Path, help="written by train.py; untrained weights if not given")
    parser.add_argument("--card", type=Path, default=Path(__file__).with_name("first.toml"))
    parser.add_argument("--out", type=Path, default=RELEASED / "first")
    arguments = parser.parse_args()
    encoder, head = Encoder(), RegressionHead()
    if arguments.checkpoint:
        state = torch.load(arguments.checkpoint, weights_only=True)
        encoder.load_state_dict(state["encoder"])
        head.load_state_dict(state["head"])
    export(encoder, head, arguments.card, arguments.out)
    print(f"written: {arguments.out}")


if __name__ == "__main__":
    main()
