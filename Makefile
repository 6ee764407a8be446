# Trialwright's commands. `make` lists them; each needs only make and Python 3.11 or newer.

PYTHON ?= python3
BIN := .venv/bin
RUNTIME := .venv/.runtime-ready
DEV := .venv/.dev-ready

.DEFAULT_GOAL := help
.PHONY: help setup demo test trace lint docs bench mutate lock services

help:  ## list the commands
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

setup: $(DEV)  ## make .venv with everything for development

demo: $(RUNTIME)  ## open a made-up trial in the browser
	$(BIN)/trialwright demo

test: lint docs services  ## everything that CI runs: lint, docs, tests
	$(BIN)/python -m pytest --numprocesses=auto --durations=10 --junitxml=build/tests.xml

trace: $(DEV)  ## print which tests meet each requirement, from the report of the last `make test`
	$(BIN)/python tools/trace.py build/tests.xml

lint: $(DEV)  ## ruff, mypy and the import contracts
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(DEV)  ## build the pages in docs/_build/html and run their examples
	$(BIN)/sphinx-build --quiet --fail-on-warning --builder html docs docs/_build/html
	$(BIN)/sphinx-build --quiet --fail-on-warning --builder doctest docs docs/_build/doctest

bench: $(DEV)  ## measure speed
	@for script in bench/*.py; do echo "$$script"; $(BIN)/python "$$script" || exit; done

mutate: $(DEV)  ## plant faults in formulas and in what decides safety, and see that a test fails; docs/mutation.md has the result
	$(BIN)/python -m tools.mutate

lock: $(DEV)  ## choose the versions of all dependencies anew
	$(BIN)/python tools/lock.py

services: $(DEV)
	tools/install_test_services

$(RUNTIME): requirements.lock pyproject.toml
	@PYTHON="$(PYTHON)" tools/make_venv requirements.lock
	@touch $@

$(DEV): requirements-dev.lock pyproject.toml
	@PYTHON="$(PYTHON)" tools/make_venv requirements-dev.lock
	@touch $(RUNTIME) $@
