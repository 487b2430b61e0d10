# SPDX-License-Identifier: GPL-3.0-or-later
"""The closed form behind learning a style: which gains turn the neutral mouth into the one that was shown.

``shown = neutral x (1 + region + phone in region) + rest``, for the 27 jaw and mouth channels, where the phones heard
in a frame share its gain. Errors are those of lips, not of weights (`lips_metric`). A Gaussian prior says that styles
are near neutral, so a little material changes little: ridge regression (Hoerl and Kennard 1970,
https://doi.org/10.1080/00401706.1970.10488634), with the posterior's spread as the measure of how sure it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from .channels import MOUTH, PHONES
from .style import LARGEST_GAIN, LARGEST_REST, REGIONS
from .styling import REGION_OF

METRIC = Path(__file__).resolve().parent / "styles" / "lips.npz"
# Chosen on s1's clips for choosing and FACEGOOD's training takes, learned on one half and measured on the other.
REGION_SPREAD, PHONE_SPREAD, REST_SPREAD = 0.3, 0.1, 0.02  # standard deviations of the prior
EFFECTIVE_RATE = 4.0  # independent frames per second: neighbours say nearly the same
DOUBT_OF_SIZE = 4.0  # independent frames after which the size that was shown counts half
DRIFT = 0.3  # mm2 of noise that is there even where the neutral mouth fits: people do not repeat themselves
OPENS = np.array([region in ("jaw", "lips") for region in REGIONS])
_WAYS = {"jawOpen": 1.0, "mouthClose": -1.0} | {
    f"mouth{way}{side}": 0.15 for way in ("LowerDown", "UpperUp") for side in ("Left", "Right")
}
OPENING = np.array([_WAYS.get(name, 0.0) for name in MOUTH])  # how far lips are apart, in units of jawOpen
_R, _P = len(REGIONS), len(PHONES)


@dataclass(frozen=True, eq=False)
class Fit:
    """What the regression found.

    Parameters
    ----------
    gains : ndarray [shape=(40, 5)]
        Of every phone in every region.
    rest : ndarray [shape=(27,)]
        Weights added at all times.
    sure : ndarray [shape=(5,)]
        In [0, 1]: how much of the prior's doubt about each region the material has removed.
    """

    gains: np.ndarray
    rest: np.ndarray
    sure: np.ndarray

    def mouth(self, neutral: np.ndarray, shares: np.ndarray, free: np.ndarray) -> np.ndarray:
        """The mouth that this makes of the neutral one [shape=(F, 27)], before weights are held in [0, 1]."""
        return neutral * (1 + free * (shares @ (self.gains - 1))[:, REGION_OF]) + free * self.rest


@lru_cache(maxsize=1)
def lips_metric() -> np.ndarray:
    """``w @ metric @ w`` is the mean squared way of the lips of our head for weights w, mm2 [shape=(27, 27)]."""
    with np.load(METRIC) as file:
        return file["metric"]


def fit(
    neutral: np.ndarray, shown: np.ndarray, shares: np.ndarray, free: np.ndarray, known: np.ndarray, fps: float
) -> Fit:
    """The gains and the rest that are likeliest.

    Parameters
    ----------
    neutral, shown : ndarray [shape=(F, 27)]
        The mouth as predicted and as shown.
    shares : ndarray [shape=(F, 40)]
        What is heard.
    free : ndarray [shape=(F, 27)]
        How far a style may enlarge a channel, `styling.freedom`; taken for how far it may move it at all.
    known : ndarray [shape=(27,), bool]
        Channels that were shown; the others are neither learned nor looked at.
    fps : float
        Of all of these.
    """
    metric = np.where(known[:, None] & known[None], lips_metric(), 0.0) + 1e-9 * np.eye(len(MOUTH))
    missed = np.where(known, shown - neutral, 0.0)
    spread = missed - missed.mean(axis=0)
    noise = np.einsum("fc,cd,fd->f", spread, metric, spread).mean() / 3 + DRIFT  # mm2, over about 3 free directions
    weight = EFFECTIVE_RATE / fps / noise
    gram, aim = _normal(neutral, missed, shares, free, metric)
    prior = _prior()
    both = weight * gram + np.diag(1 / prior**2)
    solved = np.linalg.solve(both, weight * aim)
    doubt = np.diag(np.linalg.inv(both))
    gains = 1 + solved[:_R] + solved[_R : -len(MOUTH)].reshape(_P, _R)
    sure = (1 - np.sqrt(doubt[:_R]) / REGION_SPREAD).clip(0, 1)
    found = Fit(gains, np.where(known, solved[-len(MOUTH) :], 0.0), sure)
    return _sized(found, neutral, shown, shares, free, known, fps)


def _sized(
    found: Fit,
    neutral: np.ndarray,
    shown: np.ndarray,
    shares: np.ndarray,
    free: np.ndarray,
    known: np.ndarray,
    fps: float,
) -> Fit:
    """The fit, as lively as what was shown.

    Least squares move less than what they fit, the more so the less of it is predicted; a timid mouth is what animators
    complain of. So what opens lips is enlarged about its mean, as far as the size that was shown can be trusted.
    """
    made = found.mouth(neutral, shares, free)
    frames = EFFECTIVE_RATE * len(shown) / fps
    factor = ((shown @ OPENING).std() / max((made @ OPENING).std(), 1e-6)) ** (frames / (frames + DOUBT_OF_SIZE))
    factors = np.where(OPENS, np.clip(factor, 0.5, 2.0), 1.0)  # (5,)
    moved = (free * neutral * (shares @ found.gains)[:, REGION_OF]).mean(axis=0)
    rest = found.rest - np.where(known, (factors[REGION_OF] - 1) * moved, 0.0)
    return Fit((found.gains * factors).clip(0, LARGEST_GAIN), rest.clip(-LARGEST_REST, LARGEST_REST), found.sure)


def _prior() -> np.ndarray:
    regions, phones = np.full(_R, REGION_SPREAD), np.full(_P * _R, PHONE_SPREAD)
    return np.concatenate([regions, phones, np.full(len(MOUTH), REST_SPREAD)])


def _normal(
    neutral: np.ndarray, missed: np.ndarray, shares: np.ndarray, free: np.ndarray, metric: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Left and right side of the normal equations; unknowns are 5 regions, 40 phones x 5 regions, 27 rests."""
    heard = np.hstack([np.ones((len(shares), 1)), shares])  # (F, 41): a region is the phone that is always heard
    parts = (free * neutral)[:, None] * (
        np.arange(_R)[:, None] == REGION_OF
    )  # (F, 5, 27): the neutral mouth, by region
    weighed = parts @ metric  # (F, 5, 27)
    inner = np.einsum("frc,fsc->frs", weighed, parts)  # (F, 5, 5)
    gains = np.stack([[heard.T @ (heard * inner[:, r, s, None]) for s in range(_R)] for r in range(_R)])
    gains = gains.transpose(2, 0, 3, 1).reshape((_P + 1) * _R, (_P + 1) * _R)  # (5, 5, 41, 41) by phone, then region
    across = np.einsum("fp,frc->prc", heard, weighed * free[:, None]).reshape((_P + 1) * _R, -1)
    rests = metric * (free.T @ free)
    toward = missed @ metric  # (F, 27)
    aim = np.einsum("fp,fr->pr", heard, np.einsum("frc,fc->fr", parts, toward)).ravel()
    left = np.block([[gains, across], [across.T, rests]])
    return left, np.concatenate([aim, (toward * free).sum(axis=0)])
