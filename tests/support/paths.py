# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the checkout and the data beside it lie."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"
