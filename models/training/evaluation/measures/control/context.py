# SPDX-License-Identifier: GPL-3.0-or-later
"""What a reference clip says of brows, head and gaze: where they go on from it, and where brows are held afterwards."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from facewright.inference import Audio
from facewright.inference.core.channels import EYES, HEAD, LIVE_LINK
from facewright.inference.core.motion import Motion
from facewright.inference.pipeline.stages import plain_take
from facewright.inference.policy.predictor import Predictor
from facewright.inference.style_learning.context import context_of
from facewright.inference.style_learning.learn import learn
from facewright.inference.styles.apply import apply_style
from facewright.inference.styles.style import BROWS, NEUTRAL, Style
from facewright.models.training.corpora.grid import grid_split, read_audio
from facewright.models.training.evaluation.bench import Bench
from facewright.models.training.evaluation.likeness import Shown
from facewright.models.training.evaluation.recordings import Recordings
from facewright.models.training.evaluation.table import Column, Row, Table

ORDER, PEER = 71, False
NEEDS = ("grid_s1",)
PARTS = ((0.0, 0.2), (0.2, 0.5), (0.5, 1.0), (1.0, 1.5))  # s after the reference ends
REGIONS = {"brows": BROWS, "head, rad": HEAD, "gaze, rad": EYES}

COLUMNS = (
    *(Column(f"{a:g} to {b:g} s", ".3f", "root mean square error, so long after the middle") for a, b in PARTS),
    Column("brows' mean", ".4f", "root mean square error of the brows' mean over a whole clip"),
    Column("nearer", ".2f", "share of clips whose brows' mean is nearer to the tracked one than in the neutral style"),
)


def measure(bench: Bench) -> Table:
    """Second halves of clips in the context of the first; and the brows of clips in a style learned from another."""
    chosen, held = grid_split(bench.recordings.data)[1], [clip.name for clip in bench.recordings.seen]
    clips = _recorded(bench.recordings, held)
    rows = []
    for how in ("as usual", "in context"):
        errors = [_joined(bench.predictor, clip, in_context=how == "in context") for clip in clips]
        means = np.sqrt(np.mean(errors, axis=0)).tolist()  # (3 regions, 4 parts)
        every = zip(REGIONS, means, strict=True)
        rows += [Row(f"s1, {region}, {how}", (*mean, None, None), detail=True) for region, mean in every]
    usual = np.array([_brows(bench.predictor, clip, NEUTRAL) for clip in clips])
    rows.append(Row("s1, neutral style", (*(None,) * 4, float(np.sqrt(usual.mean())), None), detail=True))
    teachers = _recorded(bench.recordings, chosen[: len(clips)])
    styles = [learn(one.audio, one.motion, predictor=bench.predictor).style for one in teachers]
    without = [replace(style, posture=NEUTRAL.posture) for style in styles]
    for how, given in (("style of one other clip", styles), ("as before, without posture", without)):
        own = np.array([_brows(bench.predictor, clip, style) for clip, style in zip(clips, given, strict=True)])
        values = (*(None,) * 4, float(np.sqrt(own.mean())), float((own < usual).mean()))
        rows.append(Row(f"s1, {how}", values, detail=True))
    note = (
        f"{len(clips)} clips of 3 s that were never trained on, of a person who was; tracked heads and eyes are "
        "measured from their own mean, so that only brows have a posture."
    )
    return Table("In the context of a reference clip", COLUMNS, tuple(rows), note)


def _joined(predictor: Predictor, clip: Shown, *, in_context: bool) -> np.ndarray:
    """Mean square errors on the second half, animated by itself [shape=(3, 4)]."""
    middle = clip.audio.seconds / 2
    first, second = clip.part(0, middle), clip.part(middle, clip.audio.seconds)
    style = replace(NEUTRAL, context=context_of(first.motion, middle)) if in_context else NEUTRAL
    made = plain_take(predictor, second.audio, style=style)[0]
    times = second.motion.times
    errors = []
    for region in REGIONS.values():
        names = [name for name in region if name in second.motion.channels]
        missed = np.square(made.select(names).at(times) - second.motion.select(names).values).mean(axis=1)
        errors.append([missed[(times >= a) & (times < b)].mean() for a, b in PARTS])
    return np.array(errors)


def _brows(predictor: Predictor, clip: Shown, style: Style) -> float:
    """Mean square error of the brows' mean. No layer moves brows, so what the style does is all there is."""
    plain, phones = plain_take(predictor, clip.audio)
    made = apply_style(plain, phones, style).select(BROWS).at(clip.motion.times)
    return float(np.square(made.mean(axis=0) - clip.motion.select(BROWS).values.mean(axis=0)).mean())


def _recorded(recordings: Recordings, names: list[str]) -> list[Shown]:
    solved, folder = recordings.solved("grid_s1"), recordings.data / "grid_s1"
    channels = tuple(name for name, there in zip(LIVE_LINK, solved.observed, strict=True) if there)
    return [
        Shown(
            Audio(read_audio(folder, name)[0]),
            Motion(solved.clips[name][:, solved.observed], channels, solved.fps, solved.first),
        )
        for name in names
    ]
