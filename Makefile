# Everything runs from here. `make help` lists the commands.
SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.9
export PYTHONPATH := $(CURDIR)

.PHONY: help demo up down migrate adopt backup restore test test-long lint typecheck format bench mutation coverage audit lock clean version

help: ## List the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(VENV)/.runtime version ## Run every group once on the built-in sandbox sources, show what was collected (ARGS=--once ends then)
	@$(BIN)/python -m include.stack demo $(ARGS)

up: $(VENV)/.runtime version ## Run on the real sources with the settings of .env
	@$(BIN)/python -m include.stack up $(ARGS)

down: $(VENV)/.runtime ## Stop Airflow and the embedded PostgreSQL of this folder
	@$(BIN)/python -m include.stack down

migrate: $(VENV)/.runtime ## Bring the project database to the newest schema
	@$(BIN)/python -m boost_collectors migrate

adopt: $(VENV)/.runtime ## Take over a database of the earlier system, keeping its data
	@$(BIN)/python -m boost_collectors adopt

backup: $(VENV)/.runtime ## Back up the project database to BACKUP_DIR (ARGS=--workspace: the workspace's files too)
	@$(BIN)/python -m boost_collectors backup $(ARGS)

restore: $(VENV)/.runtime ## Restore a backup: make restore ARGS="FOLDER [--replace] [--workspace]"
	@$(BIN)/python -m boost_collectors restore $(ARGS)

test: lint typecheck ## Run every check and every test
	$(BIN)/python -m pytest -n 2 --dist loadscope $(ARGS)

test-long: $(VENV)/.dev ## Run the tests that take minutes: production's processes, a killed worker
	$(BIN)/python -m pytest -m long $(ARGS)

lint: $(VENV)/.dev ## Formatter, linter, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports

typecheck: $(VENV)/.dev ## mypy, strict on our code
	$(BIN)/mypy

format: $(VENV)/.dev ## Format and fix what the linter can fix
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.dev ## Run the benchmarks, write docs/benchmarks.md, fail if a guarded figure fell (ARGS=NAME: some of them)
	$(BIN)/python -m benchmarks --write $(ARGS)

mutation: $(VENV)/.dev $(VENV)/mutation/.ready ## Change the code in small ways and count what the tests notice (ARGS="core --sample 20")
	nice -n 15 $(BIN)/python -m tests.mutation $(ARGS)

coverage: $(VENV)/.dev ## Which branches the tests take (ARGS: pytest's, as "--cov boost_collectors/runner tests/runner")
	$(BIN)/python -m pytest -n 2 --dist loadscope --cov-branch --cov-report term $(or $(ARGS),--cov)

audit: $(VENV)/.uv ## Look every locked dependency up among the known vulnerabilities (needs PyPI's own index)
	$(BIN)/uv tool run --quiet pip-audit==2.10.1 --requirement requirements.lock --require-hashes --disable-pip

lock: $(VENV)/.uv ## Renew both lock files from the requirements files
	$(BIN)/uv pip compile --universal --python-version 3.11 --no-header --generate-hashes requirements.txt -o requirements.lock
	$(BIN)/uv pip compile --universal --python-version 3.11 --no-header --generate-hashes requirements-dev.txt -o requirements-dev.lock

version:
	@git describe --tags --match 'v[0-9]*' > boost_collectors/VERSION 2>/dev/null || rm -f boost_collectors/VERSION

clean: ## Remove the virtual environment and the caches (the workspace stays)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

# The stamps make a second `make` start at once; bytecode is compiled here because Airflow's processes start twice as fast with it.
$(VENV)/.uv:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, found " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@command -v git > /dev/null || { echo "git is needed, and was not found" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

$(VENV)/.runtime: $(VENV)/.uv requirements.lock
	$(BIN)/uv pip install --quiet --compile-bytecode -r requirements.lock
	@touch $@

# cosmic-ray makes the mutants only; it is kept apart, because it brings libraries that others would find and use.
$(VENV)/mutation/.ready: $(VENV)/.uv
	$(BIN)/uv venv --quiet --clear $(VENV)/mutation
	$(BIN)/uv pip install --quiet --python $(VENV)/mutation cosmic-ray==8.7.0
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.lock
	$(BIN)/uv pip install --quiet --compile-bytecode -r requirements-dev.lock
	@touch $@
