# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a sound takes, how late live frames come, how much memory and disk the model needs, on this machine."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from facewright.inference.core.audio import RATE
from facewright.inference.core.errors import ModelError
from facewright.inference.pipeline.streaming import Live
from facewright.inference.policy.predictor import Predictor
from facewright.models.training.evaluation.bench import Bench
from facewright.models.training.evaluation.table import Column, Row, Table

ORDER, PEER = 100, True
NEEDS = ("grid_s1", "grid_unseen_dev")

COLUMNS = (
    Column("s per s of speech", ".4f", "wall time of the whole product path over length, warm, median of five"),
    Column("largest memory, MB", ".0f", "largest resident memory of a process that animates this sound"),
    Column("files, MB", ".1f", "the model's files"),
    Column("live delay, ms", ".0f", "sound of a frame spoken to frame out, pieces of 20 ms, look-ahead included, mean"),
    Column("95 % within, ms", ".0f", "as before, the delay that 95 % of the frames keep"),
)
PIECE = RATE // 50  # samples that a microphone hands over at once

_CHILD = """
import sys
import numpy as np
from facewright.inference import Audio, animate, load_predictor
animate(Audio(np.load(sys.argv[2])), predictor=load_predictor(sys.argv[1], "cpu"))
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def measure(bench: Bench) -> Table:
    """The product on a minute of s1's clips joined, a peer on the unseen people's."""
    recordings = bench.recordings
    clips = recordings.unseen if bench.is_peer else recordings.seen[:20]
    sound = np.concatenate([clip.samples for clip in clips])
    length = len(sound) / RATE
    taken = bench.animator.seconds(sound) / length
    if bench.is_peer:
        return Table("Speed", COLUMNS, (Row(f"{length:.0f} s of speech", (taken, None, None, None, None)),))
    card = bench.predictor.card
    files = sum((card.folder / name).stat().st_size for name in card.files) / 1e6
    name = f"{length:.0f} s of speech, {bench.predictor.provider}"
    memory = largest_memory(card.folder, sound)
    row = Row(name, (taken, memory, files, *_live(bench.predictor, sound[: 20 * RATE])))
    return Table("Speed", COLUMNS, (row,), f"{os.cpu_count()} processor cores, shared with whatever else runs on them.")


def _live(predictor: Predictor, sound: np.ndarray) -> tuple[float | None, float | None]:
    """Mean delay and that which 95 % of the frames keep, milliseconds; None of a model that cannot run live."""
    try:
        delays = 1000 * live_delays(predictor, sound)
    except ModelError:
        return None, None
    return float(delays.mean()), float(np.quantile(delays, 0.95))


def live_delays(predictor: Predictor, sound: np.ndarray) -> np.ndarray:
    """For each frame of a sound that comes in piece by piece: seconds from its own time until it is given out."""
    live, spoken, delays = Live(predictor), 0, []
    for begin in range(0, len(sound) - PIECE, PIECE):
        spoken += PIECE
        clock = time.perf_counter()
        motion = live.push(sound[begin : begin + PIECE])
        if motion is not None:
            delays.append(spoken / RATE + time.perf_counter() - clock - motion.times)
    return np.concatenate(delays)


def largest_memory(model: Path, sound: np.ndarray) -> float | None:
    """Megabytes a process of its own needs at most for a sound; None where the system does not tell."""
    if not Path("/proc/self/status").exists():
        return None
    with tempfile.TemporaryDirectory() as folder:
        np.save(Path(folder) / "sound.npy", sound)
        command = [sys.executable, "-c", _CHILD, str(model), str(Path(folder) / "sound.npy")]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return int(done.stdout) / 1024
