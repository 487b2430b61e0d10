# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether each slider does what it states, leaves the rest of the face alone, and leaves closed lips closed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from facewright.inference.adjust.adjustments import Adjustments, adjust
from facewright.inference.adjust.emotions import emotions
from facewright.inference.adjust.sliders import sliders
from facewright.inference.core.analysis import Voice
from facewright.inference.core.audio import Audio
from facewright.inference.core.motion import Motion
from facewright.inference.core.timing import MOTION_FPS
from facewright.inference.pipeline.animate import animate
from facewright.inference.prosody.prosody import prosody
from facewright.inference.styles.library import PRESETS, Library
from facewright.inference.styles.style import Style
from facewright.models.training.evaluation.bench import Bench
from facewright.models.training.evaluation.figures.closures import SHUT
from facewright.models.training.evaluation.figures.slider_effects import effect, kept, monotone, others
from facewright.models.training.evaluation.table import Column, Row, Table
from facewright.models.training.heads.lip_gaps import crossed_further, lip_pairs

ORDER, PEER = 110, False
NEEDS = ("speech_demo", "speechocean762", "head_mpfb_arkit52_oculus15.npz")

STEPS = 9
CLIPS = 40
COLUMNS = (
    Column("stated low", ".2f", "the slider's lowest value, in its own unit"),
    Column("got", ".2f", "what was measured of it on the curves"),
    Column("stated high", ".2f", "the slider's highest value"),
    Column("got", ".2f", "what was measured of it on the curves"),
    Column("monotone", ".0f", "1 when what is got never turns back over nine values"),
    Column("others, most", ".4f", "largest change in any channels that are not the slider's, of what moves there"),
    Column(
        "closures kept", ".3f", "of p b m on which lips meet without it, how many still meet; the worse of both ends"
    ),
    Column(
        "lips past each other, mm",
        ".2f",
        "how much deeper lips cross than in the neutral take of the same clip: the worst of all frames, of 9 to 14 "
        "places across the mouth, and of ICT-FaceKit's head, MPFB's and the built-in one",
    ),
)


def measure(bench: Bench) -> Table:
    """Every slider at nine values, all of them at their ends together, every emotion, every preset style."""
    spoken = [samples for _, samples in bench.recordings.demo]
    spoken += [utterance.samples for utterance in bench.read()[:CLIPS]]
    takes = [bench.animate(samples) for samples in spoken]
    joined, heads = _joined(takes), list(lip_pairs(bench.recordings.data).values())
    ends = np.cumsum([take.frames for take in takes])[:-1]
    apart = [head.gaps(joined) for head in heads]
    said = [prosody(samples, MOTION_FPS) for samples in spoken]
    voice = Voice(*(np.concatenate([getattr(one, name) for one in said]) for name in ("loudness", "effort")))
    opening = bench.distances(joined, joined.times)[:, 0]

    def lips(*dialled_in: Adjustments, take: Motion = joined, early: float = 0.0) -> tuple[float, float]:
        """Share of the neutral take's closures that are left in one that is `early` seconds earlier, and mm crossed."""
        rates, past = [], []
        for one in dialled_in:
            after = adjust(take, one, voice=voice)
            moved = bench.distances(after, joined.times)[:, 0]
            still, were = kept(opening, moved, joined, SHUT, early + float(one.values.get("lead", 0.0)) / 1000)
            rates.append(still / max(were, 1))
            past += [crossed_further(old, head.gaps(after), ends) for old, head in zip(apart, heads, strict=True)]
        return min(rates), max(past)

    rows = [_row(name, joined, voice, lips) for name in sliders()]
    for name, some in _together().items():
        rows.append(Row(name, (*[None] * 6, *lips(*some))))
    hard = [one for some in _together().values() for one in some]
    for style in _presets():
        takes = [animate(Audio(one), fps=MOTION_FPS, style=style, predictor=bench.predictor) for one in spoken]
        told = lips(Adjustments(), *hard, take=_joined(takes), early=style.lead)
        rows.append(Row(f"preset {style.name}, with each of these", (*[None] * 6, *told)))
    _, count = kept(opening, opening, joined, SHUT)
    note = (
        f"{len(takes)} clips (LibriVox, speechocean762 test), {joined.end / 60:.1f} min, {count} p b m with closed "
        "lips. Sliders and emotions are rules, not learned."
    )
    rows = [replace(row, detail=True) for row in rows]  # of rules, which say nothing of a model
    return Table("Sliders", COLUMNS, tuple(rows), note)


def _presets() -> list[Style]:
    library = Library(PRESETS)
    return [library.get(name) for name in library.presets if not library.get(name).is_neutral]


def _together() -> dict[str, list[Adjustments]]:
    """What is dialled at once; `lead` is not, for it takes a mouth out of its clip."""
    ends = [{n: getattr(s, end) for n, s in sliders().items() if n != "lead"} for end in ("LOW", "HIGH")]
    moods = [{name: 1.0} for name in emotions()]
    every = dict.fromkeys(emotions(), 1.0)
    return {
        "all sliders at their ends": [Adjustments(values) for values in ends],
        "each emotion alone": [Adjustments(emotions=mood) for mood in moods],
        "all emotions at once": [Adjustments(emotions=every)],
        "each emotion and all at once, all sliders at their ends": [
            Adjustments(values, mood) for values in ends for mood in (*moods, every)
        ],
    }


def _row(name: str, motion: Motion, voice: Voice, lips) -> Row:
    slider = sliders()[name]
    got, rest = [], []
    for value in np.linspace(slider.LOW, slider.HIGH, STEPS):
        after = adjust(motion, Adjustments({name: float(value)}), voice=voice)
        got.append(effect(name, motion, after, voice))
        rest.append(others(name, motion, after))
    closed, past = lips(Adjustments({name: slider.LOW}), Adjustments({name: slider.HIGH}))
    told = (slider.LOW, got[0], slider.HIGH, got[-1], float(monotone(got)), max(rest), closed, past)
    return Row(f"{slider.LABEL}{f', {slider.UNIT}' if slider.UNIT else ''}", told)


def _joined(takes: list[Motion]) -> Motion:
    """The takes one after the other, as one motion."""
    return replace(takes[0], values=np.concatenate([take.values for take in takes]))
