# SPDX-License-Identifier: GPL-3.0-or-later
"""What a model is measured on: clips with tracked faces, read speech with aligned phones, and sounds without speech."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import soundfile as sf

from facewright.inference.capture.landmarks import Tracks, stabilise, template
from facewright.inference.core.audio import RATE
from facewright.inference.core.channels import LIVE_LINK
from facewright.models.training.corpora import grid, librispeech, natural, speechocean
from facewright.models.training.corpora.speechocean import Utterance
from facewright.models.training.corpora.synthetic import kokoro
from facewright.models.training.heads import distances
from facewright.models.training.heads.ict import IctHead
from facewright.models.training.labels import target_set

READ_CLIPS, PEER_CLIPS, LIBRI_CLIPS = 150, 50, 60
SEED = 0  # of the drawing of clips


class NotMeasured(Exception):
    """A measure lacks what it needs; the message says what, and how to get it."""


@dataclass(frozen=True, eq=False)
class Clip:
    """A sound and what was tracked of its speaker.

    Parameters
    ----------
    samples : ndarray [shape=(n,), float32]
        Mono, 16 kHz.
    times : ndarray [shape=(F,)]
        Seconds at which the video's frames were exposed.
    tracked : ndarray [shape=(F, 3)]
        Opening, width, jaw less those of the closed mouth, in outer-eye distances (`distances`).
    """

    name: str
    samples: np.ndarray
    times: np.ndarray
    tracked: np.ndarray


class Recordings:
    """Everything a measure may ask for; read when it is asked for first.

    Parameters
    ----------
    data : Path
        The folder of the data sets.
    solved : Path
        Where the command ``labels.face_curves`` wrote the weights solved from video.
    """

    def __init__(self, data: Path, solved: Path) -> None:
        self.data, self._solved = data, solved
        self.head = IctHead.load(data / "head_ict_facekit.npz")
        self.rest = self.head.distances(np.zeros((1, len(LIVE_LINK))))

    def require(self, names: Iterable[str]) -> None:
        """Make sure that these data sets are there.

        Raises
        ------
        NotMeasured
            Naming those that are not.
        """
        missing = [name for name in names if not (self.data / name).exists()]
        if missing:
            raise NotMeasured(f"needs {', '.join(missing)} in {self.data}")

    @cached_property
    def seen(self) -> list[Clip]:
        """The 50 clips of s1, whom models are trained on, that are never trained on."""
        return tracked_clips(self.data, sorted(grid.read_split(self.data / "grid_s1")))

    @cached_property
    def unseen(self) -> list[Clip]:
        """Clips of people no model ever heard or saw. Each is aligned by itself, also where a person has several."""
        folder = self.data / "grid_unseen_dev"
        return [
            _clip(name, grid.read_unseen_audio(folder, name)[0], tracks, template([tracks]))
            for name, tracks in grid.read_unseen(folder).items()
        ]

    @cached_property
    def natural(self) -> list[Clip]:
        """People who speak to a camera. The best single lag of each, within 0.3 s, is to be found first."""
        folder = self.data / "natural_dev"
        return [
            _clip(name, natural.read_audio(folder, name), tracks, template([tracks]))
            for name, tracks in natural.read_tracks(folder).items()
        ]

    @property
    def unseen_people(self) -> list[Clip]:
        """The first clip of each person in `unseen`."""
        first: dict[str, Clip] = {}
        for clip in self.unseen:
            first.setdefault(grid.speaker_of(clip.name), clip)
        return list(first.values())

    @cached_property
    def seen_phones(self) -> dict[str, list[tuple[str, float, float]]]:
        """Aligned phones of s1's clips."""
        return grid.read_phones(self.data / "grid_s1")

    def solved(self, name: str) -> target_set.TargetSet:
        """Weights solved from the video of ``grid_s1`` or ``grid_unseen_dev``."""
        path = self._solved / f"{name}.npz"
        if not path.is_file():
            raise NotMeasured(
                f"needs {path.name} in {self._solved}: "
                "`python -m facewright.models.training.labels.face_curves` writes it"
            )
        return target_set.read(path)

    @cached_property
    def read_test(self) -> list[Utterance]:
        """150 clips of speechocean762's test split: of every speaker one, then second ones, all drawn at random."""
        entries = [entry for entry in self._entries if entry["split"] == "test"]
        rng = np.random.default_rng(SEED)
        shuffled = [entries[k] for k in rng.permutation(len(entries))]
        turn: dict[str, int] = {}
        for entry in shuffled:
            turn[entry["id"]] = sum(e["speaker"] == entry["speaker"] for e in shuffled if e["id"] in turn)
        return self._utterances(sorted(shuffled, key=lambda entry: turn[entry["id"]])[:READ_CLIPS])

    @cached_property
    def read_unheard(self) -> list[Utterance]:
        """All clips of the voices of speechocean762 that are kept out of every training."""
        speakers = speechocean.split(self.data / "speechocean762")[1]
        return self._utterances(entry for entry in self._entries if entry["speaker"] in speakers)

    @cached_property
    def libri_unheard(self) -> list[Utterance]:
        """Clips of the speakers of LibriSpeech who are kept out of every training, drawn at random."""
        folder = self.data / librispeech.FOLDER
        utterances = list(librispeech.read(folder, librispeech.split(folder)[1]))
        chosen = np.random.default_rng(SEED).permutation(len(utterances))[:LIBRI_CLIPS]
        return [utterances[k] for k in sorted(chosen)]

    def synthetic(self, language: str) -> list[Utterance]:
        """What Kokoro's held-out voices said in a language (`synthetic.kokoro.LANGUAGES`), sentences held out, too."""
        folder = self._solved.parent / "kokoro"
        if not (folder / kokoro.INDEX).is_file():
            raise NotMeasured(
                f"needs {folder}: `python -m facewright.models.training.corpora.synthetic.kokoro` says it"
            )
        return list(kokoro.read(folder, "held_out", language))

    @cached_property
    def demo(self) -> list[tuple[str, np.ndarray]]:
        """Transcripts and samples of the LibriVox clips."""
        texts = sorted((self.data / "speech_demo").glob("librivox_*.txt"))
        sounds = [sf.read(text.with_suffix(".wav"), dtype="float32") for text in texts]
        if any(rate != RATE for _, rate in sounds):
            raise NotMeasured(f"needs the LibriVox clips at {RATE} Hz")
        return [(text.read_text().strip(), samples) for text, (samples, _) in zip(texts, sounds, strict=True)]

    @cached_property
    def _entries(self) -> list[dict]:
        lines = (self.data / "speechocean762" / "utterances.jsonl").read_text().splitlines()
        return [json.loads(line) for line in lines]

    def _utterances(self, entries: Iterable[dict]) -> list[Utterance]:
        with zipfile.ZipFile(self.data / "speechocean762" / "audio.zip") as archive:
            made = [speechocean.utterance(archive, entry) for entry in entries]
        return [utterance for utterance in made if utterance is not None]


def tracked_clips(data: Path, names: Iterable[str]) -> list[Clip]:
    """These clips of s1, those without a tracked face left out."""
    folder = data / "grid_s1"
    tracks = grid.read_tracks(folder)
    mean = template(list(tracks.values()))
    return [_clip(name, grid.read_audio(folder, name)[0], tracks[name], mean) for name in names if name in tracks]


def _clip(name: str, samples: np.ndarray, tracks: Tracks, mean: np.ndarray) -> Clip:
    tracked = distances.from_landmarks(stabilise(tracks, mean).face)
    closed = tracked[tracked[:, 0] <= np.quantile(tracked[:, 0], 0.1)].mean(axis=0)
    return Clip(name, samples, (np.arange(len(tracked)) + 0.5) / tracks.fps, tracked - closed)
