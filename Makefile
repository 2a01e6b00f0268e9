# The commands of the project; continuous integration calls the same ones.
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: all test check fix client bench coverage conformance fuzz parallel example clean

all: check test coverage

$(BIN)/.installed: pyproject.toml
	uv venv --quiet --allow-existing $(VENV)
	uv pip install --quiet --python $(BIN)/python -e '.[dev,uvloop]'
	touch $@

test: $(BIN)/.installed
	$(BIN)/pytest --json-report --json-report-file=pytest_results.json

check: $(BIN)/.installed
	$(BIN)/ruff format --check src tests examples bench
	$(BIN)/ruff check src tests examples bench
	$(BIN)/mypy
	$(BIN)/python -m tests.client_twins --check
	$(BIN)/pytest -q tests/test_architecture.py

fix: $(BIN)/.installed
	$(BIN)/ruff check --fix src tests examples bench
	$(BIN)/ruff format src tests examples bench

# The sync client, made from the async one.
client: $(BIN)/.installed
	$(BIN)/python -m tests.client_twins

coverage: $(BIN)/.installed
	$(BIN)/python tests/coverage_gates.py $(BIN)/pytest -q -p no:cacheprovider -n 2 --dist loadfile

conformance: $(BIN)/.installed
	$(BIN)/python tests/conformance/fetch.py
	$(BIN)/pytest -q tests/conformance

# Random input, for ten minutes: FUZZ_SECONDS changes that, FUZZ_SEED repeats one round.
fuzz: $(BIN)/.installed
	$(BIN)/python -m tests.fuzz

# A thousand tests that mock the same URLs, by eight workers, twenty times: PARALLEL_TESTS,
# PARALLEL_WORKERS and PARALLEL_RUNS change that.
parallel: $(BIN)/.installed
	$(BIN)/python -m tests.promises.parallel

bench: $(BIN)/.installed
	$(BIN)/python -m bench

example: $(BIN)/.installed
	$(BIN)/pytest -q examples/checkout

clean:
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .coverage*
