# SPDX-License-Identifier: GPL-3.0-or-later
"""The measure of half-learned styles, on a face whose style is known, and what capture is given of a video."""

import numpy as np
import pytest
from support.paths import DATA

from facewright.inference import load_audio, load_predictor
from facewright.inference.core.channels import LIVE_LINK
from facewright.inference.pipeline.stages import finished, plain_take
from facewright.inference.style_learning.learn import learn
from facewright.inference.styles.style import NEUTRAL, Style
from facewright.models.training.evaluation.capturing import captured
from facewright.models.training.evaluation.likeness import Face, Shown, Studio, halves
from facewright.models.training.evaluation.recordings import NotMeasured
from facewright.models.training.heads.ict import IctHead

HEAD, VIDEO = DATA / "head_ict_facekit.npz", DATA / "grid_unseen_dev" / "lbax4n.mpg"
LOUD = Style("loud", gains=np.full((40, 5), 1.5))


@pytest.fixture(scope="module")
def model():
    return load_predictor(device="cpu")


@pytest.fixture(scope="module")
def clip(model, speech) -> Shown:
    audio = load_audio(speech, duration=6.0)
    return Shown(audio, finished(*plain_take(model, audio), style=LOUD, fps=25.0).select(LIVE_LINK))


@pytest.mark.skipif(not HEAD.is_file(), reason="needs the ICT head, shared/data")
def test_half_of_a_loud_mouth_makes_the_other_half_nearer_and_larger(model, clip):
    face, studio = Face(IctHead.load(HEAD)), Studio(model)
    given = []

    def learner(audio, motion):
        given.append((audio.seconds, motion.end))
        return learn(audio, motion, predictor=model).style

    neutral, learned = halves(studio, clip, learner, face)
    assert given[0] == pytest.approx((clip.audio.seconds / 2,) * 2, abs=0.05)
    assert neutral[1] < 0.85 and abs(np.log(learned[1])) < 0.7 * abs(np.log(neutral[1]))
    assert learned[0] < 0.7 * neutral[0]
    still = finished(*plain_take(model, clip.part(0, clip.audio.seconds / 2).audio), fps=25.0).select(LIVE_LINK)
    other, unmoved = halves(studio, clip, learner, face, still)
    assert other == neutral and abs(unmoved[1] - neutral[1]) < 0.1  # taught by another motion of the first half


@pytest.mark.skipif(not HEAD.is_file(), reason="needs the ICT head, shared/data")
def test_the_style_of_the_clip_itself_has_no_error(model, clip):
    neutral, own = halves(Studio(model), clip, lambda *_: LOUD, Face(IctHead.load(HEAD)))
    assert own[0] < 0.05 * neutral[0] and own[1] == pytest.approx(1, abs=0.03)
    assert halves(Studio(model), clip, lambda *_: NEUTRAL, Face(IctHead.load(HEAD)))[1] == neutral


@pytest.mark.skipif(not VIDEO.is_file(), reason="needs a video, shared/data")
def test_capture_of_a_part_sees_no_frame_more():
    try:
        part = captured(VIDEO, 1.46)
    except NotMeasured as reason:
        pytest.skip(str(reason))
    assert (part.read, part.motion.frames) == (37, 37) and part.motion.end == pytest.approx(1.46)
