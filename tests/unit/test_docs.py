# SPDX-License-Identifier: GPL-3.0-or-later
import ast
import importlib
import re

import pytest
from support.paths import ROOT

DOCS = ROOT / "docs"
GUIDE = sorted((DOCS / "guide").glob("*.md"))
PYTHON = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
EXAMPLES = [page for page in sorted(DOCS.rglob("*.md")) if PYTHON.search(page.read_text(encoding="utf-8"))]
LARGEST = 1_500_000  # bytes of a moving picture


@pytest.mark.parametrize("page", GUIDE, ids=lambda page: page.stem)
def test_a_page_of_the_guide_is_short_and_begins_with_what_you_get(page):
    text = page.read_text(encoding="utf-8")
    title, first = text.split("\n\n")[:2]
    assert title.startswith("# ") and first.startswith("You get ")
    assert len(text.split()) <= 600


def test_moving_pictures_are_small():
    films = list(DOCS.rglob("*.webp"))
    assert len(films) > 4
    assert all(film.stat().st_size < LARGEST for film in films)
    assert sum(film.stat().st_size for film in films) < 10_000_000


def test_every_picture_is_on_a_page():
    pages = [*DOCS.rglob("*.md"), ROOT / "README.md"]
    shown = {
        (page.parent / path).resolve()
        for page in pages
        for path in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", page.read_text(encoding="utf-8"))
    }
    pictures = {path.resolve() for path in (DOCS / "pictures").rglob("*.*")}
    assert pictures == shown


@pytest.mark.parametrize("page", EXAMPLES, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_what_an_example_imports_is_there(page):
    for block in PYTHON.findall(page.read_text(encoding="utf-8")):
        for node in ast.walk(ast.parse(block)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("facewright"):
                module = importlib.import_module(node.module)
                for name in node.names:
                    if not hasattr(module, name.name):
                        importlib.import_module(f"{node.module}.{name.name}")  # or it is a package's module
