# Every target first sets up what is missing. On Windows, `python -m imagectl setup` and the commands below do the same.

PYTHON ?= python3
VENV := .venv/bin/python
SECONDS ?= 60
MINUTES ?= 20
ARGS ?=
BICEP_VERSION := 0.49.2
BICEP ?= $(HOME)/.azure/bin/bicep
ON_A_REAL_HOST := tests/end_to_end tests/image_metadata/database tests/imagectl/schema tests/imagectl/pipeline
export FUNCTIONS_HOST

.DEFAULT_GOAL := help
.PHONY: help setup demo start upload query report schema status retry backfill purge test test-fast test-real-host templates check format bench bench-growth fuzz soak

help:
	@$(PYTHON) -m imagectl --help

setup:
	@$(PYTHON) -m imagectl setup $(WITH)

demo start query report schema status retry backfill purge: setup
	@$(VENV) -m imagectl $@ $(ARGS)

upload: setup
	@if [ -e "$$FILES" ]; then $(VENV) -m imagectl upload $(ARGS) "$$FILES"; else $(VENV) -m imagectl upload $(ARGS) $(FILES); fi

# The browser that the report is tested in is installed for the tests alone.
test check: WITH = --tests

# Most of the tests' time is waiting for programs that they start: three run at once on two cores.
test: setup
	@$(VENV) -m pytest --numprocesses 3 --dist worksteal $(ARGS)

# The tests that start no program and open no port: a verdict within a minute.
test-fast: setup
	@$(VENV) -m pytest --fast --numprocesses 2 --dist worksteal $(ARGS)

# Core Tools (`func` on the PATH) and SQL Server instead of the emulator and SQLite. SQL_SERVER is the server's connection
# string without a driver: SERVER=127.0.0.1;UID=sa;PWD=…;Encrypt=yes;TrustServerCertificate=yes
test-real-host: setup local.settings.json
	@test -n "$$SQL_SERVER" || { echo "expected a connection string in SQL_SERVER, found none; set it" >&2; exit 1; }
	@driver=$$($(VENV) -c 'from imagectl.deployment.target import odbc_driver; print(odbc_driver())') && \
	FUNCTIONS_HOST=func TEST_SQL_CONNECTION_STRING="DRIVER={$$driver};$$SQL_SERVER" \
	$(VENV) -m pytest $(ON_A_REAL_HOST) $(ARGS)

# Core Tools wants the file; settings in the environment win over it.
local.settings.json:
	cp local.settings.example.json $@

# Compiles them and fails on a warning. The version is fixed, because another one may warn of more.
templates:
	@$(BICEP) --version | grep -F "version $(BICEP_VERSION) " || \
	{ echo "expected Bicep $(BICEP_VERSION) at $(BICEP); run az bicep install --version v$(BICEP_VERSION), or set BICEP" >&2; exit 1; }
	@messages=$$($(BICEP) build infra/main.bicep --stdout 2>&1 >/dev/null) && test -z "$$messages" || \
	{ echo "$$messages" >&2; exit 1; }

# The tests come last, so that what pytest says at its end is what is read at the end.
check: setup
	$(VENV) -m ruff format --check .
	$(VENV) -m ruff check .
	$(VENV) -m mypy
	$(VENV) -m pytest --numprocesses 3 --dist worksteal $(ARGS)

format: setup
	$(VENV) -m ruff format .
	$(VENV) -m ruff check --fix .

# Under 15 minutes, with as many alternating pairs as fit; ARGS='--pairs 7' takes the time that seven need.
bench: setup
	@$(VENV) -m benchmarks $(ARGS)

# Up to 50,000 blobs and a million rows: about 30 minutes, 4 GB of disk. ARGS=containers shows one part, writing nothing.
bench-growth: setup
	@$(VENV) -m benchmarks.growth $(ARGS)

fuzz: setup
	@$(VENV) -m benchmarks.fuzz --seconds $(SECONDS) $(ARGS)

soak: setup
	@$(VENV) -m tests.faults.soak --minutes $(MINUTES) $(ARGS)
