# Two commands matter: `make demo` and `make test`. Each sets itself up; a second run starts in seconds.
.DEFAULT_GOAL := help
SHELL := /bin/bash
VENV ?= .venv
BENCH ?= .venv-bench
PYTHON ?= python3
BIN := $(VENV)/bin
NATIVE := CMakeLists.txt $(wildcard native/*.cpp native/*.hpp) $(wildcard tools/build/*)
STAMP_MAIN := $(VENV)/.stamp-main
STAMP_NATIVE := $(VENV)/.stamp-native
STAMP_DEV := $(VENV)/.stamp-dev

.PHONY: help demo test check nightly mutation meos bench docs lock lock-bench clean

help:
	@echo "make demo     set up, run the shipped case, print its findings and write its report"
	@echo "make test     set up and run the tests"
	@echo "make check    formatting, lint, types and the import contract"
	@echo "make docs     build the documentation; a warning fails it"
	@echo "make nightly  the slow proofs"
	@echo "make mutation change the rules at random places and see that a test fails"
	@echo "make bench    install the engines compared with (once), measure against them, write the page of figures"
	@echo "make lock     lock the requirements again, with hashes"

$(BIN)/python:
	@$(PYTHON) -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Truceline needs Python 3.11 or newer with venv: apt-get install python3 python3-venv python3-dev" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(STAMP_MAIN): requirements/main.txt pyproject.toml | $(BIN)/python
	@echo "setting up (once) ..." >&2
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/main.txt
	@touch $@

# The kernels are compiled, with the system's C++ compiler or, where there is none, with the one of a Python package.
$(STAMP_NATIVE): $(NATIVE) $(STAMP_MAIN)
	@echo "compiling the kernels (once, and after a change) ..." >&2
	@$(BIN)/python tools/build/build_backend.py || \
	  $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/compiler.txt
	PATH="$(abspath $(BIN)):$$PATH" $(BIN)/pip install --quiet --disable-pip-version-check --no-deps \
	  --no-build-isolation --editable .
	@touch $@

$(STAMP_DEV): requirements/dev.txt $(STAMP_MAIN)
	@echo "setting up the test tools (once) ..." >&2
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/dev.txt
	@touch $@

# The engines that the product is measured against live in a venv of their own, with the product built as users get it.
$(BENCH)/.stamp-peers: requirements/main.txt requirements/bench.txt
	@echo "setting up the engines compared with (once) ..." >&2
	@test -x $(BENCH)/bin/python || $(PYTHON) -m venv $(BENCH)
	$(BENCH)/bin/pip install --quiet --disable-pip-version-check --require-hashes --no-deps \
	  -r requirements/main.txt -r requirements/bench.txt
	@touch $@

$(BENCH)/.stamp-product: $(BENCH)/.stamp-peers $(NATIVE) $(shell find src -name '*.py')
	@$(BENCH)/bin/python tools/build/build_backend.py || \
	  $(BENCH)/bin/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/compiler.txt
	PATH="$(abspath $(BENCH))/bin:$$PATH" $(BENCH)/bin/pip install --quiet --disable-pip-version-check --no-deps \
	  --no-build-isolation --force-reinstall --config-settings=build-dir=build/bench .
	@touch $@

bench: $(BENCH)/.stamp-product
	$(BENCH)/bin/python -m bench $(if $(BARS),,--page) --json build/bench.json $(BARS)

demo: $(STAMP_NATIVE)
	@$(BIN)/truceline demo --force

test: $(STAMP_DEV) $(STAMP_NATIVE)
	$(BIN)/python -m pytest -m "not slow" -n 2

nightly: $(STAMP_DEV) $(STAMP_NATIVE) meos
	$(BIN)/python -m pytest -m slow
	$(MAKE) mutation

# Do the tests notice a changed comparison, sign or number in the rules? Sampled, with a seed; about ten minutes.
MUTANTS ?= 200
MUTATION_SEED ?= 1
# The bar is 0.9; docs/reference/proofs.md says how far it is reached. It is never to fall.
MUTATION_LEAST ?= 0.7
mutation: $(STAMP_DEV) $(STAMP_NATIVE)
	$(BIN)/python tools/mutate.py --sample $(MUTANTS) --seed $(MUTATION_SEED) --least $(MUTATION_LEAST)

# The engine that encounters are compared with, in an environment of its own; where it cannot be had, its tests say so.
meos: $(VENV)-meos/.stamp
$(VENV)-meos/.stamp: requirements/meos.txt
	$(PYTHON) -m venv $(VENV)-meos
	$(VENV)-meos/bin/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r $< && touch $@ || \
	  { rm -rf $(VENV)-meos; echo "MEOS cannot be had here: its tests are skipped" >&2; }

check: $(STAMP_DEV) $(STAMP_NATIVE)
	$(BIN)/ruff format --check src tests tools bench
	$(BIN)/ruff check src tests tools bench
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(STAMP_DEV) $(STAMP_NATIVE)
	$(BIN)/python -m sphinx -W --keep-going -b html docs docs/_build/html

lock:
	$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/pip install --quiet pip-tools
	cd requirements && for set in main dev compiler; do \
	  ../$(VENV)-lock/bin/pip-compile --quiet --upgrade --generate-hashes --allow-unsafe --strip-extras \
	    --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header --no-annotate \
	    --output-file $$set.txt $$set.in || exit 1; done
	rm -rf $(VENV)-lock

# After `make lock`: what is locked in main.txt holds for the bench too.
lock-bench:
	$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/pip install --quiet pip-tools
	cd requirements && ../$(VENV)-lock/bin/pip-compile --quiet --upgrade --generate-hashes --allow-unsafe --strip-extras \
	  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header --no-annotate \
	  --output-file bench.txt bench.in
	rm -rf $(VENV)-lock

clean:
	rm -rf $(VENV) $(VENV)-meos $(BENCH) demo-mission docs/_build
