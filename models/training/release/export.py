# SPDX-License-Identifier: GPL-3.0-or-later
"""Trained networks to ``models/released/<name>``: ONNX files and the model card that vouches for them.

``python -m facewright.models.training.release.export --cache .cache`` after ``train_policy``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tomllib
from dataclasses import dataclass
from pathlib import Path

import torch

from facewright.inference.audio.mel import BANDS
from facewright.inference.core.audio import RATE
from facewright.inference.core.channels import LIVE_LINK, MOUTH, PHONES
from facewright.inference.core.regions import REGIONS
from facewright.inference.core.timing import MOTION_FPS, PAST, VARIATION
from facewright.models.networks.channels import IS_MOUTH
from facewright.models.networks.ears import Ears, PhoneEars, load_ears
from facewright.models.networks.memory import LOCAL, Memory
from facewright.models.networks.policy import EXECUTED, HORIZON, Policy
from facewright.models.networks.style import StyleEncoder
from facewright.models.training.release.halve import halve

OPSET = 17
BLOCKS = 3  # of the ears
RELEASED = Path(__file__).resolve().parents[2] / "released"
# Deviation of the noise, and steps, when nobody asks for others. Lips keep near the mean of what the sound allows, or
# their timing would be a matter of luck; brows, eyes and head, of which sound tells little, are drawn.
LIPS, REST, STEPS = VARIATION, 1.0, 1
CHUNK, AROUND = 520, 40  # frames of sound that are heard at once, and those around them: 600, as in training
# How much farther jaw and lips go than what is learned: that is a mean, which moves less than what it is the mean of,
# and of people who read to nobody. Set on natural_dev, so that the range of the jaw and the size of the lip opening are
# those of people who speak to somebody.
JAW, LIPS_SIZE = 1.25, 0.9


@dataclass(frozen=True, eq=False)
class Networks:
    """All parts of a model."""

    encoder: PhoneEars
    style: StyleEncoder
    memory: Memory
    policy: Policy

    @classmethod
    def load(cls, cache: Path | None) -> Networks:
        """What the stages of training wrote to `cache`; untrained weights without it."""
        ears = PhoneEars(Ears(blocks=BLOCKS)) if cache is None else load_ears(cache / "ears.pt")
        made = cls(ears, StyleEncoder(), Memory(width=ears.width), Policy())
        if cache is not None:
            memory = torch.load(cache / "memory.pt", weights_only=True)
            policy = torch.load(cache / "policy.pt", weights_only=True)
            made.memory.load_state_dict(memory["memory"])
            made.memory.tell.load_state_dict(policy["tell"])
            made.policy.load_state_dict(policy["policy"])
            _enlarge(made.memory, JAW, LIPS_SIZE)
            made.style.load_state_dict(torch.load(cache / "style.pt", weights_only=True))
        for network in vars(made).values():
            network.eval()
        return made


def untouched(memory: Memory) -> None:
    """Take back what an export did to a trained memory: see ``JAW``."""
    _enlarge(memory, 1 / JAW, 1 / LIPS_SIZE)


@torch.no_grad()
def _enlarge(memory: Memory, jaw: float, lips: float) -> None:
    """Jaw and lips moved as far as people move them; what shuts the lips over an open jaw goes with it."""
    gain = torch.tensor([jaw if name in REGIONS["jaw"] else lips if name in MOUTH else 1.0 for name in LIVE_LINK])
    memory.leave.weight *= gain[:, None]
    memory.leave.bias *= gain


def export(networks: Networks, card: Path, folder: Path, figures: Path | None = None) -> None:
    """Write the four networks and ``card.toml``, the card's texts and figures taken from ``card``.

    The figures come from ``figures`` if given, which ``evaluate --json`` wrote.
    """
    folder.mkdir(parents=True, exist_ok=True)
    mel, channels = torch.zeros(1, 20, BANDS), len(LIVE_LINK)
    features, logits = networks.encoder(mel)
    write_network(networks.encoder, (mel,), folder / "encoder.onnx", ["mel"], ["features", "phone_logits"])
    write_network(networks.style, (mel,), folder / "style.onnx", ["mel"], ["style"])
    given = (features, logits, torch.ones(1, len(PHONES)))
    write_network(
        networks.memory, given, folder / "memory.onnx", ["features", "phone_logits", "style"], ["general", "local"]
    )
    chunk = {
        "state": torch.zeros(1, HORIZON, channels),
        "time": torch.zeros(1),
        "stride": torch.ones(1),
        "past": torch.zeros(1, PAST, channels),
        "general": torch.zeros(1, PAST + HORIZON, channels),
        "local": torch.zeros(1, PAST + HORIZON, LOCAL),
        "pins": torch.zeros(1, HORIZON, channels),
        "pinned": torch.zeros(1, HORIZON, channels),
    }
    write_network(networks.policy, tuple(chunk.values()), folder / "policy.onnx", list(chunk), ["velocity", "motion"])
    facts = {
        "fps": MOTION_FPS,
        "rate": RATE,
        "live": False,
        "chunk": CHUNK,
        "left_context": AROUND,
        "right_context": AROUND,
        "phones_right_context": AROUND,
        "channels": list(LIVE_LINK),
        "phones": list(PHONES),
    }
    texts = tomllib.loads(card.read_text())
    if figures is not None:
        texts["figures"] = [row for row in json.loads(figures.read_text())["figures"] if ": " not in row["recordings"]]
    frames = {"steps": STEPS, "horizon": HORIZON, "executed": EXECUTED, "heard": HORIZON}
    write_card(texts, facts, frames, LIPS, folder)


def write_network(module: torch.nn.Module, example: tuple, path: Path, inputs: list[str], outputs: list[str]) -> None:
    """Write a network as ONNX, its weights in half precision; `example` is what it is traced with."""
    lengths = {"mel": "mel_frames", "features": "frames", "phone_logits": "frames"}
    lengths |= {"general": "frames", "local": "frames"} if "features" in inputs else {}
    axes = {name: {1: lengths[name]} for name in inputs + outputs if name in lengths}
    torch.onnx.export(
        module, example, str(path), input_names=inputs, output_names=outputs, dynamic_axes=axes, opset_version=OPSET,
        dynamo=False,
    )  # fmt: skip
    halve(path)


def write_card(texts: dict, facts: dict, frames: dict, lips: float, folder: Path) -> None:
    """Write ``card.toml``: texts as written by hand, facts as exported; `lips` is the temperature of jaw and lips."""
    lines = [
        f"# Written by models/training/release; the texts are in models/training/release/{texts['name']}.toml.",
        "",
    ]
    plain = {key: value for key, value in texts.items() if not _is_rows(value)}
    lines += [f"{key} = {_value(value)}" for key, value in {**plain, **facts}.items()]
    for key, rows in texts.items():
        for row in rows if _is_rows(rows) else []:
            lines += ["", f"[[{key}]]", *(f"{name} = {_value(value)}" for name, value in row.items())]
    temperature = [lips if mouth else REST for mouth in IS_MOUTH]
    lines += ["", "[policy]", *(f"{name} = {_value(value)}" for name, value in frames.items())]
    lines += [f"temperature = {_value(temperature)}"]
    for path in sorted(folder.glob("*.onnx")):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        lines += ["", f'[files."{path.name}"]', f'sha256 = "{digest}"', f"bytes = {path.stat().st_size}"]
    (folder / "card.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _is_rows(value: object) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _value(value: object) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    return repr(value)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cache", type=Path, help="where the trainings wrote their weights; untrained if not given")
    parser.add_argument("--card", type=Path, default=Path(__file__).with_name("policy.toml"))
    parser.add_argument("--out", type=Path, default=RELEASED / "policy")
    parser.add_argument("--figures", type=Path, help="what evaluate --json wrote, in place of the figures of --card")
    arguments = parser.parse_args()
    export(Networks.load(arguments.cache), arguments.card, arguments.out, arguments.figures)
    print(f"written: {arguments.out}")


if __name__ == "__main__":
    main()
