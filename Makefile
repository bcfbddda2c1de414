# On a machine with Python 3.11+, git and make: `make run`, then `make test`.
PYTHON ?= python3
BIN := .venv/bin
# The tests start the commands hundreds of times: compiled once, not each time.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test check bench lock docs clean

run: .venv/.run
	@$(BIN)/career-relay up --demo

test: .venv/.dev
	$(BIN)/python -m pytest -q -n auto --dist worksteal

check: .venv/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_architecture.py tests/test_docs.py

# About half an hour; BENCH="--quick" takes five minutes and says less.
bench: .venv/.dev
	$(BIN)/python -m bench.editing $(BENCH)
	$(BIN)/python -m bench.relay $(BENCH)

# The two lock files hold hashes and no address; needs uv (https://docs.astral.sh/uv) on the PATH.
LOCK := uv pip compile pyproject.toml --universal --generate-hashes --no-emit-index-url \
	--no-emit-find-links --no-annotate --no-header -q
lock:
	$(LOCK) --group build -o requirements.lock
	$(LOCK) --group dev -c requirements.lock -o requirements-dev.lock

docs: .venv/.dev
	$(BIN)/python -m gateway.settings_page > docs/settings.md

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo 'Python 3.11 or newer is needed: make PYTHON=/path/to/python3.12 run'; exit 1; }
	@# half an environment, as Debian without python3-venv leaves it, would never be finished
	$(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }

INSTALL := $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes --only-binary :all:
SELF := $(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .

.venv/.run: requirements.lock pyproject.toml | .venv/bin/python
	@echo 'Installing (once) ...'
	$(INSTALL) -r requirements.lock
	$(SELF)
	@touch $@

.venv/.dev: requirements-dev.lock .venv/.run
	@echo 'Installing what the tests need (once) ...'
	$(INSTALL) -r requirements-dev.lock
	@touch $@
