# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of a face share out all channels: none is left over, none is in two."""

import pytest

from facewright.inference.core.channels import CHANNELS, VISEMES
from facewright.inference.core.errors import FacewrightError
from facewright.inference.core.parts import PARTS, channels_of_parts
from facewright.inference.core.regions import REGIONS


def test_every_channel_is_in_exactly_one_part():
    assert sorted(name for names in PARTS.values() for name in names) == sorted(CHANNELS)
    assert set(channels_of_parts(PARTS)) == set(CHANNELS)


def test_a_region_is_in_one_part_whole():
    for region, names in REGIONS.items():
        assert sum(set(names) <= set(part) for part in PARTS.values()) == 1, region


@pytest.mark.parametrize(
    ("part", "begins"),
    [
        ("mouth", ("mouth", "cheek", "nose", "viseme")),
        ("jaw", ("jaw", "mouthClose")),
        ("tongue", ("tongue",)),
        ("lids", ("eyeBlink", "eyeSquint", "eyeWide")),
        ("eyes", ("eyeLook", "leftEye", "rightEye")),
        ("brows", ("brow",)),
        ("head", ("head",)),
    ],
)
def test_each_owns_what_its_name_says(part, begins):
    assert all(name.startswith(begins) for name in PARTS[part])


def test_some_parts_are_asked_for_together():
    assert channels_of_parts(()) == ()
    assert channels_of_parts(["head", "head"]) == ("headYaw", "headPitch", "headRoll")
    assert set(channels_of_parts(["jaw", "mouth"])) >= {"jawOpen", "mouthClose", "cheekPuff", *VISEMES}
    with pytest.raises(FacewrightError, match="mouth, jaw, tongue, lids, eyes, brows, head"):
        channels_of_parts(["ears"])
