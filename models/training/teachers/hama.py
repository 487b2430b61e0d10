# SPDX-License-Identifier: GPL-3.0-or-later
"""hama's phone recogniser (Apache-2.0): what it hears in a sound, before it names phones.

``pip download --no-deps hama==1.3.13`` has it as ONNX: a wave in, 50 frames per second, 2.3 million parameters.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

FILE = "hama/assets/asr_waveform_fp16.onnx"
HIDDEN = "/acoustic_model/Transpose_2_output_0"  # what its last layer, one number a phone, is told


def load(wheel: Path) -> InferenceSession:
    """The recogniser, with what it hears as its only output."""
    import onnx
    import onnxruntime

    with zipfile.ZipFile(wheel) as archive:
        model = onnx.load_model_from_string(archive.read(FILE))
    del model.graph.output[:]
    model.graph.output.add().name = HIDDEN
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])


def hear(recogniser: InferenceSession, samples: np.ndarray) -> np.ndarray:
    """Features of a sound [shape=(N, width), float32], 50 frames per second."""
    asked = {"waveform": samples[None].astype(np.float32), "waveform_lengths": np.array([len(samples)])}
    heard = np.asarray(recogniser.run(None, asked)[0])[0].T.astype(np.float32)
    frames = -(-len(samples) // 320)
    return heard[np.minimum(np.arange(frames), len(heard) - 1)]
