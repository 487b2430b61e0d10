# SPDX-License-Identifier: GPL-3.0-or-later
"""Speed, as a person feels it: the worker process, long files, and baking. Prints seconds and ratios to the bars.

Every figure is the median of several runs in this process' own worker, started as the extension starts it.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import bpy
import numpy as np
import soundfile
from bench_flame import flame_seconds
from bench_sliders import slider_seconds
from scramble_names import mistyped

from facewright.addon.blender import actions
from facewright.inference.audio.decode import load_audio
from facewright.inference.core.channels import ARKIT
from facewright.inference.core.clip import Clip
from facewright.inference.keys import records, reduce
from facewright.inference.pipeline.animate import animate
from facewright.inference.retarget import matching, rig, spelling
from facewright.inference.retarget.convention import conventions
from facewright.inference.worker.framing import read_packet
from facewright.inference.worker.protocol import Generate, send
from facewright.models.espeak import speak

ROOT = Path(__file__).resolve().parent.parent
SENTENCE = "Six spoons of fresh snow peas, five thick slabs of blue cheese, and maybe a snack for her brother Bob. "


def main() -> None:
    """Print one line for each figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60, help="length of the long file (default: 60)")
    minutes = parser.parse_args().minutes
    print(f"{'figure':<52}{'measured':>12}{'bar':>10}{'of bar':>9}")
    with tempfile.TemporaryDirectory() as folder:
        bench_worker(Path(folder), minutes)
    bench_bake()
    with tempfile.TemporaryDirectory() as folder:
        bench_sparse(Path(folder))
    bench_matching()
    with tempfile.TemporaryDirectory() as folder:
        for field, seconds in slider_seconds(Path(folder), SENTENCE).items():
            report(f"{field}, 30 s of speech, to the meshes", 1000 * seconds, 50, "ms")
    for number, (what, seconds) in enumerate(flame_seconds().items()):
        if number == 0:
            report(what, 1000 * seconds, 0.5, "ms")
        else:
            print(f"{what:<52}{1000 * seconds:>10.3f} ms")


def report(figure: str, value: float, bar: float, unit: str) -> None:
    """One line: what, how much, the bar, and how much of the bar was used."""
    print(f"{figure:<52}{value:>10.3f} {unit:<2}{bar:>9.3f}{value / bar:>8.0%}", flush=True)


def median_seconds(work: Callable[[], object], runs: int = 5) -> float:
    """Median wall time of `work`."""
    taken = []
    for _ in range(runs):
        begin = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken)


def start_worker() -> subprocess.Popen[bytes]:
    """A worker that has said it is ready."""
    worker = subprocess.Popen(
        [sys.executable, "-m", "inference.worker"],
        cwd=ROOT,
        env={**os.environ, "MALLOC_ARENA_MAX": "1"},  # as `addon.worker.process` has it
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    hello, _ = read_packet(worker.stdout)
    if hello["type"] != "Ready":
        raise SystemExit(f"The worker did not start: {hello}")
    return worker


def stop_worker(worker: subprocess.Popen[bytes]) -> None:
    """Close its pipe, upon which it ends by itself."""
    worker.stdin.close()
    worker.wait()


def ask(worker: subprocess.Popen[bytes], path: Path) -> None:
    """Have one file animated and wait for the curves."""
    send(worker.stdin, Generate(id=1, clip=Clip(str(path)), fps=30.0))
    while True:
        message, _ = read_packet(worker.stdout)
        if message["type"] == "TakeMade":
            return
        if message["type"] == "Failed":
            raise SystemExit(message["message"])


def bench_worker(folder: Path, minutes: float) -> None:
    """Start-up, speed when warm, a long file."""
    report("worker ready", median_seconds(lambda: stop_worker(start_worker())), 3.0, "s")
    speak(SENTENCE * 3, folder / "once.wav")
    sound, rate = soundfile.read(folder / "once.wav", dtype="float32")
    once = len(sound) / rate
    worker = start_worker()
    ask(worker, folder / "once.wav")
    report(
        f"{once:.0f} s of speech, warm, per second",
        median_seconds(lambda: ask(worker, folder / "once.wav")) / once,
        0.10,
        "s",
    )
    per_second = []
    for part in (minutes / 10, minutes):
        seconds = part * 60
        soundfile.write(folder / "long.wav", np.resize(sound, int(seconds * rate)), rate)
        per_second.append(median_seconds(lambda: ask(worker, folder / "long.wav"), runs=3) / seconds)
    report(f"{minutes:g} min of speech, per second", per_second[1], 0.10, "s")
    report(f"  the same against {minutes / 10:g} min (1 = linear time)", per_second[1] / per_second[0], 1.25, "x")
    status = Path(f"/proc/{worker.pid}/status")
    if status.exists():
        peak = next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        report("  largest memory of the worker", peak / 1024, 250, "MB")
    stop_worker(worker)


def bench_bake() -> None:
    """52 curves, 11 minutes, 30 fps: a million keys, against the barest way Blender has."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.mesh.primitive_cube_add()
    cube = bpy.context.object
    cube.shape_key_add(name="Basis")
    paths = tuple(cube.shape_key_add(name=name).path_from_id("value") for name in ARKIT)
    frames = np.arange(1, 11 * 60 * 30 + 1)
    values = np.random.default_rng(0).random((len(frames), len(paths)), dtype=np.float32)
    baking = median_seconds(lambda: write_keys(cube.data.shape_keys, paths, frames, values))
    bare = median_seconds(lambda: bare_bake(frames, values))
    report(f"{values.size / 1e6:.2f} million keys baked", baking, 1.0, "s")
    print(f"{'  coordinates alone, a bare foreach_set':<52}{bare:>10.3f} s")


def bench_sparse(folder: Path) -> None:
    """Few keys for 52 curves of 11 minutes of speech at 30 fps; processor time, for other work disturbs it less."""
    speak(SENTENCE, folder / "sentence.wav")
    said = animate(load_audio(folder / "sentence.wav"), fps=30.0).select(ARKIT).values
    frames = np.arange(11 * 60 * 30)
    values = np.resize(said, (len(frames), said.shape[1]))
    begin = time.process_time()
    keys = reduce.reduce_keys(frames, values, 0.01)
    report("few keys for 11 minutes, 52 curves", time.process_time() - begin, 5.0, "s")
    print(f"{'  keys saved':<52}{1 - sum(len(one.frames) for one in keys) / values.size:>10.0%}")


def write_keys(block: bpy.types.Key, paths: tuple[str, ...], frames: np.ndarray, values: np.ndarray) -> None:
    """Linear keys on every frame, as a bake writes them."""
    home = actions.new_slot(block, "Cube", "Bench", None)
    for path, keys in zip(paths, reduce.reduce_keys(frames, values, 0.0, smooth=False), strict=True):
        actions.replace_keys(home, (path, 0), records.records(keys), None)


def bench_matching() -> None:
    """500 names: five conventions mixed and mistyped, and 150 that mean nothing; nothing remembered from before."""
    random_ = random.Random(0)
    targets = [target.name for convention in conventions() for target in convention.targets]
    names = list(dict.fromkeys(mistyped(name, random_) for name in targets))[:350]
    names += [f"Corrective_{number}_muscle{7 * number % 13}" for number in range(150)]

    def match() -> None:
        for remembered in (spelling.readings, spelling.words, matching._ratio, matching._recognise, rig._lines_for):
            remembered.cache_clear()
        rig.lines_for([names])

    report("500 shape keys matched", median_seconds(match), 0.2, "s")


def bare_bake(frames: np.ndarray, values: np.ndarray) -> None:
    """Keys without interpolation, handles or a data-block: the least a bake could cost."""
    action = bpy.data.actions.new("Bare")
    strip = action.layers.new("Layer").strips.new(type="KEYFRAME")
    slot = action.slots.new(id_type="KEY", name="Bare")
    fcurves = strip.channelbag(slot, ensure=True).fcurves
    points = np.empty((len(frames), 2), np.float32)
    points[:, 0] = frames
    for index, column in enumerate(values.T):
        keys = fcurves.new("bare", index=index).keyframe_points
        keys.add(len(frames))
        points[:, 1] = column
        keys.foreach_set("co", points.ravel())


if __name__ == "__main__":
    main()
