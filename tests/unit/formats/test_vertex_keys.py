# SPDX-License-Identifier: GPL-3.0-or-later
"""Fewest shape keys for moving vertices, and PC2 caches."""

import struct
import tracemalloc

import numpy as np
import pytest

from facewright.inference.core.errors import ExportError, MotionError
from facewright.inference.core.motion import Motion
from facewright.inference.formats.point_cache import read_pc2, write_pc2
from facewright.inference.formats.vertex_keys import fewest_keys
from facewright.inference.heads import builtin_head


def talking(frames=300):
    head = builtin_head()
    names = ("jawOpen", "mouthFunnel", "mouthSmileLeft", "mouthSmileRight", "eyeBlinkLeft")
    time = np.arange(frames) / 30
    values = np.stack([0.5 + 0.5 * np.sin((2 + k) * time + k) for k in range(len(names))], axis=1)
    return head.vertices(Motion(values, names, 30.0)), head.neutral


def rebuilt(keys):
    return keys.rest + np.tensordot(keys.weights, keys.offsets, 1)


def test_linear_motion_needs_as_many_keys_as_it_has_shapes():
    trajectory, rest = talking()
    keys = fewest_keys(trajectory, rest, worst=1e-5)
    assert len(keys.offsets) == 5
    assert np.abs(keys.weights).max() == pytest.approx(1, abs=1e-5)
    np.testing.assert_allclose(rebuilt(keys), trajectory, atol=1e-5)


@pytest.mark.parametrize("worst", [1e-3, 3e-4, 1e-4])
def test_no_vertex_of_any_frame_is_farther_off_than_promised(worst):
    trajectory, rest = talking()
    angle = 0.4 * np.sin(np.arange(len(trajectory)) / 9)  # turning is not linear
    turn = np.stack([np.cos(angle), -np.sin(angle), np.sin(angle), np.cos(angle)], 1).reshape(-1, 2, 2)
    trajectory = trajectory.copy()
    trajectory[..., :2] = np.einsum("fij,fvj->fvi", turn, trajectory[..., :2])
    keys = fewest_keys(trajectory, rest, worst)
    off = np.linalg.norm(rebuilt(keys) - trajectory, axis=2)
    assert off.max() <= worst * 1.001
    assert keys.worst == pytest.approx(off.max(), rel=1e-3)
    assert keys.typical == pytest.approx(np.sqrt((off**2).mean()), rel=1e-3)
    if len(keys.offsets) > 1:
        fewer = np.tensordot(keys.weights[:, :-1], keys.offsets[:-1], 1) + rest - trajectory
        assert np.linalg.norm(fewer, axis=2).max() > worst, "one key fewer would not do"


def test_a_short_moment_between_the_snapshots_counts_as_well():
    frames, rest = 2000, np.random.default_rng(0).random((50, 3))
    trajectory = np.repeat(rest[None], frames, axis=0)
    trajectory[:, 0, 0] += np.sin(np.arange(frames) / 50)
    trajectory[1003, 7] += (0, 0, 2)
    keys = fewest_keys(trajectory, rest, worst=0.01)
    assert len(keys.offsets) == 2
    assert np.linalg.norm(rebuilt(keys) - trajectory, axis=2).max() <= 0.01


def test_a_still_take_needs_no_key():
    rest = np.random.default_rng(0).random((20, 3))
    keys = fewest_keys(np.repeat(rest[None], 5, axis=0), rest, 0.001)
    assert keys.offsets.shape == (0, 20, 3) and keys.weights.shape == (5, 0) and keys.worst < 1e-6


def test_noise_that_keys_cannot_hold_is_told():
    noise = np.random.default_rng(0).random((60, 30, 3))
    with pytest.raises(MotionError, match=r"5 shape keys still leave an error of .* use a vertex cache"):
        fewest_keys(noise, noise[0], worst=0.01, most=5)


def test_what_does_not_fit_is_refused():
    rest = np.zeros((20, 3))
    with pytest.raises(MotionError, match="Expected frames of 20 vertices"):
        fewest_keys(np.zeros((5, 21, 3)), rest, 0.1)
    with pytest.raises(MotionError, match="above 0"):
        fewest_keys(np.zeros((5, 20, 3)), rest, 0.0)
    broken = np.zeros((5, 20, 3))
    broken[3, 2, 1] = np.inf
    with pytest.raises(MotionError, match="frame 3"):
        fewest_keys(broken, rest, 0.1)


def test_memory_does_not_grow_with_the_take(tmp_path):
    rest = np.random.default_rng(0).random((2000, 3)).astype(np.float32)
    wave = np.random.default_rng(1).normal(size=rest.shape).astype(np.float32)

    def peak(frames):
        path = tmp_path / f"{frames}.npy"
        held = np.lib.format.open_memmap(path, "w+", np.float32, (frames, *rest.shape))
        held[:] = rest + 0.1 * np.sin(np.arange(frames) / 30)[:, None, None] * wave
        held.flush()
        del held
        tracemalloc.start()
        fewest_keys(np.load(path, mmap_mode="r"), rest, 1e-4)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    assert peak(4000) < 1.2 * peak(1000)


def test_a_cache_is_read_back(tmp_path):
    trajectory = np.random.default_rng(0).random((7, 11, 3), dtype=np.float32)
    write_pc2(tmp_path / "a.pc2", iter([trajectory[:3], trajectory[3:]]), 7, 11)
    np.testing.assert_array_equal(read_pc2(tmp_path / "a.pc2"), trajectory)
    data = (tmp_path / "a.pc2").read_bytes()
    assert struct.unpack("<12siiffi", data[:32]) == (b"POINTCACHE2\0", 1, 11, 0.0, 1.0, 7)
    assert len(data) == 32 + 7 * 11 * 12


def test_a_cache_that_fails_leaves_what_was_there(tmp_path):
    (tmp_path / "a.pc2").write_bytes(b"before")
    with pytest.raises(ExportError, match="Expected 7 frames"):
        write_pc2(tmp_path / "a.pc2", iter([np.zeros((3, 11, 3))]), 7, 11)
    assert (tmp_path / "a.pc2").read_bytes() == b"before"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    "data", [b"", b"POINTCACHE2\0", b"x" * 100, struct.pack("<12siiffi", b"POINTCACHE2\0", 1, 5, 0, 1, 9)]
)
def test_what_is_no_cache_is_told(tmp_path, data):
    path = tmp_path / "a.pc2"
    path.write_bytes(data)
    with pytest.raises(MotionError, match="PC2 vertex cache"):
        read_pc2(path)
