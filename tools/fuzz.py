# SPDX-License-Identifier: GPL-3.0-or-later
"""Feed every reader damaged files: ``python tools/fuzz.py [--count 3000] [--seconds 600] [--seed 0] [--only wav csv]``.

Valid files of each kind are made here, then bytes are turned around, stretches cut out, doubled or zeroed, fields
swapped, numbers made huge. Each file must be read, or be refused with one of our errors in one line of at most 400
characters, within ten seconds and a gigabyte. Readers run in a process of their own, a few hundred files each: one that
dies or hangs is told by its number, and the next begins behind it. The same seed makes the same files.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
SLOW, LARGE, LONGEST = 10, 1_000_000, 400  # seconds, kilobytes, characters
RATE = 16_000


def main() -> int:
    """Feed all readers; 1 where one did what it must not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=3000, help="files, over all readers")
    parser.add_argument("--seconds", type=float, default=600.0, help="no new file is begun after so many")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="+", choices=[*READERS], default=[*READERS], metavar="READER")
    parser.add_argument("--child", nargs=2, type=int, metavar=("FIRST", "LAST"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        feed(given.only[0], given.seed, *given.child)
        return 0
    end, counts, faults = time.monotonic() + given.seconds, Counter(), []
    for name in given.only:
        told = _reader(name, given.seed, -(-given.count // len(given.only)), end)
        counts += Counter(outcome for outcome, _ in told)
        faults += [f"{name}: {text}" for outcome, text in told if outcome not in ("read", "refused")]
        print(f"{name:12}" + "  ".join(f"{k} {n}" for k, n in sorted(Counter(o for o, _ in told).items())), flush=True)
    print("all         " + "  ".join(f"{outcome} {number}" for outcome, number in sorted(counts.items())))
    for text, times in Counter(faults).most_common(60):
        print(f"  {times} x {text}")
    return 1 if faults else 0


def _reader(name: str, seed: int, count: int, end: float) -> list[tuple[str, str]]:
    """The outcome of each file that a reader was given, with a text where it is a fault."""
    told: list[tuple[str, str]] = []
    while len(told) < count and time.monotonic() < end:
        part = ["--child", str(len(told)), str(count), "--only", name, "--seed", str(seed)]
        command = [sys.executable, __file__, *part]
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "tests")}  # for its maker of FLAME-like pickles
        given = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True, "cwd": ROOT, "env": environment}
        run = subprocess.Popen(command, **given)
        before = len(told)
        try:
            out, _ = run.communicate(timeout=max(end - time.monotonic(), 1) + SLOW)
        except subprocess.TimeoutExpired:
            run.kill()
            out, _ = run.communicate()
        told += [(one[0], one[1]) for one in map(json.loads, out.splitlines())]
        if run.returncode and len(told) < count and time.monotonic() < end:
            told.append(("died", f"the process died (status {run.returncode})"))
        elif len(told) == before:
            break
    return told


def feed(name: str, seed: int, first: int, last: int) -> None:
    """Give a reader files, and print the outcome of each as JSON."""
    from facewright.inference.core.errors import FacewrightError

    make, read = READERS[name]
    signal.signal(signal.SIGALRM, _too_slow)
    with tempfile.TemporaryDirectory(prefix="facewright-") as folder:
        whole = make(Path(folder))
        content = whole.read_bytes()
        read(whole)
        for number in range(first, last):
            rng = np.random.default_rng([seed, number, len(name)])
            whole.write_bytes(damaged(content, rng))
            signal.alarm(SLOW)
            try:
                read(whole)
                outcome = "read", ""
            except FacewrightError as error:
                outcome = _refused(str(error))
            except _TooSlowError:
                outcome = "slow", f"over {SLOW} s"
            except Exception as error:
                outcome = "traceback", f"{type(error).__name__}: {str(error)[:100]}"
            finally:
                signal.alarm(0)
            used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            if used > LARGE:
                outcome = "large", f"{used / 1e6:.1f} GB"
            print(json.dumps(outcome), flush=True)
            if used > LARGE:
                return  # what is large stays large: the next process begins behind it


def _refused(text: str) -> tuple[str, str]:
    if "\n" in text:
        return "lines", text.split("\n")[0][:100]
    return ("long", f"{len(text)} characters: {text[:100]}") if len(text) > LONGEST else ("refused", "")


class _TooSlowError(BaseException):
    pass


def _too_slow(*_: object) -> None:
    raise _TooSlowError


def damaged(content: bytes, rng: np.random.Generator) -> bytes:
    """A file with one to four faults."""
    for _ in range(rng.integers(1, 5)):
        content = FAULTS[rng.integers(len(FAULTS))](content, rng)
    return content


def _turned(content: bytes, rng: np.random.Generator) -> bytes:
    data = bytearray(content)
    for at in rng.integers(0, max(len(data), 1), rng.integers(1, 9)) if data else ():
        data[at] ^= 1 << int(rng.integers(8))
    return bytes(data)


def _cut(content: bytes, rng: np.random.Generator) -> bytes:
    return content[: rng.integers(0, len(content) + 1)]


def _holed(content: bytes, rng: np.random.Generator) -> bytes:
    first, last = sorted(rng.integers(0, len(content) + 1, 2))
    kind = rng.integers(3)
    return content[:first] + (b"", b"\0" * (last - first), content[first:last] * 2)[kind] + content[last:]


def _swapped(content: bytes, rng: np.random.Generator) -> bytes:
    if len(content) < 16:
        return content
    a, b = sorted(rng.integers(0, min(len(content), 400) - 8, 2))
    data = bytearray(content)
    data[a : a + 4], data[b : b + 4] = data[b : b + 4], data[a : a + 4]
    return bytes(data)


def _huge(content: bytes, rng: np.random.Generator) -> bytes:
    """A number of the head made as large as it goes, in bytes or in digits."""
    data = bytearray(content)
    digits = [at for at, byte in enumerate(data[:5000]) if 48 <= byte < 58]
    if digits and rng.integers(2):
        at = digits[rng.integers(len(digits))]
        return bytes(data[:at]) + b"9" * int(rng.integers(2, 30)) + bytes(data[at:])
    at = int(rng.integers(0, max(min(len(data), 400) - 4, 1)))
    data[at : at + 4] = (b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\0\0\0", b"\0\0\0\x80")[rng.integers(4)]
    return bytes(data)


def _nested(content: bytes, rng: np.random.Generator) -> bytes:
    at = int(rng.integers(0, min(len(content), 2000) + 1))
    return content[:at] + (b"[", b"{", b"(", b'{"a":')[rng.integers(4)] * int(rng.integers(1, 5000)) + content[at:]


FAULTS = (_turned, _turned, _cut, _holed, _swapped, _huge, _huge, _nested)


def _sound(name: str, **how: object) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        import soundfile

        time = np.arange(RATE) / RATE
        soundfile.write(folder / name, 0.3 * np.sin(900 * time) * np.sin(12 * time), RATE, **how)
        return folder / name

    return make


def _curves(name: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        from facewright.inference.core.channels import CHANNELS
        from facewright.inference.core.motion import Motion
        from facewright.inference.formats import export

        values = np.random.default_rng(0).uniform(0, 0.5, (20, len(CHANNELS))).astype(np.float32)
        export(Motion(values, CHANNELS, 50.0), folder / name)
        return folder / name

    return make


def _text(name: str, text: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        (folder / name).write_text(text, encoding="utf-8")
        return folder / name

    return make


def _style(folder: Path) -> Path:
    from facewright.inference.styles.file import write
    from facewright.inference.styles.style import Style

    write(Style("broad", np.full(40, 1.1, np.float32)), folder / "a.fwstyle")
    return folder / "a.fwstyle"


def _flame(folder: Path) -> Path:
    rng = np.random.default_rng(0)
    np.savez(folder / "a.npz", expr=rng.normal(size=(20, 50)), pose=rng.normal(size=(20, 6)) * 0.1, fps=25.0)
    return folder / "a.npz"


def _hear(path: Path) -> None:
    from facewright.inference.audio.decode import load_audio

    load_audio(path)


def _read_curves(path: Path) -> None:
    from facewright.inference.formats import read_curves

    read_curves(path)


def _read_style(path: Path) -> None:
    from facewright.inference.styles.file import read

    read(path)


def _read_convention(path: Path) -> None:
    from facewright.inference.retarget.convention import read_convention

    read_convention(path)


def _read_list(path: Path) -> None:
    from facewright.inference.batch.shot_list import read_list

    read_list(path)


def _read_flame(path: Path) -> None:
    from facewright.inference.flame.files import read_flame

    read_flame(path, 25.0)


def _read_model(path: Path) -> None:
    from facewright.inference.flame.read import read_arrays

    read_arrays(path)


def _pickle(folder: Path) -> Path:
    from support.flame_pickles import flame_open

    (folder / "a.pkl").write_bytes(flame_open())
    return folder / "a.pkl"


_CONVENTION = (ROOT / "inference" / "retarget" / "conventions" / "arkit.toml").read_text(encoding="utf-8")
_LIST = "sound,name,start,duration,make,fps,seed,sliders\n" + "a.wav,one,0.5,1:02.5,csv npz,24,3,jaw=1.2 head=0.5\n" * 5

READERS: dict[str, tuple[Callable[[Path], Path], Callable[[Path], None]]] = {
    "wav": (_sound("a.wav"), _hear),
    "wav float": (_sound("b.wav", subtype="FLOAT"), _hear),
    "gsm": (_sound("c.wav", subtype="GSM610"), _hear),
    "aiff": (_sound("a.aiff"), _hear),
    "flac": (_sound("a.flac"), _hear),
    "ogg": (_sound("a.ogg"), _hear),
    "mp3": (_sound("a.mp3"), _hear),
    "csv": (_curves("a.csv"), _read_curves),
    "json": (_curves("a.json"), _read_curves),
    "npz": (_curves("a.npz"), _read_curves),
    "style": (_style, _read_style),
    "convention": (_text("a.toml", _CONVENTION), _read_convention),
    "list csv": (_text("a.csv", _LIST), _read_list),
    "list toml": (_text("a.toml", '[defaults]\nfps = 24\n[[shot]]\nsound = "a.wav"\nseed = 3\n'), _read_list),
    "list jsonl": (_text("a.jsonl", '{"sound": "a.wav", "start": 0.5, "sliders": {"jaw": 1.2}}\n' * 4), _read_list),
    "flame npz": (_flame, _read_flame),
    "flame model": (_pickle, _read_model),
}


if __name__ == "__main__":
    sys.exit(main())
