# SPDX-License-Identifier: GPL-3.0-or-later
"""A step of training: its rate, the average that is kept, and batches that come in order from another process."""

from itertools import islice

import pytest

pytest.importorskip("torch", reason="torch is only in the training environment")

import torch

from facewright.models.training.data.loading import batches
from facewright.models.training.stages.steps import averaged, descend, rate, schedule


def test_the_rate_rises_to_its_highest_and_falls_to_nothing():
    rates = [rate(step, 100, 10) for step in range(1, 101)]
    assert max(rates) == rates[9] and rates[:10] == sorted(rates[:10]) and rates[9:] == sorted(rates[9:], reverse=True)
    assert rates[9] > 0.95 and rates[-1] == pytest.approx(0, abs=1e-12)


def test_the_schedule_gives_each_group_its_rate_in_every_step():
    weights = [torch.nn.Parameter(torch.zeros(1)) for _ in range(2)]
    groups = [{"params": [weights[0]], "lr": 2.0}, {"params": [weights[1]], "lr": 3.0}]
    optimiser = torch.optim.SGD(groups)
    plan = schedule(optimiser, 20, 5)
    for step in range(1, 21):
        share = rate(step, 20, 5)
        assert [group["lr"] for group in optimiser.param_groups] == pytest.approx([2 * share, 3 * share])
        descend(optimiser, weights[0].sum() + weights[1].sum())
        plan.step()


def test_a_gradient_that_is_too_long_is_shortened():
    weight = torch.nn.Parameter(torch.zeros(2))
    optimiser = torch.optim.SGD([weight], lr=1.0)
    descend(optimiser, (weight * torch.tensor([3.0, 4.0])).sum(), largest=1.0)
    torch.testing.assert_close(weight.data, torch.tensor([-0.6, -0.8]), rtol=1e-5, atol=1e-6)


def test_the_average_is_short_at_first_and_then_exponential():
    network = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.zeros_(network.weight)
    average, expected = averaged(network), 0.0
    for step in range(1, 12_001):
        network.weight.data.fill_(step)
        average.update_parameters(network)
        expected += (1 - min(0.998, step / (step + 20))) * (step - expected)
        if step in (1, 2, 100, 12_000):
            assert average.module.weight.item() == pytest.approx(expected, rel=1e-4)
    assert average.module.weight.item() == pytest.approx(12_000 - 0.998 / 0.002, rel=1e-3)


class Counted:
    def __init__(self, until):
        self.count, self.until = 0, until

    def batch(self):
        self.count += 1
        if self.count > self.until:
            raise ValueError("no more")
        return torch.tensor(self.count), (torch.ones(2),)


def test_batches_come_in_order_and_leave_the_generator_of_weights_alone():
    torch.manual_seed(0)
    before = torch.get_rng_state()
    assert [int(number) for number, _ in islice(batches(Counted(100).batch), 8)] == list(range(1, 9))
    assert torch.equal(before, torch.get_rng_state())


def test_what_fails_in_a_batch_is_raised_where_it_is_wanted():
    with pytest.raises(ValueError, match="no more"):
        list(islice(batches(Counted(2).batch), 3))
