# SPDX-License-Identifier: GPL-3.0-or-later
"""A model loads, refuses what is damaged, runs in parts of any size; the released one moves for speech alone."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from facewright.inference import Audio
from facewright.inference.audio.decode import load_audio
from facewright.inference.core.audio import RATE
from facewright.inference.core.channels import CHANNELS, LIVE_LINK, PHONES, VISEMES
from facewright.inference.core.errors import ModelError
from facewright.inference.policy.card import read_card
from facewright.inference.policy.predictor import DEFAULT, RELEASED, load_predictor
from facewright.inference.policy.visemes import TABLE, visemes


@pytest.fixture(scope="module")
def released():
    return load_predictor(device="cpu")


@pytest.fixture(scope="module")
def live():
    return load_predictor("live", "cpu")


@pytest.fixture(scope="module", params=["released", "live", "tiny"])
def model(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def voice(speech) -> Audio:
    return load_audio(speech, duration=12.0)


@pytest.fixture
def copied(tmp_path):
    return shutil.copytree(RELEASED / DEFAULT, tmp_path / "модель")


def test_all_channels_at_fifty_frames_a_second(model, voice):
    motion = model.predict(voice)
    assert motion.channels == CHANNELS
    assert (motion.fps, motion.start) == (50, 0.0)
    assert abs(motion.end - voice.seconds) < 0.04
    weights = motion.values[:, :52]
    assert weights.min() >= 0.0 and weights.max() <= 1.0
    assert np.allclose(motion.select(VISEMES).values.sum(axis=1), 1.0, atol=1e-4)


def in_chunks(monkeypatch, model, chunk):
    monkeypatch.setattr(model, "card", replace(model.card, chunk=chunk))


@pytest.mark.parametrize("chunk", [61, 200, 333])
@pytest.mark.parametrize("name", ["live", "tiny"])
def test_parts_equal_the_whole_where_a_model_hears_only_what_is_near(request, name, voice, chunk, monkeypatch):
    model = request.getfixturevalue(name)
    in_chunks(monkeypatch, model, 10**9)
    whole = model.predict(voice)
    in_chunks(monkeypatch, model, chunk)
    assert np.abs(model.predict(voice).values - whole.values).max() < 1e-4


def test_parts_say_what_the_whole_says_where_a_model_hears_everything(released, voice, monkeypatch):
    whole = released.predict(voice)
    in_chunks(monkeypatch, released, 200)
    for name in ("jawOpen", "mouthFunnel", "viseme_PP"):
        assert np.corrcoef(released.predict(voice).channel(name), whole.channel(name))[0, 1] > 0.98


@pytest.fixture(scope="module")
def noise() -> Audio:
    return Audio(0.003 * np.random.default_rng(0).standard_normal(4 * RATE).astype(np.float32))


def test_speech_opens_the_mouth_and_noise_is_still_after_a_second(released, voice, noise):
    jaw = released.predict(voice).channel("jawOpen")
    still = released.predict(noise).channel("jawOpen")[50:]
    assert jaw.max() > 0.1
    assert jaw.std() > 5 * still.std()
    assert still.mean() < 0.05


def test_noise_is_still_from_the_start(released, voice, noise):
    jaw = released.predict(voice).channel("jawOpen")
    still = released.predict(noise).channel("jawOpen")
    assert jaw.std() > 5 * still.std()


def test_same_sound_same_motion(model, voice):
    assert np.array_equal(model.predict(voice).values, model.predict(voice).values)


@pytest.mark.parametrize("samples", [1, 319, 321, 5000])
def test_the_shortest_sounds_work(model, samples):
    assert model.predict(Audio(np.full(samples, 0.01))).frames == max(1, -(-samples // 320))


def test_progress_rises_to_one_and_may_cancel(model, voice, monkeypatch):
    in_chunks(monkeypatch, model, 100)
    done = []
    model.predict(voice, progress=done.append)
    assert done == sorted(done) and done[-1] == 1.0 and len(done) > 2

    def cancel(fraction):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        model.predict(voice, progress=cancel)
    assert model.predict(voice).frames > 0


@pytest.mark.skipif(sys.platform != "linux", reason="reads a process's own peak memory from /proc")
def test_a_quarter_of_an_hour_stays_under_600_megabytes():
    """As memory grows from one minute to five; longer takes are made in parts (`test_in_parts`)."""
    code = (
        "import numpy as np; from pathlib import Path; from facewright.inference import Audio\n"
        "from facewright.inference.policy.predictor import load_predictor\n"
        "noise = np.random.default_rng(0).standard_normal(160_000).astype('f4') * 0.1\n"
        "predictor = load_predictor(device='cpu')\n"
        "for minutes in (1, 5):\n"
        "    m = predictor.predict(Audio(np.resize(noise, minutes * 60 * 16_000)))\n"
        "    assert m.frames == minutes * 3000\n"
        "    print(Path('/proc/self/status').read_text().partition('VmHWM:')[2].split()[0])"
    )  # getrusage has the parent's
    environment = {**os.environ, "MALLOC_ARENA_MAX": "1"}  # as the worker's; else where threads free memory is luck
    given = {"capture_output": True, "text": True, "check": True, "env": environment}
    out = subprocess.run([sys.executable, "-c", code], **given).stdout.split()
    one, five = (int(kilobytes) * 1024 for kilobytes in out)
    assert five + (five - one) / 4 * 10 < 600e6


@pytest.mark.skipif(sys.platform != "linux", reason="looks where onnxruntime keeps what it is going to send on Linux")
def test_onnxruntime_reports_nothing_to_its_maker(tmp_path):
    """Without the switch it leaves a device identifier and a database of events in the user's cache."""
    code = "from facewright.inference import load_predictor; load_predictor()"
    environment = {key: value for key, value in os.environ.items() if key != "ORT_DISABLE_TELEMETRY"}
    environment |= {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path), "CI": ""}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    assert not list(tmp_path.rglob("*"))


def test_the_provider_in_use_is_told(released):
    assert released.provider == "CPU"


def test_a_model_folder_of_any_name_loads(copied):
    assert load_predictor(copied, "cpu").card.name == DEFAULT


def test_an_unknown_model_is_named_beside_the_known():
    with pytest.raises(ModelError, match=rf"'second'.*{DEFAULT}"):
        load_predictor("second")


@pytest.mark.parametrize("file", sorted(path.name for path in (RELEASED / DEFAULT).glob("*.onnx")))
def test_a_damaged_file_is_refused(copied, file):
    content = bytearray((copied / file).read_bytes())
    content[len(content) // 2] ^= 1
    (copied / file).write_bytes(content)
    with pytest.raises(ModelError, match=rf"{file} to have SHA-256.*Install facewright again"):
        load_predictor(copied)


def test_a_missing_file_is_named(copied):
    (copied / "encoder.onnx").unlink()
    with pytest.raises(ModelError, match=r"encoder\.onnx.*cannot be read"):
        load_predictor(copied)


@pytest.mark.parametrize(
    "field", ["family", "left_context", "phones_right_context", "fps", "channels", "learned", "rule_made", "limits"]
)
def test_every_field_of_the_card_must_be_there(copied, field):
    card = copied / "card.toml"
    lines = card.read_text(encoding="utf-8").splitlines()
    card.write_text("\n".join(line for line in lines if not line.startswith(f"{field} =")), encoding="utf-8")
    with pytest.raises(ModelError, match=f"card.toml.* complete and right.*'{field}' is missing"):
        read_card(copied)


@pytest.mark.parametrize("text", ["name = ", "\x00", ""])
def test_a_broken_card_is_refused(copied, text):
    (copied / "card.toml").write_text(text)
    with pytest.raises(ModelError, match=r"card\.toml"):
        read_card(copied)


def test_the_card_says_where_the_model_comes_from(released):
    card = released.card
    assert card.data and card.figures and card.limits
    assert all(source.licence and source.attribution for source in card.data)
    assert not card.live or card.right_context <= 10  # 200 ms of look-ahead at most
    assert sum(path.stat().st_size for path in card.folder.iterdir()) <= 40e6


def test_every_phone_has_its_viseme():
    assert set(TABLE) == set(PHONES)
    assert all(np.isclose(sum(shares.values()), 1.0) for shares in TABLE.values())
    sure = np.full((50, len(PHONES)), -20.0)
    sure[:, PHONES.index("M")] = 20.0
    assert np.allclose(visemes(sure)[:, VISEMES.index("viseme_PP")], 1.0, atol=1e-5)


def test_a_card_for_other_channels_is_refused(copied):
    card = copied / "card.toml"
    card.write_text(card.read_text(encoding="utf-8").replace(f'"{LIVE_LINK[0]}", ', ""), encoding="utf-8")
    with pytest.raises(ModelError, match="61 Live Link channels"):
        load_predictor(copied)


def edited(model, tmp_path, before: str, after: str):
    """A copy of the model whose card says something else."""
    folder = shutil.copytree(model.card.folder, tmp_path / "edited")
    text = (folder / "card.toml").read_text(encoding="utf-8")
    assert before in text
    (folder / "card.toml").write_text(text.replace(before, after), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("[policy]", "[other]", "'sampling' should be a table"),
        ("steps = 1", "steps = 'one'", "'sampling.steps' should be a whole number, not 'one'"),
        ("steps = 1", "steps = 3", "1, 2 or 4 steps.*3 steps and 61"),
        ("[0.5, ", "[", "61 temperatures.*1 steps and 60"),
        ("[0.5, ", "[-1, ", "temperature should be finite"),
        ("phones_right_context = 2", "phones_right_context = 4", "from 0 to right_context"),
    ],
)
def test_a_card_that_cannot_be_sampled_is_refused(tiny, tmp_path, before, after, said):
    with pytest.raises(ModelError, match=said):
        load_predictor(edited(tiny, tmp_path, before, after))
