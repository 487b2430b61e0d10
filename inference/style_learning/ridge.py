# SPDX-License-Identifier: GPL-3.0-or-later
"""The closed form behind learning a style: which gains turn the neutral mouth into the one that was shown.

``shown = neutral x (1 + person + region + phoneme in region) + rest``, for the 27 jaw and mouth channels; the gain of a
frame is the mean of its phonemes' gains, weighted by their posteriors. Errors are those of lips, not of weights
(`lips_metric`). A Gaussian prior says that styles are near neutral and that who moves one region far moves the others
far, so little material changes little: ridge regression (Hoerl and Kennard 1970,
https://doi.org/10.1080/00401706.1970.10488634), with the posterior's spread as the measure of how sure it is. What
people do differently from one second to the next cannot be told from what they always do by one second of it, so all
that is found is followed as far as there is speech (`trust`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from ..core.channels import MOUTH, PHONES
from ..styles.apply import REGION_OF
from ..styles.style import LARGEST_GAIN, LARGEST_REST, REGIONS

METRIC = Path(__file__).with_name("lips.npz")
# Chosen on two people, each by a model whose memory never learned from that person's motion: docs/evaluation/styles.md
PERSON_SPREAD, REGION_SPREAD, PHONE_SPREAD, REST_SPREAD = 0.2, 0.3, 0.1, 0.01  # standard deviations of the prior
EFFECTIVE_RATE = 4.0  # independent frames per second: neighbours say nearly the same
DOUBT = 1.0  # s of speech after which the fit counts half
LARGEST_SIZING = 2.0
DRIFT = 0.1  # mm2 of noise that is there even where the fit is perfect: people do not repeat themselves
ROUNDS = 3  # of fitting, each with the noise of the last round's residual
OPENS = np.array([region in ("jaw", "lips") for region in REGIONS])
_WAYS = {
    "jawOpen": 1.0, "mouthClose": -1.26, "mouthFunnel": 0.39, "mouthPucker": -0.04, "mouthShrugLower": -0.22,
    "mouthShrugUpper": 0.16, "mouthRollLower": -0.09, "mouthRollUpper": 0.05, "mouthPressLeft": -0.04,
    "mouthPressRight": -0.04, "mouthLowerDownLeft": 0.1, "mouthLowerDownRight": 0.1, "mouthUpperUpLeft": 0.12,
    "mouthUpperUpRight": 0.12,
}  # fmt: skip
OPENING = np.array([_WAYS.get(name, 0.0) for name in MOUTH])  # how far our head's lips are apart, in units of jawOpen
SILENCE = PHONES.index("SIL")
_LEAST_GAIN = 0.1  # floor, so that the power of a gain is defined
_R, _P = len(REGIONS), len(PHONES)


@dataclass(frozen=True, eq=False)
class Fit:
    """The result of the regression.

    Parameters
    ----------
    gains : ndarray [shape=(40, 5)]
        Gain of every phoneme in every region.
    rest : ndarray [shape=(27,)]
        Weights added at all times.
    sure : ndarray [shape=(5,)]
        In [0, 1]: how much of the prior's doubt about each region the material has removed, as far as it is trusted.
    """

    gains: np.ndarray
    rest: np.ndarray
    sure: np.ndarray

    def mouth(self, neutral: np.ndarray, posteriors: np.ndarray, free: np.ndarray) -> np.ndarray:
        """The neutral mouth with this fit applied [shape=(F, 27)], before weights are clipped to [0, 1]."""
        return _mouth(neutral, self.gains - 1, self.rest, posteriors, free)


@lru_cache(maxsize=1)
def lips_metric() -> np.ndarray:
    """``w @ metric @ w`` is the mean squared way of the lips of our head for weights w, mm2 [shape=(27, 27)]."""
    with np.load(METRIC) as file:
        return file["metric"]


def fit(
    neutral: np.ndarray, shown: np.ndarray, posteriors: np.ndarray, free: np.ndarray, known: np.ndarray, fps: float
) -> Fit:
    """The gains and the rest that are likeliest.

    Parameters
    ----------
    neutral, shown : ndarray [shape=(F, 27)]
        The mouth as predicted and as shown.
    posteriors : ndarray [shape=(F, 40)]
        Phoneme posteriors.
    free : ndarray [shape=(F, 27)]
        How far a style may enlarge a channel, `styles.apply.headroom`; taken for how far it may move it at all.
    known : ndarray [shape=(27,), bool]
        Channels that were shown; the others are neither learned nor counted as errors.
    fps : float
        Frames per second of all of these.
    """
    metric = np.where(known[:, None] & known[None], lips_metric(), 0.0) + 1e-9 * np.eye(len(MOUTH))
    missed = np.where(known, shown - neutral, 0.0)
    gram, aim = _normal(neutral, missed, posteriors, free, metric)
    certain, residual = np.linalg.inv(_prior()), missed
    for _ in range(ROUNDS):
        weight = _weight(residual, metric, fps)
        both = weight * gram + certain
        solved = np.linalg.solve(both, weight * aim)
        gains, rest = solved[:_R] + solved[_R : -len(MOUTH)].reshape(_P, _R), np.where(known, solved[-len(MOUTH) :], 0)
        fitted = _mouth(neutral, gains, rest, posteriors, free)
        residual = np.where(known, shown - fitted, 0.0)
    sure = 1 - np.sqrt(np.diag(np.linalg.inv(both))[:_R] / np.diag(_prior())[:_R])
    followed = trust(posteriors, fps)
    gains = ((1 + gains) * _sizing(shown, fitted)).clip(_LEAST_GAIN, LARGEST_GAIN) ** followed
    residual = np.where(known, shown - _mouth(neutral, gains - 1, np.zeros(len(MOUTH)), posteriors, free), 0.0)
    rests = slice(-len(MOUTH), None)  # solved again: a mouth that opens further opens further in the mean, too
    rest = np.linalg.solve(both[rests, rests], weight * (residual @ metric * free).sum(axis=0))
    rest = np.clip(followed * np.where(known, rest, 0.0), -LARGEST_REST, LARGEST_REST)
    return Fit(gains, rest, np.clip(followed * sure, 0, 1))


def _mouth(
    neutral: np.ndarray, more: np.ndarray, rest: np.ndarray, posteriors: np.ndarray, free: np.ndarray
) -> np.ndarray:
    """`neutral`, with each phoneme's regions enlarged by `more` (40, 5) and `rest` added [shape=(F, 27)]."""
    return neutral * (1 + free * (posteriors @ more)[:, REGION_OF]) + free * rest


def _weight(residual: np.ndarray, metric: np.ndarray, fps: float) -> float:
    """How much a frame counts against the prior, by the spread of the residual (F, 27) about its mean."""
    spread = residual - residual.mean(axis=0)
    noise = np.einsum("fc,cd,fd->f", spread, metric, spread).mean() / 3 + DRIFT  # mm2, over about 3 free directions
    return EFFECTIVE_RATE / fps / noise


def trust(posteriors: np.ndarray, fps: float) -> float:
    """How far material is to be followed, in [0, 1], by its seconds of speech; `posteriors` as for `fit`.

    Two halves of a clip of one man, 1.5 s each, differ by 14 % (standard deviation) in size against the neutral style.
    """
    speech = float((posteriors[:, SILENCE] < 0.5).sum() / fps)
    return speech / (speech + DOUBT)


def _sizing(shown: np.ndarray, fitted: np.ndarray) -> np.ndarray:
    """Factors of the regions [shape=(5,)] that make the fit as lively as what was shown.

    Least squares do not: they move less than what they fit, the more so the less of it is predicted, or further where
    gains stand in for a posture; a timid mouth is what animators complain of. The size that was shown is nearer to that
    of speech to come, and costs some error where the motion is not predicted. Closed lips stay where they are.
    """
    factor = (shown @ OPENING).std() / max(float((fitted @ OPENING).std()), 1e-6)
    return np.where(OPENS, np.clip(factor, 1 / LARGEST_SIZING, LARGEST_SIZING), 1.0)


def _prior() -> np.ndarray:
    """Covariance of the unknowns of `_normal` [shape=(232, 232)]."""
    spread = np.concatenate([[REGION_SPREAD] * _R, [PHONE_SPREAD] * (_P * _R), [REST_SPREAD] * len(MOUTH)])
    prior = np.diag(spread**2)
    prior[:_R, :_R] += PERSON_SPREAD**2
    return prior


def _normal(
    neutral: np.ndarray, missed: np.ndarray, posteriors: np.ndarray, free: np.ndarray, metric: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Left and right side of the normal equations; unknowns are 5 regions, 40 phonemes x 5 regions, 27 rests."""
    # A region's own gain counts as that of a phoneme with posterior 1.
    weights = np.hstack([np.ones((len(posteriors), 1)), posteriors])  # (F, 41)
    own = np.arange(_R)[:, None] == REGION_OF  # (5, 27)
    parts = (free * neutral)[:, None] * own  # (F, 5, 27): the neutral mouth, by region
    weighed = parts @ metric  # (F, 5, 27)
    inner = np.einsum("frc,fsc->frs", weighed, parts)  # (F, 5, 5)
    gains = np.stack([[weights.T @ (weights * inner[:, r, s, None]) for s in range(_R)] for r in range(_R)])
    gains = gains.transpose(2, 0, 3, 1).reshape((_P + 1) * _R, (_P + 1) * _R)  # (5, 5, 41, 41) by phoneme, then region
    across = np.einsum("fp,frc->prc", weights, weighed * free[:, None]).reshape((_P + 1) * _R, -1)
    rests = metric * (free.T @ free)
    toward = missed @ metric  # (F, 27)
    aim = np.einsum("fp,fr->pr", weights, np.einsum("frc,fc->fr", parts, toward)).ravel()
    left = np.block([[gains, across], [across.T, rests]])
    return left, np.concatenate([aim, (toward * free).sum(axis=0)])
