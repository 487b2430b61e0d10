# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a learned style is the person's own, see ``likeness.py``."""

from __future__ import annotations

import numpy as np

from facewright.inference.core.audio import Audio
from facewright.inference.core.motion import Motion
from facewright.inference.style_learning.learn import learn, learn_voice
from facewright.inference.styles.style import NEUTRAL, Style
from facewright.models.training.evaluation import likeness
from facewright.models.training.evaluation.bench import Bench
from facewright.models.training.evaluation.likeness import Face, Learner, Studio
from facewright.models.training.evaluation.recordings import NotMeasured
from facewright.models.training.evaluation.table import Column, Row, Table

ORDER, PEER = 70, False
NEEDS = ("grid_s1", "grid_unseen_dev", "facegood")
SOUNDS = 29  # windows of each person

COLUMNS = (
    Column("LVE, neutral", ".3f", "1e-5 m2, lips on the ICT head, second half of the clip, neutral style"),
    Column("LVE, learned", ".3f", "as before, in the style learned from the first half's sound and motion"),
    Column("size ratio, neutral", ".2f", "deviation of the lip opening over the tracked one, second half"),
    Column("size ratio, learned", ".2f", "as before, in the learned style"),
    Column("better in both", ".2f", "share of people whose LVE falls and whose size ratio comes nearer to 1"),
    Column("recognised", ".3f", "windows of 5 s of the owner's voice whose motion is taken for the owner's"),
    Column(
        "on the other's voice", ".3f", "windows of the other person's voice whose motion is taken for the style's owner"
    ),
    Column(
        "nearer", ".3f", "windows of the owner whose tracked lips are nearer in the own style than in the other, LVE"
    ),
)


def measure(bench: Bench) -> Table:
    """The unseen people's clips half by half; s1 against FACEGOOD's artist."""
    face, studio = Face(bench.recordings.head), Studio(bench.predictor)

    def from_motion(audio: Audio, motion: Motion) -> Style:
        return learn(audio, motion, predictor=bench.predictor).style

    def from_voice(audio: Audio, _motion: Motion) -> Style:
        return learn_voice(audio, predictor=bench.predictor).style

    rows, missing = _halves(bench, studio, face, from_motion)
    people = {"s1": likeness.s1(bench.recordings), "FACEGOOD": likeness.artist(bench.recordings)}
    recogniser = likeness.Recogniser({name: minute for name, (minute, _) in people.items()})
    for name, (_, held) in people.items():
        right = float(np.mean([recogniser.whose(window.motion) == name for window in held]))
        rows.append(Row(f"{name}, as tracked, {len(held)} windows", (*(None,) * 5, right, None, None), reference=True))
    held = {name: windows[:SOUNDS] for name, (_, windows) in people.items()}
    for how, learner in (("neutral", None), ("motion", from_motion), ("voice", from_voice)):
        minutes = {name: minute for name, (minute, _) in people.items()}
        styles = {name: learner(m.audio, m.motion) if learner else NEUTRAL for name, m in minutes.items()}
        for name, other in zip(people, reversed(people), strict=True):
            told = [likeness.told(studio, held[x], styles[name], name, recogniser) for x in (name, other)]
            near = likeness.nearer(studio, held[name], styles[name], styles[other], face)
            title = f"{name}, a minute of {how}" if learner else f"{name}, neutral style"
            values = (*(None,) * 5, *told, near if learner else None)
            rows.append(Row(f"{title}, {SOUNDS} windows", values, reference=learner is None))
    note = (
        "Both speakers taught the model, whose neutral motion is already their own on their own voices; styles are "
        "learned from clips other than the windows. Means of size ratios."
        f"{missing}"
    )
    return Table("Style", COLUMNS, tuple(rows), note)


def _halves(bench: Bench, studio: Studio, face: Face, learner: Learner) -> tuple[list[Row], str]:
    """Rows of the unseen people's clips, taught by what capture sees and by the solver; and what is missing."""
    clips, rows = likeness.unseen(bench.recordings), []
    try:
        videos = {name: likeness.first_half(bench.recordings, name, clip) for name, clip in clips.items()}
    except NotMeasured as reason:
        videos, missing = {}, f" Halves captured from video are not measured: {reason}."
    else:
        missing = ""
    for how, taught in (("captured from video", videos), ("as the targets' solver has it", dict.fromkeys(clips))):
        results = []
        for name, motion in taught.items():
            neutral, learned = likeness.halves(studio, clips[name], learner, face, motion)
            nearer = abs(np.log(learned[1])) < abs(np.log(neutral[1]))
            both = float(learned[0] < neutral[0] and nearer)
            results.append((neutral[0], learned[0], neutral[1], learned[1], both))
            rows.append(Row(f"unseen: {name}, half {how}", (*results[-1], *(None,) * 3), detail=True))
        if results:
            means = [float(value) for value in np.mean(results, axis=0)]
            rows.append(Row(f"grid_unseen_dev, {len(results)} clips, half of each {how}", (*means, *(None,) * 3)))
    return rows, missing
