# Two commands on a fresh machine (Python >= 3.11, make, git): `make demo` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
OTHERS := .interop
MCPB := $(OTHERS)/node_modules/.bin/mcpb

.PHONY: demo test crash interop bundle check format bench clean help

help:
	@echo "make demo    run the main job: a real client, a real server, a bill of materials and a PDF"
	@echo "make test    all tests"
	@echo "make crash   the long campaigns: kills, power cuts, disk faults, poison, the model; prints counts and seeds"
	@echo "make interop the official conformance suite, the inspector, FastMCP's and the TypeScript SDK's clients (needs npm)"
	@echo "make bundle  dist/mcp-tasks.mcpb, to install into hosts with a click (needs npm)"
	@echo "make check   ruff, strict types, import contracts, spelling"
	@echo "make bench   the table of ratios against raw SQLite, Huey, a bare MCP server and bare typst"

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $(READY)

demo: $(READY)
	$(BIN)/mcp-tasks demo

test: $(READY)
	$(BIN)/python -m pytest -n auto --dist worksteal

crash: $(READY)
	MCP_TASKS_CRASH=long MCP_TASKS_MODEL_STEPS=50000 $(BIN)/python -m pytest tests/crash tests/queue/test_model.py -rP

$(OTHERS)/.ready: tests/interop/package.json tests/interop/python.txt
	@command -v npm >/dev/null || { echo "make interop needs npm: install Node, whose newer version it then brings itself" >&2; exit 1; }
	mkdir -p $(OTHERS)
	cp tests/interop/package.json $(OTHERS)
	npm install --prefix $(OTHERS) --no-package-lock --no-audit --no-fund --loglevel=error
	$(PYTHON) -m venv $(OTHERS)/python
	$(OTHERS)/python/bin/python -m pip install --quiet --disable-pip-version-check --requirement tests/interop/python.txt
	@touch $@

interop: $(READY) bundle
	$(BIN)/python -m pytest tests/interop -m interop

bundle: $(OTHERS)/.ready
	rm -rf build/bundle
	mkdir -p build/bundle dist
	cp -R bundle/. mcp_tasks pyproject.toml README.md LICENSE build/bundle
	$(MCPB) validate build/bundle/manifest.json
	$(MCPB) pack build/bundle dist/mcp-tasks.mcpb

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/basedpyright
	$(BIN)/lint-imports
	$(BIN)/codespell mcp_tasks tests examples benchmarks README.md CHANGELOG.md

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY)
	$(BIN)/python -m benchmarks

clean:
	rm -rf .venv .interop build dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage htmlcov
