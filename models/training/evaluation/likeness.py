# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a learned style is the person's own: measured on clips and takes that taught it nothing.

Halves: on each unseen person's clip a style is learned from the first half, as `facewright capture` sees it in the
video, and measured on the second, as the solver of the training targets has it. Owners: a style from one minute of each
of two speakers is told from the other's in windows of five seconds by the motion it generates, learned once from sound
and motion and once from the voice alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from facewright.inference import Audio
from facewright.inference.core.audio import RATE
from facewright.inference.core.channels import LIVE_LINK, MOUTH
from facewright.inference.core.motion import Motion
from facewright.inference.core.phonemes import Phonemes
from facewright.inference.core.timing import MOTION_FPS
from facewright.inference.pipeline.stages import finished, plain_take
from facewright.inference.policy.predictor import Predictor
from facewright.inference.styles.style import NEUTRAL, Style
from facewright.models.training.corpora import facegood, grid
from facewright.models.training.evaluation.capturing import captured
from facewright.models.training.evaluation.figures.signals import correlation
from facewright.models.training.evaluation.recordings import Recordings
from facewright.models.training.heads import masks
from facewright.models.training.heads.ict import IctHead
from facewright.models.training.labels import target_set

MINUTE, WINDOW = 60, 5  # s
FACEGOOD_MINUTE, FACEGOOD_HELD = "2_01", ("3_16", "3_15", "2_05")  # 3_16 taught the model nothing, either
Learner = Callable[[Audio, Motion], Style]


@dataclass(frozen=True, eq=False)
class Shown:
    """A sound and the face that was seen with it."""

    audio: Audio
    motion: Motion  # only channels that were observed; its start is in seconds of the sound

    def part(self, begin: float, end: float) -> Shown:
        """From `begin` to `end`, in seconds, as a recording of its own."""
        samples = self.audio.samples[round(begin * RATE) : round(end * RATE)]
        inside = (self.motion.times >= begin - 1e-6) & (self.motion.times < end - 1e-6)
        first = float(self.motion.times[inside][0]) - begin
        return Shown(Audio(samples), Motion(self.motion.values[inside], self.motion.channels, self.motion.fps, first))


class Face:
    """Errors of mouths on the ICT head."""

    def __init__(self, head: IctHead) -> None:
        self._head, self._lips = head, masks.lips(head)

    def lips(self, motion: Motion, shown: Shown) -> float:
        """LVE in 1e-5 m2 on the channels that were observed."""
        names = [name for name in MOUTH if name in shown.motion.channels]
        made, seen = (self._vertices(one.select(names)) for one in (_at(motion, shown), shown.motion))
        return 1e5 * float(np.square(made - seen).sum(axis=-1).max(axis=1).mean())

    def size(self, motion: Motion, shown: Shown) -> float:
        """Deviation of the lip opening over that of the one that was seen."""
        return float(self._opening(_at(motion, shown)).std() / self._opening(shown.motion).std())

    def r(self, motion: Motion, shown: Shown) -> float:
        """Correlation of the lip opening with the one that was seen."""
        return correlation(self._opening(_at(motion, shown)), self._opening(shown.motion))

    def _opening(self, motion: Motion) -> np.ndarray:
        return self._head.distances(_weights(motion))[:, 0]

    def _vertices(self, motion: Motion) -> np.ndarray:
        return self._head.vertices(_weights(motion), self._lips) / 100


def _at(motion: Motion, shown: Shown) -> Motion:
    return Motion(motion.at(shown.motion.times), motion.channels, shown.motion.fps, shown.motion.start)


def _weights(motion: Motion) -> np.ndarray:
    """Mouth channels among the 61, all others 0 [shape=(F, 61)]."""
    values = np.zeros((motion.frames, len(LIVE_LINK)), dtype=np.float32)
    for name in MOUTH:
        if name in motion.channels:
            values[:, LIVE_LINK.index(name)] = motion.channel(name)
    return values


class Studio:
    """Makes what a user gets; a sound is heard once for all styles that ask the same of the model's memory."""

    def __init__(self, predictor: Predictor) -> None:
        self._predictor = predictor
        self._heard: dict[tuple[int, bytes], tuple[Shown, tuple[Motion, Phonemes]]] = {}

    def made(self, shown: Shown, style: Style) -> Motion:
        """The motion of a sound in a style."""
        key = id(shown), style.slots.tobytes()
        if key not in self._heard:
            self._heard[key] = shown, plain_take(self._predictor, shown.audio, style=style)
        return finished(*self._heard[key][1], style=style, fps=MOTION_FPS)


def halves(
    studio: Studio, clip: Shown, learner: Learner, face: Face, taught: Motion | None = None
) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """LVE, size ratio and r on the second half: neutral, and in the style of the first.

    The second half is animated as part of the whole sound, as in a shot; the style has seen the first half alone, in
    `taught` where that is given.
    """
    end, middle = clip.audio.seconds, clip.audio.seconds / 2
    first, second = clip.part(0, middle), clip.part(middle, end)
    styles = NEUTRAL, learner(first.audio, taught or first.motion)
    results = []
    for style in styles:
        whole = studio.made(clip, style)
        motion = Motion(whole.values, whole.channels, whole.fps, whole.start - middle)
        results.append((face.lips(motion, second), face.size(motion, second), face.r(motion, second)))
    return results[0], results[1]


class Recogniser:
    """Tells whose mouth a motion is, by the mean and the spread of its channels: the nearer of two people.

    What people are like it knows from the real motion of their minutes, in windows as long as those it is asked about.
    """

    def __init__(self, minutes: dict[str, Shown]) -> None:
        shared = set.intersection(*(set(minute.motion.channels) for minute in minutes.values()))
        self._names = [name for name in MOUTH if name in shared]
        real = {name: np.array([self._features(w.motion) for w in windows(one)]) for name, one in minutes.items()}
        self._spread = np.sqrt(np.mean([marks.var(axis=0) for marks in real.values()], axis=0)) + 0.01
        self._means = {name: marks.mean(axis=0) for name, marks in real.items()}

    def whose(self, motion: Motion) -> str:
        """The person's name."""
        marks = self._features(motion)
        return min(self._means, key=lambda name: float(np.square((marks - self._means[name]) / self._spread).sum()))

    def _features(self, motion: Motion) -> np.ndarray:
        values = motion.select(self._names).values
        return np.concatenate([values.mean(axis=0), values.std(axis=0)])


def told(studio: Studio, sounds: list[Shown], style: Style, name: str, recogniser: Recogniser) -> float:
    """Share of windows whose motion in a style is taken for a person's."""
    return float(np.mean([recogniser.whose(studio.made(window, style)) == name for window in sounds]))


def nearer(studio: Studio, sounds: list[Shown], own: Style, other: Style, face: Face) -> float:
    """Share of windows whose face is nearer to the motion made in the person's own style than in the other's."""
    both = [[face.lips(studio.made(window, style), window) for style in (own, other)] for window in sounds]
    return float(np.mean([mine < theirs for mine, theirs in both]))


def unseen(recordings: Recordings) -> dict[str, Shown]:
    """The clips of people nobody trained on, by name."""
    solved = recordings.solved("grid_unseen_dev")
    return {clip.name: _shown(clip.samples, solved, clip.name) for clip in recordings.unseen}


def first_half(recordings: Recordings, name: str, clip: Shown) -> Motion:
    """The first half of an unseen person's clip, captured from as much of the video: whole frames before the middle.

    Raises
    ------
    NotMeasured
        When there is no Python with MediaPipe.
    """
    frames = int(clip.audio.seconds / 2 * grid.FPS)
    video = recordings.data / "grid_unseen_dev" / f"{name}.mpg"
    return captured(video, (frames - 0.5) / grid.FPS).motion  # half a frame less, or rounding might let in one more


def s1(recordings: Recordings) -> tuple[Shown, list[Shown]]:
    """A minute of s1's training clips, and windows of the clips that are in no training."""
    solved, folder = recordings.solved("grid_s1"), recordings.data / "grid_s1"
    train, _ = grid.grid_split(recordings.data)
    learned = [_shown(grid.read_audio(folder, name)[0], solved, name) for name in train[:: len(train) // 20][:20]]
    held = [_shown(clip.samples, solved, clip.name) for clip in recordings.seen]
    return _joined(learned), windows(_joined(held))


def artist(recordings: Recordings) -> tuple[Shown, list[Shown]]:
    """A minute of FACEGOOD's first take, and windows of other takes."""
    solved, folder = recordings.solved("facegood"), recordings.data / "facegood"
    takes = [_shown(facegood.read_audio(folder, n)[0], solved, n) for n in (FACEGOOD_MINUTE, *FACEGOOD_HELD)]
    return takes[0].part(0, MINUTE), [window for take in takes[1:] for window in windows(take)]


def _shown(samples: np.ndarray, solved: target_set.TargetSet, name: str) -> Shown:
    channels = [channel for channel, there in zip(LIVE_LINK, solved.observed, strict=True) if there]
    values = solved.clips[name][:, solved.observed]
    return Shown(Audio(samples), Motion(values, tuple(channels), solved.fps, solved.first))


def _joined(parts: list[Shown]) -> Shown:
    """One after the other, each cut or padded to its motion."""
    fps, first = parts[0].motion.fps, parts[0].motion
    sounds = []
    for part in parts:
        count = round(part.motion.frames / fps * RATE)
        sounds.append(np.pad(part.audio.samples, (0, max(0, count - len(part.audio.samples))))[:count])
    values = np.concatenate([part.motion.values for part in parts])
    return Shown(Audio(np.concatenate(sounds)), Motion(values, first.channels, fps, first.start))


def windows(whole: Shown) -> list[Shown]:
    """The recording in windows of five seconds."""
    count = int(min(whole.audio.seconds, whole.motion.end) // WINDOW)
    return [whole.part(k * WINDOW, (k + 1) * WINDOW) for k in range(count)]
