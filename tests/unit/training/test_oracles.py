# SPDX-License-Identifier: GPL-3.0-or-later
"""Vertex errors against torchmetrics, and the whole evaluation of a face that moves exactly as the tracked one."""

import math
import statistics

import numpy as np
import pytest

from facewright.inference.core.channels import LIVE_LINK
from facewright.inference.core.motion import Motion
from facewright.inference.policy.predictor import load_predictor
from facewright.models.training.evaluation.bench import Bench
from facewright.models.training.evaluation.figures.vertex_errors import fdd, lve
from facewright.models.training.evaluation.measures.control import diversity
from facewright.models.training.evaluation.measures.mouth import mouth, timing, vertices
from facewright.models.training.evaluation.recordings import NotMeasured, Recordings

MASK = [3, 11, 12, 30]


@pytest.fixture(scope="module")
def torch():
    return pytest.importorskip("torch", reason="the oracle needs torch, which only training has")


@pytest.fixture(scope="module")
def faces() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return tuple(rng.normal(size=shape).astype(np.float32) for shape in ((40, 50, 3), (40, 50, 3), (50, 3)))


def test_lve_is_that_of_torchmetrics(torch, faces):
    oracle = pytest.importorskip("torchmetrics.multimodal.lve", reason="the oracle, torchmetrics 1.8 or newer")
    metric = oracle.LipVertexError(mouth_map=MASK)
    for part in (slice(0, 15), slice(15, 40)):  # two clips, which it joins
        metric.update(*(torch.from_numpy(face[part]) for face in faces[:2]))
    predicted, truth, _ = faces
    assert lve(predicted[:, MASK], truth[:, MASK]) == pytest.approx(metric.compute().item(), rel=1e-5)


def test_fdd_is_as_torchmetrics_defines_it(faces):
    """Vertex by vertex: how much the squared distance from rest varies, on the true face less on the predicted one."""
    predicted, truth, rest = faces
    differences = []
    for vertex in MASK:
        spreads = []
        for face in (truth, predicted):
            offsets = (face[:, vertex].astype(float) - rest[vertex]).tolist()
            spreads.append(statistics.pstdev(math.fsum(axis * axis for axis in offset) for offset in offsets))
        differences.append(spreads[0] - spreads[1])
    ours = fdd(predicted[:, MASK], truth[:, MASK], rest[MASK])
    assert ours == pytest.approx(statistics.fmean(differences), rel=1e-4)


def drawn(seed, *shape):
    """What ``torch.randn(*shape, generator=torch.manual_seed(seed))`` draws: sixteen at a time, by Box and Muller."""
    bits, count = np.random.MT19937(), math.prod(shape)
    bits.state = np.random.RandomState(seed).get_state(legacy=False)
    rest = count % 16
    uniform = (bits.random_raw(count + (16 if rest else 0)) & 0xFFFFFF) / 2.0**24
    blocks = [uniform[k : k + 16] for k in range(0, count - rest, 16)] + ([uniform[count:]] if rest else [])
    normal = [
        np.sqrt(-2 * np.log(1 - block[:8])) * turn(2 * np.pi * block[8:])
        for block in blocks
        for turn in (np.cos, np.sin)
    ]
    made = np.concatenate(normal)
    if rest:  # the last sixteen are drawn anew, over those before them
        made = np.concatenate([made[: count - 16], made[-16:]])
    return made.reshape(shape)


def test_examples_in_the_documentation_of_torchmetrics():
    """The values its manual prints for numbers that torch draws."""
    first, later = slice(0, 5), slice(10, 15)
    a, b, c = (drawn(seed, 10, 100, 3) for seed in (41, 42, 43))
    assert lve(b[:, first], c[:, first]) == pytest.approx(12.7688, abs=1e-4)
    assert fdd(a[:, later], b[:, later], drawn(43, 100, 3)[later]) == pytest.approx(1.0385, abs=1e-4)
    assert fdd(b[:, first], c[:, first], drawn(41, 100, 3)[first]) == pytest.approx(0.2131, abs=1e-4)


def test_a_face_that_stands_still_where_the_true_one_moves_has_positive_fdd():
    rest = np.zeros((4, 3))
    truth = np.zeros((10, 4, 3))
    truth[::2, :, 1] = 0.1
    assert fdd(np.zeros_like(truth), truth, rest) == pytest.approx(0.005)
    assert fdd(truth, truth, rest) == 0


class Replayed:
    """A system that has seen the answers: it plays the weights solved from the video of the unseen people."""

    def __init__(self, recordings: Recordings, late: float = 0.0) -> None:
        solved = recordings.solved("grid_unseen_dev")
        self._known = {clip.samples.tobytes(): solved.clips[clip.name] for clip in recordings.unseen}
        self._start = solved.first + late

    def __call__(self, samples, seed=0):
        return Motion(self._known[samples.tobytes()], LIVE_LINK, 25.0, self._start)

    def seconds(self, samples):
        return 0.0


@pytest.fixture(scope="module")
def recordings(shared, tmp_path_factory) -> Recordings:
    """The unseen people, their video solved."""
    pytest.importorskip("scipy", reason="solving the video needs the train extra (scipy)")
    from facewright.models.training.corpora import grid
    from facewright.models.training.heads.ict import IctHead
    from facewright.models.training.labels import face_curves, target_set

    tracks = grid.read_unseen(shared / "grid_unseen_dev")
    head = IctHead.load(shared / "head_ict_facekit.npz")
    made = face_curves.make_grid(tracks, [[name] for name in tracks], head, frozenset(tracks))
    folder = tmp_path_factory.mktemp("targets")
    target_set.write(made, folder / "grid_unseen_dev.npz")
    return Recordings(shared, folder)


def test_who_plays_the_answers_gets_full_marks(recordings):
    bench = Bench(recordings, load_predictor(device="cpu"), Replayed(recordings))
    takes = bench.unseen()
    opening, jaw, width, size, lag, _ = mouth.figures(bench, takes)
    assert opening > 0.98 and jaw > 0.9 and width > 0.95
    assert 0.9 < size < 1.1 and abs(lag) <= 10
    values = vertices.figures(
        bench, recordings.unseen, recordings.solved("grid_unseen_dev"),
        lambda _, clip: bench.animate(clip.samples).select(LIVE_LINK).at(clip.times),
    )  # fmt: skip
    np.testing.assert_allclose(values, 0, atol=1e-3)
    assert timing.figures(bench, takes)[0] < 20, "less than a frame of the video"
    clip = recordings.unseen[0]
    same = diversity.figures(bench, clip, recordings.solved("grid_unseen_dev").clips[clip.name])
    np.testing.assert_allclose([*same[:5], same[6]], 0, atol=1e-3)


def test_who_plays_them_80_ms_late_is_told_so(recordings):
    bench = Bench(recordings, load_predictor(device="cpu"), Replayed(recordings, late=0.08))
    takes = bench.unseen()
    assert mouth.figures(bench, takes)[4] == pytest.approx(-80, abs=15)
    assert timing.figures(bench, takes)[0] == pytest.approx(80, abs=25)


def test_a_measure_says_what_it_lacks(shared, tmp_path):
    with pytest.raises(NotMeasured, match="face_curves"):
        Recordings(shared, tmp_path).solved("grid_s1")
