# SPDX-License-Identifier: GPL-3.0-or-later
"""Rhubarb Lip Sync beside the model: its mouth shapes, put on the same head by a table.

Rhubarb (https://github.com/DanielSWolf/rhubarb-lip-sync, MIT) as WebAssembly, npm ``rhubarb-lip-sync-wasm`` (MIT), run
by node: ``npm install --prefix .cache/rhubarb rhubarb-lip-sync-wasm``. It hears phones by PocketSphinx, without the
text, and gives one of nine mouth shapes at a time. What it said of a sound is kept, for it takes half a second for
each second.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import time
from pathlib import Path

import numpy as np

from facewright.inference.audio.mel import motion_frames
from facewright.inference.core.audio import RATE
from facewright.inference.core.channels import LIVE_LINK
from facewright.inference.core.motion import Motion
from facewright.inference.core.timing import MOTION_FPS

PACKAGE = "rhubarb-lip-sync-wasm"
FADE = 0.08  # seconds before a cue in which the shape before turns into it; at its own time it is there in full

# What the shapes show is said in Rhubarb's manual ("Mouth shapes"); the weights are ours, chosen by that and by eye,
# not fitted to anything measured.
SHAPES: dict[str, dict[str, float]] = {
    "X": {},  # idle: closed
    "A": {"mouthPressLeft": 0.3, "mouthPressRight": 0.3},  # p b m: lips pressed together
    "B": {"jawOpen": 0.08, "mouthStretchLeft": 0.2, "mouthStretchRight": 0.2, "mouthLowerDownLeft": 0.15,
          "mouthLowerDownRight": 0.15},  # k s t, ee: slightly open, teeth together
    "C": {"jawOpen": 0.25, "mouthStretchLeft": 0.1, "mouthStretchRight": 0.1},  # eh ae: open
    "D": {"jawOpen": 0.45},  # aa: wide open
    "E": {"jawOpen": 0.25, "mouthFunnel": 0.35},  # ao er: slightly rounded
    "F": {"jawOpen": 0.08, "mouthPucker": 0.6, "mouthFunnel": 0.2},  # uw ow w: puckered
    "G": {"jawOpen": 0.05, "mouthRollLower": 0.4, "mouthUpperUpLeft": 0.2, "mouthUpperUpRight": 0.2},  # f v
    "H": {"jawOpen": 0.2},  # l: tongue raised
}  # fmt: skip

_ANSWER = "mouth cues:"  # marks the answer among what the library itself prints
_SCRIPT = f"""
import {{ createInterface }} from "readline";
import {{ readFileSync }} from "fs";
const {{ Rhubarb }} = await import(process.argv[1]);
for await (const path of createInterface({{ input: process.stdin }})) {{
  const {{ mouthCues }} = await Rhubarb.getLipSync(readFileSync(path), {{}});
  console.log("\\n{_ANSWER}" + JSON.stringify(mouthCues));
}}
"""


def motion_of(cues: list[dict], frames: int) -> Motion:
    """Live Link channels at 50 fps from mouth cues with ``start`` (seconds) and ``value`` (A to H, X)."""
    keys, poses = [0.0], [np.zeros(len(LIVE_LINK))]
    for cue in sorted(cues, key=lambda cue: cue["start"]):
        keys += [max(keys[-1], cue["start"] - FADE), max(keys[-1], cue["start"])]  # hold what was, then the new shape
        pose = np.zeros(len(LIVE_LINK))
        for name, weight in SHAPES[cue["value"]].items():
            pose[LIVE_LINK.index(name)] = weight
        poses += [poses[-1], pose]
    times = np.arange(frames) / MOTION_FPS
    values = np.stack([np.interp(times, keys, curve) for curve in np.array(poses).T], axis=1)
    return Motion(values, LIVE_LINK, MOTION_FPS)


class Rhubarb:
    """Samples to motion by Rhubarb, in a node process that stays warm.

    Parameters
    ----------
    folder : Path
        Where the npm package is installed; answers are kept in ``cues`` there.

    """

    name = "Rhubarb"

    def __init__(self, folder: Path) -> None:
        self._package = folder / "node_modules" / PACKAGE / "dist" / "index.js"
        self._cues = folder / "cues"
        self._node: subprocess.Popen[str] | None = None

    @property
    def installed(self) -> bool:
        """Whether the package is there, and node to run it."""
        return self._package.is_file() and shutil.which("node") is not None

    def __call__(self, samples: np.ndarray, seed: int = 0) -> Motion:
        """Motion of a sound; there is nothing random in it."""
        pcm = (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()
        known = self._cues / f"{hashlib.sha256(pcm).hexdigest()}.json"
        if not known.is_file():
            self._cues.mkdir(exist_ok=True)
            known.write_text(json.dumps(self._ask(pcm)))
        return motion_of(json.loads(known.read_text()), motion_frames(len(samples)))

    def seconds(self, samples: np.ndarray) -> float:
        """Wall time of a sound, warm, nothing kept."""
        pcm = (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()
        self._ask(pcm[: 2 * RATE])
        begin = time.perf_counter()
        self._ask(pcm)
        return time.perf_counter() - begin

    def close(self) -> None:
        """End node."""
        if self._node is not None:
            self._node.communicate()
            self._node = None

    def _ask(self, pcm: bytes) -> list[dict]:
        if self._node is None:
            command = ["node", "--input-type=module", "--eval", _SCRIPT, self._package.resolve().as_uri()]
            self._node = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
            )
        assert self._node.stdin and self._node.stdout
        sound = self._package.parents[3] / "sound.pcm"
        sound.write_bytes(pcm)
        self._node.stdin.write(f"{sound.resolve()}\n")
        self._node.stdin.flush()
        for line in self._node.stdout:
            if line.startswith(_ANSWER):
                return json.loads(line.removeprefix(_ANSWER))
        raise RuntimeError(f"Expected mouth cues from {PACKAGE}, but node ended with {self._node.wait()}.")
