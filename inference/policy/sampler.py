# SPDX-License-Identifier: GPL-3.0-or-later
"""From noise to motion, a chunk at a time: the sampling loop around ``policy.onnx``.

The policy sees the last 8 frames of motion and the memory's output for them and for some that come, and draws the next
frames, of which the first are executed before it looks again (Diffusion Policy, https://arxiv.org/abs/2303.04137): how
many, the model card says (`Sampling`). One draw takes 1, 2 or 4 steps along a learned flow (shortcut models,
https://arxiv.org/abs/2410.12557). Noise is an input: the seed and the number of the chunk fix it. Offline and live feed
the same loop, a long part or a short one at a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..core.channels import LIVE_LINK, MOUTH
from ..core.errors import FacewrightError
from ..core.motion import Motion
from ..core.regions import within
from ..core.timing import PAST, STEPS, checked_seed, checked_variation
from .inpainting import Pins, SeamBlend
from .sizes import drawn_sizes

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

    from .card import Sampling

_NONE = np.zeros((0, len(LIVE_LINK)), dtype=np.float32)


class Sampler:
    """The motion of one take, drawn as the encoding of the sound becomes known.

    Parameters
    ----------
    session : InferenceSession
        ``policy.onnx``.
    sampling : Sampling
        The card's frames of a chunk, temperature of every channel and usual number of steps.
    seed : int
        In [0, 2**31).
    steps : int, optional
        1, 2 or 4; the card's number when not given.
    pins : Pins, optional
        Frames to be kept.
    context : Motion, optional
        The 8 frames before the first, in some of the channels; the others are as in the first frame.
    variation : float, optional
        In [0, 1]: the temperature of jaw and lips, and how much the size of mouths differs from seed to seed; the
        card's when not given.

    Raises
    ------
    FacewrightError
        When seed, number of steps or variation is none of these.
    """

    def __init__(
        self,
        session: InferenceSession,
        sampling: Sampling,
        seed: int = 0,
        steps: int | None = None,
        pins: Pins | None = None,
        context: Motion | None = None,
        variation: float | None = None,
    ) -> None:
        steps = sampling.steps if steps is None else steps
        if steps not in STEPS:
            raise FacewrightError(f"Expected 1, 2 or 4 steps, got {steps}.")
        self._session, self._seed, self._steps, self._pins = session, checked_seed(seed), steps, pins
        self._horizon, self._executed, self._seen = sampling.horizon, sampling.executed, PAST + sampling.heard
        self._temperature = np.array(sampling.temperature, dtype=np.float32)  # (61,)
        if variation is not None:
            self._temperature[[name in MOUTH for name in LIVE_LINK]] = checked_variation(variation)
        self._sizes = drawn_sizes(seed, sampling.variation if variation is None else variation)
        self._seams, self._context = SeamBlend(), context
        self._rows = next(given.shape[1] for given in session.get_inputs() if given.name == "general")
        self._chunk = 0  # number of the next one
        self._past = _NONE  # (8, 61) once something is known
        self._general = _NONE  # the memory's output for the 8 frames of the past and for those not drawn yet
        self._local = np.zeros((0, 0), dtype=np.float32)

    def feed(self, general: np.ndarray, local: np.ndarray) -> np.ndarray:
        """Take in more of the encoding, and draw the frames that it is enough for.

        Parameters
        ----------
        general, local : ndarray [shape=(n, 61) and (n, 128), float32]
            The memory's output for the next `n` frames; any number of them.

        Returns
        -------
        ndarray [shape=(m, 61), float32]
            The next `m` frames of motion, weights in [0, 1]; `m` is a multiple of the executed frames and may be 0.
        """
        if len(general) == 0:
            return _NONE
        if len(self._general) == 0:  # before the sound the face is as at its first moment
            self._general, self._local = (np.repeat(rows[:1], PAST, axis=0) for rows in (general, local))
            self._past = self._general.copy()
            if self._context is not None:
                self._past[:, [LIVE_LINK.index(name) for name in self._context.channels]] = self._context.values
        self._general = np.concatenate([self._general, general])
        self._local = np.concatenate([self._local, local])
        count = max((len(self._general) - self._seen) // self._executed + 1, 0)
        drawn = [self._next(self._executed * k) for k in range(count)]
        done = self._executed * count
        self._general, self._local = self._general[done:], self._local[done:]
        return within(LIVE_LINK, np.concatenate(drawn) * self._sizes) if drawn else _NONE

    def finish(self) -> np.ndarray:
        """The last frames [shape=(m, 61), float32], which do not fill a chunk: the sound is held to its end."""
        left = len(self._general) - PAST
        if left <= 0:
            return _NONE
        chunks = -(-left // self._executed)
        missing = self._executed * (chunks - 1) + self._seen - len(self._general)
        drawn = self.feed(np.repeat(self._general[-1:], missing, axis=0), np.repeat(self._local[-1:], missing, axis=0))
        return drawn[:left]

    def _next(self, first: int) -> np.ndarray:
        """Draw the next chunk, whose rows of the encoding begin at `first`; its executed frames."""
        window = slice(first, first + self._seen)
        pins, pinned = self._pinned()
        given = {
            "stride": np.full(1, 1 / self._steps, dtype=np.float32),
            "past": self._past[None],
            "general": self._held(self._general[window])[None],
            "local": self._held(self._local[window])[None],
            "pins": pins[None],
            "pinned": pinned[None].astype(np.float32),
        }
        noise = np.random.default_rng([self._seed, self._chunk]).standard_normal(pins.shape, dtype=np.float32)
        state, motion = self._temperature * noise[None], noise[None]  # (1, horizon, 61)
        for k in range(self._steps):
            given |= {"state": state, "time": np.full(1, k / self._steps, dtype=np.float32)}
            velocity, motion = self._session.run(["velocity", "motion"], given)
            state = state + np.asarray(velocity) * np.float32(1 / self._steps)
        executed = self._seams.join(np.asarray(motion)[0], pins, pinned, self._past[-1], self._executed)
        self._past = np.concatenate([self._past, executed])[-PAST:]
        self._chunk += 1
        return executed

    def _held(self, rows: np.ndarray) -> np.ndarray:
        """The rows, the last one held where the network wants more than are heard."""
        return np.pad(rows, ((0, self._rows - len(rows)), (0, 0)), mode="edge")

    def _pinned(self) -> tuple[np.ndarray, np.ndarray]:
        """Values and mask of the next chunk's pins, as `Pins.window` gives them."""
        if self._pins is None:
            shape = self._horizon, len(LIVE_LINK)
            return np.zeros(shape, np.float32), np.zeros(shape, bool)
        values, mask = self._pins.window(self._chunk * self._executed, self._horizon)
        return values / self._sizes, mask  # the policy draws a mouth of the usual size
