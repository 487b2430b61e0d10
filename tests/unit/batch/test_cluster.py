# SPDX-License-Identifier: GPL-3.0-or-later
"""Shots on real workers of Dask, some of which are killed meanwhile."""

import os
import signal
import threading

import pytest

from facewright.inference.batch.batch import Where, run_batch
from facewright.inference.batch.making import Run
from facewright.inference.batch.shot_list import read_list
from facewright.inference.core.errors import BatchError

pytest.importorskip("distributed")
psutil = pytest.importorskip("psutil")


def workers():
    """Processes that Dask has started here."""
    found = psutil.Process().children(recursive=True)
    return [process for process in found if "spawn_main" in " ".join(process.cmdline())]


def run(path, out, workers=2, key="run"):
    found = read_list(path, {"make": "npz"})
    where = Where(workers)
    return run_batch(found, Run(key=key, out=str(out), device="cpu"), where, of=path.name, report="report", quiet=True)


@pytest.fixture(scope="module")
def long_list(lines):
    path = lines / "list.csv"
    path.write_text("name,sound,seed\n" + "".join(f"shot{k},line{k % 8}.wav,{k // 8}\n" for k in range(72)))
    return path


@pytest.fixture(scope="module")
def whole(long_list, tmp_path_factory):
    """The list, made without faults."""
    out = tmp_path_factory.mktemp("whole")
    report, complete = run(long_list, out)
    assert complete
    assert (report.count("made"), report.count("failed")) == (72, 0)
    return out


def contents(out):
    return {path.name: path.read_bytes() for path in out.glob("*.npz")}


class Fate(threading.Thread):
    """Kills a worker whenever some more outputs are there, and watches whether one is ever written again."""

    def __init__(self, out):
        super().__init__(daemon=True)
        self.out, self.killed, self.written, self.again, self.over = out, 0, {}, [], threading.Event()

    def run(self):
        while not self.over.wait(0.02):
            for path in self.out.glob("*.npz"):
                place = path.stat().st_ino
                if self.written.setdefault(path.name, place) != place:
                    self.again.append(path.name)
            if self.killed < 3 and len(self.written) >= 15 * (self.killed + 1) and (alive := workers()):
                os.kill(alive[self.killed % len(alive)].pid, signal.SIGKILL)
                self.killed += 1


def test_workers_that_are_killed_cost_nothing_but_time(long_list, whole, out):
    fate = Fate(out)
    fate.start()
    report, complete = run(long_list, out)
    fate.over.set()
    fate.join()
    assert complete
    assert fate.killed == 3
    assert (report.count("made"), report.count("failed")) == (72, 0)
    assert contents(out) == contents(whole)
    assert not fate.again, "an output was written twice"
    assert not list(out.glob(".facewright/staging*"))
    assert not workers()


def test_a_second_run_makes_only_what_is_missing(long_list, whole):
    before = contents(whole)
    for k in (3, 40):
        (whole / f"shot{k}.npz").unlink()
    report, _ = run(long_list, whole, key="second")
    assert (report.count("made"), report.count("kept")) == (2, 70)
    assert contents(whole) == before


def test_bad_rows_fail_alone(lines, out):
    path = lines / "bad.csv"
    (lines / "broken.wav").write_bytes(b"RIFF nothing")
    path.write_text("sound,style\nline0.wav,\nabsent.wav,\nbroken.wav,\nline1.wav,no such style\nline2.wav,clear\n")
    report, complete = run(path, out, workers=1)
    assert complete
    assert [(one.row, one.state) for one in sorted(report.outcomes, key=lambda one: one.row)] == [
        (2, "made"), (3, "failed"), (4, "failed"), (5, "failed"), (6, "made"),
    ]  # fmt: skip
    assert all(one.why for one in report.outcomes if one.state == "failed")


def test_nobody_at_the_address_is_one_sentence(long_list, out):
    where = Where(1, "127.0.0.1:9")
    with pytest.raises(BatchError, match=r"127\.0\.0\.1:9"):
        run_batch(read_list(long_list), Run(key="x", out=str(out)), where, of="", report="report", quiet=True)
