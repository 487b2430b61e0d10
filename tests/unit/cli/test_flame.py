# SPDX-License-Identifier: GPL-3.0-or-later
"""facewright convert: from the command line, with a full-size model in FLAME's layout."""

import numpy as np
import pytest
from support.flame_layout import flame_arrays
from support.flame_pickles import flame_2020

from facewright.inference.cli import main
from facewright.inference.core.channels import ARKIT, CHANNELS, HEAD
from facewright.inference.core.motion import Motion
from facewright.inference.formats import export
from facewright.inference.formats.curves import json_curves, livelink_csv, npz
from facewright.inference.formats.point_cache import read_pc2


@pytest.fixture(scope="module")
def flame(tmp_path_factory):
    path = tmp_path_factory.mktemp("flame") / "flame 2020.pkl"
    path.write_bytes(flame_2020())
    return path


@pytest.fixture(scope="module")
def motion():
    values = np.zeros((40, len(CHANNELS)))
    wave = 0.5 - 0.5 * np.cos(np.arange(40) / 6)
    for name, size in (("jawOpen", 0.6), ("mouthSmileLeft", 0.7), ("mouthFunnel", 0.3), ("headYaw", 0.3)):
        values[:, CHANNELS.index(name)] = size * wave
    return Motion(values, CHANNELS, 25.0, 1.0)


def convert(*arguments):
    return main.main(["convert", *map(str, arguments)])


def test_to_flame_and_back(tmp_path, flame, motion, capsys):
    export(motion, tmp_path / "a.csv")
    assert convert(tmp_path / "a.csv", "-o", tmp_path / "a.npz", "--flame", flame) == 0
    assert "40 frames at 25 fps" in capsys.readouterr().err
    with np.load(tmp_path / "a.npz") as made:
        assert made["expression"].shape == (40, 100) and made["eyes_pose"].shape == (40, 6)
        assert made["fps"] == 25 and made["start"] == 1 and "vertices" not in made
    assert convert(tmp_path / "a.npz", "-o", tmp_path / "b.json", "--flame", flame) == 0
    back = json_curves.read(tmp_path / "b.json")
    assert back.fps == 25 and back.start == 1
    np.testing.assert_allclose(back.select(ARKIT).values, motion.select(ARKIT).values, atol=0.05)
    np.testing.assert_allclose(back.select(HEAD).values, motion.select(HEAD).values, atol=1e-3)


def test_vertices_in_three_kinds_of_file(tmp_path, flame, motion):
    export(motion, tmp_path / "a.json")
    assert convert(tmp_path / "a.json", "-o", tmp_path / "a.npy", "--flame", flame, "--quiet") == 0
    vertices = np.load(tmp_path / "a.npy")
    assert vertices.shape == (40, 5023, 3) and vertices.dtype == np.float32
    assert convert(tmp_path / "a.json", "-o", tmp_path / "a.npz", "--flame", flame, "--vertices") == 0
    np.testing.assert_array_equal(np.load(tmp_path / "a.npz")["vertices"], vertices)
    assert convert(tmp_path / "a.npz", "-o", tmp_path / "a.pc2", "--flame", flame) == 0
    cache = read_pc2(tmp_path / "a.pc2")
    np.testing.assert_allclose(cache, vertices[..., [0, 2, 1]] * (1, -1, 1), atol=1e-6)


@pytest.mark.parametrize("layout", ["flat", "artalk", "diffposetalk", "vhap"])
def test_other_tools_layouts(tmp_path, flame, motion, layout):
    export(motion, tmp_path / "a.csv")
    convert(tmp_path / "a.csv", "-o", tmp_path / "own.npz", "--flame", flame, "--vertices")
    own = dict(np.load(tmp_path / "own.npz"))
    path = tmp_path / ("in.npy" if layout in ("flat", "artalk") else "in.npz")
    pose = np.concatenate([own["neck_pose"], own["jaw_pose"]], axis=1)
    if layout == "flat":
        np.save(path, own["vertices"].reshape(1, 40, -1))
    elif layout == "artalk":
        np.save(path, np.concatenate([own["expression"], pose], axis=1))
    elif layout == "diffposetalk":
        np.savez(path, exp=own["expression"][:, :50], pose=pose, shape=np.zeros((40, 100)))
    else:
        still = {"translation": np.zeros((40, 3)), "rotation": np.zeros((40, 3)), "shape": np.zeros(300)}
        names = ("neck_pose", "jaw_pose", "eyes_pose")
        np.savez(path, expr=own["expression"], **{name: own[name] for name in names}, **still)
    extra = ["--fps", "25"]
    if layout == "flat":
        np.save(tmp_path / "rest.npy", flame_arrays()["v_template"])
        extra += ["--neutral", tmp_path / "rest.npy"]
    assert convert(path, "-o", tmp_path / "back.csv", "--flame", flame, *extra) == 0
    back = livelink_csv.read(tmp_path / "back.csv")
    assert back.fps == 25
    for name in ("jawOpen", "mouthSmileLeft", "headYaw"):
        np.testing.assert_allclose(back.channel(name), motion.channel(name), atol=0.15)


def test_between_formats_without_flame(tmp_path, motion):
    export(motion, tmp_path / "a.json")
    assert convert(tmp_path / "a.json", "-o", tmp_path / "a.npz") == 0
    np.testing.assert_allclose(npz.read(tmp_path / "a.npz").values, motion.values, atol=1e-6)


def test_it_says_what_is_missing(tmp_path, flame, motion, capsys):
    def said(*arguments):
        assert convert(*arguments) == 1
        return capsys.readouterr().err

    export(motion, tmp_path / "a.json")
    np.save(tmp_path / "v.npy", np.zeros((4, 15069)))
    np.save(tmp_path / "odd.npy", np.zeros((4, 77)))
    np.savez(tmp_path / "odd.npz", something=np.zeros(3))
    np.save(tmp_path / "object.npy", np.array([{}], object), allow_pickle=True)
    (tmp_path / "text.npy").write_text("hello")
    assert "--flame" in said(tmp_path / "v.npy", "-o", tmp_path / "b.csv")
    assert "--flame" in said(tmp_path / "a.json", "-o", tmp_path / "b.pc2")
    assert "got an array (4, 77)" in said(tmp_path / "odd.npy", "-o", tmp_path / "b.csv", "--flame", flame)
    assert "an archive with something" in said(tmp_path / "odd.npz", "-o", tmp_path / "b.csv", "--flame", flame)
    for name in ("object.npy", "text.npy"):
        assert "plain .npy or .npz" in said(tmp_path / name, "-o", tmp_path / "b.csv", "--flame", flame)
    assert "there is no" in said(tmp_path / "nowhere.npy", "-o", tmp_path / "b.csv")
    assert "Rename the output" in said(tmp_path / "a.json", "-o", tmp_path / "a.json")
    assert "Expected .npz" in said(tmp_path / "a.json", "-o", tmp_path / "b.csv", "--flame", flame)
    assert "Expected a FLAME model" in said(
        tmp_path / "v.npy", "-o", tmp_path / "b.csv", "--flame", tmp_path / "odd.npz"
    )
    assert "frames per second" in said(tmp_path / "v.npy", "-o", tmp_path / "b.csv", "--flame", flame, "--fps", "-3")
    rest = ["--neutral", tmp_path / "odd.npy"]
    assert "vertices (5023, 3)" in said(tmp_path / "v.npy", "-o", tmp_path / "b.csv", "--flame", flame, *rest)
    assert sorted(path.name for path in tmp_path.glob("b.*")) == []


def test_animate_to_flame(tmp_path, flame, spoken):
    command = [
        "animate",
        str(spoken),
        "-o",
        str(tmp_path / "a.npz"),
        "--flame",
        str(flame),
        "--duration",
        "1",
        "--quiet",
    ]
    assert main.main([*command, "--fps", "25", "--vertices"]) == 0
    with np.load(tmp_path / "a.npz") as made:
        assert made["expression"].shape == (25, 100) or made["expression"].shape == (26, 100)
        assert made["vertices"].shape == (len(made["expression"]), 5023, 3)
        assert made["jaw_pose"][:, 0].max() > 0.01


def test_animate_tells_a_wrong_flame_file_before_the_work(tmp_path, spoken, capsys):
    (tmp_path / "no.pkl").write_text("hello")
    command = ["animate", str(spoken), "-o", str(tmp_path / "a.npz"), "--flame", str(tmp_path / "no.pkl")]
    assert main.main(command) == 1
    said = capsys.readouterr().err
    assert "neither a pickle" in said and "Reading" not in said
    assert main.main([*command[:3], str(tmp_path / "a.csv"), *command[4:]]) == 1
    assert "Expected .npz" in capsys.readouterr().err
