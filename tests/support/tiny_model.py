# SPDX-License-Identifier: GPL-3.0-or-later
"""A model folder with small random networks: same files, names and shapes as a released one, and made in a moment.

It knows nothing of faces. What it proves is the way there: parts, chunks, pins, noise, streaming.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

from facewright.inference.core.channels import LIVE_LINK, PHONES

MEL, FEATURES, LOCAL, CHANNELS = 80, 24, 128, len(LIVE_LINK)
PAST, HORIZON, HEARD = 8, 16, 12
LEFT, RIGHT = 6 + 2, 2 + 1  # of encoder and memory, in frames


def write_model(folder: Path, seed: int = 0) -> Path:
    """Write encoder, style, memory, policy and card; the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    for name, graph in (("encoder", encoder), ("style", style), ("memory", memory), ("policy", policy)):
        opset = [helper.make_opsetid("", 17)]
        model = helper.make_model(graph(rng).build(name), opset_imports=opset, ir_version=8)
        onnx.checker.check_model(model, full_check=True)
        (folder / f"{name}.onnx").write_bytes(model.SerializeToString())
    (folder / "card.toml").write_text(card(folder), encoding="utf-8")
    return folder


class Graph:
    """Nodes in the order they run; every method gives the name of its result."""

    def __init__(self, rng: np.random.Generator, inputs: dict[str, list], outputs: dict[str, list]) -> None:
        self.rng, self.inputs, self.outputs = rng, inputs, outputs
        self.nodes, self.constants = [], []

    def build(self, name: str) -> onnx.GraphProto:
        values = [
            [helper.make_tensor_value_info(key, onnx.TensorProto.FLOAT, shape) for key, shape in side.items()]
            for side in (self.inputs, self.outputs)
        ]
        return helper.make_graph(self.nodes, name, *values, initializer=self.constants)

    def __call__(self, operation: str, *given: str, into: str = "", **attributes) -> str:
        into = into or f"{operation}{len(self.nodes)}"
        self.nodes.append(helper.make_node(operation, list(given), [into], **attributes))
        return into

    def constant(self, value) -> str:
        name = f"constant{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def number(self, value: float) -> str:
        return self.constant(np.float32(value))

    def random(self, *shape: int, scale: float = 1.0) -> str:
        return self.constant((scale * self.rng.standard_normal(shape)).astype(np.float32))

    def dense(self, given: str, width: int, out: int, scale: float = 1.0) -> str:
        return self("MatMul", given, self.random(width, out, scale=scale / np.sqrt(width)))

    def convolution(self, given: str, width: int, out: int, before: int, after: int, stride: int = 1) -> str:
        taps = before + 1 + after
        weight = self.random(out, width, taps, scale=1 / np.sqrt(width * taps))
        return self("Conv", given, weight, kernel_shape=[taps], pads=[before, after], strides=[stride])

    def part(self, given: str, begin: int, end: int, axis: int) -> str:
        return self("Slice", given, *(self.constant(np.array([x], np.int64)) for x in (begin, end, axis)))


def encoder(rng: np.random.Generator) -> Graph:
    """Mel frames 2k - 3 to 2k + 1, then features of 4 frames before and 2 after."""
    g = Graph(rng, {"mel": [1, "M", MEL]}, {"features": [1, "N", FEATURES], "phone_logits": [1, "N", len(PHONES)]})
    x = g("Transpose", g("Div", g("Add", "mel", g.number(12)), g.number(4)), perm=[0, 2, 1])
    x = g("Tanh", g.convolution(x, MEL, FEATURES, 3, 1, stride=2))
    x = g("Tanh", g.convolution(x, FEATURES, FEATURES, 4, 2))
    g("Transpose", x, into="features", perm=[0, 2, 1])
    g("Identity", g.dense("features", FEATURES, len(PHONES), scale=6.0), into="phone_logits")
    return g


def style(rng: np.random.Generator) -> Graph:
    """A mean over time."""
    g = Graph(rng, {"mel": [1, "M", MEL]}, {"style": [1, len(PHONES)]})
    mean = g("ReduceMean", g("Div", "mel", g.number(12)), axes=[1], keepdims=0)
    g("Mul", g("Sigmoid", g.dense(mean, MEL, len(PHONES))), g.number(2), into="style")
    return g


def memory(rng: np.random.Generator) -> Graph:
    """Features and slots of 2 frames before and 1 after."""
    n = len(PHONES)
    inputs = {"features": [1, "N", FEATURES], "phone_logits": [1, "N", n], "style": [1, n]}
    g = Graph(rng, inputs, {"general": [1, "N", CHANNELS], "local": [1, "N", LOCAL]})
    slots = g(
        "Mul", g("Softmax", "phone_logits", axis=-1), g("Unsqueeze", "style", g.constant(np.array([1], np.int64)))
    )
    x = g("Transpose", g("Concat", "features", slots, axis=2), perm=[0, 2, 1])
    x = g("Transpose", g("Tanh", g.convolution(x, FEATURES + n, 32, 2, 1)), perm=[0, 2, 1])
    g("Clip", g.dense(x, 32, CHANNELS, scale=0.6), g.number(0), g.number(1), into="general")
    g("Identity", g.dense(x, 32, LOCAL), into="local")
    return g


def policy(rng: np.random.Generator) -> Graph:
    """A trajectory that leaves the last frame smoothly for the mean, moved a little by everything else."""
    inputs = {
        "state": [1, HORIZON, CHANNELS], "time": [1], "stride": [1], "past": [1, PAST, CHANNELS],
        "general": [1, HEARD, CHANNELS], "local": [1, HEARD, LOCAL], "pins": [1, HORIZON, CHANNELS],
        "pinned": [1, HORIZON, CHANNELS],
    }  # fmt: skip
    g = Graph(rng, inputs, {name: [1, HORIZON, CHANNELS] for name in ("velocity", "motion")})
    moved = g("Sum", *(g.dense(name, CHANNELS, CHANNELS) for name in ("state", "pins", "pinned")))
    moved = g("Mul", g("Tanh", moved), g.number(0.02))
    heard = g("Tanh", g("ReduceMean", g.dense("local", LOCAL, CHANNELS), axes=[1], keepdims=1))
    last = g.part("past", PAST - 1, PAST, 1)
    target = g("Add", g.part("general", HEARD - 1, HEARD, 1), g("Mul", heard, g.number(0.05)))
    ramp = g.constant((np.arange(1, HORIZON + 1, dtype=np.float32) / HORIZON)[None, :, None])
    steady = g("Mul", ramp, g("Sub", target, last))
    trajectory = g("Add", steady, g("Mul", ramp, moved))  # relative to the last frame, as the state is
    left = g("Sub", g.number(1), g("Unsqueeze", "time", g.constant(np.array([1, 2], np.int64))))
    stride = g("Mul", g("Unsqueeze", "stride", g.constant(np.array([1, 2], np.int64))), g.number(1e-3))
    g("Add", g("Div", g("Sub", trajectory, "state"), left), stride, into="velocity")
    g("Add", last, trajectory, into="motion")
    return g


def card(folder: Path) -> str:
    """The text of ``card.toml`` for the files in the folder."""
    strings = ("name", "version", "summary", "learned", "rule_made")
    lines = ['family = "diffusion policy"', *(f'{key} = "tiny"' for key in strings)]
    lines += ["fps = 50", "rate = 16000", f"left_context = {LEFT}", f"right_context = {RIGHT}"]
    lines += ["phones_right_context = 2", "live = true", "chunk = 1000", "limits = []", "data = []", "figures = []"]
    lines += [f"channels = {list(LIVE_LINK)}", f"phones = {list(PHONES)}"]
    lines += ["[policy]", "steps = 1", "horizon = 16", "executed = 4", "heard = 4", f"temperature = {[0.5] * CHANNELS}"]
    for path in sorted(folder.glob("*.onnx")):
        lines += [f'[files."{path.name}"]', f'sha256 = "{hashlib.sha256(path.read_bytes()).hexdigest()}"']
    return "\n".join(lines) + "\n"
