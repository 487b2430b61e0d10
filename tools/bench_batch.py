# SPDX-License-Identifier: GPL-3.0-or-later
"""Speed of batches: ``python tools/bench_batch.py [--only files bakes growth long farm]``.

`files`: a list against a loop of ``facewright animate``; `bakes`: .blend files against one Blender a shot (wants bpy,
or ``--blender`` with facewright installed in it); `growth`: 1, 2 and 4 workers; `long`: 10,000 rows; `farm`: 500
workers that only wait, as long as a shot takes, which shows whether scheduler and client keep up. Two ways that are
compared run in turn, after one run that does not count.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import msgspec
import numpy as np
import soundfile

from facewright.inference.batch import cluster
from facewright.inference.batch.making import Run
from facewright.inference.batch.outcome import Outcome
from facewright.inference.batch.shot import Shot
from facewright.models.espeak import speak

ROOT = Path(__file__).resolve().parent.parent
SENTENCE = "Six spoons of fresh snow peas, five thick slabs of blue cheese, and maybe a snack for her brother Bob. "
LENGTH = 2.5  # s of each sound
SHOT = 0.07  # s of processor time that such a shot takes
PROGRAM = [sys.executable, "-m", "inference"]


def main() -> None:
    """Print what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", default=list(BENCHES), choices=list(BENCHES))
    parser.add_argument("--blender", default="", help="for `bakes`, with facewright in it; default: bpy")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="facewright-") as folder:
        sounds = spoken(Path(folder))
        for name in given.only:
            BENCHES[name](Path(folder), sounds, given.blender)


def spoken(folder: Path, count: int = 200) -> list[Path]:
    """Sounds of 2.5 s each, no two alike."""
    speak(SENTENCE * 3, folder / "all.wav")
    samples, rate = soundfile.read(folder / "all.wav")
    paths = [folder / f"line{k:03d}.wav" for k in range(count)]
    for k, path in enumerate(paths):
        soundfile.write(path, np.roll(samples, -k * rate // 20)[: int(LENGTH * rate)], rate)
    return paths


def batch(rows: str, folder: Path, *options: str) -> float:
    """Shots a second of a list, made into a folder of its own."""
    out = folder / "out"
    shutil.rmtree(out, ignore_errors=True)
    (folder / "list.csv").write_text(rows, encoding="utf-8")
    command = [*PROGRAM, "batch", str(folder / "list.csv"), "-o", str(out), "--quiet", *options]
    begin = time.monotonic()
    subprocess.run(command, cwd=ROOT, check=True)
    return (rows.count("\n") - 1) / (time.monotonic() - begin)


def rows_of(sounds: list[Path], count: int, make: str, **cells: str) -> str:
    """A table that asks for each sound again and again, with other seeds."""
    head = ",".join(["name", "sound", "seed", "make", *cells]) + "\n"
    line = "".join(f",{cell}" for cell in cells.values())
    return head + "".join(f"shot{k},{sounds[k % len(sounds)]},{k // len(sounds)},{make}{line}\n" for k in range(count))


def compared(what: str, loop: Callable[[], float], whole: Callable[[], float], bar: float) -> None:
    """Rates of two ways to make shots, in turn, and their ratio."""
    loop(), whole()
    ratios = []
    for _ in range(3):
        one, many = loop(), whole()
        ratios.append(many / one)
        print(f"{what}: {one:.2f} a second one by one, {many:.2f} as a batch, {many / one:.1f} times (bar {bar:g})")
    print(f"{what}: median {np.median(ratios):.1f} times", flush=True)


def bench_files(folder: Path, sounds: list[Path], _blender: str) -> None:
    """Curves of 1,000 files."""

    def loop() -> float:
        begin = time.monotonic()
        for sound in sounds[:20]:
            command = [*PROGRAM, "animate", str(sound), "-o", str(folder / "one.npz"), "--quiet"]
            subprocess.run(command, cwd=ROOT, check=True)
        return 20 / (time.monotonic() - begin)

    compared("1,000 files of 2.5 s", loop, lambda: batch(rows_of(sounds, 1000, "npz"), folder), 8)


def bench_bakes(folder: Path, sounds: list[Path], blender: str) -> None:
    """The built-in head in 200 .blend files, against a Blender for each."""
    scene = folder / "head.blend"
    script = (
        "import bpy, facewright\n"
        "bpy.ops.wm.read_factory_settings(use_empty=True)\n"
        "facewright.register()\n"
        "bpy.ops.mesh.facewright_head()\n"
        f"bpy.ops.wm.save_as_mainfile(filepath={str(scene)!r})\n"
        "facewright.unregister()\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)
    alone = (
        "import sys, bpy, facewright\n"
        "facewright.register()\n"
        "bpy.ops.wm.open_mainfile(filepath=sys.argv[1])\n"
        "from facewright.addon import command\n"
        "raise SystemExit(command.main(['bake', '--audio', sys.argv[2], '--output', sys.argv[3]]))\n"
    )

    def loop() -> float:
        begin = time.monotonic()
        for sound in sounds[:8]:
            bake = ["--audio", str(sound), "--output", str(folder / "one.blend")]
            one = [blender, "-b", str(scene), "--command", "facewright", "bake", *bake]
            command = one if blender else [sys.executable, "-c", alone, str(scene), str(sound), bake[-1]]
            subprocess.run(command, check=True, capture_output=True)
        return 8 / (time.monotonic() - begin)

    rows = rows_of(sounds, 200, "blend", blend=str(scene))
    options = ["--blender", blender] if blender else []
    compared("200 shots into .blend files", loop, lambda: batch(rows, folder, *options), 3)


def bench_growth(folder: Path, sounds: list[Path], _blender: str) -> None:
    """The same list with 1, 2 and 4 workers."""
    for workers in (1, 2, 4):
        rate = batch(rows_of(sounds, 400, "npz"), folder, "--workers", str(workers))
        print(f"{workers} workers: {rate:.1f} shots a second, start and end included", flush=True)


def bench_long(folder: Path, sounds: list[Path], _blender: str) -> None:
    """A list of 10,000 rows: the client, which also is the scheduler, and the first shot."""
    import psutil

    (folder / "list.csv").write_text(rows_of(sounds, 10_000, "npz"), encoding="utf-8")
    out = folder / "long"
    command = [*PROGRAM, "batch", str(folder / "list.csv"), "-o", str(out), "--quiet"]
    begin = time.monotonic()
    started = subprocess.Popen(command, cwd=ROOT)
    while not any(out.glob("shot*.npz")):
        time.sleep(0.02)
    first, largest, client = time.monotonic() - begin, 0, psutil.Process(started.pid)
    while started.poll() is None:
        largest = max(largest, client.memory_info().rss)
        time.sleep(0.2)
    total = time.monotonic() - begin
    memory = f"client and scheduler {largest / 1e6:.0f} MB (bar 500)"
    print(f"10,000 rows: first shot after {first:.1f} s (bar 10), {memory}, all in {total:.0f} s", flush=True)


def pretend(shots: bytes, run: bytes, version: str) -> bytes:
    """In the place of `make_shots`: waits as long as the shots would take."""
    wanted = msgspec.msgpack.decode(shots, type=list[Shot])
    time.sleep(SHOT * len(wanted))
    made = [Outcome(row=one.row, name=one.name, state="made", seconds=SHOT) for one in wanted]
    return msgspec.msgpack.encode(made)


def bench_farm(_folder: Path, _sounds: list[Path], _blender: str) -> None:
    """500 threads of Dask in ten processes, each of which waits as long as a shot takes."""
    from distributed import Client, LocalCluster

    shots = [Shot(row=k, name=f"shot{k}", sound="line.wav") for k in range(100_000)]
    with mock.patch.object(cluster, "make_shots", pretend):
        for threads in (20, 500):
            local = LocalCluster(n_workers=10, threads_per_worker=threads // 10, memory_limit=0, dashboard_address=None)
            with local, Client(local) as client:
                count = min(len(shots), 200 * threads)
                begin, used = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF)
                for _ in cluster.outcomes(client, shots[:count], Run(key="farm", out="/")):
                    pass
                taken, now = time.monotonic() - begin, resource.getrusage(resource.RUSAGE_SELF)
                ideal = count * SHOT / threads
                busy = now.ru_utime - used.ru_utime + now.ru_stime - used.ru_stime
                print(f"{threads} workers: {count} shots in {taken:.1f} s, {ideal / taken:.2f} of linear; ", end="")
                print(f"client and scheduler were busy for {busy:.1f} s", flush=True)


BENCHES = {
    "files": bench_files,
    "bakes": bench_bakes,
    "growth": bench_growth,
    "long": bench_long,
    "farm": bench_farm,
}

if __name__ == "__main__":
    main()
