# SPDX-License-Identifier: GPL-3.0-or-later
"""Training targets on the real recordings: solved faces agree with the video, artist curves keep their meaning."""

import numpy as np
import pytest
from support.paths import ROOT

pytest.importorskip("scipy", reason="training code needs the train extra (scipy)")

from facewright.inference.capture import person
from facewright.inference.core.channels import ARKIT, LIVE_LINK
from facewright.models.training.corpora import facegood, grid
from facewright.models.training.heads import distances
from facewright.models.training.heads.ict import IctHead
from facewright.models.training.labels import artist_curves, face_curves, target_set
from facewright.models.training.labels.report import closures, correlations


@pytest.fixture(scope="module")
def head(shared) -> IctHead:
    return IctHead.load(shared / "head_ict_facekit.npz")


@pytest.fixture(scope="module")
def solved(shared, head) -> target_set.TargetSet:
    """A dozen clips of grid_s1."""
    tracks = grid.read_tracks(shared / "grid_s1")
    names = list(tracks)[::80]
    return face_curves.make_grid({n: tracks[n] for n in names}, [names], head, grid.read_split(shared / "grid_s1"))


def test_solved_face_reproduces_the_tracked_mouth(solved, head):
    opening, width, jaw = correlations(solved.clips, solved.distances, head).mean(0)
    assert opening > 0.98 and width > 0.97 and jaw > 0.93


def test_lips_shut_in_the_video_are_shut_on_the_mesh(shared, solved, head):
    real, mesh = closures(solved.clips, solved.distances, grid.read_phones(shared / "grid_s1"), head).T
    shut = real < 0.005
    assert shut.sum() >= 5
    assert (mesh[shut] < 0.005).all()


def test_targets_come_out_as_they_did_before_capture_shared_the_solver(shared, head):
    path = ROOT / ".cache" / "targets" / "grid_unseen_dev.npz"
    if not path.is_file():
        pytest.skip(
            f"needs .cache/targets/{path.name}, which `python -m facewright.models.training.labels.face_curves` writes"
        )
    before, tracks = target_set.read(path), grid.read_unseen(shared / "grid_unseen_dev")
    made = face_curves.make_grid(tracks, [[name] for name in tracks], head, frozenset(tracks))
    for clip, values in made.clips.items():
        np.testing.assert_allclose(values, before.clips[clip], atol=1e-5)
        np.testing.assert_allclose(made.distances[clip], before.distances[clip], atol=1e-6)


def test_values_are_what_the_channels_promise(solved):
    values = np.concatenate(list(solved.clips.values()))
    weights, rotations = values[:, : len(ARKIT)], values[:, len(ARKIT) :]
    assert np.isfinite(values).all()
    assert weights.min() >= 0 and weights.max() <= 1
    assert np.abs(rotations).max() < 0.7
    assert (weights[:, ARKIT.index("mouthClose")] <= weights[:, ARKIT.index("jawOpen")] + 1e-6).all()
    assert weights[:, ARKIT.index("eyeBlinkLeft")].max() > 0.8, "this man blinks in most clips"


def test_press_and_frown_do_not_explain_speech(solved):
    values = np.concatenate(list(solved.clips.values()))
    for name in ("mouthPressLeft", "mouthPressRight", "mouthFrownLeft", "mouthFrownRight"):
        assert values[:, LIVE_LINK.index(name)].mean() < 0.01
        assert not solved.observed[LIVE_LINK.index(name)]


def test_unseen_people_are_solved_too(shared, head):
    for name, tracks in grid.read_unseen(shared / "grid_unseen_dev").items():
        clips = person.solve_person({name: tracks}, head.marked())
        face = person.align_person({name: tracks})[0][name].face
        opening, width, _ = correlations(clips, {name: distances.from_landmarks(face)}, head)[0]
        assert opening > 0.98 and width > 0.97, name


def test_files_give_back_what_was_written(solved, tmp_path):
    target_set.write(solved, tmp_path / "set.npz")
    again = target_set.read(tmp_path / "set.npz")
    assert list(again.clips) == list(solved.clips) and again.dev == solved.dev and again.fps == 25
    for clip, values in solved.clips.items():
        np.testing.assert_array_equal(again.clips[clip], values)
        np.testing.assert_allclose(again.distances[clip], solved.distances[clip], atol=1e-6)
    clip = next(iter(solved.clips))
    np.testing.assert_allclose(again.times(clip)[:2], [0.02, 0.06])
    assert [path.name for path in tmp_path.iterdir()] == ["set.npz"], "nothing half-written is left behind"


def test_artist_curves_open_and_close_the_mouth(shared, solved, head):
    """mouth_stretch_c is the jaw: on the mesh the mouth opens with it; where no curve moves the lips are together."""
    made = artist_curves.make(shared / "facegood", head, solved)
    curves = facegood.read_curves(shared / "facegood")["2_01"]
    opening = head.distances(made.clips["2_01"])[:, 0]
    assert np.corrcoef(opening, curves["mouth_stretch_c"])[0, 1] > 0.8
    still = np.max(list(curves.values()), axis=0) < 1e-3
    assert still.sum() > 100
    np.testing.assert_allclose(opening[still], head.distances(np.zeros((1, len(ARKIT))))[0, 0], atol=1e-3)
    assert made.dev == {"3_16"} and made.fps == 30
    assert not made.observed[LIVE_LINK.index("eyeBlinkLeft")] and made.observed[LIVE_LINK.index("jawOpen")]
