# The commands of the project; continuous integration calls the same ones.
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: all test check fix bench coverage example clean

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
	$(BIN)/pytest -q tests/test_architecture.py

fix: $(BIN)/.installed
	$(BIN)/ruff check --fix src tests examples bench
	$(BIN)/ruff format src tests examples bench

coverage: $(BIN)/.installed
	$(BIN)/python tests/coverage_gates.py

bench: $(BIN)/.installed
	$(BIN)/python -m bench

example: $(BIN)/.installed
	$(BIN)/pytest -q examples/checkout

clean:
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .coverage*
