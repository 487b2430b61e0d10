# SPDX-License-Identifier: GPL-3.0-or-later
"""A released model's weights back into torch, so that a training can go on from it where its checkpoints are gone.

``python -m facewright.models.training.release.restore --cache .cache`` writes what the stages of training would have
written.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from facewright.models.training.release.export import RELEASED, Networks, export, untouched
from facewright.models.training.release.halve import SMALLEST

CARD = Path(__file__).with_name("policy.toml")


def restored(folder: Path) -> Networks:
    """The networks of a released model, as they were before they were exported.

    An export renames and transposes some weights. Random networks are exported beside it: where one of their weights
    went, the released one came from.

    Raises
    ------
    ValueError
        When the release was made by other networks than those of this code.
    """
    torch.manual_seed(0)
    networks = Networks.load(None)
    with torch.no_grad():
        for network in vars(networks).values():
            for weight in network.state_dict().values():
                weight.uniform_(0.5, 1.5)
    with tempfile.TemporaryDirectory() as scratch:
        export(networks, CARD, Path(scratch))
        for name, network in vars(networks).items():
            random, released = _weights(Path(scratch) / f"{name}.onnx"), _weights(folder / f"{name}.onnx")
            if [value.shape for value in random] != [value.shape for value in released]:
                raise ValueError(f"{folder / name}.onnx was exported from another {name} than this code's.")
            _fill(network, random, released)
    untouched(networks.memory)
    return networks


def _weights(path: Path) -> list[np.ndarray]:
    arrays = [numpy_helper.to_array(value) for value in onnx.load(path).graph.initializer]
    return [array.astype(np.float32) if array.dtype == np.float16 else array for array in arrays]


@torch.no_grad()
def _fill(network: torch.nn.Module, random: list[np.ndarray], released: list[np.ndarray]) -> None:
    for name, weight in network.state_dict().items():
        ours, found = weight.numpy(), None
        stored = ours.astype(np.float16) if ours.size >= SMALLEST else ours
        for place, value in zip(random, released, strict=True):
            for turned in (lambda a: a, np.transpose):
                if place.size == ours.size and np.array_equal(np.squeeze(turned(place)), np.squeeze(stored)):
                    found = turned(value).reshape(ours.shape)
        if found is None:
            raise ValueError(f"No place of {name} was found in the exported network.")
        weight.copy_(torch.from_numpy(found.copy()))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, default=RELEASED / "policy")
    parser.add_argument("--cache", type=Path, default=Path(".cache"))
    arguments = parser.parse_args()
    written = [arguments.cache / f"{name}.pt" for name in ("encoder", "memory", "style", "policy")]
    for path in written:
        if path.exists():
            parser.error(
                f"{path} is there already, and a training may have taken hours. Move it, or give another --cache."
            )
    made = restored(arguments.model)
    arguments.cache.mkdir(parents=True, exist_ok=True)
    states = {name: network.state_dict() for name, network in vars(made).items()}
    torch.save(states["encoder"], arguments.cache / "encoder.pt")
    torch.save({"encoder": states["encoder"], "memory": states["memory"]}, arguments.cache / "memory.pt")
    torch.save(states["style"], arguments.cache / "style.pt")
    torch.save({"policy": states["policy"], "tell": made.memory.tell.state_dict()}, arguments.cache / "policy.pt")
    print(f"written: {', '.join(map(str, written))}")


if __name__ == "__main__":
    main()
