# SPDX-License-Identifier: GPL-3.0-or-later
"""The released model, loaded once."""

import pytest

from facewright.inference import load_predictor


@pytest.fixture(scope="session")
def predictor():
    return load_predictor(device="cpu")
