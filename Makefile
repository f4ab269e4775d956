# Every target first sets up what is missing. On Windows, `python -m imagectl setup` and the commands below do the same.

PYTHON ?= python3
VENV := .venv/bin/python
SECONDS ?= 60
MINUTES ?= 20
ARGS ?=
export FUNCTIONS_HOST

.DEFAULT_GOAL := help
.PHONY: help setup demo start upload query report schema status retry backfill purge test test-fast check format bench bench-growth fuzz soak

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

# Up to 50,000 blobs and a million rows: about 20 minutes, a gigabyte of disk.
bench-growth: setup
	@$(VENV) -m benchmarks.growth $(ARGS)

fuzz: setup
	@$(VENV) -m benchmarks.fuzz --seconds $(SECONDS) $(ARGS)

soak: setup
	@$(VENV) -m tests.faults.soak --minutes $(MINUTES) $(ARGS)
