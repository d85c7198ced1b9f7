# `make demo` and `make test` set up whatever they need; the second run of anything starts in seconds.
.DEFAULT_GOAL := help
.PHONY: help setup demo test test-pages test-rest lint test-js test-py test-browser test-faults screenshots benchmark dist constraints format clean

PYTHON ?= python3
PORT ?= 8888
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
BUNDLE := $(addprefix src/stockwidget/static/,analysis.js details.js scan.js study.js errors.js widget.js monitor.js tasks.js doctor.js compare.js client.js demo.js)
JS_SOURCES := $(shell find src/stockwidget/js -name '*.ts' -o -name '*.css' -o -name '*.mjs' | grep -v '/dev/')

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

setup: $(VENV)/.warm $(BUNDLE)  ## a .venv with everything the demo and the tests need

node_modules/.package-lock.json: package.json package-lock.json
	npm ci --no-audit --no-fund --loglevel=error --no-update-notifier
	@touch $@

$(BUNDLE) &: node_modules/.package-lock.json $(JS_SOURCES)
	npm run --silent build

$(BIN)/uv:
	@$(PYTHON) -c 'import sys; sys.exit("stockwidget needs Python 3.11 or newer; try: make $(MAKECMDGOALS) PYTHON=python3.12") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

$(VENV)/.ready: $(BIN)/uv pyproject.toml constraints.txt hatch_build.py tools/lab_overrides.json | $(BUNDLE)
	VIRTUAL_ENV=$(VENV) STOCKWIDGET_PREBUILT_JS=1 $(BIN)/uv pip install --quiet --compile-bytecode \
		--constraints constraints.txt --editable '.[lab,test]'
	@# Defaults of this environment alone: Lab's question about news would cover the first look.
	@mkdir -p $(VENV)/share/jupyter/lab/settings
	@cp tools/lab_overrides.json $(VENV)/share/jupyter/lab/settings/overrides.json
	@# Lab shows what was built last, as the package does.
	@rm -rf $(VENV)/share/jupyter/labextensions/stockwidget
	@ln -s ../../../../src/stockwidget/labextension $(VENV)/share/jupyter/labextensions/stockwidget
	@# Node takes a script without a package.json of its own for what ours says: Lab's would be modules, and fail.
	@echo '{}' > $(VENV)/package.json
	@touch $@

# Compiles the kernels once, on one core: what needs none of them can run beside it.
$(VENV)/.warm: $(VENV)/.ready
	$(BIN)/python -c "from stockwidget.jobs import warm; warm()"
	@touch $@

demo: setup  ## open JupyterLab on notebooks/quickstart.ipynb (PORT=…, ARGS=… pass through)
	@$(BIN)/python tools/demo.py --port $(PORT) $(ARGS)

# Much here keeps time with the wall. What a crowded machine made late is judged once more, alone.
# $(call settled,name,markers,options)
define settled
$(BIN)/pytest -o cache_dir=.pytest_cache/$(1) $(3) -m '$(2)' || \
	$(BIN)/pytest -o cache_dir=.pytest_cache/$(1) --last-failed --last-failed-no-failures none -m '$(2)'
endef

test: $(VENV)/.ready $(BUNDLE)  ## every gate and every test
	@tools/ensure chromium nginx
	@# Tests with real pages mostly wait: they run beside the others, which take about as long.
	@$(MAKE) --no-print-directory --jobs 3 --output-sync=target lint test-js test-pages test-rest

test-pages: $(VENV)/.warm
	@$(MAKE) --no-print-directory --jobs 1 test-faults test-browser

test-rest: lint test-js $(VENV)/.warm
	@$(MAKE) --no-print-directory --jobs 1 test-py

lint: $(VENV)/.ready $(BUNDLE)  ## style, types and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	npm run --silent typecheck

test-js: $(VENV)/.ready $(BUNDLE)  ## the browser side's unit tests
	npm run --silent test

test-py: setup  ## the Python tests without a browser
	@tools/ensure nginx
	$(call settled,python,not browser and not faults,-n 2 --dist loadfile)

test-browser: setup  ## real JupyterLab in Chromium (installs Debian's chromium where it may)
	@tools/ensure chromium
	$(call settled,browser,browser,-n 2 --dist load)

test-faults: setup  ## real pages and kernels behind a real nginx, and a proxy of our own, that break things
	@tools/ensure chromium nginx
	$(call settled,faults,faults,-n 3 --dist load)

screenshots: setup  ## redraw docs/images
	@tools/ensure chromium
	$(BIN)/python tools/screenshots.py

benchmark: setup  ## print the published figures
	@tools/ensure chromium
	$(BIN)/python benchmarks/first_light.py
	$(BIN)/python benchmarks/analysis.py
	$(BIN)/python benchmarks/study.py
	$(BIN)/python benchmarks/polling.py

dist: setup  ## wheel and sdist in dist/
	$(BIN)/uv build --quiet
	@ls -l dist

constraints: $(BIN)/uv  ## refresh the pinned versions that development and CI use
	$(BIN)/uv pip compile --quiet --universal --all-extras --python-version 3.11 --no-header --no-annotate \
		--no-emit-index-url --upgrade pyproject.toml -o constraints.txt

format: setup  ## format the Python sources
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

clean:  ## remove what make made
	rm -rf $(VENV) node_modules dist src/stockwidget/static .demo
