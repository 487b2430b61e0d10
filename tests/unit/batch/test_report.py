# SPDX-License-Identifier: GPL-3.0-or-later
"""The report in a real browser, with a thousand rows."""

import re
import shutil
import subprocess

import pytest

from facewright.inference.batch.outcome import Figures, Outcome
from facewright.inference.batch.report import Report

BROWSER = next(filter(None, map(shutil.which, ("chromium", "google-chrome", "chromium-browser"))), None)


def outcome(k):
    figures = Figures(length=k / 100, jaw=0.3, closures=10, shut=10 - k % 3 // 2, curve=(0, 50, 100, 20))
    if k % 100 == 7:
        return Outcome(row=k, name=f"shot{k}", state="failed", why=f"Expected <b>a sound</b> & got {k}.")
    state, warnings = ("kept" if k % 10 == 3 else "made"), ("Lips meet on 9 of 10 p, b and m.",) if k % 3 == 2 else ()
    return Outcome(row=k, name=f"shot{k}", state=state, seconds=0.1, warnings=warnings, figures=figures)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "report"
    Report("<shots>.csv", 0.0, 12.0, 1001, [outcome(k) for k in range(1, 1001)]).write(path)
    return path.with_suffix(".html")


@pytest.fixture
def rows(page):
    """The rows that the page shows with some choices, as cells of text."""
    if BROWSER is None:
        pytest.skip("needs a browser on the PATH: chromium or google-chrome")

    def shown(choices):
        command = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=20000", "--dump-dom"]
        url = f"{page.as_uri()}#{choices}"
        dom = subprocess.run([*command, url], capture_output=True, text=True, check=True, timeout=120).stdout
        body = dom[dom.index('<tbody id="rows">') : dom.index("</tbody>")]
        found = [row.split("<td")[1:] for row in body.split("<tr>")[1:]]
        return [[re.sub(r"<[^>]*>", "", cell.partition(">")[2]) for cell in row] for row in found]

    return shown


def test_what_to_look_at_first_comes_first(rows):
    found = rows("")
    assert len(found) == 1000
    assert [row[2] for row in found[:10]] == ["failed"] * 10
    assert "Expected &lt;b&gt;a sound&lt;/b&gt; &amp; got 7." in found[0][8]
    assert "Lips meet on 9 of 10" in found[10][8]


def test_it_sorts_and_filters(rows):
    assert [int(row[0]) for row in rows("sort=length&down=1&state=made")[:3]] == [1000, 999, 998]
    assert {row[2] for row in rows("state=kept")} == {"kept"}
    assert [row[1] for row in rows("search=shot77&sort=row&down=0")] == ["shot77", *(f"shot77{k}" for k in range(10))]
    assert len(rows("state=look at")) == sum(k % 100 == 7 or k % 3 == 2 for k in range(1, 1001))


def test_it_needs_nothing_from_outside(page):
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"(src|href)\s*=|@import|https?://(?!www\.w3\.org/2000/svg)", text)
    assert "<title>&lt;shots&gt;.csv" in text
