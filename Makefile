# `make` lists the targets. Each installs what it needs into .venv first.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed

# What TensorFlow's C++ side prints (notices, "no GPU") says nothing to act on; errors raise in Python.
export TF_CPP_MIN_LOG_LEVEL ?= 3

.PHONY: help
help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(INSTALLED): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "intelvae_keras needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1). Try make PYTHON=python3.12"; exit 1; }
	@echo "Installing into .venv (once, about 2 GB: TensorFlow and Jupyter are large)"
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --progress-bar on --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.PHONY: install
install: $(INSTALLED)  ## Install into .venv (about 2 minutes)

.PHONY: demo
demo: $(INSTALLED)  ## Train an ordinary VAE and an InteL-VAE on 0s and 1s, write runs/demo/report.html (2 minutes)
	@$(BIN)/python intelvae_keras/demo/results.py runs/demo || $(BIN)/python -m intelvae_keras

.PHONY: test
test: $(INSTALLED) lint  ## Lint, and the fast tests on two cores (3 to 6 minutes)
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not slow and not site"

.PHONY: test-slow
test-slow: $(INSTALLED)  ## The slow tests: killed runs, several replicas and processes (11 minutes)
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "slow and not site"

.PHONY: mutants
mutants: $(INSTALLED)  ## Put 60 faults into the package, one at a time: do the fast tests notice? Resumes (30 minutes)
	@$(BIN)/python scripts/mutants.py --jobs 2

.PHONY: tune
tune: $(INSTALLED)  ## First biases and learning rate of every model of the claims, on validation data; resumes (20 minutes)
	$(BIN)/python -m benchmarks.tuning

.PHONY: claims
claims: $(INSTALLED)  ## Measure every claim over seeds, write docs/results.md; resumes (70 minutes)
	$(BIN)/python -m benchmarks.claims

.PHONY: claims-quick
claims-quick: $(INSTALLED)  ## The same with few steps and one seed, write runs/claims-quick/results.md (2 minutes)
	$(BIN)/python -m benchmarks.claims --quick

.PHONY: learn
learn: $(INSTALLED)  ## Open the course in Jupyter Lab
	$(BIN)/jupyter lab tutorials

.PHONY: learn-clean
learn-clean: $(INSTALLED)  ## Copy the course without outputs into FOLDER (my-course), overwriting nothing
	@$(BIN)/python scripts/tutorials.py clean $(or $(FOLDER),my-course)

.PHONY: tutorials
tutorials: $(INSTALLED)  ## Execute the notebooks whose sources changed (3 minutes each at most)
	$(BIN)/python scripts/tutorials.py build

.PHONY: tutorials-status
tutorials-status: $(INSTALLED)  ## List the notebooks that are older than their source, or ran with older code
	@$(BIN)/python scripts/tutorials.py status

.PHONY: tutorials-check
tutorials-check: $(INSTALLED)  ## Execute all notebooks' sources with few steps, two at a time
	$(BIN)/python scripts/tutorials.py check --patience 2

.PHONY: tables
tables: $(INSTALLED)  ## VAEs of tables beside simple models, 5 seeds: docs/tables.md; resumes (10 minutes)
	$(BIN)/python -m benchmarks.tables

.PHONY: presets
presets: $(INSTALLED)  ## Train the presets that have no figures yet, write docs/presets.md; resumes (6 minutes)
	$(BIN)/python -m benchmarks.presets

.PHONY: lint
lint: $(INSTALLED)  ## Style and format, changing nothing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

.PHONY: format
format: $(INSTALLED)  ## Mend style and format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: hooks
hooks: $(INSTALLED)  ## Check style before each commit of yours
	$(BIN)/pre-commit install

.PHONY: speed
speed: $(INSTALLED)  ## Measure speed, beside pythae if `make peers` was run: docs/speed.md (20 minutes)
	$(BIN)/python benchmarks/speed.py $$(test -x .venv-peers/bin/python && echo --pythae .venv-peers/bin/python)

.PHONY: peers
peers:  ## Install pythae and PyTorch for `make speed` into .venv-peers (3 minutes)
	$(PYTHON) -m venv --clear .venv-peers
	.venv-peers/bin/python -m pip install --quiet "torch==2.13.0" "pythae==0.1.2" "numpy<2.5"

.PHONY: scaling
scaling: $(INSTALLED)  ## Measure the cost as data and models grow: docs/scaling.md (10 minutes)
	$(BIN)/python benchmarks/scaling.py

.PHONY: wheel-check
wheel-check: $(INSTALLED)  ## Build the wheel, and load its data and a model outside of the checkout
	rm -rf build/wheel && $(BIN)/python -m build --wheel --no-isolation --outdir build/wheel .
	$(BIN)/python scripts/check_wheel.py build/wheel

.PHONY: requirements
requirements: $(INSTALLED)  ## Pin requirements.txt anew from pyproject.toml (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --all-extras --no-header \
		--no-annotate pyproject.toml -o requirements.txt

.PHONY: docs
docs: $(INSTALLED)  ## Build the site into site/, strict: pages, links and anchors (2 minutes; needs node)
	$(BIN)/python -m scripts.docs

.PHONY: docs-serve
docs-serve: $(INSTALLED)  ## Build the site and show it on 127.0.0.1:8000; a change builds it anew
	$(BIN)/python -m scripts.docs --serve

.PHONY: docs-check
docs-check: docs  ## The site in a real Chromium, its code blocks, and a second build with Zensical
	$(BIN)/python -m pytest tests/site tests/explorables tests/explorer -m site
	$(BIN)/python -m scripts.docs --zensical

.PHONY: gpu-check
gpu-check: $(INSTALLED)  ## Compare a GPU with the CPU, and measure it; says so where there is none
	$(BIN)/python benchmarks/gpu_check.py
