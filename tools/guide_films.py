# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the moving pictures of the guide: ``python tools/guide_films.py [--only talking takes]``.

They are made with facewright itself and go to ``docs/pictures/guide``. The voice is synthetic (espeak) and the heads
are ours, so nothing of anybody else is in them. What has been rendered before, in ``build/films``, is not rendered
again: remove that folder to begin afresh.

Needs the extras `preview` and `dev`, as ``make test`` installs them. `slider` also wants a Blender with a window (the
command ``blender-5.2``, or what FACEWRIGHT_BLENDER names), Xvfb, xdotool and ImageMagick; `capture` wants the Python of
``make .venvs/capture/ready``. All of them take about half an hour on two cores.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from films import capture, dialogue, drawn, heads, keys, windows

ROOT = Path(__file__).resolve().parent.parent
FILMS = {
    "talking": heads.talking,
    "takes": heads.takes,
    "styles": heads.styles,
    "emotions": heads.emotions,
    "dialogue": dialogue.dialogue,
    "keys": keys.keys,
    "drawn-mouth": drawn.drawn_mouth,
    "capture": capture.capture,
    "slider": windows.slider,
}


def main() -> int:
    """Make those asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", default=list(FILMS), choices=list(FILMS), metavar="NAME")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "films", help="folder for what is rendered")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "pictures" / "guide")
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    for name in given.only:
        FILMS[name](given.work, given.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
