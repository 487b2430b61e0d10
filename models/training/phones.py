# SPDX-License-Identifier: GPL-3.0-or-later
"""Speech whose phones are known: speechocean762 (250 voices) and GRID speaker s1, as cached log-mel streams.

``python -m facewright.models.training.phones --data ../shared/data --cache .cache/phones``
"""

from __future__ import annotations

import argparse
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile as sf

from facewright.inference.channels import PHONES
from facewright.inference.features import MOTION_FPS, log_mel
from facewright.models.training.augment import levelled, noises, varied

SILENCE = PHONES.index("SIL")
KEPT_SILENCE = 0.3  # seconds left before and after the words
VARIANTS = 4  # the first is the recording as it is


@dataclass(frozen=True, eq=False)
class Utterance:
    """One clip: mono 16 kHz samples and its phones, (ARPAbet, start s, end s)."""

    samples: np.ndarray
    phones: list[tuple[str, float, float]]
    speaker: str


def speechocean(data: Path) -> Iterator[Utterance]:
    """All of speechocean762, silence around the words cut to ``KEPT_SILENCE``."""
    folder = data / "speechocean762"
    with zipfile.ZipFile(folder / "audio.zip") as audio:
        for line in (folder / "utterances.jsonl").read_text().splitlines():
            entry = json.loads(line)
            samples, rate = sf.read(io.BytesIO(audio.read(f"{entry['id']}.ogg")), dtype="float32")
            phones = [(phone, begin / 100, (begin + length) / 100) for phone, begin, length in entry["phones"]]
            spoken = [phone for phone in phones if phone[0] != "SIL"]
            if spoken:
                begin = max(spoken[0][1] - KEPT_SILENCE, 0.0)
                end = spoken[-1][2] + KEPT_SILENCE
                part = samples[int(begin * rate) : int(end * rate)]
                yield Utterance(part, [(p, a - begin, b - begin) for p, a, b in phones], entry["speaker"])


def held_out_speakers(data: Path) -> set[str]:
    """Every twelfth of the 250 speakers: never trained on, used to choose between trainings."""
    lines = (data / "speechocean762" / "utterances.jsonl").read_text().splitlines()
    return set(sorted({json.loads(line)["speaker"] for line in lines})[::12])


def grid_split(data: Path) -> tuple[list[str], list[str]]:
    """Clips of s1 to train on and to choose with; the corpus' ``dev`` clips are in neither."""
    dev = set(json.loads((data / "grid_s1" / "split.json").read_text())["dev"])
    with np.load(data / "grid_s1" / "landmarks.npz") as tracked:
        clips = [clip for clip in sorted(tracked["clips"].tolist()) if clip not in dev]
    return [clip for k, clip in enumerate(clips) if k % 16], clips[::16]


def grid(data: Path, clips: list[str]) -> Iterator[Utterance]:
    """These clips of GRID speaker s1, whole."""
    alignments = json.loads((data / "grid_s1" / "alignments.json").read_text())
    with zipfile.ZipFile(data / "grid_s1" / "audio.zip") as audio:
        for clip in clips:
            samples, _ = sf.read(io.BytesIO(audio.read(f"{clip}.ogg")), dtype="float32")
            phones = [(p, a / 100, (a + n) / 100) for p, a, n in alignments[clip]["phones"]]
            yield Utterance(samples, phones, "s1")


def labels(phones: list[tuple[str, float, float]], frames: int, rate: float = 1.0) -> np.ndarray:
    """Phone number at each frame of a clip played ``rate`` times as fast [shape=(frames,), int8]."""
    times = np.arange(frames) / MOTION_FPS * rate
    out = np.full(frames, SILENCE, dtype=np.int8)
    for phone, begin, end in phones:
        out[(times >= begin) & (times < end)] = PHONES.index(phone)
    return out


def write_stream(utterances: Iterator[Utterance], variant: int, path: Path) -> None:
    """All clips of one variant after each other: ``<path>.mel.npy (2N, 80) float16``, ``<path>.phones.npy (N,)``."""
    mels, phones = [], []
    for k, utterance in enumerate(utterances):
        samples, rate = levelled(utterance.samples), 1.0
        if variant:
            samples, rate = varied(samples, np.random.default_rng([variant, k]))
        mel = log_mel(samples)
        mels.append(mel.astype(np.float16))
        phones.append(labels(utterance.phones, len(mel) // 2, rate))
    np.save(f"{path}.mel.npy", np.concatenate(mels))
    np.save(f"{path}.phones.npy", np.concatenate(phones))


def prepare(data: Path, cache: Path) -> None:
    """Write every stream: ``ocean<variant>``, ``grid<variant>``, ``ocean_val``, ``grid_val`` and ``noise.npz``."""
    cache.mkdir(parents=True, exist_ok=True)
    held_out = held_out_speakers(data)
    train_clips, val_clips = grid_split(data)
    voices = [u.samples for u, _ in zip(speechocean(data), range(0, 24), strict=False)]
    noise = noises(60.0, np.random.default_rng(0), [levelled(voice) for voice in voices])
    np.savez(cache / "noise.npz", *noise)
    write_stream((u for u in speechocean(data) if u.speaker in held_out), 0, cache / "ocean_val")
    write_stream(grid(data, val_clips), 0, cache / "grid_val")
    for variant in range(VARIANTS):
        write_stream((u for u in speechocean(data) if u.speaker not in held_out), variant, cache / f"ocean{variant}")
        write_stream(grid(data, train_clips), variant, cache / f"grid{variant}")
        print(f"variant {variant + 1} of {VARIANTS} of the phone data written", flush=True)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--cache", type=Path, default=Path(".cache/phones"))
    arguments = parser.parse_args()
    prepare(arguments.data, arguments.cache)


if __name__ == "__main__":
    main()
