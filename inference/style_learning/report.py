# SPDX-License-Identifier: GPL-3.0-or-later
"""Sentences on a style that was learned: how sure it is, and which sounds there were too few of."""

from __future__ import annotations

import numpy as np

from ..core.channels import BILABIALS, MOUTH, PHONES
from ..core.motion import Motion
from ..core.phonemes import Phonemes
from ..styles.style import BROWS, REGIONS, Style
from .liveliness import Liveliness
from .ridge import Fit

# Sounds that share a mouth: one of each is enough.
SOUNDS: dict[str, tuple[str, ...]] = {
    "p/b/m": BILABIALS, "f/v": ("F", "V"), "th": ("TH", "DH"), "t/d/n/l": ("T", "D", "N", "L"),
    "s/z": ("S", "Z"), "sh/ch/j": ("SH", "ZH", "CH", "JH"), "k/g": ("K", "G", "NG"), "r": ("R", "ER"),
    "w/oo": ("W", "UW", "UH"), "oh/aw": ("OW", "AO", "OY", "AW"), "ah": ("AA", "AE", "AH", "AY"),
    "ee/eh": ("IY", "IH", "EH", "EY", "Y"),
}  # fmt: skip
ENOUGH = 0.15  # s of a sound


def report_of_motion(
    style: Style,
    fitted: Fit,
    lively: Liveliness,
    posteriors: np.ndarray,
    shown: Motion,
    speech: float,
    moved_by: float,
) -> tuple[str, ...]:
    """Sentences on a style from speech with motion, the most important first."""
    seconds = shown.frames / shown.fps
    mouth = sum(name in shown.channels for name in MOUTH)
    lines = [
        f"{speech:.1f} s of speech in {seconds:.1f} s of motion at {shown.fps:g} fps, {mouth} of 27 mouth channels."
    ]
    sure = ", ".join(f"{region} {part:.0%}" for region, part in zip(REGIONS, fitted.sure, strict=True))
    lines.append(f"How sure (0 % is a guess): {sure}.")
    lines += _missing(dict(zip(PHONES, posteriors.sum(axis=0) / shown.fps, strict=True)), seconds)
    unseen = [key for key in ("brows", "head", "gaze", "blinks") if getattr(lively, key) is None]
    if unseen:
        lines.append(f"Not in the material, so as usual: {', '.join(unseen)}.")
    if moved_by:
        lines.append(f"The motion was moved by {moved_by:+.2f} s to where it fits the sound best; lead is not learned.")
    sizes = np.average(style.gains, axis=0, weights=posteriors.sum(axis=0) + 1e-9)
    lines.append("Learned: " + ", ".join(f"{r} x{s:.2f}" for r, s in zip(REGIONS, sizes, strict=True)) + _rest(style))
    return tuple(lines)


def report_of_voice(style: Style, phonemes: Phonemes) -> tuple[str, ...]:
    """Sentences on a style from a voice alone, the most important first."""
    seconds_of = phonemes.seconds()
    speech = sum(value for phoneme, value in seconds_of.items() if phoneme != "SIL")
    order = np.argsort(-np.abs(np.log(style.slots + 1e-6)))[:5]
    strongest = ", ".join(f"{PHONES[k]} x{style.slots[k]:.2f}" for k in order)
    return (
        f"{speech:.1f} s of speech. A voice tells little of a face: this encoder knows two people with a face.",
        *_missing(seconds_of, phonemes.frames / phonemes.fps),
        f"Learned: {strongest}.",
    )


def _missing(seconds_of: dict[str, float], seconds: float) -> list[str]:
    """A sentence on the sounds of which there was too little, or none."""
    few = [name for name, phonemes in SOUNDS.items() if sum(seconds_of[phoneme] for phoneme in phonemes) < ENOUGH]
    return [f"Too little of {', '.join(few)} in {seconds:.0f} s: there it follows the other sounds."] if few else []


def _rest(style: Style) -> str:
    """What was learned besides the gains of the mouth, as the end of a sentence."""
    parts = []
    if abs(style.lead) >= 0.005:
        parts.append(f"{abs(1000 * style.lead):.0f} ms {'early' if style.lead > 0 else 'late'}")
    if abs(style.asymmetry) >= 0.03:
        parts.append(f"{'left' if style.asymmetry > 0 else 'right'} side {abs(style.asymmetry):.0%} more")
    parts += [
        f"{key} x{getattr(style, key):.2f}" for key in ("brows", "head", "gaze", "blinks") if getattr(style, key) != 1
    ]
    parts += [f"{name} {held:+.2f}" for name, held in zip(BROWS, style.posture, strict=True) if abs(held) >= 0.02]
    return "".join(f", {part}" for part in parts) + "."
