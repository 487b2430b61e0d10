# SPDX-License-Identifier: GPL-3.0-or-later
"""The sampling loop: chunks, noise, steps."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from facewright.inference import Audio, animate, load_audio
from facewright.inference.core.audio import RATE
from facewright.inference.core.errors import FacewrightError
from facewright.inference.core.timing import LARGEST_SEED, PAST
from facewright.inference.devices.kinds import cpu
from facewright.inference.devices.processor import Processor
from facewright.inference.policy.card import Sampling
from facewright.inference.policy.sampler import Sampler
from facewright.inference.policy.session import session
from facewright.inference.policy.sizes import drawn_sizes

HORIZON, HEARD = 16, 4  # of the tiny model


class Recorder:
    """The policy's session, and everything it was given."""

    def __init__(self, session):
        self.session, self.calls, self.get_inputs = session, [], session.get_inputs

    def run(self, outputs, given):
        self.calls.append({name: value.copy() for name, value in given.items()})
        return self.session.run(outputs, given)


@pytest.fixture
def policy(tiny):
    return Recorder(session(tiny.card, "policy.onnx", Processor(cpu)))


@pytest.fixture(scope="module")
def voice(spoken) -> Audio:
    return load_audio(spoken)


@pytest.fixture(scope="module")
def told():
    """What a memory could say of 43 frames: slow waves."""
    rng = np.random.default_rng(0)
    t = np.arange(43)[:, None] / 50
    general = 0.3 + 0.2 * np.sin(2 * np.pi * (t * rng.uniform(0.5, 2, 61) + rng.random(61)))
    return general.astype(np.float32), np.sin(t * rng.uniform(0, 9, 128)).astype(np.float32)


def sampling(temperature=0.5, steps=1, executed=4, heard=HEARD) -> Sampling:
    return Sampling(steps, HORIZON, executed, heard, (temperature,) * 61)


def draw(session, told, sizes=(43,), **options) -> np.ndarray:
    sampler = Sampler(session, options.pop("sampling", sampling()), **options)
    frames, begin = [], 0
    for size in sizes:
        frames.append(sampler.feed(told[0][begin : begin + size], told[1][begin : begin + size]))
        begin += size
    return np.concatenate([*frames, sampler.finish()])


@pytest.mark.parametrize("executed", [4, 3, 1])
def test_every_frame_comes_once(policy, told, executed):
    sampler = Sampler(policy, sampling(executed=executed))
    counts = [len(sampler.feed(told[0][k : k + 1], told[1][k : k + 1])) for k in range(43)]
    assert counts == [executed * (k + 1 >= HEARD and (k + 1 - HEARD) % executed == 0) for k in range(43)]
    assert sum(counts) + len(sampler.finish()) == 43


def test_of_what_a_policy_is_not_to_hear_the_last_is_held(policy, told):
    """A frame that is not heard is one less to wait for."""
    sampler = Sampler(policy, sampling(executed=2, heard=2))
    assert [len(sampler.feed(told[0][k : k + 1], told[1][k : k + 1])) for k in range(6)] == [0, 2, 0, 2, 0, 2]
    for call in policy.calls:
        for name in ("general", "local"):
            rows = call[name][0]
            assert len(rows) == PAST + HEARD
            assert (rows[PAST + 2 :] == rows[PAST + 1]).all() and (rows[PAST + 1] != rows[PAST]).any()


@pytest.mark.parametrize("sizes", [(1,) * 43, (2, 5, 0, 29, 7), (40, 3)])
@pytest.mark.parametrize("executed", [4, 3])
def test_how_it_is_fed_does_not_matter(policy, told, sizes, executed):
    kind = sampling(executed=executed)
    np.testing.assert_array_equal(draw(policy, told, sizes, sampling=kind), draw(policy, told, sampling=kind))


@pytest.mark.parametrize("executed", [4, 3])
def test_the_policy_is_given_what_the_paper_says(policy, told, executed):
    motion = draw(policy, told, seed=9, sampling=sampling(executed=executed))
    begun, ended = (lambda rows: np.repeat(rows[:1], PAST, axis=0)), (lambda rows: np.repeat(rows[-1:], HEARD, axis=0))
    general, local = (np.concatenate([begun(rows), rows, ended(rows)]) for rows in told)
    seen = np.concatenate([begun(told[0]), motion / drawn_sizes(9, 0.5)])
    assert len(policy.calls) == -(-43 // executed)
    for k, call in enumerate(policy.calls):
        first = k * executed
        np.testing.assert_array_equal(call["general"][0], general[first : first + PAST + HEARD])
        np.testing.assert_array_equal(call["local"][0], local[first : first + PAST + HEARD])
        np.testing.assert_allclose(call["past"][0], seen[first : first + PAST], atol=1e-6)
        noise = np.random.default_rng([9, k]).standard_normal((HORIZON, 61), dtype=np.float32)
        np.testing.assert_array_equal(call["state"][0], np.float32(0.5) * noise)
        assert not call["pinned"].any() and not call["pins"].any()


@pytest.mark.parametrize("steps", [1, 2, 4])
def test_steps_follow_the_flow(policy, told, steps):
    draw(policy, told, sizes=(4,), steps=steps)
    calls = policy.calls[:steps]
    assert [float(call["time"][0]) for call in calls] == [k / steps for k in range(steps)]
    assert all(float(call["stride"][0]) == 1 / steps for call in calls)
    for before, after in pairwise(calls):
        (velocity,) = policy.session.run(["velocity"], before)
        np.testing.assert_allclose(after["state"], before["state"] + velocity / steps, rtol=1e-6)


def test_the_card_says_how_many_steps(policy, told):
    draw(policy, told, sizes=(4,), sampling=sampling(steps=4))
    assert float(policy.calls[0]["stride"][0]) == 0.25


def test_no_temperature_no_chance(policy, told):
    cold = replace(sampling(), temperature=(0.0,) * 61)
    a, b = (draw(policy, told, seed=seed, sampling=cold) for seed in (1, 2))
    np.testing.assert_array_equal(a, b)
    assert not np.array_equal(draw(policy, told, seed=1), draw(policy, told, seed=2))


def test_weights_stay_weights(policy, told):
    motion = draw(policy, (5 * told[0] - 1, told[1]))
    assert motion[:, :52].min() == 0 and motion[:, :52].max() == 1
    assert motion[:, 52:].min() < 0 and motion[:, 52:].max() > 1


@pytest.mark.parametrize("steps", [0, 3, 8, -1])
def test_other_steps_are_refused(policy, steps):
    with pytest.raises(FacewrightError, match=rf"1, 2 or 4 steps, got {steps}"):
        Sampler(policy, sampling(), steps=steps)


@pytest.mark.parametrize("seed", [-1, LARGEST_SEED + 1])
def test_seeds_out_of_range_are_refused(policy, seed):
    with pytest.raises(FacewrightError, match="seed from 0 to"):
        Sampler(policy, sampling(), seed=seed)


def test_a_seed_is_a_take_bit_for_bit(tiny, voice):
    a, again, other = (animate(voice, predictor=tiny, seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(a.values, again.values)
    assert not np.array_equal(a.values, other.values)


def test_more_sound_changes_only_what_it_can_reach(tiny, voice):
    once = voice.samples[: 2 * RATE]
    short, long = (tiny.predict(Audio(x)) for x in (once, np.concatenate([once, 0 * once])))  # of the same level
    same = short.frames - tiny.card.right_context - tiny.card.sampling.executed
    np.testing.assert_allclose(long.values[:same, :61], short.values[:same, :61], atol=1e-6)
