# SPDX-License-Identifier: GPL-3.0-or-later
"""The trained ears and memory for live sound to ``models/released/live``: ONNX files and the model card.

``python -m facewright.models.training.release.export_live --cache .cache`` after ``train_live``. The policy, which
draws brows, lids and head from what the memory tells it, and the style encoder stay as they are in the folder.
"""

from __future__ import annotations

import argparse
import json
import tomllib
from pathlib import Path

import torch

from facewright.inference.audio.mel import BANDS
from facewright.inference.core.audio import RATE
from facewright.inference.core.channels import LIVE_LINK, PHONES
from facewright.inference.core.timing import MOTION_FPS
from facewright.models.networks.encoder import WIDTH
from facewright.models.networks.live import LiveEars, StreamedEncoder, StreamedMemory
from facewright.models.training.release.export import RELEASED, write_card, write_network

CARD = Path(__file__).with_name("live.toml")
CHUNK = 1000
HORIZON, EXECUTED, STEPS = 16, 1, 1  # frames that the policy draws, and those that are taken: each 20 ms of delay


def export(model: LiveEars, folder: Path, figures: Path | None = None) -> None:
    """Write encoder, memory and card; figures as for `export.export`."""
    encoder, memory, mel = StreamedEncoder(model.encoder), StreamedMemory(model.memory), torch.zeros(1, 20, BANDS)
    states = [torch.zeros(1, part.held, WIDTH) for part in (encoder, memory)]
    ends = torch.tensor(1), torch.tensor(1)
    features, logits, _ = encoder(mel, states[0], *ends)
    on = ["state", "first", "last"]
    heard = ["features", "phone_logits"]
    write_network(encoder, (mel, states[0], *ends), folder / "encoder.onnx", ["mel", *on], [*heard, "after"])
    given = (features, logits, torch.ones(1, len(PHONES)), states[1], *ends)
    write_network(memory, given, folder / "memory.onnx", [*heard, "style", *on], ["general", "local", "after"])
    (left, phones_right), (before, after) = model.encoder.context(), model.memory.context()
    facts = {
        "fps": MOTION_FPS,
        "rate": RATE,
        "live": True,
        "chunk": CHUNK,
        "left_context": left + before,
        "right_context": phones_right + after,
        "phones_right_context": phones_right,
        "channels": list(LIVE_LINK),
        "phones": list(PHONES),
    }
    texts = tomllib.loads(CARD.read_text(encoding="utf-8"))
    if figures is not None:
        texts["figures"] = [row for row in json.loads(figures.read_text())["figures"] if ": " not in row["recordings"]]
    frames = {"steps": STEPS, "horizon": HORIZON, "executed": EXECUTED, "heard": EXECUTED}
    write_card(texts, facts, frames, 0.0, folder)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cache", type=Path, default=Path(".cache"))
    parser.add_argument("--out", type=Path, default=RELEASED / "live")
    parser.add_argument("--figures", type=Path, help="what evaluate --json wrote, in place of the figures of live.toml")
    arguments = parser.parse_args()
    average = torch.load(arguments.cache / "live.pt", weights_only=True)["average"]
    model = LiveEars()
    model.load_state_dict({n.removeprefix("module."): v for n, v in average.items() if n.startswith("module.")})
    export(model.eval(), arguments.out, arguments.figures)
    print(f"written: {arguments.out}")


if __name__ == "__main__":
    main()
