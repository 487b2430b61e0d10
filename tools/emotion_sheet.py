# SPDX-License-Identifier: GPL-3.0-or-later
"""Render the emotions on the head into docs/pictures/reference: ``python tools/emotion_sheet.py [--only joy]``.

Each at its full amount, in silence. Needs the extras `preview` (bpy) and `dev` (matplotlib).
"""

from __future__ import annotations

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from head_sheet import PICTURES, _render, _stage
from PIL import Image

from facewright.inference.adjust.emotions import emotions, overlaid
from facewright.inference.core.channels import CHANNELS
from facewright.inference.core.motion import Motion

VIEW = ((-0.12, -1, 0.04), (0, -0.03, -0.02), 0.235)


def main() -> None:
    """Render all, or those given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", default=list(emotions()), choices=list(emotions()))
    parser.add_argument("--size", type=int, default=240)
    parser.add_argument("--out", type=Path, default=PICTURES / "emotions.png")
    given = parser.parse_args()
    head = _stage()
    rest = np.zeros((1, len(CHANNELS)), np.float32)
    rest[:, CHANNELS.index("viseme_sil")] = 1
    columns = min(len(given.only), 4)
    rows = -(-len(given.only) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(columns * given.size / 100, rows * (given.size + 18) / 100))
    with TemporaryDirectory() as folder:
        for axis, name in zip(np.ravel(axes), given.only, strict=False):
            motion = overlaid(Motion(rest, CHANNELS, 50.0), {name: 1.0})
            pitch, yaw, roll = (float(motion.channel(f"head{axis}")[0]) for axis in ("Pitch", "Yaw", "Roll"))
            head.rotation_euler = (pitch, -roll, -yaw)
            weights = {channel: float(motion.channel(channel)[0]) for channel in CHANNELS}
            axis.imshow(_render(head, weights, VIEW, given.size, Path(folder) / f"{name}.png"))
            axis.set_title(emotions()[name].label, fontsize=8, pad=3, color="#555555")
    for axis in np.ravel(axes):
        axis.axis("off")
    figure.subplots_adjust(left=0, right=1, bottom=0, top=1 - 18 / (rows * (given.size + 18)), wspace=0.02, hspace=0.09)
    figure.canvas.draw()
    picture = Image.fromarray(np.asarray(figure.canvas.buffer_rgba())[..., :3])
    picture.quantize(128).save(given.out, optimize=True)
    print(given.out)


if __name__ == "__main__":
    main()
