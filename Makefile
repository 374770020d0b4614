# The front door. `make` alone says what there is.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.ONESHELL:
.SHELLFLAGS := -euo pipefail -c

PYTHON ?= python3
BIN := .venv/bin
EXAMPLE := examples/xiaomi-browser-2020
CORE_SOURCES := $(shell find core -name '*.rs' 2>/dev/null) Cargo.toml Cargo.lock core/Cargo.toml pyproject.toml constraints.txt

.PHONY: help setup demo test lint format bench fuzz noise clean

help:  ## show this list
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.installed  ## make the private environment in .venv and compile the core

.venv/.installed: $(CORE_SOURCES)
	@command -v cargo >/dev/null || { echo "make: cargo is missing; install Rust's stable toolchain (https://rustup.rs), then run make again" >&2; exit 1; }
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "make: Python 3.11 or later is needed; say which with PYTHON=python3.x" >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@

# Values are shown in full: those of the example are all invented.
demo: setup  ## run the main job on the bundled example and explain its first finding
	@mkdir -p demo
	echo "== The example: a browser that reports the pages it shows ($(EXAMPLE)/capture.pcapng)"
	$(BIN)/waakzaam audit $(EXAMPLE)/capture.pcapng --phone $(EXAMPLE)/phone.toml --case demo/case.duckdb \
	  --json demo/report.json --html demo/report.html --show-values
	echo
	echo "== Its negative twin: the same browser, without the reports about pages ($(EXAMPLE)/negative-twin.pcapng)"
	$(BIN)/waakzaam audit $(EXAMPLE)/negative-twin.pcapng --phone $(EXAMPLE)/phone.toml --case demo/twin.duckdb \
	  --json demo/twin.json --html demo/twin.html --show-values
	echo
	echo "== The first finding, computed again from the bytes of the capture"
	$(BIN)/waakzaam explain F1 --case demo/case.duckdb
	echo "Open demo/report.html in a browser to see the whole report."

test: setup  ## run all tests
	cargo test --quiet --workspace
	$(BIN)/python -m pytest

lint: setup  ## check types, style and format of all code
	cargo fmt --check
	cargo clippy --quiet --workspace --all-targets --all-features -- -D warnings
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: setup  ## rewrite all code in the project's format
	cargo fmt
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: setup  ## measure against the peers, in the same run; writes docs/benchmarks.md
	$(BIN)/python bench/run.py

# SECONDS is bash's own clock, so that make hands it over under another name.
fuzz:  ## feed invented bytes to all parsers, in seconds of a processor: make fuzz SECONDS=60 TARGETS="http1 peel"
	SECONDS_EACH=$(or $(SECONDS),60) TARGETS="$(TARGETS)" tools/fuzz.sh

noise:  ## how often what holds nothing is opened: make noise BLOBS=1000000 TOKENS=1000000 KEYS=constants.txt FROM="captures/ apps/"
	cargo run --release --quiet -p waakzaam-core --example false_positives -- \
	  $(if $(KEYS),--keys $(KEYS)) --seed $(or $(SEED),1) --blobs $(or $(BLOBS),10000) --tokens $(or $(TOKENS),10000) $(FROM)

clean:  ## remove what was built
	rm -rf .venv target demo fuzz/target fuzz/corpus fuzz/artifacts fuzz/logs
