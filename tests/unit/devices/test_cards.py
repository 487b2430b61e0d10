# SPDX-License-Identifier: GPL-3.0-or-later
"""Graphics cards are counted, and shared out among the processes of a batch."""

import os

import pytest

from facewright.inference.devices.cards import CHOICE, visible_cards

pytest.importorskip("distributed")

from facewright.inference.batch.cluster import connected


def test_cards_that_were_chosen_are_all_there_are(monkeypatch):
    monkeypatch.setenv(CHOICE, "2, GPU-7f")
    assert visible_cards() == ("2", "GPU-7f")
    monkeypatch.setenv(CHOICE, "")
    assert visible_cards() == ()


def test_without_a_driver_there_are_none(monkeypatch):
    monkeypatch.delenv(CHOICE, raising=False)
    monkeypatch.setenv("PATH", "")
    assert visible_cards() == ()


def seen(dask_worker) -> tuple[str, int]:
    return os.environ[CHOICE], os.getpid()


def test_each_process_sees_one_card_also_after_it_was_killed():
    with connected(3, None, ("GPU-a", "GPU-b")) as client:
        before = client.run(seen)
        assert sorted(card for card, _ in before.values()) == ["GPU-a", "GPU-a", "GPU-b"]
        killed = next(process for card, process in before.values() if card == "GPU-b")
        os.kill(killed, 9)
        after = before
        while killed in {process for _, process in after.values()} or len(after) < 3:
            client.wait_for_workers(3, timeout=60)
            after = {key: told for key, told in client.run(seen, on_error="ignore").items() if isinstance(told, tuple)}
        assert sorted(card for card, _ in after.values()) == ["GPU-a", "GPU-a", "GPU-b"]
