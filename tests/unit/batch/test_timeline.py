# SPDX-License-Identifier: GPL-3.0-or-later
"""Timelines of editors: which clips are shots, and where they lie."""

import pytest

from facewright.inference.batch.shot_list import read_list
from facewright.inference.core.errors import BatchError

otio = pytest.importorskip("opentimelineio")


def time(frames, rate=24):
    return otio.opentime.RationalTime(frames, rate)


def span(first, frames, rate=24):
    return otio.opentime.TimeRange(time(first, rate), time(frames, rate))


def clip(name, url, first=86412, media=86400):
    reference = otio.schema.ExternalReference(url, available_range=None if media is None else span(media, 600))
    return otio.schema.Clip(name, reference, span(first, 36))


@pytest.fixture
def timeline(tmp_path):
    """Saves tracks of sound, each with half a second of nothing first, in a timeline that begins at one hour."""

    def save(**tracks):
        made = otio.schema.Timeline("ep1", global_start_time=time(86400))
        for name, clips in tracks.items():
            track = otio.schema.Track(name, kind=otio.schema.TrackKind.Audio)
            track.extend([otio.schema.Gap(source_range=span(0, 12)), *clips])
            made.tracks.append(track)
        otio.adapters.write_to_file(made, str(tmp_path / "ep1.otio"))
        return read_list(tmp_path / "ep1.otio")

    return save


def test_clips_of_dialogue_are_shots_with_their_place(timeline, tmp_path):
    first, second = timeline(
        Music=[clip("song", "song.wav")], Dialogue_A=[clip("ann", "a%20b.wav"), clip("ann", "c.wav")]
    ).shots
    assert (first.name, second.name) == ("ann_1", "ann_2")
    assert (first.sound, first.start, first.duration) == (str(tmp_path / "a b.wav"), 0.5, 1.5)
    assert (first.frame, first.timecode) == (13, "01:00:00:12")
    assert (second.frame, second.timecode) == (49, "01:00:02:00")


def test_without_a_track_of_dialogue_every_track_of_sound_counts(timeline):
    assert [shot.name for shot in timeline(A1=[clip("ann", "a.wav")], A2=[clip("bob", "b.wav")]).shots] == [
        "ann",
        "bob",
    ]


def test_a_file_url_is_a_path_and_a_clip_without_media_fails_alone(timeline, tmp_path):
    missing = otio.schema.Clip("gone", otio.schema.MissingReference(), span(0, 24))
    found = timeline(A1=[clip("ann", (tmp_path / "x y.wav").as_uri(), first=48, media=None), missing])
    assert [(shot.sound, shot.start) for shot in found.shots] == [(str(tmp_path / "x y.wav"), 2.0)]
    assert "sound in every row" in found.bad[0].error


def test_what_is_no_timeline_is_one_sentence(tmp_path):
    (tmp_path / "ep1.otio").write_text("nothing")
    with pytest.raises(BatchError, match="Expected a timeline"):
        read_list(tmp_path / "ep1.otio")
