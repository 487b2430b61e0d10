# SPDX-License-Identifier: GPL-3.0-or-later
"""A face with a take, on which there is room to dial."""

import numpy as np
import pytest

from facewright.addon.blender.sequencer import Speech
from facewright.addon.character import character
from facewright.addon.preview import preview
from facewright.addon.takes import analysis, store
from facewright.inference.core.analysis import CURVES, SpeechAnalysis
from facewright.inference.core.channels import CHANNELS
from facewright.inference.core.motion import Motion
from facewright.inference.core.regions import WEIGHTS


@pytest.fixture
def quiet():
    """Four seconds of motion with weights up to a half, so that there is room above."""
    rng = np.random.default_rng(2)
    knots = rng.random((21, len(CHANNELS))) * [0.5 if name in WEIGHTS else 0.05 for name in CHANNELS]
    curves = [np.interp(np.linspace(0, 20, 200), np.arange(21), column) for column in knots.T]
    return Motion(np.stack(curves, axis=1), CHANNELS, 50.0)


@pytest.fixture
def shown(face, scene, quiet):
    """The face with a take that starts at frame 4.3, listened to, and its preview on."""
    who = character.find(face, scene)
    take = store.Take(quiet, Speech("/nowhere/hello.wav", frame=4.3), 0, "CPU")
    store.store(who.root, take)
    rng = np.random.default_rng(3)
    shares = np.repeat(rng.dirichlet(np.full(40, 0.02), 25), 8, axis=0)  # 160 ms each
    heard = Motion(np.column_stack([shares, rng.normal(0, 6, 200), rng.normal(0, 1, 200)]), CURVES, 50.0)
    analysis.remember(who.root, take, SpeechAnalysis.from_curves(heard))
    preview.start(scene, who, store.get(who.root))
    return who
