# Every target does its own set-up, in .venv. PYTHON=... picks the Python to make it with.
.PHONY: help demo test browser-test screenshots lint format types wheel-test integrations-test check picture \
	figures benchmark clean-venv
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
SAMPLE := tests/pages/sample-metered-en.tsv

# The tests in several processes; each holds models and corpora of its own.
SPREAD := --numprocesses auto --maxprocesses 4 --dist worksteal

# The first of these that runs, is new enough and can make environments.
PROBE := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for name in python3.13 python3.12 python3.11 python3 python; do \
	if $$name -c '$(PROBE)' >/dev/null 2>&1; then echo $$name; break; fi; done)

help:
	@echo "make demo        label a sample page and show its body"
	@echo "make test        run the tests"
	@echo "make browser-test  drive the labelling widget and pages of HTML in Chromium"
	@echo "make lint        check style and format; make format mends them"
	@echo "make types       check the types"
	@echo "make wheel-test  build the wheel and test it where the sources are not"
	@echo "make integrations-test  test the adapters against the real frameworks; ENV=... picks some"
	@echo "make check       lint, types, test, demo and wheel-test"
	@echo "make screenshots take the pictures in docs/labelling.md anew"
	@echo "make picture     draw the picture in README.md anew, after a new model"
	@echo "make figures     make the table of figures in README.md anew, after an evaluation"
	@echo "make benchmark   measure the speed and write docs/speed.md anew; needs an idle machine"

$(BIN)/python:
	@if ! $(if $(PYTHON),$(PYTHON),false) -c '$(PROBE)' >/dev/null 2>&1; then \
		echo "Python 3.11 or newer with its venv module is needed$(if $(PYTHON), and $(PYTHON) is not that)." >&2; \
		echo "Where it has another name: make PYTHON=/path/to/python3 ..." >&2; exit 1; fi
	$(PYTHON) -m venv $(VENV)
# Dependency groups need pip 25.1.
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"

# A stamp says what is installed; it is renewed when the requirements change.
$(VENV)/cli.stamp: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable ".[cli]"
	@touch $@

$(VENV)/dev.stamp: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable ".[all]" --group dev
	@touch $@ $(VENV)/cli.stamp

$(VENV)/browser.stamp: $(VENV)/dev.stamp
	$(BIN)/python -m pip install --quiet --group browser
	@touch $@

demo: $(VENV)/cli.stamp
	@echo "== The page, line by line =="
	@cut -f2- $(SAMPLE) | $(BIN)/paywallstrip label
	@echo
	@echo "== Its body =="
	@cut -f2- $(SAMPLE) | $(BIN)/paywallstrip clean

test: $(VENV)/dev.stamp
	$(BIN)/python -m pytest $(SPREAD)

browser-test: $(VENV)/browser.stamp
# What passes prints how long a key press takes.
	$(BIN)/python -m pytest -rP -m browser tests/browser tests/test_markup_browser.py

screenshots: $(VENV)/browser.stamp
	$(BIN)/python -m tools.make_screenshots

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check
	$(BIN)/ruff format --check

format: $(VENV)/dev.stamp
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

types: $(VENV)/dev.stamp
	$(BIN)/mypy

wheel-test: $(VENV)/dev.stamp
	$(BIN)/python -m pytest -m wheel tests/packaging

# Makes its own environments, one for each set of frameworks that agree.
integrations-test: | $(BIN)/python
	$(BIN)/python tools/adapters.py $(ENV)

check: lint types test demo wheel-test

picture: $(VENV)/cli.stamp
	$(BIN)/python tools/make_picture.py

figures: $(VENV)/cli.stamp
	$(BIN)/python -m paywallstrip.training.report_readme

# Where the corpora are, as in the tests.
PAYWALLSTRIP_CORPUS ?= ../shared/corpus

benchmark: $(VENV)/dev.stamp
	$(BIN)/python -m benchmarks.compare --corpus $(PAYWALLSTRIP_CORPUS) --out docs/benchmarks
	$(BIN)/python -m benchmarks.report docs/benchmarks --page docs/speed.md

clean-venv:
	rm -rf $(VENV)
