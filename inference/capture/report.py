# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of a capture: frames that were lost and other limits, for a person to read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CaptureReport:
    """How a video was captured.

    Parameters
    ----------
    read, found : int
        Frames of the video, and those in which the face was found.
    bridged : int
        Frames without a face in gaps that are short enough to be interpolated.
    gaps : tuple of (float, float)
        First and last second of longer gaps, in which the mouth rests.
    turned : int
        Frames with the head turned so far aside that half of the lips is a guess.
    rested : int
        Frames from which the resting face was taken.
    faces : int
        Most faces that were in one frame; the largest was followed.
    uneven : bool
        Whether the video's frame rate varies; its time stamps were used.
    seconds : float
        Wall time of the whole capture.
    """

    read: int
    found: int
    bridged: int
    gaps: tuple[tuple[float, float], ...]
    turned: int
    rested: int
    faces: int
    uneven: bool
    seconds: float

    def sentences(self) -> list[str]:
        """One sentence for each thing worth knowing."""
        lost = self.read - self.found
        sentences = [f"The face was found in {self.found} of {self.read} frames, in {self.seconds:.1f} s."]
        if lost:
            sentences.append(f"{lost} frames lost; {self.bridged} of them in short gaps, which were interpolated.")
        if self.gaps:
            places = ", ".join(f"{begin:.1f} to {end:.1f} s" for begin, end in self.gaps[:5])
            sentences.append(
                f"The mouth rests where the face was away longer: {places}{' ...' * (len(self.gaps) > 5)}."
            )
        if self.turned:
            sentences.append(f"In {self.turned} frames the head is turned far aside; lips are less certain there.")
        if self.rested < 5:
            sentences.append(
                f"The face at rest was taken from {self.rested} frames; if lips look pressed or ajar, give a second or "
                "so in which they are closed (--neutral)."
            )
        if self.faces > 1:
            sentences.append(f"Up to {self.faces} faces were seen; the largest was followed.")
        if self.uneven:
            sentences.append("The video's frame rate varies; its time stamps were used.")
        return sentences
