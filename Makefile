# Tomakoe. `make run` starts everything, `make test` checks everything.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PORT   ?= 8000
HOST   ?= 127.0.0.1
INSTANCE ?= instance
FURIGANA := translations/ja@furigana/LC_MESSAGES/messages.mo
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard translations/*/LC_MESSAGES/messages.po)) $(FURIGANA)

export PORT HOST INSTANCE

.DEFAULT_GOAL := help
.PHONY: help run test check lint types contracts templates pytest bench kills browser lock catalogues words clean

help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: export DEMONSTRATION ?= 1
run: export PUBLIC_URL ?= http://$(HOST):$(PORT)
run: export SWEEP_SECONDS ?= 10
run: export PATH := $(CURDIR)/$(BIN):$(PATH)
run: $(VENV)/.installed $(CATALOGUES) $(INSTANCE)/secrets.env ## Start site, worker and scheduler (PORT, DATABASE_URL, BROKER_URL, SMTP_URL)
	@$(BIN)/flask --app wsgi demonstration prepare
	@$(BIN)/flask --app wsgi readings make
	@$(BIN)/honcho -f Procfile start --port $(PORT)

test: check ## Install what the tests need, then check everything

check: $(VENV)/.installed-dev browser lint types contracts templates pytest ## What CI runs

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-dev
	$(BIN)/mypy

contracts: $(VENV)/.installed-dev
	$(BIN)/lint-imports

templates: $(VENV)/.installed-dev
	$(BIN)/djlint webapp/templates --quiet --lint

pytest: $(VENV)/.installed-dev $(CATALOGUES)
	$(BIN)/python -m pytest -n 2 --dist worksteal

bench: $(VENV)/.installed-dev $(CATALOGUES) ## Measure, and print ratios against a named reference
	$(BIN)/python -m benchmarks

kills: $(VENV)/.installed-dev $(CATALOGUES) ## Kill the worker that sends letters (KILLS=2000, SEED=7), print what came of it
	$(BIN)/python -m benchmarks.kills $(KILLS) $(if $(SEED),--seed $(SEED))

browser: ## Install Chromium and a Japanese font where the system allows it
	@.ci/browser

catalogues: $(CATALOGUES)

words: $(VENV)/.installed-dev ## Bring the catalogues up to date with the sources
	$(BIN)/pybabel -q extract -F translations/babel.cfg -k _l -k lazy_gettext -k N_ --no-location --sort-output \
	  --no-wrap --project Tomakoe --version 1 --copyright-holder Tomakoe -o translations/messages.pot .
	$(BIN)/pybabel -q update --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --no-wrap \
	  -i translations/messages.pot -d translations
	$(BIN)/python translations/english.py

lock: $(VENV)/.installed-dev ## Lock every library with its hashes
	$(BIN)/uv pip compile $(LOCK) pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile $(LOCK) pyproject.toml --extra dev -c requirements.txt -o requirements-dev.txt

LOCK := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	--quiet --upgrade --exclude-newer "7 days"

clean: ## Remove everything that was made, except the data under instance/
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find translations -name '*.mo' -delete

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Tomakoe needs Python 3.11 or newer; try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@ $(VENV)/.installed

%.mo: %.po | $(VENV)/.installed-any
	@$(BIN)/pybabel -q compile -i $< -o $@

$(FURIGANA): $(wildcard translations/ja*/LC_MESSAGES/messages.po) worker/analysis/names.txt worker/analysis/readings.py | $(VENV)/.installed-any
	@$(BIN)/python -m worker.reading

.PHONY: $(VENV)/.installed-any
$(VENV)/.installed-any:
	@test -e $(BIN)/pybabel || $(MAKE) --no-print-directory $(VENV)/.installed

$(INSTANCE)/secrets.env:
	@mkdir -p $(INSTANCE)
	@umask 077 && $(BIN)/python config.py > $@
