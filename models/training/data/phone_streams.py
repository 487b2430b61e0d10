# SPDX-License-Identifier: GPL-3.0-or-later
"""Speech whose phones are known, as cached log-mel streams: speechocean762 (250 voices), LibriSpeech (28), GRID speaker
s1 and the synthetic voices of ``synthetic``, those of ``synthetic.kokoro`` among them.

``python -m facewright.models.training.data.phone_streams --data ../shared/data --cache .cache/phones``
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from facewright.inference.audio.mel import log_mel
from facewright.models.training.corpora import grid, librispeech, speechocean
from facewright.models.training.corpora.speechocean import Utterance
from facewright.models.training.corpora.synthetic import kokoro, speech
from facewright.models.training.data.augment import levelled, noises, varied
from facewright.models.training.labels.phonemes import labels

VARIANTS = 2  # the first is the recording as it is


def grid_utterances(data: Path, clips: list[str]) -> Iterator[Utterance]:
    """These clips of GRID speaker s1, whole."""
    phones = grid.read_phones(data / "grid_s1")
    for clip in clips:
        yield Utterance(grid.read_audio(data / "grid_s1", clip)[0], phones[clip], "s1")


def write_stream(utterances: Iterator[Utterance], variant: int, path: Path) -> None:
    """All clips of one variant after each other: ``<path>.mel.npy (2N, 80) float16``, ``<path>.phones.npy (N,)``."""
    if Path(f"{path}.phones.npy").exists():
        return
    mels, phones = [], []
    for k, utterance in enumerate(utterances):
        samples, rate = levelled(utterance.samples), 1.0
        if variant:
            samples, rate = varied(samples, np.random.default_rng([variant, k]))
        mel = log_mel(samples)
        mels.append(mel.astype(np.float16))
        phones.append(labels(utterance.phones, len(mel) // 2, rate))
    for name, parts in (("mel", mels), ("phones", phones)):
        np.save(f"{path}.beside.npy", np.concatenate(parts))
        Path(f"{path}.beside.npy").replace(f"{path}.{name}.npy")  # a training may be reading the old one


def prepare(data: Path, cache: Path, said: Path) -> None:
    """Write ``noise.npz`` and the streams of each source, which have a variant's number or ``_val`` in their names.

    Those that are there already stay. `said` is the folder of what Kokoro's voices said.
    """
    speech.require()
    cache.mkdir(parents=True, exist_ok=True)
    ocean = data / "speechocean762"
    speakers, held_out = speechocean.split(ocean)
    train_clips, val_clips = grid.grid_split(data)
    voices = [utterance.samples for utterance in islice(speechocean.read(ocean, speakers), 24)]
    noise = noises(60.0, np.random.default_rng(0), [levelled(voice) for voice in voices])
    np.savez(cache / "noise.npz", *noise)
    libri = data / librispeech.FOLDER
    readers, unheard = librispeech.split(libri)
    write_stream(librispeech.read(libri, unheard), 0, cache / "libri_val")
    write_stream(speechocean.read(ocean, held_out), 0, cache / "ocean_val")
    write_stream(grid_utterances(data, val_clips), 0, cache / "grid_val")
    write_stream(speech.held_out(ocean), 0, cache / "synth_val")
    for language in kokoro.LANGUAGES:
        write_stream(kokoro.read(said, "held_out", language), 0, cache / f"kokoro_{language}_val")
    for variant in range(VARIANTS):
        write_stream(kokoro.read(said, "train"), variant, cache / f"kokoro{variant}")
        write_stream(speech.utterances(ocean, variant), variant, cache / f"synth{variant}")
        write_stream(speechocean.read(ocean, speakers), variant, cache / f"ocean{variant}")
        write_stream(librispeech.read(libri, readers), variant, cache / f"libri{variant}")
        write_stream(grid_utterances(data, train_clips), variant, cache / f"grid{variant}")
        print(f"variant {variant + 1} of {VARIANTS} of the phone data written", flush=True)


def load_noise(cache: Path) -> list[np.ndarray]:
    """What ``prepare`` wrote to ``noise.npz``."""
    with np.load(cache / "noise.npz") as file:
        return [file[name] for name in file.files]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--cache", type=Path, default=Path(".cache/phones"))
    parser.add_argument("--said", type=Path, default=Path(".cache/kokoro"), help="what synthetic.kokoro wrote")
    arguments = parser.parse_args()
    prepare(arguments.data, arguments.cache, arguments.said)


if __name__ == "__main__":
    main()
