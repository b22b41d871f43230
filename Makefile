# Everything sets up what it needs: `make demo` and `make test` work on a fresh clone.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SERVERS := .venv-servers
export HF_HUB_OFFLINE ?= 1
export RAY_USAGE_STATS_ENABLED := 0
export TOKENIZERS_PARALLELISM := false

.PHONY: demo test check lint unit docs bench compile clean

demo: $(VENV)/.demo
	$(BIN)/headstart demo

test: lint $(SERVERS)/.ready
	$(BIN)/python -m pytest tests

# The everyday loop: no cluster, no server, under two minutes.
check: lint unit

lint: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

unit: $(VENV)/.dev
	$(BIN)/python -m pytest tests/unit -q

# Regenerates what docs/reference says from the code.
docs: $(VENV)/.dev
	$(BIN)/python -m docs.generate

bench: $(VENV)/.dev
	$(BIN)/python benchmarks/run.py

compile: $(VENV)/.dev
	$(BIN)/headstart pipelines compile --out build/pipelines

clean:
	rm -rf build dist *.egg-info .headstart

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[demo]'
	touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $(VENV)/.demo $@

# Test servers live apart: their pins must not meet ours.
$(SERVERS)/.ready: tests/requirements-servers.txt
	$(PYTHON) -m venv $(SERVERS)
	$(SERVERS)/bin/python -m pip install --quiet --requirement tests/requirements-servers.txt
	touch $@
