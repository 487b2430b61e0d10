# SPDX-License-Identifier: GPL-3.0-or-later
"""What released models say of the phone streams: the lessons of the model for live sound.

``python -m facewright.models.training.stages.hear_released`` after ``phone_streams`` writes to ``.cache/said`` what the
model for files says of jaw, lips and phones, which hears everything before and after; and what the live model that is
there says of the rest of the face, for the policy that draws it is kept.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnxruntime

from facewright.inference.core.channels import LIVE_LINK, PHONES
from facewright.inference.policy.card import read_card
from facewright.inference.policy.predictor import RELEASED
from facewright.models.networks.channels import IS_MOUTH
from facewright.models.networks.memory import LOCAL
from facewright.models.training.data.phone_streams import VARIANTS, load_noise
from facewright.models.training.data.windows import still_stream

SOURCES = ("libri", "ocean", "grid", "synth", "kokoro")
STILL = "still"
PART = 520  # frames that are heard at once, with those around them
LONGEST = 200_000  # frames of a stream that are taken, 67 min
COLUMNS = {"phones": len(PHONES), "motion": len(LIVE_LINK), "condition": LOCAL}


class Released:
    """Ears and memory of a released model, on sounds of any length: in parts, as its card says."""

    def __init__(self, folder: Path, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.log_severity_level = threads, 3
        self._card = read_card(folder)
        self._ears, self._memory = (
            onnxruntime.InferenceSession(folder / f"{name}.onnx", options, providers=["CPUExecutionProvider"])
            for name in ("encoder", "memory")
        )

    def __call__(self, mel: np.ndarray) -> Iterator[tuple[np.ndarray, ...]]:
        """Phone logits, mean motion and condition of each part of a log-mel [shape=(2N, 80)]."""
        card, frames = self._card, len(mel) // 2
        for begin in range(0, frames, PART):
            first, end = max(begin - card.left_context, 0), min(begin + PART, frames)
            part = mel[None, 2 * first : 2 * min(end + card.right_context, frames)].astype(np.float32)
            features, logits = self._ears.run(["features", "phone_logits"], {"mel": part})
            given = {"features": features, "phone_logits": logits, "style": np.ones((1, len(PHONES)), np.float32)}
            answers = logits, *self._memory.run(["general", "local"], given)
            yield tuple(np.asarray(answer)[0, begin - first : end - first] for answer in answers)


def said(files: Released, live: Released, mel: np.ndarray) -> np.ndarray:
    """Phone logits, motion and condition side by side, as in ``COLUMNS`` [shape=(N, 229), float16]."""
    rows = []
    for (logits, mouth, _), (_, rest, condition) in zip(files(mel), live(mel), strict=True):
        rows.append(np.hstack([logits, np.where(IS_MOUTH, mouth, rest), condition]).astype(np.float16))
    return np.concatenate(rows)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cache", type=Path, default=Path(".cache"), help="read from and written to")
    parser.add_argument("--files", type=Path, default=RELEASED / "policy")
    parser.add_argument("--live", type=Path, default=RELEASED / "live")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    files, live = (Released(folder, arguments.threads) for folder in (arguments.files, arguments.live))
    phones, out = arguments.cache / "phones", arguments.cache / "said"
    out.mkdir(parents=True, exist_ok=True)
    for name in [STILL, *(f"{source}{variant}" for source in SOURCES for variant in range(VARIANTS))]:
        if name == STILL:
            mel = still_stream(load_noise(phones), 0).mel
        else:
            mel = np.load(phones / f"{name}.mel.npy", mmap_mode="r")[: 2 * LONGEST]
        if not (out / f"{name}.npy").exists():
            np.save(out / f"{name}.mel.npy", mel)
            np.save(out / f"{name}.beside.npy", said(files, live, mel))
            (out / f"{name}.beside.npy").replace(out / f"{name}.npy")
            print(f"{name}: {len(mel) / 6000:.0f} min", flush=True)


if __name__ == "__main__":
    main()
