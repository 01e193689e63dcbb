# make demo: everything once, on made-up data; make test: lint and all tests;
# make web: the page that runs the model in a browser; make test-web: its tests.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
DEMO := demo
# Start-up notes of TensorFlow's C++ side say nothing to a user.
export TF_CPP_MIN_LOG_LEVEL ?= 3

.PHONY: demo test lint format requirements clean web page test-web

demo: $(DEMO)/report/report.html $(DEMO)/scene_height.tif \
		$(DEMO)/export/parity.json
	@echo
	@echo 'Written by the demo:'
	@echo '  $(DEMO)/report/report.html      report with pictures'
	@echo '  $(DEMO)/scene_height.tif        heights of the scene, GeoTIFF'
	@echo '  $(DEMO)/scene_height_viz.png    the same to look at'
	@echo '  $(DEMO)/export/heightnet/1      SavedModel'
	@echo '  $(DEMO)/export/height_int8.tflite and four other .tflite'
	@echo '  $(DEMO)/run/best.keras          the model'

test: .venv/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m pytest
	@echo 'Not run: the tests of the page in web/. make test-web runs them.'

lint: .venv/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: .venv/test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Built into the package, from where serve_main.py serves it, too.
PAGE := heightnet_tf/web/page
MODEL ?= $(firstword $(wildcard heightnet_tf/models/height_float16.tflite \
	$(DEMO)/export/height_float32.tflite))

# Serves the page with a model beside it: make web MODEL=FILE.tflite
web: page
	@test -f '$(MODEL)' || { echo 'No model: run make demo first, or give' \
		'MODEL=FILE.tflite, which export_main.py writes.' >&2; exit 1; }
	mkdir -p $(PAGE)/model
	cp '$(MODEL)' $(PAGE)/model/height.tflite
	cd web && npm run serve

page: $(PAGE)/index.html

test-web: web/tests/made/expected.json page
	cd web && npm test

web/node_modules/.package-lock.json: web/package-lock.json
	cd web && npm ci --no-audit --no-fund
	touch $@

$(PAGE)/index.html: web/node_modules/.package-lock.json web/index.html \
		web/vite.config.js $(shell find web/src web/public -type f)
	cd web && npm run build

web/tests/made/expected.json: web/tests/reference.py .venv/test \
		$(shell find heightnet_tf/geo heightnet_tf/inference heightnet_tf/nets \
			heightnet_tf/export heightnet_tf/pictures -name '*.py')
	PYTHONPATH=. $(BIN)/python web/tests/reference.py --output=$(@D)

# Pins the newest releases within the ranges of pyproject.toml; the same ones
# for running and for testing, so that one environment serves for both.
requirements: .venv/test
	$(BIN)/pip-compile $(COMPILE) --extra beam --extra dev --extra serve \
		--extra serving -o requirements-dev.txt pyproject.toml
	$(BIN)/pip-compile $(COMPILE) -c requirements-dev.txt -o requirements.txt \
		pyproject.toml

COMPILE := --quiet --upgrade --strip-extras --no-header --no-annotate \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host

clean:
	rm -rf $(DEMO)

.venv/run: requirements.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		-r requirements.txt
	touch $@

.venv/test: requirements-dev.txt .venv/run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		-r requirements-dev.txt
	touch $@

$(DEMO)/data/scene.tif: | .venv/run
	$(BIN)/python synthesize_main.py --flagfile=configs/demo_data.cfg \
		--output=$(DEMO)/data

$(DEMO)/run/best.keras: $(DEMO)/data/scene.tif configs/demo.cfg
	$(BIN)/python train_main.py --flagfile=configs/demo.cfg \
		--data_dir=$(DEMO)/data/train_dataset --run_dir=$(DEMO)/run

$(DEMO)/report/report.html: $(DEMO)/run/best.keras
	$(BIN)/python evaluate_main.py --model=$< --run_dir=$(DEMO)/run \
		--data_dir=$(DEMO)/data/test_dataset --output=$(DEMO)/report

$(DEMO)/scene_height.tif: $(DEMO)/run/best.keras
	$(BIN)/python predict_main.py --model=$< --input=$(DEMO)/data/scene.tif \
		--output=$@ --viz

$(DEMO)/export/parity.json: $(DEMO)/run/best.keras
	$(BIN)/python export_main.py --model=$< --output=$(DEMO)/export \
		--data_dir=$(DEMO)/data/train_dataset --format=saved_model,tflite
