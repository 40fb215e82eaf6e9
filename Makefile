# Everything starts here. `make demo` runs the main job, `make test` runs all tests; both install what they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.9
SOURCES := services/runbooks/src tools/pcq-verify/src
CHECKED := services/runbooks tools bench spec apps/web/tests apps/web/bench apps/web/journeys
WEB := apps/web

export UV_PYTHON_DOWNLOADS := never
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo check test web web-test wheel serve journeys bench bench-graph bench-console lock schemas vectors verdicts model model-evaluation format clean setup

demo: setup
	bash tools/demo.sh

check: setup
	$(BIN)/ruff format --check --quiet $(CHECKED)
	$(BIN)/ruff check --quiet $(CHECKED)
	$(BIN)/lint-imports
	$(BIN)/mypy $(SOURCES)
	$(BIN)/mypy services/runbooks/training
	$(BIN)/pytest -q -n 2 -m "not real"

test: setup
	bash tools/test.sh

# The console, and verify.html in it, whose digest is printed. Node and npm come with `setup`; what npm has fetched once is taken from its cache.
web: $(WEB)/node_modules/.package-lock.json
	PATH="$(CURDIR)/$(BIN):$$PATH" npm --prefix $(WEB) run build
	$(BIN)/node $(WEB)/compress.ts

# Two wheels in dist/: the service with the console inside, and the verifier.
wheel: web
	for project in services/runbooks tools/pcq-verify; do \
	  $(BIN)/uv build --quiet --wheel --no-build-isolation --python $(BIN)/python --out-dir dist $$project || exit 1; \
	done

# The console over the demo, to look at; prints links that sign in.
serve: web
	bash tools/serve.sh

# People's ways through the console in a browser, on a real service.
journeys: web
	$(BIN)/pytest -q $(WEB)/journeys

web-test: $(WEB)/node_modules/.package-lock.json
	PATH="$(CURDIR)/$(BIN):$$PATH" npm --prefix $(WEB) run check
	PATH="$(CURDIR)/$(BIN):$$PATH" npm --prefix $(WEB) test

$(WEB)/node_modules/.package-lock.json: $(VENV)/.installed $(WEB)/package-lock.json
	PATH="$(CURDIR)/$(BIN):$$PATH" npm --prefix $(WEB) ci --prefer-offline
	touch $@

bench: setup
	$(BIN)/python bench/run.py

bench-graph: setup
	$(BIN)/python -m bench.graph

# The console's budgets in Chromium; fails when one is exceeded. On a machine that has nothing else to do.
bench-console: web
	$(BIN)/python -m apps.web.bench.long_list
	$(BIN)/python -m apps.web.bench.live
	$(BIN)/python -m apps.web.bench.manifest 5000 .cache/bench/proof
	$(BIN)/python -m apps.web.bench.proof .cache/bench/proof

format: setup
	$(BIN)/ruff format --quiet $(CHECKED)
	$(BIN)/ruff check --quiet --fix $(CHECKED)

# What is generated and kept: a test fails when it is not up to date.
schemas: $(WEB)/node_modules/.package-lock.json
	$(BIN)/python -m runbooks.schema > spec/schemas/runbook.schema.json
	$(BIN)/python -m services.runbooks.tests.api.document > spec/openapi.json
	PATH="$(CURDIR)/$(BIN):$$PATH" npm --prefix $(WEB) run types

vectors: setup
	$(BIN)/python spec/vectors/make.py

# How pcq-verify ends each check of each vector: what the console's verifier is held against.
verdicts: setup
	$(BIN)/python $(WEB)/tests/verdicts.py

# The only thing that trains: writes services/runbooks/models and the figures of its card, always the same bytes.
model: setup
	$(BIN)/python -m services.runbooks.training train
	$(BIN)/python -m services.runbooks.training card

model-evaluation: setup
	@$(BIN)/python -m services.runbooks.training evaluate

lock: setup
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 \
	  --no-emit-index-url --no-annotate --output-file requirements.lock requirements.in

setup: $(VENV)/.installed

$(VENV)/.installed: requirements.lock services/runbooks/pyproject.toml tools/pcq-verify/pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	$(BIN)/uv pip sync --quiet --require-hashes requirements.lock
	$(BIN)/uv pip install --quiet --no-deps --no-build-isolation -e services/runbooks -e tools/pcq-verify
	touch $@

clean:
	rm -rf $(VENV) .cache .demo .serve dist $(WEB)/dist $(WEB)/node_modules
