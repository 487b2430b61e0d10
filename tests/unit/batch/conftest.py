import numpy as np
import pytest
import soundfile


@pytest.fixture(scope="session")
def lines(speech, tmp_path_factory):
    """A folder of eight sounds of a second each, cut from speech: no two are alike."""
    folder = tmp_path_factory.mktemp("lines")
    samples, rate = soundfile.read(speech)
    samples = samples if samples.ndim == 1 else samples.mean(axis=1)
    for k in range(8):
        begin = int(k * 0.4 * rate)
        soundfile.write(folder / f"line{k}.wav", np.resize(samples[begin : begin + rate], rate), rate)
    return folder


@pytest.fixture
def out(tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    return folder
