# SPDX-License-Identifier: GPL-3.0-or-later
"""The measures of the evaluation on motion whose figures are known beforehand."""

import json
from itertools import pairwise

import numpy as np
import pytest
from support.paths import ROOT

from facewright.inference.core.channels import LIVE_LINK, PHONES
from facewright.inference.policy.card import ModelCard
from facewright.models.training.evaluation import align, evaluate, rhubarb
from facewright.models.training.evaluation.figures import signals
from facewright.models.training.evaluation.figures.closures import Spoken, closures
from facewright.models.training.evaluation.figures.phones import difference, of_phones
from facewright.models.training.evaluation.measures.control import diversity
from facewright.models.training.evaluation.measures.mouth import roundedness, silence
from facewright.models.training.evaluation.posteriors import listener
from facewright.models.training.evaluation.table import Column, Row, Table
from facewright.models.training.heads import masks
from facewright.models.training.heads.ict import BROWS, LIPS, IctHead
from facewright.models.training.labels.phonemes import labels

TIMES = np.arange(150) / 50


def wave(times: np.ndarray) -> np.ndarray:
    """Something that looks like lips: two frequencies that do not repeat within three seconds."""
    return np.sin(2 * np.pi * 2.3 * times) + 0.6 * np.sin(2 * np.pi * 3.7 * times + 1)


@pytest.fixture(scope="module")
def head(shared) -> IctHead:
    return IctHead.load(shared / "head_ict_facekit.npz")


@pytest.mark.parametrize("late", [-0.06, 0.0, 0.11])
def test_a_shifted_curve_has_that_lag(late):
    """A curve that comes late has to be shifted to earlier times: the lag is negative."""
    lag = signals.best_lag(lambda times: wave(times - late), TIMES, wave(TIMES))
    assert lag == pytest.approx(-late)


def test_correlation_of_known_curves():
    assert signals.correlation(wave(TIMES), 3 * wave(TIMES) + 7) == pytest.approx(1)
    assert signals.correlation(wave(TIMES), -wave(TIMES)) == pytest.approx(-1)
    assert signals.correlation(wave(TIMES), np.ones(150)) == 0


def test_turning_points_of_a_plateau_lie_in_its_middle():
    assert signals.turning_points(np.array([0, 1, 2, 2, 2, 1, 0, 0, 1, 1, 0.0])) == {3: 1, 6: -1, 8: 1}
    assert signals.turning_points(np.array([0, 1, 1, 2, 3.0])) == {}, "a step is no turn"
    assert signals.turning_points(np.zeros(9)) == {}


def test_turning_points_agree_with_scipy():
    find_peaks = pytest.importorskip("scipy.signal", reason="an oracle, not a requirement").find_peaks
    curve = np.round(np.random.default_rng(0).normal(size=300), 1)  # rounded, so that there are plateaus
    found = signals.turning_points(curve)
    assert [k for k, kind in found.items() if kind > 0] == find_peaks(curve)[0].tolist()
    assert [k for k, kind in found.items() if kind < 0] == find_peaks(-curve)[0].tolist()


def test_smoothing_agrees_with_scipy():
    ndimage = pytest.importorskip("scipy.ndimage", reason="an oracle, not a requirement")
    curve = np.random.default_rng(0).normal(size=90)
    np.testing.assert_allclose(signals.smooth(curve, 2.0), ndimage.gaussian_filter1d(curve, 2.0), atol=1e-12)


def test_smoothing_keeps_what_is_flat():
    np.testing.assert_allclose(signals.smooth(np.full(20, 3.0), 2.0), 3.0)


def test_lips_that_come_three_frames_late_are_mistimed_by_three_frames():
    times = np.arange(90) / 30
    assert set(signals.mistimings(wave(times), wave(times))) == {0}
    late = signals.mistimings(wave(times), wave(times - 3 / 30))
    assert len(late) >= 8
    assert np.median(late) == 3


BOB = [("SIL", 0.0, 0.5), ("T", 0.5, 0.7), ("AA", 0.7, 1.0), ("B", 1.0, 1.1), ("IY", 1.1, 1.4), ("S", 1.4, 1.6),
       ("AH", 1.6, 1.8), ("M", 1.8, 1.9), ("AA", 1.9, 2.2), ("K", 2.2, 2.4), ("AA", 2.4, 2.6),
       ("SIL", 2.6, 3.0)]  # fmt: skip


def said(*shut: tuple[float, float]) -> Spoken:
    """BOB with lips that are shut between these times."""
    opening = np.full(150, 0.2)
    for begin, end in shut:
        opening[(begin <= TIMES) & (end >= TIMES)] = 0.0
    return Spoken(BOB, TIMES, opening)


def test_a_closed_mouth_meets_everywhere_and_an_open_one_nowhere():
    assert closures([said((0, 3))])[:3] == (1.0, 2.0, 1.0)
    assert closures([said()]) == (0.0, 2.0, 0.0, None)


def test_closing_on_b_alone_is_half_of_b_and_m():
    assert closures([said((1.02, 1.08))]) == (0.5, 2.0, 0.0, 0.0)


def test_a_closure_counts_within_33_ms_of_its_phone_and_not_outside():
    assert closures([said((0.96, 0.98))])[0] == 0.5
    assert closures([said((0.90, 0.96))])[0] == 0.0
    assert closures([said((0.90, 0.96))])[3] == 1.0, "which makes it a false one"


def test_closings_on_other_consonants_are_false_and_those_in_silence_are_nobodys():
    recall, _, on_others, false = closures([said((1.0, 1.1), (1.48, 1.52), (2.7, 2.9))])
    assert recall == 0.5
    assert on_others == 0.5, "on S and not on K; T stands beside silence"
    assert false == 0.5


def test_roundedness_of_known_widths():
    phones = [("UW", 0.0, 1.0), ("IY", 1.0, 2.0), ("SH", 2.0, 3.0)]
    width = np.select([TIMES < 1, TIMES < 2], [0.30, 0.50], 0.34)
    clips = [(phones, TIMES, width)]
    rounded, spread = (of_phones(clips, group) for group in (roundedness.ROUND, roundedness.SPREAD))
    np.testing.assert_allclose(rounded, [0.30, 0.34])
    np.testing.assert_allclose(spread, [0.50])
    by, d = difference(spread, rounded)
    assert by == pytest.approx(0.18)
    assert d == pytest.approx(0.18 / np.sqrt(0.02**2 / 2))


def test_speed_of_points_is_distance_per_second():
    points = np.zeros((10, 2, 3))
    points[:, 0, 1] = 0.03 * np.arange(10)
    points[:, 1, 2] = -0.01 * np.arange(10)
    np.testing.assert_allclose(silence.speeds(points, 50.0), 0.02 * 50)


def test_sounds_without_speech_have_their_levels():
    level = {name: 20 * np.log10(np.sqrt(np.mean(s.astype(float) ** 2)) + 1e-9) for name, s in silence.sounds().items()}
    assert level["digital silence"] < -170
    for name, value in level.items():
        if "dB" in name:
            assert value == pytest.approx(float(name.rsplit(", ", 1)[1].removesuffix(" dB")), abs=0.2), name


def test_pauses_are_long_silences_between_words_without_their_ends():
    phones = [("SIL", 0, 1.0), ("AA", 1, 2.0), ("SIL", 2, 2.4), ("AA", 2.4, 3.0), ("SIL", 3, 4.0), ("M", 4, 5.0),
              ("SIL", 5, 9.0)]  # fmt: skip
    assert silence.pauses(phones) == [(pytest.approx(3.2), pytest.approx(3.8))]


def test_a_pause_in_which_somebody_speaks_is_not_quiet():
    rng = np.random.default_rng(0)
    sound = 0.1 * rng.standard_normal(5 * 16000).astype(np.float32)
    sound[16000 : 3 * 16000] *= 0.003
    assert silence.is_quiet(sound, 1.2, 2.8)
    assert not silence.is_quiet(sound, 2.2, 3.8)
    sound[30000:32000] *= 100
    assert not silence.is_quiet(sound, 1.2, 2.8)
    assert not silence.is_quiet(sound[:40000], 1.2, 2.8)


def test_takes_that_differ_by_a_millimetre_have_that_diversity():
    takes = np.zeros((3, 5, 7, 3))
    takes[1, ..., 0], takes[2, ..., 0] = 1.0, -1.0
    assert diversity.spread(takes) == pytest.approx((1 + 1 + 2) / 3)


def test_frames_outside_all_phones_are_silence():
    frames = labels([("B", 0.1, 0.2), ("IY", 0.2, 0.3)], 20)
    assert (frames[:5] == PHONES.index("SIL")).all() and (frames[15:] == PHONES.index("SIL")).all()
    assert (frames[5:10] == PHONES.index("B")).all() and (frames[10:15] == PHONES.index("IY")).all()


def test_the_encoder_heard_is_the_one_the_product_listens_with(speech):
    from facewright.inference import animate
    from facewright.inference.audio.decode import load_audio
    from facewright.inference.core.channels import VISEMES
    from facewright.inference.policy.predictor import load_predictor
    from facewright.inference.policy.visemes import visemes

    audio, predictor = load_audio(speech), load_predictor(device="cpu")
    made = animate(audio, fps=50, predictor=predictor).select(VISEMES).values
    np.testing.assert_allclose(visemes(listener(predictor.card)(audio.samples)), made, atol=2e-3)


def heard(phones: list[tuple[str, int]]) -> np.ndarray:
    """Log posteriors of phones that last so many frames, with a little doubt."""
    sequence = [phone for phone, frames in phones for _ in range(frames)]
    posterior = np.full((len(sequence), len(PHONES)), 0.2 / (len(PHONES) - 1))
    posterior[np.arange(len(sequence)), [PHONES.index(phone) for phone in sequence]] = 0.8
    return np.log(posterior)


def test_alignment_finds_the_frames_where_phones_change():
    spans = align.align([["B", "AA"], ["M", "IY"]], heard([("SIL", 6), ("B", 4), ("AA", 9), ("M", 5), ("IY", 8)]))
    assert [phone for phone, _, _ in spans] == ["SIL", "B", "AA", "M", "IY"], "no silence where none is heard"
    np.testing.assert_allclose([begin for _, begin, _ in spans], [0, 0.11, 0.19, 0.37, 0.47])
    assert all(end == begin for (_, _, end), (_, begin, _) in pairwise(spans))


def test_alignment_takes_silence_between_words_and_keeps_to_the_text():
    posteriors = heard([("B", 4), ("AA", 9), ("SIL", 7), ("M", 5), ("UW", 8), ("SIL", 3)])
    spans = align.align([["B", "AA"], ["M", "IY"]], posteriors)
    assert [phone for phone, _, _ in spans] == ["B", "AA", "SIL", "M", "IY", "SIL"]


def test_words_are_pronounced():
    pytest.importorskip("espeakng_loader", reason="needs the dev extra (espeakng-loader)")
    words = align.pronounce("maybe she chose a brown shoe")
    assert words[0] == ["M", "EY", "B", "IY"]
    assert [phone for word in words for phone in word if phone in ("SH", "CH", "OW", "AW", "UW")] == [
        "SH", "CH", "OW", "AW", "SH", "UW",
    ]  # fmt: skip


def test_lips_and_upper_face_are_where_they_should_be(head):
    lips, upper = set(masks.lips(head)), set(masks.upper_face(head))
    assert {LIPS[number] for number in masks.EDGE} <= lips
    assert {LIPS[13], LIPS[14]} <= lips, "the middle of both inner lips"
    assert set(BROWS.values()) <= upper
    assert not lips & upper
    x = head.neutral[sorted(lips), 0]
    assert abs(x.mean()) < 0.02 * np.ptp(x), "as much of the left as of the right"
    assert masks.pupil_distance(head) == pytest.approx(6.39, abs=0.01)


def test_rhubarb_shapes_are_channels_and_fade_into_each_other():
    assert set(rhubarb.SHAPES) == set("ABCDEFGHX")
    assert {name for shape in rhubarb.SHAPES.values() for name in shape} <= set(LIVE_LINK)
    cues = [{"start": 0.0, "value": "X"}, {"start": 1.0, "value": "D"}, {"start": 2.0, "value": "A"}]
    jaw = rhubarb.motion_of(cues, 150).channel("jawOpen")
    wide = rhubarb.SHAPES["D"]["jawOpen"]
    np.testing.assert_allclose(
        jaw[[0, 45, 48, 50, 75, 95, 98, 100]], np.array([0, 0, 0.5, 1, 1, 1, 0.5, 0]) * wide, atol=1e-6
    )


def test_rhubarb_moves_the_mouth_where_it_is_installed(spoken):
    from facewright.inference.audio.decode import load_audio

    peer = rhubarb.Rhubarb(ROOT / ".cache" / "rhubarb")
    if not peer.installed:
        pytest.skip(f"needs node and, in .cache/rhubarb, the npm package {rhubarb.PACKAGE}")
    try:
        jaw = peer(load_audio(spoken).samples).channel("jawOpen")
    finally:
        peer.close()
    assert jaw.max() >= 0.2 and jaw.min() == 0


TABLE = Table(
    "Mouth",
    (Column("r", ".2f", "as measured"), Column("lag, ms", ".0f", "by shifting")),
    (Row("somebody", (0.876, None)), Row("tracked", (1, 0), reference=True), Row("a part", (0.5, 1), detail=True)),
    "Said of it.",
)


def test_figures_are_values_as_printed_and_of_a_model_only():
    assert TABLE.figures() == [{"recordings": "somebody", "measure": "r", "value": 0.88, "how": "as measured"}]


def test_a_peer_stands_under_the_model_without_what_is_nobodys():
    both = TABLE.beside("Peer", TABLE)
    assert [row.recordings for row in both.rows] == ["somebody", "tracked", "a part", "Peer: somebody", "Peer: a part"]
    assert "0.88" in both.text() and "| Peer: somebody | 0.88 |  |" in both.markdown()


def card(tmp_path) -> ModelCard:
    from facewright.inference.policy.predictor import load_predictor

    return load_predictor(device="cpu").card


def test_tables_are_written_between_the_marks_of_a_page_and_nowhere_else(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(f"before\n{evaluate.BEGIN}\nold\n{evaluate.END}\nafter\n")
    for _ in range(2):
        evaluate.into_docs(page, card(tmp_path), [TABLE])
    text = page.read_text()
    assert text.startswith(f"before\n{evaluate.BEGIN}\n") and text.endswith(f"{evaluate.END}\nafter\n")
    assert "old" not in text and text.count("### Mouth") == 1
    page.write_text("no marks")
    with pytest.raises(SystemExit, match="figures"):
        evaluate.into_docs(page, card(tmp_path), [TABLE])
    assert page.read_text() == "no marks"


def test_json_keeps_the_models_figures_apart_from_a_peers(tmp_path):
    evaluate.into_json(tmp_path / "figures.json", card(tmp_path), [TABLE.beside("Rhubarb", TABLE)])
    written = json.loads((tmp_path / "figures.json").read_text())
    assert [figure["recordings"] for figure in written["figures"]] == ["somebody"]
    assert [figure["recordings"] for figure in written["peers"]] == ["Rhubarb: somebody"]
