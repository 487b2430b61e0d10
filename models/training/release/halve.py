# SPDX-License-Identifier: GPL-3.0-or-later
"""Weights of an ONNX file in half precision: half the size. They are computed with in single precision, as before.

Each large array is stored as float16, followed by a cast that onnxruntime does once, when it loads the file.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SMALLEST = 1024  # values of an array that is worth it


def halve(path: Path) -> None:
    """Store the weights of a file in half precision, in its place."""
    model = onnx.load(path)
    graph = model.graph
    casts = []
    for place, value in enumerate(graph.initializer):
        array = numpy_helper.to_array(value)
        if array.dtype == np.float32 and array.size >= SMALLEST:
            stored = f"{value.name}_half"
            casts.append(helper.make_node("Cast", [stored], [value.name], to=TensorProto.FLOAT))
            graph.initializer[place].CopyFrom(numpy_helper.from_array(array.astype(np.float16), stored))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.checker.check_model(model)
    onnx.save(model, path)
