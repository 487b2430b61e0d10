# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person reads of an error, whatever stands in the files and names that it quotes."""

import pytest

from facewright.inference.core import errors
from facewright.inference.core.errors import FacewrightError

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, FacewrightError)]


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_is_one_short_line(kind):
    text = str(kind("Expected a name, got 'a\nb\x1b[31m" + "x" * 5000 + "'. Rename it."))
    assert len(text) <= 400 and text.isprintable()
    assert text.startswith("Expected a name, got 'a\\nb\\x1b[31m") and text.endswith("Rename it.")


def test_names_of_all_scripts_are_shown():
    assert str(FacewrightError("Expected 'Стимме 声.wav', got é.")) == "Expected 'Стимме 声.wav', got é."
