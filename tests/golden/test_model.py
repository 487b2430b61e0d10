# SPDX-License-Identifier: GPL-3.0-or-later
"""The released model gives today what it gave when it was released; the networks give in ONNX what they give in torch.

``python tests/golden/test_model.py`` writes the golden file anew after a new model was released.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from facewright.inference import Audio
from facewright.inference.core.audio import RATE
from facewright.inference.core.timing import PAST
from facewright.inference.devices.kinds import cpu
from facewright.inference.devices.processor import Processor
from facewright.inference.policy.predictor import DEFAULT, load_predictor
from facewright.inference.policy.sampler import Sampler
from facewright.inference.policy.session import session

GOLDEN = Path(__file__).with_name(f"{DEFAULT}.npz")
CHUNK = ("state", "time", "stride", "past", "general", "local", "pins", "pinned")


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
    from facewright.models.training.release.export import Networks

    torch.manual_seed(0)
    made = Networks.load(None)
    for layer in (made.memory.leave, made.policy.leave, made.style.gains):
        torch.nn.init.normal_(layer.weight, std=0.05)  # untrained they are at rest and would prove nothing
    made.policy.scale.fill_(0.1)
    with torch.no_grad():  # the file holds weights in half precision
        for network in vars(made).values():
            for weight in network.state_dict().values():
                weight.copy_(weight.half().float())
    return torch, made


@pytest.fixture(scope="module")
def exported(networks, tmp_path_factory):
    pytest.importorskip("onnx", reason="onnx is only in the training environment")
    from facewright.models.training.release import export

    folder = tmp_path_factory.mktemp("exported")
    export.export(networks[1], Path(export.__file__).with_name("policy.toml"), folder)
    return load_predictor(folder, "cpu")


def test_onnx_equals_torch(networks, exported):
    torch, made = networks
    rng = np.random.default_rng(0)
    mel = rng.normal(0, 1, (1, 234, 80)).astype(np.float32)
    style = rng.uniform(0.5, 1.5, (1, 40)).astype(np.float32)
    horizon, seen = exported.card.sampling.horizon, PAST + exported.card.sampling.heard
    shapes = {"state": horizon, "past": PAST, "general": seen, "pins": horizon}
    chunk = {name: rng.normal(0, 0.3, (1, frames, 61)).astype(np.float32) for name, frames in shapes.items()}
    chunk |= {"local": rng.normal(0, 1, (1, seen, 128)).astype(np.float32)}
    chunk |= {"pinned": (rng.random((1, horizon, 61)) < 0.2).astype(np.float32)}
    chunk |= {"time": np.full(1, 0.25, np.float32), "stride": np.full(1, 0.25, np.float32)}
    with torch.no_grad():
        features, logits = made.encoder(torch.from_numpy(mel))
        general, local = made.memory(features, logits, torch.from_numpy(style))
        velocity, motion = made.policy(*(torch.from_numpy(chunk[name]) for name in CHUNK))
        gains = made.style(torch.from_numpy(mel))
    names = ("encoder", "memory", "policy", "style")
    encoder, memory, policy, telling = (session(exported.card, f"{name}.onnx", Processor(cpu)) for name in names)
    ours = encoder.run(["features", "phone_logits"], {"mel": mel})
    given = {"features": ours[0], "phone_logits": ours[1], "style": style}
    ours += memory.run(["general", "local"], given)
    ours += policy.run(["velocity", "motion"], chunk) + telling.run(["style"], {"mel": mel})
    for one, other in zip(ours, (features, logits, general, local, velocity, motion, gains), strict=True):
        assert np.abs(one - other.numpy()).max() < 1e-4


@pytest.mark.parametrize("steps", [1, 2, 4])
def test_the_loop_is_the_one_of_training(networks, exported, steps):
    torch, made = networks
    from facewright.models.training.stages.rollout import roll

    rng = np.random.default_rng(1)
    general = np.cumsum(rng.normal(0, 0.03, (1, 143, 61)), axis=1).astype(np.float32)
    local = rng.normal(0, 1, (1, 143, 128)).astype(np.float32)
    given = torch.from_numpy(general), torch.from_numpy(local)
    theirs = roll(made.policy, *given, temperature=torch.zeros(61), steps=steps, seed=0).numpy()[0]
    sampler = Sampler(
        session(exported.card, "policy.onnx", Processor(cpu)),
        replace(exported.card.sampling, temperature=(0.0,) * 61),
        steps=steps,
    )
    ours = np.concatenate([sampler.feed(general[0], local[0]), sampler.finish()])
    np.testing.assert_allclose(ours, theirs, atol=1e-4)


if __name__ == "__main__":
    released = load_predictor(device="cpu")
    motion = released.predict(babble())
    np.savez_compressed(GOLDEN, values=motion.values, channels=np.array(motion.channels), version=released.card.version)
    print(f"written: {GOLDEN}")
