# SPDX-License-Identifier: GPL-3.0-or-later
"""``facewright capture``: on real video where MediaPipe is installed, and what it says where something is wrong."""

import builtins
import struct
import sys

import numpy as np
import pytest

from facewright.inference.capture import capture
from facewright.inference.capture.tracking import track
from facewright.inference.cli.main import main
from facewright.inference.core.errors import CaptureError
from facewright.inference.formats import exporter_for

CLIP = "lbax4n"


@pytest.fixture
def tracker():
    return pytest.importorskip("mediapipe", reason='needs MediaPipe: pip install "facewright[capture]"')


@pytest.fixture
def opencv():
    return pytest.importorskip("cv2", reason='needs OpenCV, which MediaPipe brings: pip install "facewright[capture]"')


def failed(capsys, *arguments) -> str:
    """The error of a command that must fail."""
    assert main(["capture", *map(str, arguments)]) == 1
    return capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize("suffix", [".csv", ".json", ".npz"])
def test_a_video_becomes_curves(tracker, shared, tmp_path, capsys, suffix):
    out = tmp_path / f"motion{suffix}"
    assert main(["capture", str(shared / "grid_unseen_dev" / f"{CLIP}.mpg"), "-o", str(out)]) == 0
    said = capsys.readouterr().err
    assert "75 frames at 25 fps" in said and "found in 75 of 75 frames" in said
    motion = exporter_for(out).read(out)
    assert motion.frames == 75 and motion.fps == 25 and motion.start == pytest.approx(0.02, abs=1e-3)
    assert motion.channel("jawOpen").max() > 0.1 and motion.channel("eyeBlinkLeft").max() > 0.5


def test_captured_lips_follow_the_tracked_ones(tracker, shared):
    from facewright.inference.capture import distances
    from facewright.inference.capture.builtin import marked_builtin_head, uncalibrated
    from facewright.inference.capture.person import align_person
    from facewright.models.training.corpora import grid

    motion, report = capture(shared / "grid_unseen_dev" / f"{CLIP}.mpg")
    tracks = {CLIP: grid.read_unseen(shared / "grid_unseen_dev")[CLIP]}
    tracked = distances.from_landmarks(align_person(tracks)[0][CLIP].face)
    for head in (marked_builtin_head(), uncalibrated()):  # as it is solved with, and as it is shown
        own = head.distances(motion.values)
        assert np.corrcoef(own[:, 0], tracked[:, 0])[0, 1] > 0.97
        assert np.corrcoef(own[:, 1], tracked[:, 1])[0, 1] > 0.95
    assert report.found == report.read == 75 and report.faces == 1 and not report.gaps and not report.uneven


def test_frames_without_a_face_are_bridged_or_rest(tracker, opencv, shared, tmp_path):
    """Three black frames are interpolated, fifteen are not; two faces are told; time stamps count."""
    pictures = read_frames(opencv, shared / "grid_unseen_dev" / f"{CLIP}.mpg")
    for lost in (range(20, 23), range(40, 55)):
        for number in lost:
            pictures[number][:] = 0
    film = write_film(opencv, tmp_path / "gaps.avi", pictures, 25)
    motion, report = capture(film)
    assert report.found == 57 and report.bridged == 3 and len(report.gaps) == 1
    assert report.gaps[0] == pytest.approx((1.6, 2.16), abs=0.05)
    mouth = motion.select(("jawOpen", "mouthFunnel", "mouthPucker")).values
    assert np.abs(mouth[46:50]).max() < 0.02 and np.isfinite(motion.values).all()
    assert any("lost" in line for line in report.sentences())


def test_the_larger_of_two_faces_is_followed(tracker, opencv, shared, tmp_path):
    large = read_frames(opencv, shared / "grid_unseen_dev" / f"{CLIP}.mpg")[:40]
    small = read_frames(opencv, shared / "grid_unseen_dev" / "swiz3n.mpg")[:40]
    both = [np.hstack([opencv.resize(s, None, fx=0.5, fy=0.5), np.zeros((144, 8, 3), np.uint8)]) for s in small]
    both = [np.hstack([np.pad(b, ((72, 72), (0, 0), (0, 0))), a]) for a, b in zip(large, both, strict=True)]
    motion, report = capture(write_film(opencv, tmp_path / "two.avi", both, 25))
    alone, _ = capture(write_film(opencv, tmp_path / "one.avi", large, 25))
    assert report.faces == 2 and any("largest" in line for line in report.sentences())
    assert np.corrcoef(motion.channel("jawOpen"), alone.channel("jawOpen"))[0, 1] > 0.95


def test_a_larger_face_that_comes_later_is_followed(tracker, opencv, shared, tmp_path):
    large = read_frames(opencv, shared / "grid_unseen_dev" / f"{CLIP}.mpg")
    small = read_frames(opencv, shared / "grid_unseen_dev" / "swiz3n.mpg")
    pictures = []
    for number, (one, other) in enumerate(zip(large, small, strict=True)):
        beside = np.pad(opencv.resize(other, None, fx=0.5, fy=0.5), ((72, 72), (0, 0), (0, 0)))
        pictures.append(np.hstack([beside, one if number >= 30 else np.zeros_like(one)]))
    seen = track(write_film(opencv, tmp_path / "late.avi", pictures, 25))
    across = seen.points[:, 0, 0]  # pixels; the larger face is right of 180
    assert seen.found[15:].all() and seen.faces == 2
    assert (across[15:30] < 180).all() and (across[40:] > 180).all()


def test_a_phones_rotation_mark_is_obeyed(tracker, opencv, shared, tmp_path):
    pictures = read_frames(opencv, shared / "grid_unseen_dev" / f"{CLIP}.mpg")[:40]
    film = write_film(opencv, tmp_path / "aside.mp4", [np.rot90(p).copy() for p in pictures], 25, "mp4v")
    data = bytearray(film.read_bytes())
    matrix = data.find(b"tkhd") + 44  # of the track header, ISO/IEC 14496-12
    data[matrix : matrix + 36] = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 0, 0, 1 << 30)
    film.write_bytes(data)
    turned, _ = capture(film)
    upright, _ = capture(write_film(opencv, tmp_path / "upright.mp4", pictures, 25, "mp4v"))
    assert np.corrcoef(turned.channel("jawOpen"), upright.channel("jawOpen"))[0, 1] > 0.9


def test_no_face_says_what_to_do(tracker, opencv, tmp_path, capsys):
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 255, (120, 160, 3), dtype=np.uint8) for _ in range(30)]
    said = failed(capsys, write_film(opencv, tmp_path / "noise.avi", pictures, 25), "-o", tmp_path / "motion.csv")
    assert "found one in 0 of 30" in said and "from the front" in said
    assert not (tmp_path / "motion.csv").exists()


def test_what_is_no_video_is_told(opencv, tracker, spoken, tmp_path, capsys):
    text = tmp_path / "text.mp4"
    text.write_text("this is not a film")
    for path in (spoken, text):
        assert "has no pictures that can be read" in failed(capsys, path, "-o", tmp_path / "motion.csv")


def test_a_missing_video_or_a_wrong_suffix_is_told_first(tracker, tmp_path, capsys):
    assert "is not there" in failed(capsys, tmp_path / "nowhere.mp4", "-o", tmp_path / "motion.csv")
    assert "ends in one of" in failed(capsys, tmp_path / "nowhere.mp4", "-o", tmp_path / "motion.mov")


def test_a_missing_mediapipe_says_how_to_install_it(monkeypatch, tmp_path):
    before = builtins.__import__

    def without(name, *rest, **more):
        if name.partition(".")[0] == "mediapipe":
            raise ImportError(name)
        return before(name, *rest, **more)

    monkeypatch.delitem(sys.modules, "mediapipe", raising=False)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(CaptureError, match=r"pip install mediapipe==0\.10\.21"):
        capture(tmp_path / "clip.mp4")


def read_frames(opencv, path):
    """All pictures of a video, BGR."""
    film, pictures = opencv.VideoCapture(str(path)), []
    while (read := film.read())[0]:
        pictures.append(read[1])
    return pictures


def write_film(opencv, path, pictures, fps, codec="MJPG"):
    """A film of pictures, BGR."""
    height, width = pictures[0].shape[:2]
    film = opencv.VideoWriter(str(path), opencv.VideoWriter_fourcc(*codec), fps, (width, height))
    for picture in pictures:
        film.write(picture)
    film.release()
    return path
