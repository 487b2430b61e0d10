# SPDX-License-Identifier: GPL-3.0-or-later
"""Draw the packages and who imports whom, for architecture.md: ``python tools/architecture_picture.py``.

The rows are the layers of ``.importlinter``, the arrows the imports that the files have: of those that another way
already shows, none is drawn. An arrow that runs up is red, and the script then fails.
"""

from __future__ import annotations

import ast
import configparser
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "pictures" / "reference" / "architecture.svg"
TOPS = {"addon": "addon/  what imports bpy", "inference": "inference/  NumPy, no Blender, no torch"}
BOX, GAP, ROW, MARGIN = (104, 26), 12, 62, 26
LIGHT = "#8d84a8"

Arrow = tuple[str, str]


def main() -> int:
    """Write the picture; 1 when an import runs up."""
    rows = {top: layers_of(top) for top in TOPS}
    arrows = {top: reduced(imports_of(top, rows[top])) for top in TOPS}
    height = MARGIN + 34 + ROW * (max(len(layers) for layers in rows.values()) - 1) + BOX[1] + 30
    width, parts, wrong = MARGIN, [], []
    for top, title in TOPS.items():
        places, wide = placed(rows[top], width)
        parts.append(f'<text class="title" x="{width + wide / 2}" y="{MARGIN}">{title}</text>')
        for a, b in sorted(arrows[top]):
            up = places[a][1] >= places[b][1]
            wrong += [f"{top}/{a} imports {top}/{b}"] * up
            parts.append(curve(places[a], places[b], "wrong" if up else "arrow"))
        parts += [box(name, place) for name, place in places.items()]
        width += wide + 2 * MARGIN
    note = "addon may import any package of inference; nothing runs back"
    parts.append(f'<text class="note" x="{(width - MARGIN) / 2:.0f}" y="{height - 12}">{note}</text>')
    PICTURE.write_text(page(width - MARGIN, height, parts), encoding="utf-8")
    print(PICTURE, *wrong, sep="\n")
    return bool(wrong)


def layers_of(top: str) -> list[list[str]]:
    """The layers of a container, highest first, as the linter has them."""
    rules = configparser.ConfigParser()
    rules.read(ROOT / ".importlinter", encoding="utf-8")
    text = rules[f"importlinter:contract:{top}"]["layers"]
    return [[name.strip() for name in line.split("|")] for line in text.strip().splitlines()]


def imports_of(top: str, rows: list[list[str]]) -> set[Arrow]:
    """Which package imports which, of those in the layers; imports inside functions count, too."""
    known = {name for row in rows for name in row}
    found = set()
    for path in (ROOT / top).rglob("*.py"):
        parts = path.relative_to(ROOT).with_suffix("").parts
        for target in imported(path, parts):
            if target[0] == top and len(target) > 1 and parts[1] != target[1] and {parts[1], target[1]} <= known:
                found.add((parts[1], target[1]))
    return found


def imported(path: Path, parts: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The modules that a file imports by relative imports, as paths from the root."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = parts[: len(parts) - node.level]
            if node.module:
                yield (*base, *node.module.split("."))
            else:
                yield from ((*base, name.name) for name in node.names)


def reduced(arrows: set[Arrow]) -> set[Arrow]:
    """The arrows without those that a longer way shows."""
    below: dict[str, set[str]] = {}
    for a, b in arrows:
        below.setdefault(a, set()).add(b)

    def reaches(a: str, b: str, seen: set[str]) -> bool:
        fresh = below.get(a, set()) - seen
        return b in fresh or any(reaches(c, b, seen | fresh) for c in fresh)

    return {(a, b) for a, b in arrows if not any(reaches(c, b, {a}) for c in below[a] - {b})}


def placed(rows: list[list[str]], left: float) -> tuple[dict[str, tuple[float, float]], float]:
    """The middle of each box, and how wide they all are."""
    wide = max(len(row) * BOX[0] + (len(row) - 1) * GAP for row in rows)
    places = {}
    for index, row in enumerate(rows):
        own = len(row) * BOX[0] + (len(row) - 1) * GAP
        # Rows of one box swing to and fro, so that arrows do not lie on one another.
        shift = (-1) ** index * (wide - own) * 0.28 if len(row) < 3 else 0
        for column, name in enumerate(row):
            x = left + (wide - own) / 2 + shift + column * (BOX[0] + GAP) + BOX[0] / 2
            places[name] = (x, MARGIN + 34 + index * ROW)
    return places, wide


def curve(start: tuple[float, float], end: tuple[float, float], kind: str) -> str:
    """An arrow from the lower edge of one box to the upper edge of another."""
    (x, y), (u, v) = (start[0], start[1] + BOX[1] / 2), (end[0], end[1] - BOX[1] / 2 - 3)
    bend = (v - y) * 0.5
    return f'<path class="{kind}" d="M{x:.0f} {y:.0f} C{x:.0f} {y + bend:.0f} {u:.0f} {v - bend:.0f} {u:.0f} {v:.0f}"/>'


def box(name: str, place: tuple[float, float]) -> str:
    """A package."""
    x, y = place[0] - BOX[0] / 2, place[1] - BOX[1] / 2
    frame = f'<rect x="{x:.0f}" y="{y:.0f}" width="{BOX[0]}" height="{BOX[1]}" rx="5"/>'
    return f'{frame}<text x="{place[0]:.0f}" y="{place[1] + 4:.0f}">{name}</text>'


def page(width: float, height: float, parts: list[str]) -> str:
    """The whole picture, readable on light and on dark pages."""
    style = f"""
text {{ font: 12px sans-serif; text-anchor: middle; fill: #e8e6f0 }}
.title {{ font-weight: bold; font-size: 13px; fill: #b39ddb }}
.note {{ fill: {LIGHT} }}
rect {{ fill: #2b2f3a; stroke: #5e5675 }}
.back {{ fill: #14161b; stroke: none }}
path {{ fill: none; stroke: {LIGHT}; stroke-width: 1.2; marker-end: url(#head) }}
.wrong {{ stroke: #ff5252; stroke-width: 2 }}"""
    head = (
        '<marker id="head" viewBox="0 0 6 6" refX="5" refY="3" markerWidth="6" markerHeight="6" orient="auto">'
        f'<polygon points="0,0 6,3 0,6" fill="{LIGHT}"/></marker>'
    )
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}">\n<style>{style}\n</style>\n'
        f'<defs>{head}</defs>\n<rect class="back" width="100%" height="100%"/>\n{body}\n</svg>\n'
    )


if __name__ == "__main__":
    sys.exit(main())
