# SPDX-License-Identifier: GPL-3.0-or-later
"""Mouths of takes differ in size as people do, by as much as *Variation* says."""

import numpy as np

from facewright.inference.core.channels import LIVE_LINK, MOUTH
from facewright.inference.core.regions import REGIONS
from facewright.inference.policy.sizes import JAW, LIPS, drawn_sizes

JAWS = [LIVE_LINK.index(name) for name in REGIONS["jaw"]]
OTHERS = [LIVE_LINK.index(name) for name in MOUTH if name not in REGIONS["jaw"]]


def test_seed_0_and_no_variation_have_the_usual_size():
    assert (drawn_sizes(0, 1.0) == 1).all()
    assert (drawn_sizes(5, 0.0) == 1).all()
    assert np.array_equal(drawn_sizes(5, 0.4), drawn_sizes(5, 0.4))


def test_seeds_differ_as_people_do():
    logarithms = np.log([drawn_sizes(seed, 1.0) for seed in range(1, 400)])
    assert np.allclose(logarithms[:, JAWS].std(axis=0), JAW, rtol=0.15)
    assert np.allclose(logarithms[:, OTHERS].std(axis=0), LIPS, rtol=0.15)
    assert abs(logarithms.mean()) < 0.03
    half = np.log([drawn_sizes(seed, 0.5) for seed in range(1, 400)])
    assert np.allclose(2 * half, logarithms, atol=1e-5)


def test_what_shuts_an_open_jaw_goes_with_it_and_the_rest_of_the_face_has_no_size():
    sizes = drawn_sizes(7, 1.0)
    assert len(set(sizes[JAWS])) == 1 and len(set(sizes[OTHERS])) == 1
    rest = np.delete(sizes, [*JAWS, *OTHERS])
    assert (rest == 1).all()
