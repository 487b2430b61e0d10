# SPDX-License-Identifier: GPL-3.0-or-later
"""From which share of p, b and m on lips are to be shut, for new networks: shut where they should against falsely shut.

``python -m facewright.models.training.evaluation.tuning.choose_closures --data ../shared/data`` after ``export``; it
takes two minutes. On the voices of `speechocean.choosing` and on the clips of s1 kept for choosing. What it recommends
is written into `inference/lips/decision.py` by hand.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from facewright.inference import Audio, load_predictor
from facewright.inference.audio.loudness import gain_to_speech_level
from facewright.inference.audio.mel import motion_frames
from facewright.inference.core.channels import LIVE_LINK, VISEMES
from facewright.inference.core.motion import Motion
from facewright.inference.layers import apply_layers
from facewright.inference.lips import closing, decision
from facewright.inference.lips.constraint import constrain
from facewright.inference.lips.contacts import lip_contacts
from facewright.inference.policy import visemes
from facewright.inference.policy.predictor import Predictor
from facewright.models.training.corpora import grid, speechocean
from facewright.models.training.evaluation.figures.closures import Spoken, closures
from facewright.models.training.evaluation.recordings import Clip, Recordings, tracked_clips

WIDTH = decision.LIKELY - decision.UNLIKELY
TRIED = np.arange(0.20, 0.421, 0.02)
MOST_FALSE = 0.05  # of other consonants, on which lips may be shut


@dataclass(frozen=True, eq=False)
class Heard:
    """A sound as the networks hear it: their motion, before any rule, and phone logits (F, 40)."""

    plain: Motion
    logits: np.ndarray

    @classmethod
    def of(cls, predictor: Predictor, samples: np.ndarray) -> Heard:
        """Of mono 16 kHz samples."""
        frames, gain = motion_frames(len(samples)), gain_to_speech_level(samples)
        logits = predictor.encode_part(samples, 0, frames, gain=gain).logits
        return cls(predictor.predict(Audio(samples)), logits)

    def finished(self) -> Motion:
        """With the layers and lips shut, p, b and m decided upon as `decision` is set now."""
        motion = apply_layers(self.plain.with_channels(VISEMES, visemes.visemes(self.logits)), 0)
        return constrain(motion, lip_contacts(motion))


@contextmanager
def closing_from(unlikely: float) -> Iterator[None]:
    """The rule with other shares."""
    were = decision.UNLIKELY, decision.LIKELY
    for module in (decision, closing):
        module.UNLIKELY, module.LIKELY = unlikely, unlikely + WIDTH
    yield
    for module in (decision, closing):
        module.UNLIKELY, module.LIKELY = were


def choose(data: Path) -> float:
    """Print shut, false, and how far s1's opening suffers; the lowest share that closes lips falsely seldom enough."""
    recordings, predictor = Recordings(data, Path()), load_predictor(device="cpu")
    voices = speechocean.choosing(data / "speechocean762")
    read = [u for u in recordings.read_unheard if u.speaker in voices]
    strangers = [(u.phones, Heard.of(predictor, u.samples)) for u in read]
    own = [(clip, Heard.of(predictor, clip.samples)) for clip in tracked_clips(data, grid.grid_split(data)[1])]

    def opening(motion: Motion, times: np.ndarray) -> np.ndarray:
        weights = motion.select(LIVE_LINK).at(times)
        return (recordings.head.distances(weights) - recordings.rest)[:, 0]

    def fit(clip: Clip, heard: Heard) -> float:
        return float(np.corrcoef(opening(heard.finished(), clip.times), clip.tracked[:, 0])[0, 1])

    best = float(TRIED[-1])
    print(f"{len(read)} clips of {len(voices)} voices, {len(own)} clips of s1")
    for unlikely in TRIED[::-1]:
        with closing_from(float(unlikely)):
            spoken = []
            for phones, heard in strangers:
                motion = heard.finished()
                spoken.append(Spoken(phones, motion.times, opening(motion, motion.times)))
            shut, _, false, closings = closures(spoken)
            r = np.mean([fit(*one) for one in own])
        print(
            f"from {unlikely:.2f}, wholly from {unlikely + WIDTH:.2f}: shut {shut:.3f}, false {false:.4f}, "
            f"of all closings {closings:.3f}; opening of s1 {r:.4f}",
            flush=True,
        )
        if false is not None and false <= MOST_FALSE:
            best = float(unlikely)
    return best


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    best = choose(parser.parse_args().data)
    print(f"recommended: UNLIKELY, LIKELY = {best:.2f}, {best + WIDTH:.2f}")


if __name__ == "__main__":
    main()
