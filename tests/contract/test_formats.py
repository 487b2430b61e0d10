# SPDX-License-Identifier: GPL-3.0-or-later
"""What every exporter keeps; a new file in inference/exporters/ is tested here unasked."""

import os
import resource

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from facewright.inference.core.channels import CHANNELS
from facewright.inference.core.errors import ExportError, MotionError
from facewright.inference.core.motion import Motion
from facewright.inference.formats import SUFFIXES, exporter_for

FRAME_RATES = st.sampled_from([24000 / 1001, 24.0, 25.0, 30000 / 1001, 30.0, 48.0, 50.0, 60.0, 90.0, 120.0, 37.5])


@pytest.fixture(params=SUFFIXES)
def suffix(request):
    return request.param


@st.composite
def motions(draw):
    frames = draw(st.integers(2, 30))
    values = draw(arrays(np.float32, (frames, len(CHANNELS)), elements=st.floats(0, 1, width=32)))
    values[:, 52:61] = 6.28 * values[:, 52:61] - 3.14
    return Motion(values, CHANNELS, draw(FRAME_RATES), draw(st.sampled_from([0.0, 0.5, 12.25, 3599.99, 7200.5])))


@given(motions())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_written_is_read_back(tmp_path, suffix, motion):
    exporter = exporter_for(f"a{suffix}")
    exporter.write(motion, tmp_path / f"a{suffix}")
    again = exporter.read(tmp_path / f"a{suffix}")
    assert set(again.channels) <= set(CHANNELS) and len(again.channels) >= 61
    np.testing.assert_allclose(again.values, motion.select(again.channels).values, atol=1e-7)
    assert again.fps == pytest.approx(motion.fps, rel=1e-6)
    assert again.start == pytest.approx(motion.start, abs=1e-4)


def some_motion(frames=400):
    values = np.random.default_rng(0).random((frames, len(CHANNELS)), dtype=np.float32)
    return Motion(values, CHANNELS, 60.0)


def listing(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_file_is_replaced_and_nothing_else_is_left(tmp_path, suffix):
    path = tmp_path / f"le résultat, часть 1 {{#}}{suffix}"
    path.write_bytes(b"an older take")
    path.chmod(0o640)
    exporter_for(path).write(some_motion(), path)
    assert list(listing(tmp_path)) == [path.name]
    assert exporter_for(path).read(path).frames == 400
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_link_stays_a_link(tmp_path, suffix):
    real, link = tmp_path / f"real{suffix}", tmp_path / f"link{suffix}"
    real.write_bytes(b"an older take")
    link.symlink_to(real)
    exporter_for(link).write(some_motion(), link)
    assert link.is_symlink() and exporter_for(real).read(real).frames == 400


def check_refused(folder, suffix, said):
    path = folder / f"take{suffix}"
    before = listing(folder)
    with pytest.raises(ExportError) as caught:
        exporter_for(path).write(some_motion(), path)
    assert said in str(caught.value) and str(path) in str(caught.value)
    assert listing(folder) == before


def test_a_write_that_fails_leaves_the_older_file(tmp_path, suffix):
    (tmp_path / f"take{suffix}").write_bytes(b"an older take")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16_384, hard))
    try:
        check_refused(tmp_path, suffix, "has no room")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk(disk, suffix):
    folder = disk("size=32k")
    (folder / f"take{suffix}").write_bytes(b"an older take")
    check_refused(folder, suffix, "has no room")


def test_a_read_only_disk(disk, suffix):
    check_refused(disk("ro"), suffix, "read-only")


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only to root; test_a_read_only_disk covers it")
def test_a_read_only_folder(tmp_path, suffix):
    tmp_path.chmod(0o555)
    check_refused(tmp_path, suffix, "read-only")


def test_a_folder_that_is_not_there(tmp_path, suffix):
    with pytest.raises(ExportError, match="is not a folder that exists"):
        exporter_for(f"a{suffix}").write(some_motion(), tmp_path / "gone" / f"a{suffix}")


def test_a_file_where_a_folder_should_be(tmp_path, suffix):
    (tmp_path / "file").write_bytes(b"mine")
    with pytest.raises(ExportError, match="is not a folder that exists"):
        exporter_for(f"a{suffix}").write(some_motion(), tmp_path / "file" / f"a{suffix}")
    assert (tmp_path / "file").read_bytes() == b"mine"


def test_a_folder_with_the_name_of_the_file(tmp_path, suffix):
    (tmp_path / f"a{suffix}").mkdir()
    with pytest.raises(ExportError, match="is a folder"):
        exporter_for(f"a{suffix}").write(some_motion(), tmp_path / f"a{suffix}")


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02 something else", b"{}", b"a,b\n1,2\n"])
def test_reading_something_else(tmp_path, suffix, content):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(content)
    with pytest.raises(MotionError, match="got something else"):
        exporter_for(path).read(path)
