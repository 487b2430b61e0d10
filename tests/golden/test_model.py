# SPDX-License-Identifier: GPL-3.0-or-later
"""The released model gives today what it gave when it was released; the networks give in ONNX what they give in torch.

``python tests/golden/test_model.py`` writes the golden file anew after a new model was released.
"""

from pathlib import Path

import numpy as np
import pytest

from facewright.inference import Audio
from facewright.inference.audio import RATE
from facewright.inference.predictor import load_predictor

GOLDEN = Path(__file__).with_name("first.npz")


def babble() -> Audio:
    """A buzz through two moving formants, 'ama-ima-uma': speech-like, and the same on every computer."""
    rng = np.random.default_rng(7)
    t = np.arange(3 * RATE) / RATE
    pitch = 120 + 20 * np.sin(2 * np.pi * 0.7 * t)
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    syllable = np.clip(np.sin(2 * np.pi * 2.0 * t), 0.05, 1.0)
    first = 300 + 450 * syllable
    second = 1400 + 800 * np.sin(2 * np.pi * 0.5 * t)
    sound = np.zeros_like(t)
    for k in range(1, 40):
        hertz = k * pitch
        gain = 1 / (1 + ((hertz - first) / 90) ** 2) + 0.4 / (1 + ((hertz - second) / 120) ** 2) + 0.02
        sound += gain / k**0.5 * np.sin(k * phase)
    return Audio((0.1 * syllable * sound + 0.0005 * rng.standard_normal(len(t))).astype(np.float32))


def test_the_released_model_is_unchanged():
    with np.load(GOLDEN) as golden:
        assert str(golden["version"]) == load_predictor(device="cpu").card.version, "write the golden file anew"
        found = load_predictor(device="cpu").predict(babble())
        assert tuple(golden["channels"]) == found.channels
        assert np.abs(golden["values"] - found.values).max() < 2e-3


@pytest.fixture(scope="module")
def networks():
    torch = pytest.importorskip("torch", reason="torch is only in the training environment")
    from facewright.models.networks.encoder import Encoder
    from facewright.models.networks.regression import RegressionHead

    torch.manual_seed(0)
    encoder, head = Encoder().eval(), RegressionHead().eval()
    torch.nn.init.normal_(head.leave.weight, std=0.1)  # an untrained head is at rest and would prove nothing
    return torch, encoder, head


def test_onnx_equals_torch(networks, tmp_path):
    torch, encoder, head = networks
    pytest.importorskip("onnx", reason="onnx is only in the training environment")
    from facewright.models.training import export

    export.export(encoder, head, Path(export.__file__).with_name("first.toml"), tmp_path)
    loaded = load_predictor(tmp_path, "cpu")
    mel = np.random.default_rng(0).normal(-12, 4, (1, 234, 80)).astype(np.float32)
    with torch.no_grad():
        features, logits = encoder(torch.from_numpy(mel))
        motion = head(features, logits)
    onnx_features, onnx_logits = loaded._encoder.run(["features", "phone_logits"], {"mel": mel})
    (onnx_motion,) = loaded._motion.run(["motion"], {"features": onnx_features, "phone_logits": onnx_logits})
    for ours, theirs in ((features, onnx_features), (logits, onnx_logits), (motion, onnx_motion)):
        assert np.abs(ours.numpy() - theirs).max() < 1e-4


def test_a_frame_sees_exactly_the_stated_context(networks):
    torch, encoder, head = networks
    left, right = (a + b for a, b in zip(encoder.context(), head.context(), strict=True))
    mel = torch.randn(1, 400, 80)
    with torch.no_grad():
        before = head(*encoder(mel))
        mel[0, 200] += 3.0  # motion frame 100
        changed = torch.nonzero((head(*encoder(mel)) - before).abs().amax(dim=-1)[0] > 0).flatten()
    assert 100 - right <= changed.min() <= 100
    assert 100 <= changed.max() <= 100 + left


if __name__ == "__main__":
    released = load_predictor(device="cpu")
    motion = released.predict(babble())
    np.savez_compressed(GOLDEN, values=motion.values, channels=np.array(motion.channels), version=released.card.version)
    print(f"written: {GOLDEN}")
