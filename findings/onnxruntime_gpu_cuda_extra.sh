# onnxruntime-gpu's extra `cuda` alone brings no cuBLAS, which its CUDA provider is linked against: only `cudnn` pulls it in, through cuDNN's own requirement.
# Seen in onnxruntime-gpu 1.31.1: `pip install onnxruntime-gpu[cuda]` resolves to four NVIDIA wheels and nvjitlink; the provider's library names libcublas.so.13
# and libcublasLt.so.13, and preload_dlls prints that it cannot load them. A session that asks for CUDA opens all the same, on the processor, and only the log says so.
# Who ships a face model with an optional card, and leaves cuDNN out because the network needs none of it, gets a package that never uses the card and never fails.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --upgrade pip==25.3
resolved() {
    "$folder/venv/bin/pip" install --quiet --dry-run --ignore-installed --report "$folder/report.json" "onnxruntime-gpu[$1]==1.31.1" >/dev/null
    "$folder/venv/bin/python" - "$folder/report.json" <<'PY'
import json
import sys

found = {one["metadata"]["name"] for one in json.load(open(sys.argv[1]))["install"]}
print(" ".join(sorted(name for name in found if name.startswith("nvidia"))))
PY
}
cuda=$(resolved cuda)
both=$(resolved cuda,cudnn)
"$folder/venv/bin/pip" install --quiet onnxruntime-gpu==1.31.1
"$folder/venv/bin/python" - "$cuda" "$both" <<'PY'
import sys
from pathlib import Path

import onnxruntime

cuda, both = (text.split() for text in sys.argv[1:])
print("onnxruntime-gpu", onnxruntime.__version__)
print("[cuda]:", *cuda)
print("[cuda,cudnn]:", *both)
provider = Path(onnxruntime.__file__).parent / "capi" / "libonnxruntime_providers_cuda.so"
linked = [name for name in (b"libcublas.so.13", b"libcublasLt.so.13") if name + b"\0" in provider.read_bytes()]
print("the provider is linked against:", *(name.decode() for name in linked))
seen = len(linked) == 2 and "nvidia-cublas" not in cuda and "nvidia-cublas" in both
sys.exit(0 if seen else "this has changed")
PY
