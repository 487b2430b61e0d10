# SPDX-License-Identifier: GPL-3.0-or-later
"""Live Link recordings as other programs, other rates and spreadsheets write them."""

import math

import numpy as np
import pytest
from support.command_line import facewright

from facewright.inference.core.channels import ARKIT, LIVE_LINK
from facewright.inference.core.errors import MotionError
from facewright.inference.formats import read_curves, read_noted
from facewright.inference.formats.timecodes import seconds_of

NAMES = [name[0].upper() + name[1:] for name in LIVE_LINK]


def jaw(seconds):
    """A jaw that opens and shuts once a second."""
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.asarray(seconds))


def timecode(seconds, count, separator=":", fraction=True) -> str:
    frames = round(seconds * count * 1000) / 1000
    whole = math.floor(frames + 1e-9)
    second, frame = divmod(whole, count)
    text = f"{second // 3600 % 24:02d}:{second // 60 % 60:02d}:{second % 60:02d}{separator}{frame:02d}"
    return text + (f".{round((frames - whole) * 1000):03d}" if fraction else "")


def recording(path, rate=60, count=60, *, names=NAMES, mark=",", decimal=".", end="", begin=0.0, scale=1.0, **form):
    """Four seconds of a recording."""
    lines = [mark.join(["Timecode", "BlendShapeCount", *names])]
    for row in range(4 * rate + 1):
        values = {"JawOpen": scale * jaw(row / rate), "HeadYaw": 0.1}
        cells = [f"{values.get(name, 0):.8f}".replace(".", decimal) for name in names]
        stamp = timecode(begin + row / rate, count, **form)
        lines.append(mark.join([stamp, str(len(names)), *cells]) + end)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def check(motion, seconds=4.0) -> None:
    times = np.arange(motion.frames) / motion.fps
    assert times[-1] == pytest.approx(seconds, abs=0.01)
    np.testing.assert_allclose(motion.select(("jawOpen",)).values[:, 0], jaw(times), atol=0.02)


@pytest.mark.parametrize("fraction", [True, False])
@pytest.mark.parametrize("rate", [24, 25, 30, 48, 50, 60, 120])
def test_a_second_counts_as_many_frames_as_it_has(tmp_path, rate, fraction):
    motion = read_curves(recording(tmp_path / "a.csv", rate, rate, fraction=fraction))
    assert motion.fps == pytest.approx(rate)
    check(motion)


@pytest.mark.parametrize("rate", [15, 20, 30, 60])
def test_the_app_counts_sixty_whatever_it_records(tmp_path, rate):
    motion = read_curves(recording(tmp_path / "a.csv", rate, 60))
    assert motion.fps == pytest.approx(rate)
    check(motion)


@pytest.mark.parametrize(
    "form",
    [
        {"mark": ";", "decimal": ","},
        {"mark": "\t"},
        {"end": ","},
        {"begin": 86_398.0},
        {"names": [*NAMES, "TongueUp"]},
        {"names": NAMES[::-1]},
    ],
)
def test_what_spreadsheets_and_other_programs_make_of_it(tmp_path, form):
    motion, notes = read_noted(recording(tmp_path / "a.csv", **form))
    check(motion)
    assert notes == () and motion.start == form.get("begin", 0.0)
    np.testing.assert_allclose(motion.select(("headYaw",)).values, 0.1, atol=1e-6)


def test_drop_frame_timecodes_are_broadcast_time(tmp_path):
    motion = read_curves(recording(tmp_path / "a.csv", 30, 30, separator=";"))
    assert motion.fps == pytest.approx(30000 / 1001)
    minute = seconds_of(["00:00:59;29", "00:01:00;02", "00:09:59;29", "00:10:00;00"])
    np.testing.assert_allclose(np.diff(minute)[[0, 2]], 1001 / 30000)


def test_milliseconds_are_read_as_such(tmp_path):
    path = recording(tmp_path / "a.csv", 30, 1000, separator=".", fraction=False)
    path.write_text("\n".join(line.replace(".0,61", ".000,61") for line in path.read_text().split("\n")))
    stamps = seconds_of(["00:00:01.500", "01:00:00.033"])
    np.testing.assert_allclose(stamps, [1.5, 3600.033])
    lines = path.read_text().splitlines()
    padded = [lines[0], *(f"00:00:{row / 30:06.3f},{line.partition(',')[2]}" for row, line in enumerate(lines[1:]))]
    path.write_text("\n".join(padded))
    motion = read_curves(path)
    assert motion.fps == pytest.approx(30.0)
    check(motion)


@pytest.mark.parametrize(
    ("count", "said"), [(52, "headYaw, headPitch"), (51, "tongueOut, headYaw"), (55, "leftEyeYaw")]
)
def test_missing_columns_are_named_and_taken_as_zero(tmp_path, count, said):
    names = NAMES[:51] if count == 51 else NAMES[:count]
    motion, (note,) = read_noted(recording(tmp_path / "a.csv", names=names))
    check(motion)
    assert f"has no column {said}" in note and "taken as zero" in note
    assert not motion.select(("rightEyeRoll",)).values.any()


def test_percent_and_degrees_are_told_apart(tmp_path):
    path = recording(tmp_path / "a.csv", scale=100)
    path.write_text(path.read_text().replace("0.10000000", "20.0000000"))
    motion, notes = read_noted(path)
    check(motion)
    np.testing.assert_allclose(motion.select(("headYaw",)).values, np.radians(20), atol=1e-6)
    assert any("percent" in note for note in notes) and any("degrees" in note for note in notes)


def test_convert_tells_what_was_missing(tmp_path):
    path = recording(tmp_path / "a.csv", names=NAMES[: len(ARKIT)])
    done = facewright("convert", path, "-o", tmp_path / "a.npz")
    assert done.returncode == 0 and "has no column headYaw" in done.stderr
    check(read_curves(tmp_path / "a.npz"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "names 0 of the 61 columns"),
        ("a,b\n1,2\n", "names 0 of the 61 columns"),
        (",".join(["Timecode", *NAMES]) + "\n", "no row of it has a face"),
        (",".join(["Timecode", *NAMES]) + "\nsoon" + ",0" * 61 + "\n", "'soon' in row 1 is no timecode"),
        (",".join(["Timecode", *NAMES]) + "\n00:00:00:00" + ",x" * 61 + "\n", "could not convert"),
        (",".join(["Timecode", *NAMES]) + "\n00:00:00:00" + ",nan" * 61 + "\n", "not finite"),
        ("\0" * 900, "columns"),
    ],
)
def test_what_is_no_recording_is_refused_in_a_sentence(tmp_path, text, said):
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(MotionError, match=said) as told:
        read_curves(tmp_path / "a.csv")
    assert "\n" not in str(told.value) and len(str(told.value)) < 400


def test_rows_that_are_hours_apart_are_refused(tmp_path):
    row = ",0" * 61
    rows = [f"{stamp}{row}" for stamp in ("00:00:00:00", "00:00:00:01", "00:00:00:02", "11:00:00:00")]
    (tmp_path / "a.csv").write_text("\n".join([",".join(["Timecode", *NAMES]), *rows]))
    with pytest.raises(MotionError, match="4 rows are spread over"):
        read_curves(tmp_path / "a.csv")
