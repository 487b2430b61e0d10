# SPDX-License-Identifier: GPL-3.0-or-later
"""How long FLAME takes on one core: skinning, laying the ARKit shapes onto a head, and solving curves.

Seconds are those of the processor, all its cores together. The model is the full-size one that the tests make: its
numbers are not FLAME's, its sizes are.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from facewright.inference.flame import convert
from facewright.inference.flame.face import flame_face
from facewright.inference.flame.model import FlameModel
from facewright.inference.flame.parameters import Parameters
from facewright.tests.support.flame_layout import flame_arrays

FRAMES = 300


def flame_seconds() -> dict[str, float]:
    """Seconds by what they are spent on."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "flame.npz"
        np.savez(path, **{name: array for name, array in flame_arrays().items() if isinstance(array, np.ndarray)})
        model = FlameModel.load(path)
    rng = np.random.default_rng(0)
    parameters = Parameters.still(
        FRAMES, 30.0, expression=rng.normal(size=(FRAMES, 100)), jaw=0.1 * rng.random((FRAMES, 3))
    )
    skinning = median_seconds(lambda: model.vertices(parameters)) / FRAMES
    laying = median_seconds(lambda: flame_face(model), runs=3)
    face = flame_face(model)
    vertices = model.vertices(parameters)
    from_vertices = median_seconds(lambda: convert.motion_of_vertices(vertices, face, 30.0, face.neutral), runs=3)
    from_parameters = median_seconds(lambda: convert.motion_of(parameters, face), runs=3)
    return {
        "FLAME, 100 expressions, skinned, per frame": skinning,
        "the ARKit shapes laid onto a FLAME head": laying,
        "curves from FLAME vertices, per frame": from_vertices / FRAMES,
        "curves from FLAME parameters, per frame": from_parameters / FRAMES,
    }


def median_seconds(work: Callable[[], object], runs: int = 9) -> float:
    """Median seconds of the processor for `work`; what other processes take does not count."""
    taken = []
    for _ in range(runs):
        begin = time.process_time()
        work()
        taken.append(time.process_time() - begin)
    return statistics.median(taken)


if __name__ == "__main__":
    for what, seconds in flame_seconds().items():
        print(f"{what:<52}{1000 * seconds:>10.3f} ms")
