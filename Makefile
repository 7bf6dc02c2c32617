# Everything a person runs. Needs make and Python 3.11 or newer, nothing else: `make demo`, `make test`.

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
PIP := $(RUN) -m pip --disable-pip-version-check --no-input
# Hashes are required and nothing is compiled, neither C nor (until it is used) Python.
INSTALL := $(PIP) install --require-hashes --only-binary=:all: --no-compile
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/*.po))
BROWSER ?= yes
# Counting lines makes every test a third slower; the gate (`.ci/run`) does it, and nobody has to wait for it at the desk.
COVERAGE ?= no
# More than two, since a test often waits: for a worker, the browser or the disk.
PROCESSES ?= 4
BENCHES := $(or $(RISKREVIEW_VAR),var)/bench
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo test bench format requirements messages

help:  ## show this list
	@echo "make TARGET [ARGS=...]   (Python: $(PYTHON))"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-13s %s\n", $$1, $$2}' Makefile

demo: $(VENV)/installed .env $(CATALOGUES)  ## start everything on this machine; ARGS="--once" runs the pipeline once
	@$(RUN) manage.py demo $(ARGS)

test: export RISKREVIEW_DEBUG = 1
# The tests start Python a hundred times; where writing bytecode is switched off, each start compiled every library anew.
test: export PYTHONDONTWRITEBYTECODE =
test: PYTEST = $(RUN) -m pytest --numprocesses $(PROCESSES) --dist worksteal
test: $(VENV)/installed-dev $(CATALOGUES)  ## linters, type checker and every test; ARGS go to pytest
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m djlint --quiet --lint templates
	$(RUN) $(VENV)/bin/lint-imports
# The type checker takes half a minute where it has not run before, so it runs beside the tests and is read after them.
	@which=; if [ "$(BROWSER)" = no ]; then \
		echo "The browser tests are left out (BROWSER=no)."; \
		which=--ignore=tests/browser; \
	else \
		CHROME="$$($(RUN) -m tests.find_chromium)" || exit 1; \
		export CHROME; echo "Browser: $$CHROME"; \
	fi; \
	[ "$(COVERAGE)" = no ] || which="$$which --cov"; \
	said=$$(mktemp) || exit 1; \
	$(RUN) -m mypy . > "$$said" 2>&1 & types=$$!; \
	trap 'kill $$types 2> /dev/null; rm -f "$$said"' EXIT; \
	$(PYTEST) $$which $(ARGS); tests=$$?; \
	wait $$types; types=$$?; \
	echo "mypy:"; cat "$$said"; rm -f "$$said"; trap - EXIT; \
	[ $$types -eq 0 ] || exit $$types; exit $$tests

bench: $(VENV)/installed-dev $(CATALOGUES)  ## every bench, JSON lines into var/bench/
	@mkdir -p "$(BENCHES)"
	@set -e; for file in bench/[a-z]*.py; do \
		name=$$(basename $$file .py); echo "bench $$name"; \
		$(RUN) -m bench.$$name $(ARGS) >> "$(BENCHES)/$$name.jsonl"; tail -n 1 "$(BENCHES)/$$name.jsonl"; \
	done

format: $(VENV)/installed-dev  ## put the code into its one form
	$(RUN) -m ruff check --fix .
	$(RUN) -m ruff format .

messages: $(CATALOGUES)  ## compile the translations

requirements: $(VENV)/installed-dev  ## pin *.in to *.txt with hashes
	$(PIP) install --quiet uv
	$(RUN) -m uv pip compile --quiet --no-strip-extras --universal --python-version 3.11 --generate-hashes requirements.in -o requirements.txt
	$(RUN) -m uv pip compile --quiet --no-strip-extras --universal --python-version 3.11 --generate-hashes requirements-dev.in -o requirements-dev.txt

# The .mo files are made from the .po files and not kept in git.
%.mo: %.po | $(VENV)/installed
	@$(RUN) -m babel.messages.frontend compile --input-file $< --output-file $@

.env:
	@cp .env.example .env && echo "Made .env for this machine from .env.example."

$(VENV)/installed: requirements.txt | $(VENV)/bin/pip
	@echo "Installing what the system needs (requirements.txt): a few minutes the first time, seconds from a warm cache"
	@$(INSTALL) -r requirements.txt
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt $(VENV)/installed
	@echo "Installing what the tests need (requirements-dev.txt)"
	@$(INSTALL) -r requirements-dev.txt
	@touch $@

# Debian splits venv from Python; virtualenv does the same where somebody has put it there.
$(VENV)/bin/pip:
	@command -v $(PYTHON) >/dev/null || { \
		echo "No $(PYTHON): install Python 3.11 or newer, or name one: make PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "RiskReview needs Python 3.11 or newer; this is $$($(PYTHON) -V 2>&1). Name another: make PYTHON=..." >&2; exit 1; }
	@echo "Making $(VENV)"
	@if $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then $(PYTHON) -m venv --clear $(VENV); \
	elif $(PYTHON) -m virtualenv --version >/dev/null 2>&1; then $(PYTHON) -m virtualenv --quiet --clear $(VENV); \
	else echo "This Python has no venv module: install the package python3-venv (Debian, Ubuntu) or virtualenv." >&2; exit 1; fi
