# SPDX-License-Identifier: GPL-3.0-or-later
"""Weights stored in half precision: half the file, the same network."""

import numpy as np
import onnxruntime
import pytest

onnx = pytest.importorskip("onnx", reason="writing networks needs onnx, which the test extra has")


@pytest.fixture
def network(tmp_path):
    """y = x W + b, and W and b."""
    rng = np.random.default_rng(0)
    weight, bias = rng.normal(0, 1, (64, 128)).astype(np.float32), rng.normal(0, 1, 128).astype(np.float32)
    h = onnx.helper
    nodes = [h.make_node("MatMul", ["x", "W"], ["product"]), h.make_node("Add", ["product", "b"], ["y"])]
    ends = [
        h.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [None, width]) for name, width in (("x", 64), ("y", 128))
    ]
    kept = [onnx.numpy_helper.from_array(value, name) for name, value in (("W", weight), ("b", bias))]
    graph = h.make_graph(nodes, "dense", ends[:1], ends[1:], kept)
    path = tmp_path / "dense.onnx"
    onnx.save(h.make_model(graph, opset_imports=[h.make_opsetid("", 17)], ir_version=8), path)
    return path, weight, bias


def run(path, x):
    return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"]).run(["y"], {"x": x})[0]


def test_a_file_is_half_as_large_and_computes_with_rounded_weights(network):
    from facewright.models.training.release.halve import halve

    path, weight, bias = network
    x = np.random.default_rng(1).normal(0, 1, (5, 64)).astype(np.float32)
    size, before = path.stat().st_size, run(path, x)
    halve(path)
    assert path.stat().st_size < 0.55 * size
    np.testing.assert_allclose(run(path, x), x @ weight.astype(np.float16).astype(np.float32) + bias, atol=1e-5)
    assert 0 < np.abs(run(path, x) - before).max() < 0.02


def test_small_arrays_and_a_second_time_change_nothing(network):
    from facewright.models.training.release.halve import halve

    path, _, bias = network
    halve(path)
    once = path.read_bytes()
    halve(path)
    assert path.read_bytes() == once
    (kept,) = [value for value in onnx.load(path).graph.initializer if value.name == "b"]
    np.testing.assert_array_equal(onnx.numpy_helper.to_array(kept), bias)
