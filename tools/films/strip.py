# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures to a moving picture: set side by side, captioned, and written as an animated WebP that is small enough."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import matplotlib
from PIL import Image, ImageDraw, ImageFont

LIMIT = 1_400_000  # bytes; the guide promises less than 1.5 MB for each
INK, PAPER, ACCENT = "#e8e6f0", "#14161b", "#b39ddb"

_FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"


def beside(pictures: Sequence[Image.Image], gap: int = 6) -> Image.Image:
    """Pictures of one height in a row."""
    width = sum(picture.width for picture in pictures) + gap * (len(pictures) - 1)
    row = Image.new("RGB", (width, pictures[0].height), PAPER)
    left = 0
    for picture in pictures:
        row.paste(picture, (left, 0))
        left += picture.width + gap
    return row


def above(pictures: Sequence[Image.Image], gap: int = 6) -> Image.Image:
    """Pictures of one width in a column."""
    height = sum(picture.height for picture in pictures) + gap * (len(pictures) - 1)
    column = Image.new("RGB", (pictures[0].width, height), PAPER)
    top = 0
    for picture in pictures:
        column.paste(picture, (0, top))
        top += picture.height + gap
    return column


def captioned(picture: Image.Image, text: str, size: int = 16, colour: str = INK) -> Image.Image:
    """The picture with a line of text in a band below it."""
    band = round(size * 1.9)
    whole = Image.new("RGB", (picture.width, picture.height + band), PAPER)
    whole.paste(picture, (0, 0))
    font = ImageFont.truetype(str(_FONTS / "DejaVuSans.ttf"), size)
    place = (picture.width / 2, picture.height + band / 2)
    ImageDraw.Draw(whole).text(place, text, fill=colour, font=font, anchor="mm")
    return whole


def save(pictures: Sequence[Image.Image], path: Path, fps: float | Sequence[float]) -> None:
    """Write an animated WebP that loops, at the best quality that stays within `LIMIT`.

    Parameters
    ----------
    pictures : sequence of Image
        The frames, all of one size.
    path : Path
        The ``.webp`` file.
    fps : float or sequence of float
        Frames per second; or how many milliseconds each frame is shown.
    """
    times = round(1000 / fps) if isinstance(fps, int | float) else [round(time) for time in fps]
    for quality in (82, 72, 62, 52, 42):
        data = io.BytesIO()
        first, *rest = [picture.convert("RGB") for picture in pictures]
        first.save(data, "WEBP", save_all=True, append_images=rest, duration=times, loop=0, quality=quality, method=4)
        if data.tell() <= LIMIT:
            break
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.getvalue())
    print(f"{path}: {len(pictures)} frames of {first.width} x {first.height}, {data.tell() / 1e6:.2f} MB, {quality=}")
