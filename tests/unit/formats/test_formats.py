# SPDX-License-Identifier: GPL-3.0-or-later
"""The formats, as other programs find them."""

import csv
import json

import numpy as np
import pytest

from facewright.inference.core.channels import ARKIT, CHANNELS, LIVE_LINK, VISEMES
from facewright.inference.core.errors import ExportError, MotionError
from facewright.inference.core.motion import Motion
from facewright.inference.formats import SUFFIXES, exporter_for
from facewright.inference.formats.curves import livelink_csv


@pytest.fixture
def motion():
    """A second and a half at 60 fps from 2 s on, every channel different."""
    values = np.random.default_rng(0).random((91, len(CHANNELS)), dtype=np.float32)
    return Motion(values, CHANNELS, 60.0, 2.0)


def test_the_suffix_chooses_the_format():
    assert SUFFIXES == (".csv", ".json", ".npz")
    assert exporter_for("A.CSV") is livelink_csv
    for name in ("take.fbx", "take", ".npz"):
        with pytest.raises(ExportError, match=r"ends in one of \.csv, \.json, \.npz"):
            exporter_for(name)


def test_npz(tmp_path, motion):
    exporter_for("a.npz").write(motion, tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz") as held:
        shapes = {name: held[name].shape for name in held}
        assert shapes == {
            "weights": (91, 52), "channels": (52,), "head": (91, 3), "head_names": (3,), "eyes": (91, 6),
            "eye_names": (6,), "visemes": (91, 15), "viseme_names": (15,), "fps": (), "start": (),
        }  # fmt: skip
        assert held["weights"].dtype == held["head"].dtype == held["visemes"].dtype == np.float32
        assert tuple(held["channels"]) == ARKIT and tuple(held["viseme_names"]) == VISEMES
        pitch_yaw_roll = np.stack([motion.channel(f"head{axis}") for axis in ("Pitch", "Yaw", "Roll")], 1)
        np.testing.assert_array_equal(held["head"], pitch_yaw_roll)
        np.testing.assert_array_equal(held["eyes"], motion.select(held["eye_names"].tolist()).values)
        np.testing.assert_array_equal(held["weights"][:, 17], motion.channel("jawOpen"))
        assert (float(held["fps"]), float(held["start"])) == (60.0, 2.0)


def test_json(tmp_path, motion):
    exporter_for("a.json").write(motion, tmp_path / "a.json")
    held = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert (held["fps"], held["start"], held["frames"]) == (60.0, 2.0, 91)
    assert tuple(held["curves"]) == CHANNELS
    np.testing.assert_allclose(held["curves"]["jawOpen"], motion.channel("jawOpen"), atol=1e-7)


def test_csv_is_laid_out_like_live_link_face(tmp_path, motion):
    exporter_for("a.csv").write(motion, tmp_path / "a.csv")
    header, *rows = csv.reader((tmp_path / "a.csv").read_text(encoding="ascii").splitlines())
    assert header[:4] == ["Timecode", "BlendShapeCount", "EyeBlinkLeft", "EyeLookDownLeft"]
    assert [name.lower() for name in header[2:]] == [name.lower() for name in LIVE_LINK]
    assert len(rows) == 91 and {len(row) for row in rows} == {63} and {row[1] for row in rows} == {"61"}
    assert (rows[0][0], rows[1][0], rows[90][0]) == ("00:00:02:00.000", "00:00:02:01.000", "00:00:03:30.000")
    assert float(rows[5][2 + 17]) == pytest.approx(float(motion.channel("jawOpen")[5]), abs=1e-9)


@pytest.mark.parametrize(
    ("seconds", "timecode"),
    [(0, "00:00:00:00.000"), (1 / 24, "00:00:00:02.500"), (59.999999, "00:01:00:00.000"), (3723.5, "01:02:03:30.000")],
)
def test_timecodes_count_sixty_frames_and_carry(tmp_path, seconds, timecode):
    motion = Motion(np.zeros((1, len(CHANNELS))), CHANNELS, 24.0, seconds)
    livelink_csv.write(motion, tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text().splitlines()[1].startswith(timecode + ",61,0.0")


def test_csv_has_no_time_before_zero(tmp_path, motion):
    early = Motion(motion.values, motion.channels, 60.0, -0.5)
    with pytest.raises(ExportError, match="start of at least 0 s"):
        livelink_csv.write(early, tmp_path / "a.csv")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["a.npz", "a.csv"])
def test_a_missing_channel_is_named_and_nothing_is_written(tmp_path, motion, name):
    with pytest.raises(MotionError, match="jawOpen"):
        exporter_for(name).write(motion.select([c for c in CHANNELS if c != "jawOpen"]), tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_rows_without_a_face_are_bridged(tmp_path, motion):
    livelink_csv.write(motion, tmp_path / "a.csv")
    lines = (tmp_path / "a.csv").read_text().splitlines()
    lines[31:35] = [line.split(",")[0] + ",0" for line in lines[31:35]]  # frames 30 to 33
    (tmp_path / "a.csv").write_text("\n".join(lines))
    again = livelink_csv.read(tmp_path / "a.csv")
    assert (again.frames, again.fps) == (91, 60.0)
    jaw = motion.channel("jawOpen")
    np.testing.assert_allclose(again.channel("jawOpen")[29:35], np.linspace(jaw[29], jaw[34], 6), atol=1e-5)
    np.testing.assert_allclose(
        np.delete(again.values, slice(30, 34), 0)[:, 0], np.delete(motion.values, slice(30, 34), 0)[:, 0], atol=1e-5
    )


def test_real_recordings_are_read_and_written_with_the_same_header(tmp_path, shared):
    takes = sorted((shared / "livelink").glob("*.csv"))
    assert takes
    for take in takes:
        recorded = livelink_csv.read(take)
        assert recorded.channels == LIVE_LINK and 29 < recorded.fps < 61 and recorded.frames > 1900
        assert np.abs(recorded.values[:, :52]).max() < 1.1  # the app itself goes a little beyond 1
        assert np.abs(recorded.values[:, 52:]).max() < np.pi
        livelink_csv.write(recorded, tmp_path / take.name)
        assert (tmp_path / take.name).read_text().splitlines()[0] == take.read_text().splitlines()[0]
        again = livelink_csv.read(tmp_path / take.name)
        assert again.frames == recorded.frames and again.fps == pytest.approx(recorded.fps, rel=1e-4)
        np.testing.assert_allclose(again.values, recorded.values, atol=2e-3)
