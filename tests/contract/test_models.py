# SPDX-License-Identifier: GPL-3.0-or-later
"""What every released model promises, run over each folder that is found in models/released."""

import re

import numpy as np
import pytest

from facewright.inference import load_audio, load_predictor
from facewright.inference.core.channels import CHANNELS, EYES, HEAD, LIVE_LINK, PHONES
from facewright.inference.core.timing import MOTION_FPS, STEPS
from facewright.inference.devices.kinds import cpu
from facewright.inference.devices.processor import Processor
from facewright.inference.policy.card import CARD, read_card
from facewright.inference.policy.predictor import DEFAULT, RELEASED
from facewright.inference.policy.session import session

NAMES = sorted(path.name for path in RELEASED.iterdir() if path.is_dir())
ANGLES = [CHANNELS.index(name) for name in (*HEAD, *EYES)]


@pytest.fixture(scope="module", params=NAMES)
def card(request):
    return read_card(RELEASED / request.param)


@pytest.fixture(scope="module")
def model(card):
    return load_predictor(card.folder, "cpu")


@pytest.fixture(scope="module")
def take(model, spoken):
    return model.predict(load_audio(spoken), seed=5)


def test_the_one_that_is_loaded_by_default_is_there():
    assert DEFAULT in NAMES
    assert load_predictor(device="cpu").card.name == DEFAULT


def test_the_card_says_what_it_is_what_it_learned_and_where_it_ends(card):
    assert card.name == card.folder.name
    assert re.fullmatch(r"\d+\.\d+\.\d+", card.version)
    for text in (card.summary, card.learned, card.rule_made, *card.limits):
        assert text.endswith(".") and len(text) > 20
    assert card.family and card.limits


def test_the_card_names_its_data_with_licences_and_its_figures_with_how(card):
    assert card.data and card.figures
    for source in card.data:
        assert source.name and source.what and source.licence and source.attribution
    for figure in card.figures:
        assert figure.recordings and figure.measure and figure.how and np.isfinite(figure.value)


def test_it_speaks_in_our_channels_phonemes_and_time(card):
    assert card.channels == LIVE_LINK and card.phones == PHONES
    assert card.fps == MOTION_FPS and card.rate == 16_000
    assert card.sampling.steps in STEPS
    assert len(card.sampling.temperature) == len(card.channels)


def test_its_folder_holds_what_the_card_lists_and_nothing_else(card):
    assert {path.name for path in card.folder.iterdir()} == {CARD, *card.files}
    for name in card.files:
        assert card.read(name)


def test_every_file_is_a_network_that_loads(card):
    for name in card.files:
        opened = session(card, name, Processor(cpu))
        assert opened.get_inputs() and opened.get_outputs()


def test_a_take_is_finite_within_bounds_and_as_long_as_the_sound(take, spoken):
    assert take.channels == CHANNELS and take.fps == MOTION_FPS
    assert take.frames == pytest.approx(load_audio(spoken).seconds * MOTION_FPS, abs=2)
    assert np.isfinite(take.values).all()
    weights = np.delete(take.values, ANGLES, axis=1)
    assert weights.min() >= 0 and weights.max() <= 1
    assert np.abs(take.values[:, ANGLES]).max() < 1.2  # radians


def test_a_seed_is_a_take_and_another_seed_another(model, take, spoken):
    sound = load_audio(spoken)
    np.testing.assert_array_equal(model.predict(sound, seed=5).values, take.values)
    assert np.abs(model.predict(sound, seed=6).values - take.values).max() > 0.02


def test_the_mouth_moves_with_the_voice(take):
    assert np.ptp(take.channel("jawOpen")) > 0.1
    assert take.channel("viseme_PP").max() > 0.5  # p, b and m are heard
