# SPDX-License-Identifier: GPL-3.0-or-later
"""What every preset promises on real speech: values in range, lips that still meet on p, b and m."""

from pathlib import Path

import numpy as np
import pytest

from facewright.inference import load_audio, load_predictor
from facewright.inference.core.channels import ARKIT, CHANNELS, MOUTH
from facewright.inference.heads import builtin_head
from facewright.inference.heads.parts import lips
from facewright.inference.heads.rest import head_at_rest
from facewright.inference.lips.contacts import lip_contacts
from facewright.inference.pipeline.stages import finished, plain_take
from facewright.inference.styles.library import PRESETS, Library
from facewright.inference.styles.style import NEUTRAL, Style, blend

LIBRARY = Library(Path("/nowhere"))
WORST = Style("worst", gains=np.full((40, 5), 2.5), rest=np.full(27, 0.1), asymmetry=0.5, lead=0.1)
TOUCHING = 0.0006  # m; lips of the built-in head count as closed


@pytest.fixture(scope="module")
def heard(speech):
    return plain_take(load_predictor(device="cpu"), load_audio(speech, duration=10.0))


@pytest.fixture(scope="module")
def opening():
    """A function that tells the height of the opening in the middle of the built-in head's lips [shape=(F,)], m."""
    head, mouth = builtin_head(), head_at_rest().skin.mouth
    middle = np.arange(-4, 5)
    upper = mouth[lips.SEAM, lips.COUNT // 2 + middle]
    lower = mouth[lips.SEAM, (-middle) % lips.COUNT]
    heights = np.stack([(head.shapes[n][upper, 2] - head.shapes[n][lower, 2]).mean() for n in MOUTH])
    return lambda motion: motion.select(MOUTH).values @ heights


@pytest.mark.parametrize("name", LIBRARY.presets)
class TestEveryPreset:
    def test_weights_are_in_range_and_all_channels_there(self, heard, name):
        motion = finished(*heard, style=LIBRARY.get(name), fps=50)
        assert motion.channels == CHANNELS and motion.frames == heard[0].frames
        weights = motion.select(ARKIT).values
        assert weights.min() >= 0 and weights.max() <= 1

    def test_half_of_it_lies_between(self, heard, name):
        style = LIBRARY.get(name)
        jaws = [
            finished(*heard, style=blend(NEUTRAL, style, part), fps=50).channel("jawOpen").mean()
            for part in (0.0, 0.5, 1.0)
        ]
        assert min(jaws[0], jaws[2]) - 1e-3 <= jaws[1] <= max(jaws[0], jaws[2]) + 1e-3


@pytest.mark.parametrize("style", [*map(LIBRARY.get, LIBRARY.presets), WORST], ids=lambda style: style.name)
def test_lips_meet_where_the_neutral_ones_do(heard, opening, style):
    """Of the moments at which neutral lips meet on p, b and m, at least 95 % are left, a lead taken into account."""
    neutral, styled = (finished(*heard, style=one, fps=50) for one in (NEUTRAL, style))
    found, times = lip_contacts(neutral), neutral.times
    met, still = [], []
    for begin, end in zip(found.begins, found.ends, strict=True):
        here, there = (
            np.abs(times + early - (begin + end) / 2) <= (end - begin) / 2 + 1e-9 for early in (0, style.lead)
        )
        if there.any() and opening(neutral)[here].min() <= TOUCHING:
            met.append(begin)
            still.append(opening(styled)[there].min() <= TOUCHING)
    assert len(met) >= 3 and sum(still) >= 0.95 * len(met)


def test_presets_lie_where_they_are_looked_for():
    assert sorted(path.stem for path in PRESETS.glob("*.fwstyle")) == sorted(LIBRARY.presets)
