# Every target sets up what it needs by itself. `make help` lists them.
PYTHON_BIN := .venv/bin/python
PYTEST_ARGS ?=
WORKERS ?= 2
export PYTHONUTF8 := 1

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev demo demo-reset test check fmt lock bench check-production clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-18s %s\n", $$1, $$2}'

setup: ## .venv and system libraries for running
	@scripts/setup demo

setup-dev: ## the same for tests and checks
	@scripts/setup dev

demo: setup ## set up and start the whole product; Ctrl-C stops it (PORT, DATABASE_URL, REDIS_URL are honoured)
	@exec $(PYTHON_BIN) manage.py demo

demo-reset: setup ## wipe the demo's data and begin anew
	@$(PYTHON_BIN) manage.py demo --reset
	@exec $(PYTHON_BIN) manage.py demo

test: setup-dev ## the whole suite, on the servers of the environment or on embedded ones
	@exec $(PYTHON_BIN) -m haiphong_egov.embedded $(PYTHON_BIN) -m pytest -n $(WORKERS) $(PYTEST_ARGS)

check: setup-dev ## format, lint, types, import contracts, templates, migrations, deployment, translations
	@scripts/check

fmt: setup-dev ## format the code
	@$(PYTHON_BIN) -m ruff format .
	@$(PYTHON_BIN) -m ruff check --fix .

lock: ## requirements*.in → requirements*.txt, universal, with hashes (needs uv)
	@command -v uv >/dev/null || { echo "make lock needs uv: https://docs.astral.sh/uv/"; exit 1; }
	@uv pip compile --universal --python-version 3.11 --generate-hashes -q -o requirements.txt requirements.in
	@uv pip compile --universal --python-version 3.11 --generate-hashes -q -o requirements-dev.txt requirements-dev.in

bench: setup-dev ## a table of ratios and bench.json; BENCH_ARGS="--cases 10000"
	@exec $(PYTHON_BIN) -m haiphong_egov.embedded $(PYTHON_BIN) manage.py bench $(BENCH_ARGS)

check-production: setup-dev ## the three processes by hand with a production environment, and the container files
	@exec $(PYTHON_BIN) -m haiphong_egov.embedded $(PYTHON_BIN) scripts/check_production.py

clean: ## caches, not data
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis staticfiles test-artefacts
	@find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
