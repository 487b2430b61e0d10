# SPDX-License-Identifier: GPL-3.0-or-later
"""The recordings that models are measured on are read: all clips of the unseen people, WAV and FLAC."""

import numpy as np
import pytest
from support.paths import DATA

pytest.importorskip("soundfile", reason="reading the recordings needs the train extra (soundfile)")

from facewright.inference.core.audio import RATE
from facewright.inference.policy.predictor import load_predictor
from facewright.models.training.corpora import grid
from facewright.models.training.evaluation.bench import Bench
from facewright.models.training.evaluation.measures.mouth import mouth
from facewright.models.training.evaluation.recordings import Recordings


@pytest.fixture(scope="module")
def recordings(shared, tmp_path_factory) -> Recordings:
    return Recordings(shared, tmp_path_factory.mktemp("targets"))


def test_every_clip_of_the_unseen_people_has_sound_and_tracked_motion(recordings):
    clips = recordings.unseen
    assert [clip.name for clip in clips] == sorted(path.stem for path in (DATA / "grid_unseen_dev").glob("*.npz"))
    for clip in clips:
        assert clip.samples.dtype == np.float32 and clip.samples.ndim == 1
        assert len(clip.samples) / RATE == pytest.approx(len(clip.times) / grid.FPS, abs=0.05), clip.name
        assert clip.samples.std() > 1e-3, f"{clip.name} is silent"
        assert np.isfinite(clip.tracked).all() and clip.tracked[:, 0].std() > 0.005, clip.name


def test_of_each_person_one_clip_is_drawn(recordings):
    names = [clip.name for clip in recordings.unseen_people]
    assert len({grid.speaker_of(name) for name in names}) == len(names)
    assert {grid.speaker_of(clip.name) for clip in recordings.unseen} == {grid.speaker_of(name) for name in names}


@pytest.mark.parametrize("suffix", ["flac", "wav"])
def test_a_clip_of_either_format_goes_through_the_mouth_measure(recordings, suffix):
    folder = recordings.data / "grid_unseen_dev"
    clip = next(clip for clip in recordings.unseen if (folder / f"{clip.name}.{suffix}").is_file())
    bench = Bench(recordings, load_predictor(device="cpu"))
    values = mouth.figures(bench, [bench.take(clip)])
    assert np.isfinite(values).all() and values[0] > 0.3, "lips open as the tracked ones do"


def test_a_clip_without_sound_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"s5_x\.wav or s5_x\.flac"):
        grid.read_unseen_audio(tmp_path, "s5_x")


@pytest.mark.parametrize(("clip", "speaker"), [("s5_bbae8n", "s5"), ("id2_vcd_swwp2s", "id2"), ("lbax4n", "lbax4n")])
def test_a_clip_says_who_speaks(clip, speaker):
    assert grid.speaker_of(clip) == speaker
