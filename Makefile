# Every step is a subcommand of the command 'leo' (see 'leo --help'); make only names them.
PYTHON ?= python3
VENV := .venv
RESOLUTION ?= highest
BIN := $(VENV)/bin
UV_VERSION := $(shell sed -n 's/^uv==\([0-9.]*\).*/\1/p' requirements.txt)

unexport PYTHONDONTWRITEBYTECODE
.DEFAULT_GOAL := help
.PHONY: help setup course extract release book samples offline lite check test test-all figures versions lab serve clean lock format

help:  ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

setup: $(VENV)/installed  ## Create .venv and install the pinned packages

course: setup  ## Everything: extract, notebooks, book, and three sample submissions marked
	@$(BIN)/leo course

extract: setup  ## Simulate the lesson extract
	@$(BIN)/leo extract

release: extract  ## Generate exercises/ and the keys of the lesson extract
	@$(BIN)/leo release

book: release  ## Run the lessons and build the book
	@$(BIN)/leo book

samples: release  ## Mark three sample submissions
	@$(BIN)/leo samples

offline: release  ## One zip of site, notebooks and data; the book as PDF; the extract as CSV
	@$(BIN)/leo offline

lite: book  ## Build JupyterLite, Python in the browser, into the site
	@$(BIN)/leo lite

check: setup  ## Run what concerns a change, in about a minute
	@$(BIN)/leo check

test: setup  ## Run the tests that continuous integration runs
	@$(BIN)/leo test

test-all: setup  ## Run the slow tests too: every page, every long property
	@$(BIN)/leo test --all

figures: setup  ## Measure how fast and how large everything is; it says first how long that takes
	@$(BIN)/leo figures

lab: setup  ## Open JupyterLab in work/, on your own copies
	@$(BIN)/leo lab

serve: setup  ## Serve the built book on this machine
	@$(BIN)/leo serve

clean:  ## Remove what is generated; marks stay
	@if [ -x $(BIN)/leo ]; then $(BIN)/leo clean; else echo "Nothing is removed: run make setup first, so that leo can tell what the course made." >&2; exit 1; fi

versions:  ## Run the tests of the package on the newest versions allowed (RESOLUTION=lowest-direct: on the lowest)
	@$(PYTHON) -m venv $(VENV)-$(RESOLUTION)
	@$(VENV)-$(RESOLUTION)/bin/python -m pip install --quiet --disable-pip-version-check "uv==$(UV_VERSION)"
	@$(VENV)-$(RESOLUTION)/bin/uv pip install --quiet --no-config --python $(VENV)-$(RESOLUTION)/bin/python \
		--resolution $(RESOLUTION) --compile-bytecode --editable ".[course,advanced,marking,cluster,lite,dev]"
	@$(VENV)-$(RESOLUTION)/bin/python -m pytest --ignore tests/e2e --ignore tests/course/test_book.py

lock: setup  ## Compile requirements.txt from pyproject.toml
	$(BIN)/uv pip compile pyproject.toml --universal --all-extras --python-version 3.11 \
		--no-emit-index-url --no-header --quiet --output-file requirements.txt

format: setup  ## Format and lint
	$(BIN)/ruff format leocourse solutions tests
	$(BIN)/ruff check --fix leocourse solutions tests

$(VENV)/installed: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.12 ..." if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the pinned packages into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv==$(UV_VERSION)"
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --compile-bytecode requirements.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@
